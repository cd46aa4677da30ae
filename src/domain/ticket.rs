//! What a user submits: of what kind it is, and how urgent.

use super::id::SubmissionKey;
use super::time::Timestamp;
use super::value::{Document, Reading, Value};
use crate::{as_serde, document, words};

/// What a submission is, in the words of ISO/IEC 20000-1. Incidents and service requests make tickets; complaints and
/// answers on satisfaction are records of their own, kept apart from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum SubmissionKind {
    /// An unplanned interruption of a service, or a loss of its quality.
    Incident,
    /// Something agreed as normal delivery: access, equipment, information.
    ServiceRequest,
    /// That a service or its handling was not good enough, to be managed to closure.
    Complaint,
    /// Answers of a survey.
    Satisfaction,
}

words! {
    SubmissionKind {
        Incident = "incident",
        ServiceRequest = "service_request",
        Complaint = "complaint",
        Satisfaction = "satisfaction",
    }
}

macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$level:meta])* $variant:ident = $n:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$level])* $variant,)* }

        impl $name {
            /// All levels, the gravest first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
        }

        impl From<$name> for u8 {
            fn from(level: $name) -> u8 {
                match level { $($name::$variant => $n,)* }
            }
        }

        impl TryFrom<u8> for $name {
            type Error = UnknownLevel;

            fn try_from(number: u8) -> Result<Self, UnknownLevel> {
                match number { $($n => Ok(Self::$variant),)* _ => Err(UnknownLevel(number)) }
            }
        }

        impl Document for $name {
            fn read(value: Value, reading: &mut Reading) -> Self {
                Self::try_from(u8::read(value, reading)).unwrap_or_else(|_| {
                    reading.wrong("is no level of this scale");
                    Self::ALL[0]
                })
            }
            fn write(&self) -> Value {
                u8::from(*self).write()
            }
        }
        as_serde!($name);
    )*};
}

/// A number that names no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no level of this scale")]
pub struct UnknownLevel(pub u8);

levels! {
    /// How far the effect reaches. 1 is the gravest.
    Impact {
        /// Everybody, or a whole site.
        Everyone = 1,
        /// A team or a department.
        Team = 2,
        /// One person.
        OnePerson = 3,
    }
    /// How soon it must be resolved. 1 is the most pressing.
    Urgency {
        /// Work is impossible.
        CannotWork = 1,
        /// Work is possible, with difficulty.
        Hindered = 2,
        /// It can wait.
        CanWait = 3,
    }
    /// The order of work that follows from impact and urgency. 1 comes first.
    Priority {
        /// 1.
        Critical = 1,
        /// 2.
        High = 2,
        /// 3.
        Medium = 3,
        /// 4.
        Low = 4,
        /// 5.
        Planning = 5,
    }
}

impl Priority {
    /// The usual 3 × 3 matrix of ITIL: impact + urgency − 1.
    pub fn of(impact: Impact, urgency: Urgency) -> Self {
        match u8::from(impact) + u8::from(urgency) {
            ..=2 => Self::Critical,
            3 => Self::High,
            4 => Self::Medium,
            5 => Self::Low,
            6.. => Self::Planning,
        }
    }
}

/// The service desk's word that it has a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The key of the request it is for.
    pub key: SubmissionKey,
    /// The ticket's number, for people.
    pub number: String,
    /// When the service desk had it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub received_at: Timestamp,
    /// The priority, 1 to 5, if impact and urgency were asked.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u8>, minimum = 1, maximum = 5))]
    pub priority: Option<Priority>,
    /// A secret link under which an anonymous requester sees this one ticket, relative to the API's address; of a complaint
    /// a page for people.
    pub read_link: Option<String>,
    /// Until when a survey's answers can be changed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub editable_until: Option<Timestamp>,
    /// Until when the service desk has promised an answer.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub answer_by: Option<Timestamp>,
}

document! {
    open Receipt {
        key: "key",
        number: "number",
        received_at: "received_at",
        priority: "priority",
        read_link: "read_link",
        editable_until: "editable_until",
        answer_by: "answer_by",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_follows_from_impact_and_urgency() {
        let matrix: Vec<Vec<u8>> = Impact::ALL
            .iter()
            .map(|impact| Urgency::ALL.iter().map(|urgency| Priority::of(*impact, *urgency).into()).collect())
            .collect();
        assert_eq!(matrix, [[1, 2, 3], [2, 3, 4], [3, 4, 5]]);
    }

    #[test]
    fn a_number_outside_the_scale_is_refused() {
        assert_eq!(Impact::try_from(4), Err(UnknownLevel(4)));
        assert!(serde_json::from_str::<Urgency>("0").is_err());
    }
}
