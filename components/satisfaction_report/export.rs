//! The figures as a table for spreadsheets.

use itsm_widgets::domain::csv::{self, Cell};
use itsm_widgets::domain::survey::results::{Figure, Part, Results};

/// The table: one figure on each row.
pub fn table(results: &Results) -> String {
    let mut text = csv::row(["part", "name", "n", "value", "low", "high"].map(Cell::Text));
    let figure = |figure: Option<Figure>| match figure {
        Some(Figure { value, low, high }) => [value, low, high].map(Cell::Number),
        None => [Cell::Text(""); 3],
    };
    let mut row = |part: &str, name: &str, n: u32, found: Option<Figure>| {
        let known = [Cell::Text(part), Cell::Text(name), Cell::Number(n.into())];
        text.push_str(&csv::row(known.into_iter().chain(figure(found))));
    };
    row("answered", "", results.answered, None);
    if let Some(asked) = results.asked {
        row("asked", "", asked, results.response);
    }
    for scale in &results.scales {
        row(scale.measure.as_str(), &scale.title, scale.n, scale.score);
        for (answer, count) in (scale.measure.scale().0..).zip(&scale.counts) {
            row(&answer.to_string(), &scale.title, *count, None);
        }
    }
    for choice in &results.choices {
        for chosen in &choice.choices {
            row(&choice.title, &chosen.title, chosen.count, None);
        }
    }
    let parts: [(&str, &[Part]); 3] =
        [(results.by.as_str(), &results.trend), ("service", &results.services), ("channel", &results.channels)];
    for (part, found) in parts {
        found.iter().for_each(|one| row(part, &one.name, one.n, one.score));
    }
    text
}
