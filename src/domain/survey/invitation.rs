//! When a survey is offered to somebody who did not ask for it: after what, to how many, where, and how often at most. All
//! surveys and all tabs of a person draw on one budget: what was offered before, whichever survey it was.

use core::hash::Hasher;

use fnv::FnvHasher;

use crate::domain::form::DefinitionError;
use crate::domain::id::FormId;
use crate::domain::map::put_in_order;
use crate::domain::ticket::SubmissionKind;
use crate::domain::time::Timestamp;
use crate::domain::value::{self, Misread, Value, object};
use crate::{document, words};

fn misread(member: &str, Misread { place, reason }: Misread) -> DefinitionError {
    let separator = if member.is_empty() || place.is_empty() { "" } else { "." };
    DefinitionError { place: [member, separator, &place].concat(), reason }
}

/// When a survey is offered, as its definition says.
#[derive(Clone, Debug, PartialEq)]
pub struct InvitationRules {
    /// After a ticket has arrived.
    pub delivered: bool,
    /// After a ticket was resolved, as the page says.
    pub resolved: bool,
    /// When the pointer leaves the page at its top, on the way to another.
    pub exit: bool,
    /// After that much of the page was scrolled through, in percent.
    pub scroll_percent: Option<u32>,
    /// After the page was in sight for so many seconds.
    pub seconds: Option<u32>,
    /// How many of a hundred people are asked; all of them without this.
    pub sample_percent: Option<u32>,
    /// On which pages: paths of this origin; one that ends with `*` stands for all that begin with the rest. Everywhere
    /// without any.
    pub pages: Vec<String>,
    /// For how many days after an offer nothing is offered.
    pub quiet_days: Option<u32>,
    /// How many offers there are at most…
    pub at_most: Option<u32>,
    /// … in so many days.
    pub per_days: Option<u32>,
    /// After how many days a survey comes again that was put off.
    pub snooze_days: Option<u32>,
}

document! {
    closed InvitationRules {
        delivered or_default: "delivered",
        resolved or_default: "resolved",
        exit or_default: "exit",
        scroll_percent: "scrollPercent",
        seconds: "seconds",
        sample_percent: "samplePercent",
        pages or_default: "pages",
        quiet_days: "quietDays",
        at_most: "atMost",
        per_days: "perDays",
        snooze_days: "snoozeDays",
    }
}

/// What of a definition is of interest to who offers it.
struct Offered {
    kind: SubmissionKind,
    invitations: Option<Value>,
}

document! { open Offered { kind: "kind", invitations: "invitations", } }

/// What holds where the rules do not say otherwise.
const QUIET_DAYS: u32 = 30;
const AT_MOST: u32 = 3;
const PER_DAYS: u32 = 365;
const SNOOZE_DAYS: u32 = 3;
/// Longer than anybody remembers.
const DAYS: u32 = 3_650;
/// A log has no more entries: enough for what may be offered at most.
const ENTRIES: usize = 50;
/// For how many days answers that were begun are gone on with: drafts last no longer.
const BEGUN_DAYS: u32 = 7;

/// What a survey is offered after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A ticket has arrived.
    Delivered,
    /// A ticket was resolved.
    Resolved,
    /// The page asks for it.
    Call,
    /// The reader is about to leave.
    Exit,
    /// So much of the page was scrolled through.
    Scroll,
    /// The page was looked at for so long.
    Time,
    /// Answers were begun and not sent.
    Resumed,
}

words! {
    Occasion {
        Delivered = "delivered",
        Resolved = "resolved",
        Call = "call",
        Exit = "exit",
        Scroll = "scroll",
        Time = "time",
        Resumed = "resumed",
    }
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferState {
    /// Nothing yet.
    Offered,
    /// Something was answered, and not sent.
    Begun,
    /// It was answered.
    Answered,
    /// Not now.
    Snoozed,
    /// Not now, and something was answered.
    PutOff,
    /// Never again.
    Refused,
}

words! {
    OfferState {
        Offered = "offered",
        Begun = "begun",
        Answered = "answered",
        Snoozed = "snoozed",
        PutOff = "put_off",
        Refused = "refused",
    }
}

/// An offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Which survey.
    pub survey: FormId,
    /// When it was last heard of.
    pub at: Timestamp,
    /// What became of it.
    pub state: OfferState,
    /// What it is about: a ticket's number.
    pub ticket: Option<String>,
    /// What it is about: a service.
    pub service: Option<String>,
}

