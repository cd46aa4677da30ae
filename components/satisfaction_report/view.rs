//! What is drawn: how many have answered, each scale with its score, range and distribution, the first scale over time, by
//! service and by channel, and what people wrote. Every chart is a table as well.

use std::rc::Rc;

use itsm_widgets::domain::survey::measure::Measure;
use itsm_widgets::domain::survey::results::{Comment, Figure, Part, Results, ScaleResults, Span};
use itsm_widgets::domain::time::Timestamp;

use super::chart::{bar, range};
use super::export;
use super::messages::Text;
use super::model::Report;
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::{base, styles};

/// The whole element.
pub fn report(model: Report) -> El {
    let theme = move || model.session().and_then(|session| session.host.attribute("theme"));
    if let Some(session) = model.session() {
        styles::adopt_with(session.host.root(), include_str!("report.css"));
    }
    let waits =
        move || (model.counted.with(Option::is_none) && !model.has_failed.get()).then(|| model.say(Text::Loading));
    let fails = move || {
        model.has_failed.get().then(|| model.counted.with(|c| if c.is_some() { "stale" } else { "none" }.to_owned()))
    };
    // Drawn anew with the language: every word of it changes.
    let key = move || {
        let (_, at) = model.counted.get()?;
        Some([&at.to_string(), " ", &model.words.with(|words| words.tag().to_owned())].concat())
    };
    let draw = move |_: &str| match model.counted.get() {
        Some((results, at)) => figures(model, &results, at),
        None => el("div"),
    };
    base("base report", model.messages, theme)
        .when(waits, |text| classed("p", "muted").attr("role", "status").text(text))
        .when(fails, move |how| failed(model, how == "stale"))
        .when(key, draw)
}

fn failed(model: Report, is_stale: bool) -> El {
    let again = classed("button", "secondary").attr("type", "button").on("click", move |_| model.count());
    let text = if is_stale { Text::Stale } else { Text::Unavailable };
    classed("div", "panel warning")
        .part("notice")
        .attr("role", "alert")
        .child(el("p").say(move || model.say(text)))
        .child(again.say(move || model.messages.with(|messages| messages.get(Message::TryAgain))))
}

fn percent(model: Report, value: f64) -> String {
    [&model.number((value * 10.0).round() / 10.0), "\u{a0}%"].concat()
}

/// A score as its measure has it: percent, or points.
fn scored(model: Report, measure: Measure, value: f64) -> String {
    match measure {
        Measure::Nps => model.number((value * 10.0).round() / 10.0),
        Measure::Csat | Measure::Ces | Measure::Thumbs => percent(model, value),
    }
}

fn ranged(model: Report, text: Text, measure: Measure, figure: Figure) -> String {
    let words = model.with(text, "low", &scored(model, measure, figure.low));
    words.replace("{high}", &scored(model, measure, figure.high))
}

fn counted(model: Report, n: u32) -> String {
    model.words.with(|words| words.count(Text::AnswersOther, Text::AnswersOne, n as usize))
}

fn figures(model: Report, results: &Rc<Results>, at: Timestamp) -> El {
    let has_title = model.session().is_some_and(|session| session.host.attribute("without-title").is_none());
    let as_of = model.with(Text::AsOf, "when", &model.messages.with(|messages| messages.date_time(at)));
    let mut body = classed("div", "figures");
    if has_title {
        body = body.child(el("h2").part("title").text(&results.title));
    }
    body = body.child(classed("p", "answered").text(&counted(model, results.answered)));
    if let (Some(asked), Some(response)) = (results.asked, results.response) {
        let words = model.with(Text::Response, "value", &percent(model, response.value));
        let words = words.replace("{asked}", &model.number(f64::from(asked)));
        let words =
            words.replace("{low}", &percent(model, response.low)).replace("{high}", &percent(model, response.high));
        body = body.child(el("p").text(&words));
    }
    body = body.child(classed("p", "muted").attr("data-role", "as-of").text(&as_of));
    if results.answered == 0 {
        return body.child(el("p").text(&model.say(Text::Nobody))).child(buttons(model, results));
    }
    if results.answered < results.least {
        let few = model.with(Text::Few, "least", &model.number(f64::from(results.least)));
        return body.child(classed("p", "note").part("notice").text(&few)).child(buttons(model, results));
    }
    body = body.children(results.scales.iter().map(|scale| scale_of(model, scale)));
    let lead = results.scales.first().map(|scale| scale.measure);
    if let Some(measure) = lead {
        let span = if results.by == Span::Week { Text::Week } else { Text::Month };
        for (heading, head, parts) in [
            (Text::Trend, span, &results.trend),
            (Text::Services, Text::Service, &results.services),
            (Text::Channels, Text::Channel, &results.channels),
        ] {
            body = body.child(parts_of(model, heading, head, measure, parts));
        }
    }
    for choice in results.choices.iter().filter(|choice| !choice.choices.is_empty()) {
        let rows = choice.choices.iter().map(|chosen| (chosen.title.clone(), chosen.count)).collect();
        let section = el("section").child(el("h3").text(&choice.title));
        body = body.child(section.child(counts(model, &choice.title, choice.n, rows)));
    }
    body.child(comments(model, &results.comments)).child(buttons(model, results))
}

