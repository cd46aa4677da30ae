//! What the answers of a survey come to: counts and scores with how sure they are, over time, by service and by channel.
//! Below a least number of answers nothing is told that would say more of persons than of a service.

use super::measure::Measure;
use super::score::{Distribution, Score, response_rate};
use crate::domain::form::{Answer, Answers, Definition, Field, FieldKind};
use crate::domain::id::FieldId;
use crate::domain::time::Timestamp;
use crate::{document, words};

/// Over what time a point of a trend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Span {
    /// Monday to Sunday (ISO 8601), in UTC.
    Week,
    /// A month of the calendar, in UTC.
    Month,
}

words! { Span { Week = "week", Month = "month", } }

const DAY: i64 = 86_400_000;

impl Span {
    /// When the span begins that `at` is in.
    pub fn begin(self, at: Timestamp) -> Timestamp {
        Timestamp::parse_rfc3339(&[&self.start(at), "T00:00:00Z"].concat()).unwrap_or(at)
    }

    /// The first day of the span that `at` is in: `2026-11-23`.
    pub fn start(self, at: Timestamp) -> String {
        let date = |at: Timestamp| at.to_string().chars().take(10).collect::<String>();
        match self {
            // The first day of 1970 was a Thursday.
            Self::Week => date(at.shifted(-((at.as_millis().div_euclid(DAY) + 3).rem_euclid(7) * DAY))),
            Self::Month => [&date(at)[..8], "01"].concat(),
        }
    }
}

/// One answered survey.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// When the answers arrived.
    pub at: Timestamp,
    /// The service that they are about.
    pub service: Option<&'a str>,
    /// How they came.
    pub channel: &'a str,
    /// The answers.
    pub answers: &'a Answers,
}

/// A figure with the range that holds the true one in 95 of 100 samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    /// In percent; of the net promoter score in points.
    pub value: f64,
    /// The range's lower end.
    pub low: f64,
    /// The range's upper end.
    pub high: f64,
}

document! { open Figure { value: "value", low: "low", high: "high", } }

impl From<Score> for Figure {
    fn from(score: Score) -> Self {
        let [value, low, high] = [score.value, score.interval.low, score.interval.high].map(rounded);
        Self { value, low, high }
    }
}

/// To two places: more would say what nobody knows.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// What was answered on one scale.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScaleResults {
    /// The question.
    pub field: FieldId,
    /// Its words, in the survey's own language.
    pub title: String,
    /// What it measures: which formula the score has.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub measure: Measure,
    /// How many answered it.
    pub n: u32,
    /// How often each answer of the scale was given, the least first; empty below the least number of answers.
    pub counts: Vec<u32>,
    /// The average answer.
    pub mean: Option<f64>,
    /// The score.
    pub score: Option<Figure>,
}

document! {
    open ScaleResults {
        field: "field",
        title: "title",
        measure: "measure",
        n: "n",
        counts or_default: "counts",
        mean: "mean",
        score: "score",
    }
}

/// How often a choice was made.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chosen {
    /// Its words.
    pub title: String,
    /// How often.
    pub count: u32,
}

document! { open Chosen { title: "title", count: "count", } }

/// What was chosen in one question; of an order, what was put first.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChoiceResults {
    /// The question.
    pub field: FieldId,
    /// Its words.
    pub title: String,
    /// How many answered it.
    pub n: u32,
    /// The choices, in the definition's order; empty below the least number of answers.
    pub choices: Vec<Chosen>,
}

document! { open ChoiceResults { field: "field", title: "title", n: "n", choices or_default: "choices", } }

/// The first scale's score in a part of the answers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part {
    /// The part: the first day of a span, a service, a channel.
    pub name: String,
    /// How many answers are in it.
    pub n: u32,
    /// Their score; none below the least number of answers.
    pub score: Option<Figure>,
}