document! { open Offer { survey: "survey", at: "at", state: "state", ticket: "ticket", service: "service", } }

/// What one person was offered on this device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfferLog {
    /// Stands for somebody who is not signed in, when a sample is drawn. It goes nowhere.
    pub seed: String,
    /// The oldest first.
    pub offers: Vec<Offer>,
}

document! { open OfferLog { seed or_default: "seed", offers or_default: "offers", } }

/// Why nothing is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The survey is not offered after that.
    NoOccasion,
    /// The person does not want to be asked.
    Refused,
    /// Something was offered a short while ago.
    Quiet {
        /// Until when.
        until: Timestamp,
    },
    /// Enough was offered in the period.
    Spent,
    /// Not on this page.
    OtherPage,
    /// The person is not in the sample.
    NotInSample,
}

fn days(number: u32) -> i64 {
    i64::from(number) * 86_400_000
}

impl OfferLog {
    /// Whether the person does not want to be asked any more.
    pub fn is_refused(&self) -> bool {
        self.offers.iter().any(|offer| offer.state == OfferState::Refused)
    }

    /// The offer of `survey` whose answers were begun and can be gone on with.
    pub fn begun(&self, survey: &FormId, now: Timestamp) -> Option<&Offer> {
        let last = self.offers.iter().rev().find(|offer| offer.survey == *survey)?;
        let is_begun = last.state == OfferState::Begun && now.millis_since(last.at) < days(BEGUN_DAYS);
        Some(last).filter(|_| is_begun && !self.is_refused())
    }

    /// Takes in what was offered to the same person under another name.
    pub fn merge(&mut self, other: Self) {
        for offer in other.offers {
            if !self.offers.contains(&offer) {
                self.offers.push(offer);
            }
        }
        put_in_order(&mut self.offers, |offer| offer.at);
    }

    /// Notes that `survey` is offered.
    pub fn offer(&mut self, survey: &FormId, now: Timestamp) {
        let state = OfferState::Offered;
        self.add(Offer { survey: survey.clone(), at: now, state, ticket: None, service: None });
    }

    /// Notes what the answers of `survey` are about that were begun: where they lie, they are found by it. Of an offer that
    /// nobody touches it is not noted.
    pub fn tell_about(&mut self, survey: &FormId, ticket: Option<String>, service: Option<String>) {
        let is_begun = |offer: &&mut Offer| offer.survey == *survey && offer.state == OfferState::Begun;
        if let Some(offer) = self.offers.iter_mut().rev().find(is_begun) {
            (offer.ticket, offer.service) = (ticket, service);
        }
    }

    /// Notes what became of the last offer of `survey`; of an answer that came without one too. An answer stands, whatever
    /// comes after, and so does a refusal.
    pub fn note(&mut self, survey: &FormId, state: OfferState, now: Timestamp) {
        if self.offers.iter().any(|offer| offer.survey == *survey && offer.state == state && offer.at == now) {
            // It is noted.
            return;
        }
        let is_over = |offer: &Offer| matches!(offer.state, OfferState::Answered | OfferState::Refused);
        let is_open = |offer: &&mut Offer| offer.survey == *survey && !is_over(offer);
        match self.offers.iter_mut().rev().find(is_open) {
            Some(offer) => {
                let was_begun = matches!(offer.state, OfferState::Begun | OfferState::PutOff);
                let is_put_off = was_begun && state == OfferState::Snoozed;
                offer.state = if is_put_off { OfferState::PutOff } else { state };
                offer.at = now;
            }
            None if matches!(state, OfferState::Answered | OfferState::Refused) => {
                self.add(Offer { survey: survey.clone(), at: now, state, ticket: None, service: None });
            }
            None => {}
        }
    }

    /// Takes the offer of `survey` back that was made at that time, if nobody has touched it.
    pub fn withdraw(&mut self, survey: &FormId, made: Timestamp) {
        let is_it = |offer: &Offer| offer.survey == *survey && offer.at == made && offer.state == OfferState::Offered;
        self.offers.retain(|offer| !is_it(offer));
    }

    fn add(&mut self, offer: Offer) {
        self.offers.push(offer);
        // The oldest that is no refusal.
        while self.offers.len() > ENTRIES {
            let oldest = self.offers.iter().position(|offer| offer.state != OfferState::Refused).unwrap_or_default();
            self.offers.remove(oldest);
        }
    }
}