fn scale_of(model: Report, scale: &ScaleResults) -> El {
    let measure = scale.measure;
    let definition = model.say(match measure {
        Measure::Csat => Text::Csat,
        Measure::Nps => Text::Nps,
        Measure::Ces => Text::Ces,
        Measure::Thumbs => Text::Thumbs,
    });
    let section = el("section").child(el("h3").text(&scale.title));
    let Some(score) = scale.score else {
        let few = [&counted(model, scale.n), ": ", &model.say(Text::TooFew)].concat();
        return section.child(classed("p", "muted").text(&few));
    };
    let mean = scale.mean.map(|mean| model.with(Text::Mean, "mean", &model.number(mean))).unwrap_or_default();
    let certainty = [&ranged(model, Text::Range, measure, score), " ", &counted(model, scale.n), ". ", &mean].concat();
    let rows = (measure.scale().0..).map(|answer| model.number(f64::from(answer))).zip(scale.counts.iter().copied());
    section
        .child(classed("p", "score").part("score").text(&scored(model, measure, score.value)))
        .child(el("p").text(&certainty))
        .child(counts(model, &scale.title, scale.n, rows.collect()))
        .child(classed("p", "muted").text(&definition))
}

fn head(model: Report, names: &[Text]) -> El {
    let cell = |text: &Text| el("th").attr("scope", "col").text(&model.say(*text));
    el("thead").child(el("tr").children(names.iter().map(cell)))
}

fn table(caption: &str) -> El {
    el("table").child(classed("caption", "visually-hidden").text(caption))
}

/// How often each answer was given, as bars.
fn counts(model: Report, caption: &str, n: u32, rows: Vec<(String, u32)>) -> El {
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let row = |(name, count): (String, u32)| {
        let share = f64::from(count) / f64::from(n.max(1)) * 100.0;
        el("tr")
            .child(el("th").attr("scope", "row").text(&name))
            .child(classed("td", "count").text(&model.number(f64::from(count))))
            .child(
                el("td").child(bar(f64::from(count) / f64::from(most))).child(el("span").text(&percent(model, share))),
            )
    };
    table(caption)
        .child(head(model, &[Text::Answer, Text::Count, Text::Share]))
        .child(el("tbody").children(rows.into_iter().map(row)))
}

/// The first scale in parts of the answers, each with its range.
fn parts_of(model: Report, heading: Text, first: Text, measure: Measure, parts: &[Part]) -> El {
    let (least, greatest) = if measure == Measure::Nps { (-100.0, 100.0) } else { (0.0, 100.0) };
    let place = |value: f64| (value - least) / (greatest - least);
    let row = |part: &Part| {
        let name = el("th").attr("scope", "row").text(&part.name);
        let row = el("tr").child(name).child(classed("td", "count").text(&model.number(f64::from(part.n))));
        match part.score {
            Some(score) => {
                let drawn = range(place(score.value), place(score.low), place(score.high));
                let words = ["low", "high"]
                    .map(|end| scored(model, measure, if end == "low" { score.low } else { score.high }));
                row.child(classed("td", "count").text(&scored(model, measure, score.value)))
                    .child(el("td").child(drawn).child(el("span").text(&words.join(" – "))))
            }
            None => row.child(classed("td", "muted").attr("colspan", "2").text(&model.say(Text::TooFew))),
        }
    };
    let title = model.say(heading);
    let table = table(&title).child(head(model, &[first, Text::Count, Text::Score, Text::RangeHead]));
    let table = table.child(el("tbody").children(parts.iter().map(row)));
    el("section").child(el("h3").text(&title)).child(
        classed("div", "wide").attr("tabindex", "0").attr("role", "region").attr("aria-label", &title).child(table),
    )
}

fn comments(model: Report, comments: &[Comment]) -> El {
    let section = classed("section", "comments");
    if comments.is_empty() {
        return section;
    }
    let item = |comment: &Comment| {
        let since = model.with(Text::Since, "when", &comment.since);
        el("li")
            .child(classed("p", "muted").text(&[&comment.question, " · ", &since].concat()))
            .child(el("p").text(&comment.text))
    };
    let list = el("ul").children(comments.iter().map(item));
    section.child(el("h3").text(&model.say(Text::Comments))).child(list)
}

fn buttons(model: Report, results: &Rc<Results>) -> El {
    let again = classed("button", "secondary").attr("type", "button").on("click", move |_| model.count());
    let encoded = String::from(js_sys::encode_uri_component(&export::table(results)));
    // The mark tells a spreadsheet that it is UTF-8.
    let href = ["data:text/csv;charset=utf-8,%EF%BB%BF", &encoded].concat();
    let save = classed("a", "export").attr("download", "satisfaction.csv").attr("href", &href);
    classed("div", "actions").child(again.text(&model.say(Text::Again))).child(save.text(&model.say(Text::Export)))
}