document! { open Part { name: "name", n: "n", score: "score", } }

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    /// The first day of the span in which it was written: the day itself might say who wrote it.
    pub since: String,
    /// The question's words.
    pub question: String,
    /// What was written.
    pub text: String,
}

document! { open Comment { since: "since", question: "question", text: "text", } }

/// What a survey's answers come to.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Results {
    /// The survey's heading.
    pub title: String,
    /// Over what time a point of the trend is.
    pub by: Span,
    /// Of fewer answers than this nothing is told but their number.
    pub least: u32,
    /// How many have answered.
    pub answered: u32,
    /// How many were asked, if that is known.
    pub asked: Option<u32>,
    /// How many of those who were asked have answered.
    pub response: Option<Figure>,
    /// Each question with a scale.
    pub scales: Vec<ScaleResults>,
    /// Each question with choices.
    pub choices: Vec<ChoiceResults>,
    /// The first scale over time, the earliest first.
    pub trend: Vec<Part>,
    /// The first scale by service.
    pub services: Vec<Part>,
    /// The first scale by channel.
    pub channels: Vec<Part>,
    /// What was written, the latest first.
    pub comments: Vec<Comment>,
}

document! {
    open Results {
        title: "title",
        by: "by",
        least: "least",
        answered: "answered",
        asked: "asked",
        response: "response",
        scales or_default: "scales",
        choices or_default: "choices",
        trend or_default: "trend",
        services or_default: "services",
        channels or_default: "channels",
        comments or_default: "comments",
    }
}

/// A part of a trend for which nobody has said which service it is about.
const NO_SERVICE: &str = "–";

/// What `answered` comes to. `invited` is how many were asked in the same time, and how many of them have answered; `least` is the smallest number of answers of
/// which more than their number is told.
pub fn results(
    definition: &Definition,
    answered: &[Answered<'_>],
    invited: Option<(u32, u32)>,
    by: Span,
    least: u32,
) -> Results {
    let fields = definition.fields();
    let lead = fields.iter().find_map(|field| match field.kind {
        FieldKind::Scale(measure, _) => Some((&field.id, measure)),
        _ => None,
    });
    let parts = |name: &dyn Fn(&Answered<'_>) -> String| {
        let mut names: Vec<String> = answered.iter().map(name).collect();
        names.sort();
        names.dedup();
        let part = |wanted: String| {
            let of_part = || answered.iter().filter(|one| name(one) == wanted);
            let score = lead.and_then(|(id, measure)| distribution(id, measure, of_part()).score(least.max(1)));
            Part { n: of_part().count() as u32, score: score.map(Figure::from), name: wanted }
        };
        hide_rest(names.into_iter().map(part).collect(), least)
    };
    let n = answered.len() as u32;
    Results {
        title: definition.source().title.clone(),
        by,
        least,
        answered: n,
        asked: invited.map(|(asked, _)| asked).filter(|asked| *asked > 0),
        response: invited.and_then(|(asked, of_them)| response_rate(of_them, asked)).map(Figure::from),
        scales: fields.iter().filter_map(|field| scale(field, answered, least)).collect(),
        choices: fields.iter().filter_map(|field| choice(field, answered, least)).collect(),
        trend: parts(&|one| by.start(one.at)),
        services: parts(&|one| one.service.unwrap_or(NO_SERVICE).to_owned()),
        channels: parts(&|one| one.channel.to_owned()),
        comments: if n < least { vec![] } else { comments(fields, answered, by) },
    }
}

/// What is not told must not follow from what is: where too few are hidden, the smallest part beside them is hidden too.
fn hide_rest(mut parts: Vec<Part>, least: u32) -> Vec<Part> {
    loop {
        let hidden: u32 = parts.iter().filter(|part| part.score.is_none()).map(|part| part.n).sum();
        let smallest = parts.iter_mut().filter(|part| part.score.is_some()).min_by_key(|part| part.n);
        match smallest.filter(|_| (1..least).contains(&hidden)) {
            Some(part) => part.score = None,
            None => return parts,
        }
    }
}

fn distribution<'a>(id: &FieldId, measure: Measure, answered: impl Iterator<Item = &'a Answered<'a>>) -> Distribution {
    let number = |one: &Answered<'_>| one.answers.get(id).and_then(Answer::as_number);
    Distribution::of(measure, answered.filter_map(number).filter_map(|number| measure.answer(number)))
}