/// Whether a person is one of `percent` in a hundred for this survey: always the same answer for the same person, and
/// another draw for each survey (FNV-1a of 64 bits, draft-eastlake-fnv, its upper half).
pub fn is_in_sample(person: &str, survey: &FormId, percent: u32) -> bool {
    let mut hasher = FnvHasher::default();
    for part in [survey.as_str(), "\n", person] {
        hasher.write(part.as_bytes());
    }
    // The upper bits know the last letters only after some more rounds.
    hasher.write_u32(0);
    let drawn = hasher.finish() >> 32;
    drawn * 100 < u64::from(percent) << 32
}

/// Where and to whom something may be offered.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The survey.
    pub survey: &'a FormId,
    /// The person, by whatever names only them.
    pub person: &'a str,
    /// The page's path.
    pub page: &'a str,
    /// Now.
    pub now: Timestamp,
}

impl InvitationRules {
    /// Those of a survey, read from its whole definition; without any it is offered when the page asks for it.
    pub fn of_definition(written: Value) -> Result<Self, DefinitionError> {
        let offered: Offered = value::read(written).map_err(|error| misread("", error))?;
        if offered.kind != SubmissionKind::Satisfaction {
            return Err(DefinitionError { place: "kind".into(), reason: "only a survey can be offered" });
        }
        Self::parse(offered.invitations.unwrap_or_else(|| object([])))
    }

