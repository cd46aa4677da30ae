//! All workloads as the text of `docs/benchmarks.md`.

use std::fmt::Write;

use crate::figures::{Section, Table};

/// The document.
pub fn markdown(sections: &[Section], browser: &str, rounds: usize) -> String {
    let mut text = format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, not by hand. {browser}, {rounds} round(s), medians unless a column says otherwise. \
         Absolute\nfigures belong to one machine on one day; the ratios count: all contenders take turns within each round.\n"
    );
    if rounds < 5 {
        text.push_str("So few rounds are noise: a single outlier makes or breaks a goal here.\n");
    }
    for section in sections {
        let _ = write!(text, "\n## {}\n\n{}\n", section.title, section.about);
        section.tables.iter().for_each(|each| table(&mut text, each));
        if !section.goals.is_empty() {
            text.push_str("\n| goal | reached | figure |\n|---|---|--:|\n");
        }
        for goal in &section.goals {
            let reached = if goal.is_reached() { "yes" } else { "no" };
            let _ = writeln!(text, "| {} | {reached} | {:.2} |", goal.text, goal.figure);
        }
        if section.goals.iter().any(|goal| !goal.is_reached()) {
            let _ = write!(text, "\nWhat falls short, and why: {}\n", section.why);
        }
    }
    text
}

fn table(text: &mut String, table: &Table) {
    if !table.title.is_empty() {
        let _ = write!(text, "\n### {}\n", table.title);
    }
    let names: String = table.columns.iter().map(|(name, _)| [" ", name, " |"].concat()).collect();
    let _ = writeln!(text, "\n| contender |{names}\n|---|{}", "--:|".repeat(table.columns.len()));
    for (name, figures) in &table.rows {
        let _ = write!(text, "| {name} |");
        for (figure, (_, decimals)) in figures.iter().zip(&table.columns) {
            let _ = write!(text, " {figure:.decimals$} |");
        }
        text.push('\n');
    }
}
