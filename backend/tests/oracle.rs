//! Our own small rules against libraries that do the same at length.

use itsm_backend::definitions::Definitions;
use itsm_backend::patterns::RegexPatterns;
use itsm_widgets::domain::form::{Answer, Answers, errors_of_submitted};
use itsm_widgets::domain::time::Timestamp;
use proptest::prelude::*;

fn answers() -> impl Strategy<Value = Answer> {
    let text = prop_oneof![
        "[a-zA-Z0-9 .@:/+-]{0,14}",
        Just("laptop".to_owned()),
        Just("printer".to_owned()),
        Just("mail".to_owned()),
        Just("read".to_owned()),
        Just("ada@desk.example".to_owned()),
        Just("https://desk.example/a".to_owned()),
        Just("2026-11-22".to_owned()),
        Just("2026-11-22T10:00:00+01:00".to_owned()),
        Just("IT-1042".to_owned()),
    ];
    prop_oneof![
        4 => text.clone().prop_map(Answer::Text),
        1 => any::<bool>().prop_map(Answer::Flag),
        1 => (-5.0f64..60.0).prop_map(Answer::Number),
        1 => (0i8..60).prop_map(|n| Answer::Number(f64::from(n))),
        1 => prop::collection::vec(text, 0..3).prop_map(Answer::Choices),
        1 => (0u8..5, 0u8..5).prop_map(|(impact, urgency)| Answer::Levels { impact, urgency }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_a_json_schema_validator_refuses_we_refuse(form in 0usize..3, given in prop::collection::vec(prop::option::of(answers()), 16)) {
        let definitions = Definitions::built_in().expect("definitions in order");
        let definition = &definitions.forms().nth(form).expect("three forms").definition;
        let fields = definition.fields().iter().zip(given).filter_map(|(field, answer)| Some((field.id.clone(), answer?)));
        let answers: Answers = fields.collect();
        let schema = serde_json::to_value(&definition.source().schema).expect("JSON");
        let instance = serde_json::to_value(&answers).expect("JSON");
        let validator = jsonschema::options().should_validate_formats(false).build(&schema).expect("a schema of the dialect");
        if !validator.is_valid(&instance) {
            prop_assert!(errors_of_submitted(definition, &answers, &RegexPatterns).is_some(), "{instance}");
        }
    }

    #[test]
    fn instants_are_read_as_a_date_library_reads_them(seconds in -60_000_000_000i64..200_000_000_000, nanos in 0i32..1_000_000_000, minutes in -840i32..840) {
        let instant = jiff::Timestamp::new(seconds, nanos).expect("an instant");
        let offset = jiff::tz::Offset::from_seconds(minutes * 60).expect("an offset");
        let text = instant.display_with_offset(offset).to_string();
        if let Some(year) = text.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit())) {
            prop_assume!(year != "0000");
            let ours = Timestamp::parse_rfc3339(&text).map(Timestamp::as_millis);
            prop_assert_eq!(ours, Some(seconds * 1_000 + i64::from(nanos / 1_000_000)), "{}", text);
        }
    }
}
