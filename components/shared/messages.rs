//! The suite's own words: English compiled in, other languages as JSON on demand.

/// One text: a name in the language files, and what it is in English. Numbers and names stand in braces.
pub trait Text: Copy + 'static {
    /// All texts.
    const ALL: &'static [Self];

    /// The name in the language files.
    fn name(self) -> &'static str;

    /// The text in English.
    fn english(self) -> &'static str;
}

/// Makes the texts of a widget: a type of which each text is a variant.
#[macro_export]
macro_rules! texts {
    ($(#[$doc:meta])* $type:ident { $($key:ident = $name:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type { $(#[doc = $text] $key,)* }

        impl $crate::shared::messages::Text for $type {
            const ALL: &'static [Self] = &[$(Self::$key,)*];

            fn name(self) -> &'static str {
                match self { $(Self::$key => $name,)* }
            }

            fn english(self) -> &'static str {
                match self { $(Self::$key => $text,)* }
            }
        }
    };
}

texts! {
    /// One text that the widgets share.
    Message {
        Loading = "loading", "Loading the form …";
        Required = "required", "required";
        Choose = "choose", "Please choose";
        Send = "send", "Send";
        Review = "review", "Review and send";
        ReviewTitle = "review_title", "Is everything right?";
        Back = "back", "Change something";
        Another = "another", "Send another request";
        AnotherComplaint = "another.complaint", "Make another complaint";
        AnswerAgain = "another.answers", "Answer once more";
        Clear = "clear", "Start over";
        DraftRestored = "draft_restored", "What you typed earlier is here again.";
        DraftSaved = "draft_saved", "What you type is kept on this device.";
        NotSaved = "not_saved", "This browser keeps nothing: please leave this page open until it has arrived.";
        NotKept = "not_kept", "A part of this page could not be loaded, so nothing is saved or sent yet. It is tried again; please leave this page open.";
        NoSpace = "no_space", "There is no space left on this device to save it. Your answers are still here; please try again.";
        Stale = "stale", "The service desk does not answer. This form was last checked {when}.";
        SavedTitle = "saved_title", "Saved on this device";
        HeldTitle = "held_title", "Not yet sent";
        SavedText = "saved_text", "It is sent as soon as the service desk answers. You may close this page.";
        Sending = "sending", "Sending …";
        WaitingBackoff = "waiting_backoff", "The service desk does not answer. Next try: {when}.";
        WaitingAsked = "waiting_asked", "The service desk is busy and asked us to wait until {when}.";
        WaitingSignIn = "waiting_sign_in", "It is sent as soon as you have signed in.";
        WaitingConfig = "waiting_config", "The service desk cannot be found at its address. It is tried again: {when}.";
        DeliveredTitle = "delivered_title", "Your request has arrived";
        ComplaintArrived = "delivered_title.complaint", "Your complaint has arrived";
        AnswersArrived = "delivered_title.answers", "Thank you, your answers have arrived";
        AnswerBy = "answer_by", "You will hear from us by {when}.";
        StatusPage = "status_page", "See how it stands";
        ChangeAnswers = "change_answers", "Change your answers";
        Changeable = "changeable", "You can change them until {when}.";
        DeliveredText = "delivered_text", "Its number is {number}.";
        DeliveredAt = "delivered_at", "Received {when}.";
        PriorityIs = "priority_is", "Priority {priority} of 5";
        Rejected = "rejected", "The service desk could not accept this: {reason}";
        RejectedPlain = "rejected_plain", "The service desk could not accept this. It is still saved on this device.";
        Broken = "broken", "This cannot be sent from this device. Its text is still here.";
        Expired = "expired", "This could not be sent for 30 days. Its text is still here.";
        Edit = "edit", "Edit it";
        Discard = "discard", "Discard it";
        ConfirmDiscard = "confirm_discard", "Discard for good";
        PendingOne = "pending.one", "1 form on this device waits to be sent.";
        PendingOther = "pending.other", "{n} forms on this device wait to be sent.";
        Late = "late", "It has been waiting since {when}. If it is urgent, please tell the service desk in another way.";
        MissingOne = "missing.one", "1 saved form could not be read any more.";
        MissingOther = "missing.other", "{n} saved forms could not be read any more.";
        ProblemsOne = "problems.one", "1 answer needs your attention.";
        ProblemsOther = "problems.other", "{n} answers need your attention.";
        UnavailableTitle = "unavailable_title", "This form cannot be shown now";
        Unreachable = "unreachable", "The service desk does not answer.";
        NoSuchForm = "no_such_form", "There is no form of this name.";
        WrongDefinition = "wrong_definition", "The form's definition has a mistake.";
        WrongSetting = "wrong_setting", "This element is not set up right.";
        TryAgain = "try_again", "Try again";
        ErrorRequired = "error.required", "Please answer this.";
        ErrorTooShort = "error.too_short", "Please write at least {min} characters.";
        ErrorTooLong = "error.too_long", "Please write at most {max} characters.";
        ErrorTooSmall = "error.too_small", "The least possible number is {min}.";
        ErrorTooLarge = "error.too_large", "The greatest possible number is {max}.";
        ErrorTooMany = "error.too_many", "At most {max} are possible.";
        ErrorFileTooLarge = "error.file_too_large", "A file may have at most {max}.";
        ErrorFileType = "error.file_type", "Files of this type cannot be sent.";
        ErrorNotAnOption = "error.not_an_option", "Please choose one of the answers.";
        ErrorEmail = "error.email", "Please write an e-mail address, such as name@example.org.";
        ErrorPhone = "error.phone", "Please write a phone number.";
        ErrorUrl = "error.url", "Please write an address that begins with https://.";
        ErrorNumber = "error.number", "Please write a number.";
        ErrorWholeNumber = "error.whole_number", "Please write a whole number.";
        ErrorDate = "error.date", "Please give a date.";
        ErrorDateTime = "error.date_time", "Please give a date and a time.";
        ErrorPattern = "error.pattern", "This does not have the expected form.";
        ErrorNotExpected = "error.not_expected", "This is not asked for any more.";
        ImpactLegend = "impact", "Whom does it affect?";
        ImpactEveryone = "impact.1", "Everybody, or a whole site";
        ImpactTeam = "impact.2", "My team";
        ImpactOnePerson = "impact.3", "Only me";
        UrgencyLegend = "urgency", "How urgent is it?";
        UrgencyCannotWork = "urgency.1", "Work is impossible";
        UrgencyHindered = "urgency.2", "Work is possible, with difficulty";
        UrgencyCanWait = "urgency.3", "It can wait";
        PriorityPending = "priority_pending", "The priority follows from both answers.";
        AddFiles = "add_files", "Add files";
        DropFiles = "drop_files", "or drop files here, or paste a screenshot";
        RemoveFile = "remove_file", "Remove {name}";
        ReadingFile = "reading_file", "Reading {name} …";
        FileFailed = "file_failed", "{name} could not be read.";
        Yes = "yes", "Yes";
        No = "no", "No";
        NoAnswer = "no_answer", "No answer";
    }
}

