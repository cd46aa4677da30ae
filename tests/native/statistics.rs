//! Satisfaction's figures are those of scipy and statsmodels, on thousands of random samples.

use itsm_widgets::domain::survey::interval::{Interval, difference, wilson};

/// What `statistics.py` has written.
const SAMPLES: &str = include_str!("../fixtures/survey/statistics.tsv");

#[test]
fn every_interval_is_that_of_an_independent_computation() {
    let mut seen = [0, 0];
    for line in SAMPLES.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        let whole = |at: usize| words[at].parse::<u32>().expect("a count");
        let expected = |at: usize| {
            let [low, high] = [at, at + 1].map(|at| words[at].parse::<f64>().expect("a number"));
            Interval { low, high }
        };
        let (found, expected, tolerance) = match words[0] {
            "wilson" => (wilson(whole(1), whole(2)), expected(3), 1e-9),
            _ => (difference(whole(1), whole(2), whole(3)), expected(4), 1e-8),
        };
        seen[usize::from(words[0] != "wilson")] += 1;
        let found = found.expect("an interval");
        let is_near = |a: f64, b: f64| (a - b).abs() < tolerance;
        assert!(is_near(found.low, expected.low) && is_near(found.high, expected.high), "{line}: {found:?}");
    }
    assert_eq!(seen, [6_000, 6_000]);
}
