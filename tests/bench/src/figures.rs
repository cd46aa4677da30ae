//! What a workload found, in the shape that is printed.

use serde_json::{Value, json};

/// One workload: its tables, and the goals held against them.
pub struct Section {
    /// What it is called.
    pub title: &'static str,
    /// What was done and measured.
    pub about: String,
    /// The figures.
    pub tables: Vec<Table>,
    /// What they were to be.
    pub goals: Vec<Goal>,
    /// Why some goals are not reached, and what stands in the way.
    pub why: &'static str,
}

/// Figures of all contenders.
pub struct Table {
    /// What it is called; empty if it is the section's only one.
    pub title: String,
    /// The figures' names, each with how many decimals are shown.
    pub columns: Vec<(&'static str, usize)>,
    /// A contender with its figures.
    pub rows: Vec<(String, Vec<f64>)>,
}

/// What a figure was to be.
pub struct Goal {
    /// In words.
    pub text: &'static str,
    /// What it is.
    pub figure: f64,
    /// What it was to be.
    pub limit: Limit,
}

/// Which way is better.
pub enum Limit {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}

impl Goal {
    /// A figure that may not be above `limit`.
    pub fn at_most(text: &'static str, figure: f64, limit: f64) -> Self {
        Self { text, figure, limit: Limit::AtMost(limit) }
    }

    /// A figure that may not be below `limit`.
    pub fn at_least(text: &'static str, figure: f64, limit: f64) -> Self {
        Self { text, figure, limit: Limit::AtLeast(limit) }
    }

    /// Whether it is what it was to be.
    pub fn is_reached(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.figure <= limit,
            Limit::AtLeast(limit) => self.figure >= limit,
        }
    }
}

impl Section {
    /// For programs.
    pub fn json(&self) -> Value {
        let row = |table: &Table, (name, figures): &(String, Vec<f64>)| {
            let named =
                table.columns.iter().zip(figures).map(|((column, _), figure)| ((*column).to_owned(), json!(figure)));
            json!({ "contender": name, "figures": named.collect::<serde_json::Map<_, _>>() })
        };
        let table = |table: &Table| json!({ "title": table.title, "rows": table.rows.iter().map(|each| row(table, each)).collect::<Vec<_>>() });
        let goal = |goal: &Goal| json!({ "goal": goal.text, "figure": goal.figure, "reached": goal.is_reached() });
        json!({
            "workload": self.title,
            "tables": self.tables.iter().map(table).collect::<Vec<_>>(),
            "goals": self.goals.iter().map(goal).collect::<Vec<_>>(),
        })
    }
}

/// The value that a `share` of all values is not above: the middle one by 0.5.
pub fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let place = share * (values.len() - 1) as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// The middle value.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!((median([3.0, 1.0, 2.0]), median([4.0, 1.0, 2.0, 3.0])), (2.0, 2.5));
        assert_eq!(quantile((0..=100).map(f64::from), 0.95), 95.0);
    }
}