    /// Reads the rules that a definition has.
    pub fn parse(written: Value) -> Result<Self, DefinitionError> {
        let rules: Self = value::read(written).map_err(|error| misread("invitations", error))?;
        rules.check().map_err(|(member, reason)| {
            let place = ["invitations.", member].concat();
            DefinitionError { place, reason }
        })?;
        Ok(rules)
    }

    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        for (member, number, least, most) in [
            ("scrollPercent", self.scroll_percent, 1, 100),
            ("samplePercent", self.sample_percent, 0, 100),
            ("seconds", self.seconds, 1, 86_400),
            ("quietDays", self.quiet_days, 0, DAYS),
            ("atMost", self.at_most, 1, ENTRIES as u32),
            ("perDays", self.per_days, 1, DAYS),
            ("snoozeDays", self.snooze_days, 0, DAYS),
        ] {
            if number.is_some_and(|number| number < least || number > most) {
                return Err((member, "is out of range"));
            }
        }
        let is_path = |page: &String| page.starts_with('/') && !page[..page.len() - 1].contains('*');
        if self.pages.iter().all(is_path) { Ok(()) } else { Err(("pages", "a path such as /help or /help/*")) }
    }

    /// Whether it is offered after that.
    pub fn is_after(&self, occasion: Occasion) -> bool {
        match occasion {
            Occasion::Delivered => self.delivered,
            Occasion::Resolved => self.resolved,
            Occasion::Exit => self.exit,
            Occasion::Scroll => self.scroll_percent.is_some(),
            Occasion::Time => self.seconds.is_some(),
            Occasion::Call | Occasion::Resumed => true,
        }
    }

    /// Whether the survey may be offered now, after what was offered before.
    pub fn decide(&self, occasion: Occasion, asked: Asked<'_>, log: &OfferLog) -> Result<(), Silence> {
        if !self.is_after(occasion) {
            return Err(Silence::NoOccasion);
        }
        if log.is_refused() {
            return Err(Silence::Refused);
        }
        let is_page = |page: &String| match page.strip_suffix('*') {
            Some(beginning) => asked.page.starts_with(beginning),
            None => asked.page == page,
        };
        if !self.pages.is_empty() && !self.pages.iter().any(is_page) {
            return Err(Silence::OtherPage);
        }
        if occasion == Occasion::Resumed {
            return Ok(());
        }
        // A clock that went back makes nobody wait for longer than the period.
        let since = |offer: &Offer| asked.now.millis_since(offer.at).max(0);
        let waits = log.offers.iter().filter_map(|offer| {
            let snooze = self.snooze_days.unwrap_or(SNOOZE_DAYS);
            let quiet = match offer.state {
                OfferState::Snoozed if offer.survey == *asked.survey => snooze,
                // Before what was answered is thrown away.
                OfferState::PutOff if offer.survey == *asked.survey => snooze.min(BEGUN_DAYS - 1),
                _ => self.quiet_days.unwrap_or(QUIET_DAYS),
            };
            Some(days(quiet) - since(offer)).filter(|wait| *wait > 0)
        });
        if let Some(wait) = waits.max() {
            return Err(Silence::Quiet { until: asked.now.shifted(wait) });
        }
        let period = days(self.per_days.unwrap_or(PER_DAYS));
        let offered = log.offers.iter().filter(|offer| since(offer) < period).count();
        if offered >= self.at_most.unwrap_or(AT_MOST) as usize {
            return Err(Silence::Spent);
        }
        let percent = self.sample_percent.unwrap_or(100);
        if is_in_sample(asked.person, asked.survey, percent) { Ok(()) } else { Err(Silence::NotInSample) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::value::Document;

    const DAY: i64 = 86_400_000;

    fn rules(json: &str) -> InvitationRules {
        let written = serde_json::from_str(json).expect("JSON");
        InvitationRules::parse(written).expect("rules in order")
    }

    fn survey(name: &str) -> FormId {
        FormId::new(name.to_owned())
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY)
    }

    fn decide(rules: &InvitationRules, name: &str, day: i64, log: &OfferLog) -> Result<(), Silence> {
        let survey = survey(name);
        let asked = Asked { survey: &survey, person: "ada", page: "/portal/help", now: at(day) };
        rules.decide(Occasion::Call, asked, log)
    }

    fn quiet(day: i64) -> Result<(), Silence> {
        Err(Silence::Quiet { until: at(day) })
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_place() {
        for (json, place) in [
            (r#"{"seconds": 0}"#, "invitations.seconds"),
            (r#"{"scrollPercent": 101}"#, "invitations.scrollPercent"),
            (r#"{"samplePercent": 101}"#, "invitations.samplePercent"),
            (r#"{"atMost": 0}"#, "invitations.atMost"),
            (r#"{"quietDays": 4000}"#, "invitations.quietDays"),
            (r#"{"pages": ["help"]}"#, "invitations.pages"),
            (r#"{"pages": ["/*/help"]}"#, "invitations.pages"),
            (r#"{"pages": [""]}"#, "invitations.pages"),
            (r#"{"seconds": "soon"}"#, "invitations.seconds"),
            (r#"{"exits": true}"#, "invitations.exits"),
            (r#"true"#, "invitations"),
        ] {
            let written = serde_json::from_str(json).expect("JSON");
            let place_of = InvitationRules::parse(written).map_err(|error| error.place);
            assert_eq!(place_of, Err(place.to_owned()), "{json}");
        }
    }

    #[test]
    fn the_rules_are_read_from_a_survey_and_from_nothing_else() {
        let of = |json: &str| InvitationRules::of_definition(serde_json::from_str(json).expect("JSON"));
        assert_eq!(of(r#"{"kind": "satisfaction", "title": "?"}"#), Ok(rules("{}")));
        let written = r#"{"kind": "satisfaction", "invitations": {"seconds": 9}}"#;
        assert_eq!(of(written), Ok(rules(r#"{"seconds": 9}"#)));
        assert_eq!(of(r#"{"kind": "incident"}"#).map_err(|error| error.place), Err("kind".to_owned()));
        assert_eq!(of(r#"{"kind": "fun"}"#).map_err(|error| error.place), Err("kind".to_owned()));
    }

    #[test]
    fn it_is_offered_after_what_the_rules_name() {
        let log = OfferLog::default();
        let survey = survey("pulse");
        let asked = Asked { survey: &survey, person: "", page: "/", now: at(1) };
        let all = rules(r#"{"delivered": true, "resolved": true, "exit": true, "scrollPercent": 50, "seconds": 9}"#);
        for (_, occasion) in Occasion::NAMED {
            let is_always = matches!(occasion, Occasion::Call | Occasion::Resumed);
            let nothing = if is_always { Ok(()) } else { Err(Silence::NoOccasion) };
            assert_eq!(all.decide(*occasion, asked, &log), Ok(()), "{occasion:?}");
            assert_eq!(rules("{}").decide(*occasion, asked, &log), nothing, "{occasion:?}");
        }
    }

    #[test]
    fn only_on_the_pages_that_are_named() {
        let survey = survey("pulse");
        for (pages, page, is_offered) in [
            (r#"[]"#, "/anything", true),
            (r#"["/help"]"#, "/help", true),
            (r#"["/help"]"#, "/help/more", false),
            (r#"["/help/*"]"#, "/help/more", true),
            (r#"["/help/*"]"#, "/helper", false),
            (r#"["/other", "/help*"]"#, "/helper", true),
        ] {
            let rules = rules(&["{\"pages\":", pages, "}"].concat());
            let asked = Asked { survey: &survey, person: "", page, now: at(1) };
            let expected = if is_offered { Ok(()) } else { Err(Silence::OtherPage) };
            assert_eq!(rules.decide(Occasion::Call, asked, &OfferLog::default()), expected, "{pages} {page}");
        }
    }

    #[test]
    fn surveys_share_one_quiet_period() {
        let rules = rules(r#"{"quietDays": 30}"#);
        let mut log = OfferLog::default();
        log.offer(&survey("feedback"), at(100));
        assert_eq!(decide(&rules, "pulse", 100, &log), quiet(130));
        assert_eq!(decide(&rules, "feedback", 129, &log), quiet(130));
        assert_eq!(decide(&rules, "pulse", 130, &log), Ok(()));
        log.note(&survey("feedback"), OfferState::Answered, at(110));
        assert_eq!(decide(&rules, "pulse", 130, &log), quiet(140), "from the answer on");
    }

    #[test]
    fn what_was_put_off_comes_again_sooner_and_counts() {
        let rules = rules(r#"{"quietDays": 30, "snoozeDays": 2, "atMost": 2, "perDays": 100}"#);
        let mut log = OfferLog::default();
        log.offer(&survey("pulse"), at(100));
        log.note(&survey("pulse"), OfferState::Snoozed, at(100));
        assert_eq!(decide(&rules, "pulse", 101, &log), quiet(102));
        assert_eq!(decide(&rules, "feedback", 102, &log), quiet(130), "another survey waits as it always does");
        assert_eq!(decide(&rules, "pulse", 102, &log), Ok(()));
        log.offer(&survey("pulse"), at(102));
        log.note(&survey("pulse"), OfferState::Snoozed, at(102));
        assert_eq!(decide(&rules, "pulse", 150, &log), Err(Silence::Spent));
        assert_eq!(decide(&rules, "pulse", 200, &log), Ok(()), "the first is out of the period");
    }

    #[test]
    fn a_refusal_is_for_ever_and_for_all() {
        let rules = rules(r#"{"quietDays": 0, "atMost": 50, "perDays": 1}"#);
        let mut log = OfferLog::default();
        log.offer(&survey("pulse"), at(1));
        log.note(&survey("pulse"), OfferState::Refused, at(1));
        for day in 1..200 {
            log.note(&survey("feedback"), OfferState::Answered, at(day));
        }
        assert_eq!(log.offers.len(), ENTRIES);
        assert_eq!(decide(&rules, "feedback", 3_000, &log), Err(Silence::Refused));
        log.note(&survey("pulse"), OfferState::Begun, at(300));
        assert!(log.is_refused() && log.begun(&survey("pulse"), at(300)).is_none());
    }

    #[test]
    fn answers_that_were_begun_are_gone_on_with_for_a_while() {
        let (rules, pulse) = (rules(r#"{"quietDays": 30}"#), survey("pulse"));
        let mut log = OfferLog::default();
        log.note(&pulse, OfferState::Begun, at(1));
        assert!(log.begun(&pulse, at(1)).is_none(), "it was not offered");
        log.offer(&pulse, at(1));
        assert!(log.begun(&pulse, at(1)).is_none());
        log.note(&pulse, OfferState::Begun, at(1));
        log.tell_about(&pulse, Some("INC-1".into()), None);
        let begun = |name: &str, day| log.begun(&survey(name), at(day)).map(|offer| offer.ticket.as_deref());
        assert_eq!((begun("pulse", 7), begun("pulse", 8), begun("other", 1)), (Some(Some("INC-1")), None, None));
        let asked = Asked { survey: &pulse, person: "", page: "/", now: at(2) };
        assert_eq!(rules.decide(Occasion::Resumed, asked, &log), Ok(()), "although it is quiet");
        log.note(&pulse, OfferState::Snoozed, at(2));
        assert_eq!((log.begun(&pulse, at(2)), log.offers[0].state), (None, OfferState::PutOff));
        // It comes again before what was answered is thrown away, however long it may be put off.
        let rules = super::tests::rules(r#"{"snoozeDays": 60}"#);
        assert_eq!((decide(&rules, "pulse", 7, &log), decide(&rules, "pulse", 8, &log)), (quiet(8), Ok(())));
    }

    #[test]
    fn what_nobody_was_offered_counts_for_who_signs_in() {
        let (mut nobodys, mut own) = (OfferLog::default(), OfferLog::default());
        nobodys.offer(&survey("pulse"), at(2));
        nobodys.note(&survey("pulse"), OfferState::Snoozed, at(2));
        own.offer(&survey("feedback"), at(1));
        for _ in 0..2 {
            own.merge(nobodys.clone());
            assert_eq!(own.offers.iter().map(|offer| offer.survey.as_str()).collect::<Vec<_>>(), ["feedback", "pulse"]);
        }
    }

    #[test]
    fn what_could_not_be_shown_was_not_offered() {
        let (rules, pulse) = (rules("{}"), survey("pulse"));
        let mut log = OfferLog::default();
        log.offer(&pulse, at(1));
        log.withdraw(&pulse, at(2));
        assert_eq!(log.offers.len(), 1, "that is another");
        log.withdraw(&pulse, at(1));
        assert_eq!(decide(&rules, "pulse", 1, &log), Ok(()));
        log.offer(&pulse, at(1));
        log.note(&pulse, OfferState::Snoozed, at(1));
        log.withdraw(&pulse, at(1));
        assert_eq!(log.offers.len(), 1, "that was seen");
    }

    #[test]
    fn a_clock_that_went_back_makes_nobody_wait_longer() {
        let mut log = OfferLog::default();
        log.offer(&survey("pulse"), at(9_000));
        assert_eq!(decide(&rules(r#"{"quietDays": 30}"#), "pulse", 100, &log), quiet(130));
    }

    #[test]
    fn a_sample_is_as_large_as_it_is_said_to_be() {
        for percent in [0, 1, 10, 50, 99, 100] {
            let people = (0..10_000).map(|number| format!("https://id.example\n{number}"));
            let drawn = people.filter(|person| is_in_sample(person, &survey("pulse"), percent)).count() as f64;
            let expected = f64::from(percent) * 100.0;
            // Five standard deviations of a binomial distribution.
            let spread = 5.0 * (expected * (1.0 - f64::from(percent) / 100.0)).sqrt();
            assert!((drawn - expected).abs() <= spread, "{percent} %: {drawn} of 10,000");
        }
    }

    #[test]
    fn one_survey_draws_others_than_another() {
        let both = (0..10_000).map(|number| number.to_string()).filter(|person| {
            is_in_sample(person, &survey("pulse"), 50) && is_in_sample(person, &survey("feedback"), 50)
        });
        let both = both.count();
        assert!((2_280..=2_720).contains(&both), "{both} of 10,000 in both halves");
    }

    proptest! {
        #[test]
        fn no_sequence_offers_more_than_the_budget(
            steps in proptest::collection::vec((0u32..4, 0i64..40, 0usize..6), 1..80),
            quiet_days in 0u32..40, at_most in 1u32..5, per_days in 1u32..200, snooze_days in 0u32..40,
        ) {
            let rules = InvitationRules { quiet_days: Some(quiet_days), at_most: Some(at_most),
                per_days: Some(per_days), snooze_days: Some(snooze_days), ..rules("{}") };
            let (mut log, mut day, mut offered, mut refused) = (OfferLog::default(), 1_000, vec![], false);
            for (name, pause, what) in steps {
                day += pause;
                let name = format!("survey{name}");
                if what == 0 {
                    if decide(&rules, &name, day, &log).is_ok() {
                        prop_assert!(!refused, "offered after a refusal");
                        let lately = offered.iter().filter(|before| day - **before < i64::from(per_days)).count();
                        prop_assert!(lately < at_most as usize, "{lately} in {per_days} days");
                        let least = i64::from(quiet_days.min(snooze_days));
                        prop_assert!(offered.last().is_none_or(|last| day - last >= least), "too soon");
                        log.offer(&survey(&name), at(day));
                        offered.push(day);
                    }
                } else {
                    let state = OfferState::NAMED[what - 1].1;
                    let was_offered = log.offers.iter().any(|offer| offer.survey == survey(&name));
                    refused |= state == OfferState::Refused;
                    log.note(&survey(&name), state, at(day));
                    prop_assert!(was_offered || log.offers.len() >= offered.len());
                }
                let again: OfferLog = value::read(log.write()).expect("what was written");
                prop_assert_eq!(&again, &log);
            }
        }
    }
}
