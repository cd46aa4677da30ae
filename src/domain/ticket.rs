//! What a user submits: kinds of tickets, and how urgent one is.

use serde::{Deserialize, Serialize};

use super::id::SubmissionKey;
use super::time::Timestamp;

/// What a ticket is about, in the words of ISO/IEC 20000-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// An unplanned interruption of a service, or a loss of its quality.
    Incident,
    /// Something agreed as normal delivery: access, equipment, information.
    ServiceRequest,
}

impl TicketKind {
    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::ServiceRequest => "service_request",
        }
    }
}

macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$level:meta])* $variant:ident = $n:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "u8", try_from = "u8")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u8>, minimum = 1, maximum = 5))]
    pub priority: Option<Priority>,
    /// A secret link under which an anonymous requester sees this one ticket, relative to the API's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_link: Option<String>,
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