/// Languages that ship beside English, each as `locales/{tag}.json`; the own words of others as `locales/outbox.{tag}.json`,
/// `survey.{tag}.json` and `report.{tag}.json`.
pub const LANGUAGES: &[&str] = &["ar", "de"];

#[cfg(target_family = "wasm")]
pub use loaded::Messages;

#[cfg(target_family = "wasm")]
mod loaded {
    use std::sync::Arc;

    use gloo_timers::future::TimeoutFuture;
    use itsm_widgets::adapters::browser::js::from_json;
    use itsm_widgets::domain::locale;
    use itsm_widgets::domain::map::Map;
    use itsm_widgets::domain::time::Timestamp;
    use js_sys::{Array, Function, Object, Reflect};
    use wasm_bindgen::prelude::*;

    use super::{LANGUAGES, Text};

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = Intl)]
        type PluralRules;
        #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
        fn new(tag: &str) -> Result<PluralRules, JsValue>;
        #[wasm_bindgen(method)]
        fn select(this: &PluralRules, number: f64) -> String;
    }

    /// The texts in one language.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Messages {
        tag: Arc<str>,
        texts: Arc<Map<String, String>>,
    }

    impl Messages {
        /// The language that a reader of `wanted` gets, before its texts are there.
        pub fn tag_for(wanted: &str) -> &'static str {
            locale::lookup(wanted, LANGUAGES.iter().copied()).unwrap_or("en")
        }

        /// English.
        pub fn english() -> Self {
            Self { tag: "en".into(), texts: Arc::default() }
        }

        /// The texts of `tag` as its file has them; `None` if the file cannot be read.
        pub fn parse(tag: &str, json: &str) -> Option<Self> {
            Some(Self { tag: tag.into(), texts: Arc::new(from_json(json).ok()?) })
        }

        /// The texts of `tag`; `prefix` stands before the tag in the name of their file. The suite's folder may be out of
        /// reach for a while, so it is asked again. `None` if that does not help, or if `is_wanted` says meanwhile that
        /// nobody reads that language any more.
        pub async fn load(base: &str, prefix: &str, tag: &str, is_wanted: impl Fn() -> bool) -> Option<Self> {
            for pause in [0, 2_000, 10_000, 60_000] {
                TimeoutFuture::new(pause).await;
                let loaded = if tag == "en" { Some(Self::english()) } else { Self::fetch(base, prefix, tag).await };
                if loaded.is_some() || !is_wanted() {
                    return loaded.filter(|_| is_wanted());
                }
            }
            None
        }

        async fn fetch(base: &str, prefix: &str, tag: &str) -> Option<Self> {
            let url = [base, "locales/", prefix, tag, ".json"].concat();
            Self::parse(tag, &itsm_widgets::adapters::http::get_text(&url).await?)
        }

        /// The language.
        pub fn tag(&self) -> &str {
            if self.tag.is_empty() { "en" } else { &self.tag }
        }

        /// Whether it is written from right to left.
        pub fn is_right_to_left(&self) -> bool {
            locale::is_right_to_left(self.tag())
        }

        /// The text.
        pub fn get(&self, text: impl Text) -> String {
            self.look_up(text.name(), text.english())
        }

        fn look_up(&self, name: &str, english: &str) -> String {
            self.texts.get(name).map_or_else(|| english.to_owned(), Clone::clone)
        }

        /// The text with `value` for `{name}`.
        pub fn with(&self, text: impl Text, name: &str, value: &str) -> String {
            self.get(text).replace(&["{", name, "}"].concat(), value)
        }

        /// The text for `n` things, of the pair `one` and `other` and whatever further forms the language has.
        pub fn count<T: Text>(&self, other: T, one: T, n: usize) -> String {
            self.counted(other.name(), other.english(), one.english(), n)
        }

        fn counted(&self, other: &str, other_english: &str, one_english: &str, n: usize) -> String {
            let form = PluralRules::new(self.tag()).map(|rules| rules.select(n as f64)).unwrap_or_default();
            let base = other.trim_end_matches("other");
            let text = self.texts.get([base, &form].concat().as_str()).or_else(|| self.texts.get(other));
            let english = if form == "one" { one_english } else { other_english };
            text.map_or(english, |text| text).replace("{n}", &self.number(n as f64))
        }

        /// A number as the language writes it.
        pub fn number(&self, number: f64) -> String {
            js_sys::Number::from(number).to_locale_string(self.tag()).into()
        }

        /// Date and time of day, as the language writes them.
        pub fn date_time(&self, at: Timestamp) -> String {
            self.formatted(at, "short", "medium")
        }

        /// The time of day, as the language writes it.
        pub fn time(&self, at: Timestamp) -> String {
            self.formatted(at, "", "medium")
        }

        fn formatted(&self, at: Timestamp, date_style: &str, time_style: &str) -> String {
            let options = Object::new();
            for (name, style) in [("dateStyle", date_style), ("timeStyle", time_style)] {
                if !style.is_empty() {
                    let _ = Reflect::set(&options, &name.into(), &style.into());
                }
            }
            let date = js_sys::Date::new(&(at.as_millis() as f64).into());
            let format = Reflect::get(&date, &"toLocaleString".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
            let text = format.and_then(|format| format.apply(&date, &Array::of2(&self.tag().into(), &options)).ok());
            text.and_then(|text| text.as_string()).unwrap_or_default()
        }

        /// A number of bytes, as the language writes it.
        pub fn bytes(&self, bytes: u64) -> String {
            let (unit, name) = match bytes {
                0..1_000 => (1.0, " B"),
                1_000..1_000_000 => (1e3, " kB"),
                1_000_000..1_000_000_000 => (1e6, " MB"),
                _ => (1e9, " GB"),
            };
            [&self.number((bytes as f64 / unit * 10.0).round() / 10.0), name].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{outbox, satisfaction_report, survey};
    use std::collections::{BTreeMap, BTreeSet};

    fn file(folder: &str, tag: &str) -> BTreeMap<String, String> {
        let path = format!("{}/{folder}/messages/{tag}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect(&path);
        serde_json::from_str(&text).expect(&path)
    }

    fn names_in_braces(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    fn every_language_has_every_text<T: Text>(folder: &str) {
        for tag in LANGUAGES {
            let texts = file(folder, tag);
            for message in T::ALL {
                let text = texts.get(message.name()).unwrap_or_else(|| panic!("{tag}: {} is missing", message.name()));
                assert!(!text.trim().is_empty(), "{tag}: {}", message.name());
                let (there, here) = (names_in_braces(text), names_in_braces(message.english()));
                assert!(
                    there == here || message.name().contains(".one") && there.is_subset(&["n"].into()),
                    "{tag}: {}",
                    message.name()
                );
            }
            for name in texts.keys() {
                let base = name.rsplit_once('.').map_or(name.as_str(), |(base, _)| base);
                let plural = ["zero", "two", "few", "many"].iter().any(|form| name.ends_with(form));
                let known = T::ALL
                    .iter()
                    .any(|message| message.name() == name || plural && message.name() == format!("{base}.other"));
                assert!(known, "{tag}: {name} is shown by nobody");
            }
        }
    }

    #[test]
    fn every_language_has_every_text_with_the_same_names_in_braces_and_no_other() {
        every_language_has_every_text::<Message>("shared");
        every_language_has_every_text::<outbox::messages::Text>("outbox");
        every_language_has_every_text::<survey::messages::Text>("survey");
        every_language_has_every_text::<satisfaction_report::messages::Text>("satisfaction_report");
    }
}