fn scale(field: &Field, answered: &[Answered<'_>], least: u32) -> Option<ScaleResults> {
    let FieldKind::Scale(measure, _) = field.kind else { return None };
    let distribution = distribution(&field.id, measure, answered.iter());
    let n = distribution.n();
    let is_told = n >= least;
    Some(ScaleResults {
        field: field.id.clone(),
        title: field.title.clone(),
        measure,
        n,
        counts: if is_told { distribution.counts().map(|(_, count)| count).collect() } else { vec![] },
        mean: distribution.mean().filter(|_| is_told).map(rounded),
        score: distribution.score(least.max(1)).map(Figure::from),
    })
}

fn choice(field: &Field, answered: &[Answered<'_>], least: u32) -> Option<ChoiceResults> {
    let choices = field.kind.choices();
    let is_order = matches!(field.kind, FieldKind::Ranking { .. });
    if choices.is_empty() {
        return None;
    }
    let given = || answered.iter().filter_map(|one| one.answers.get(&field.id));
    let n = given().count() as u32;
    let has = |answer: &Answer, value: &str| match answer {
        Answer::Choices(values) if is_order => values.first().is_some_and(|first| first == value),
        Answer::Choices(values) => values.iter().any(|one| one == value),
        _ => answer.as_text() == value,
    };
    let count = |value: &str| given().filter(|answer| has(answer, value)).count() as u32;
    let chosen = choices.iter().map(|choice| Chosen { title: choice.title.clone(), count: count(&choice.value) });
    let choices = if n >= least { chosen.collect() } else { vec![] };
    Some(ChoiceResults { field: field.id.clone(), title: field.title.clone(), n, choices })
}

fn comments(fields: &[Field], answered: &[Answered<'_>], by: Span) -> Vec<Comment> {
    let is_words = |field: &&Field| matches!(field.kind, FieldKind::ShortText | FieldKind::LongText);
    let of_one = |one: &Answered<'_>| -> Vec<Comment> {
        let written = |field: &Field| {
            let text = one.answers.text(&field.id).trim().to_owned();
            let comment = || Comment { since: by.start(one.at), question: field.title.clone(), text: text.clone() };
            (!text.is_empty()).then(comment)
        };
        fields.iter().filter(is_words).filter_map(written).collect()
    };
    let mut latest: Vec<&Answered<'_>> = answered.iter().collect();
    latest.sort_by_key(|one| core::cmp::Reverse(one.at));
    latest.into_iter().flat_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::survey;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("a time")
    }

    fn given(score: f64, words: &str) -> Answers {
        [
            ("score".into(), Answer::Number(score)),
            ("comment".into(), Answer::Text(words.into())),
            ("matters".into(), Answer::Choices(vec!["tone".into(), "speed".into()])),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn spans_begin_on_mondays_and_firsts() {
        for (time, week, month) in [
            ("2026-11-23T00:00:00Z", "2026-11-23", "2026-11-01"),
            ("2026-11-29T23:59:59Z", "2026-11-23", "2026-11-01"),
            ("2027-01-01T12:00:00Z", "2026-12-28", "2027-01-01"),
            ("1969-12-31T23:59:59Z", "1969-12-29", "1969-12-01"),
        ] {
            assert_eq!((Span::Week.start(at(time)).as_str(), Span::Month.start(at(time)).as_str()), (week, month));
        }
    }

    #[test]
    fn answers_come_to_figures() {
        let definition = survey(str::to_owned);
        let all: Vec<_> = [5.0, 4.0, 4.0, 2.0, 1.0, 5.0]
            .iter()
            .zip(["", "Slow", "", " ", "", "Fine"])
            .map(|(s, w)| given(*s, w))
            .collect();
        let answered: Vec<_> = all
            .iter()
            .enumerate()
            .map(|(at_day, answers)| Answered {
                at: at("2026-11-20T12:00:00Z").shifted(at_day as i64 * DAY),
                service: (at_day % 2 == 0).then_some("mail"),
                channel: "web",
                answers,
            })
            .collect();
        let found = results(&definition, &answered, Some((20, 6)), Span::Week, 2);
        assert_eq!((found.answered, found.response.map(|rate| rate.value)), (6, Some(30.0)));
        let score = &found.scales[0];
        assert_eq!((score.field.as_str(), score.n, score.counts.as_slice()), ("score", 6, &[1, 1, 0, 2, 2][..]));
        assert!((score.score.expect("a score").value - 66.666).abs() < 0.01 && score.mean == Some(3.5));
        let trend: Vec<_> = found.trend.iter().map(|part| (part.name.as_str(), part.n)).collect();
        assert_eq!(trend, [("2026-11-16", 3), ("2026-11-23", 3)]);
        let services: Vec<_> = found.services.iter().map(|part| (part.name.as_str(), part.n)).collect();
        assert_eq!(services, [("mail", 3), (NO_SERVICE, 3)]);
        let comments: Vec<_> = found.comments.iter().map(|one| (one.since.as_str(), one.text.as_str())).collect();
        assert_eq!(comments, [("2026-11-23", "Fine"), ("2026-11-16", "Slow")]);
        let first = &found.choices[0];
        assert_eq!((first.n, first.choices[1].count, first.choices[0].count), (6, 6, 0), "what was put first");
        let again: Results = serde_json::from_str(&serde_json::to_string(&found).expect("JSON")).expect("read");
        assert_eq!(again, found);
    }

    #[test]
    fn what_is_hidden_does_not_follow_from_the_rest() {
        let part = |name: &str, n, is_told: bool| {
            let score = is_told.then_some(Figure { value: 50.0, low: 0.0, high: 100.0 });
            Part { name: name.into(), n, score }
        };
        let told = |parts: Vec<Part>| -> Vec<String> {
            hide_rest(parts, 5).into_iter().filter(|part| part.score.is_some()).map(|part| part.name).collect()
        };
        assert_eq!(told(vec![part("mail", 9, true), part("vpn", 1, false)]), [""; 0]);
        assert_eq!(told(vec![part("a", 9, true), part("b", 7, true), part("c", 1, false)]), ["a"]);
        assert_eq!(told(vec![part("a", 9, true), part("b", 3, false), part("c", 4, false)]), ["a"]);
        assert_eq!(told(vec![part("a", 9, true), part("b", 6, true)]), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn of_few_nothing_is_told(n in 0u32..5, scores in prop::collection::vec(1u8..6, 5)) {
            let definition = survey(str::to_owned);
            let all: Vec<_> = scores.iter().take(n as usize).map(|score| given(f64::from(*score), "My secret")).collect();
            let answered: Vec<_> = all
                .iter()
                .map(|answers| Answered { at: at("2026-11-20T12:00:00Z"), service: None, channel: "web", answers })
                .collect();
            let found = results(&definition, &answered, None, Span::Month, 5);
            prop_assert_eq!(found.answered, n);
            prop_assert!(found.scales.iter().all(|scale| scale.counts.is_empty() && scale.mean.is_none() && scale.score.is_none()));
            prop_assert!(found.choices.iter().all(|choice| choice.choices.is_empty()));
            prop_assert!(found.trend.iter().chain(&found.services).chain(&found.channels).all(|part| part.score.is_none()));
            prop_assert!(found.comments.is_empty());
        }
    }
}
