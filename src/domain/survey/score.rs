//! What answers on a scale come to: satisfaction, recommendation, effort.

use super::interval::{self, Interval};
use super::measure::Measure;

/// How often each answer of a scale was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    measure: Measure,
    counts: Vec<u32>,
}

impl Distribution {
    /// Of no answers.
    pub fn new(measure: Measure) -> Self {
        let (least, greatest) = measure.scale();
        Self { measure, counts: vec![0; usize::from(greatest - least) + 1] }
    }

    /// Of those `answers`. What is not on the scale is none.
    pub fn of(measure: Measure, answers: impl IntoIterator<Item = u8>) -> Self {
        let mut distribution = Self::new(measure);
        answers.into_iter().for_each(|answer| distribution.add(answer));
        distribution
    }

    /// Adds an answer, if it is on the scale.
    pub fn add(&mut self, answer: u8) {
        let place = answer.checked_sub(self.measure.scale().0).map(usize::from);
        if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
            *count = count.saturating_add(1);
        }
    }

    /// What is measured.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// Each answer of the scale with how often it was given, the least first.
    pub fn counts(&self) -> impl Iterator<Item = (u8, u32)> {
        (self.measure.scale().0..).zip(self.counts.iter().copied())
    }

    /// How many answers there are.
    pub fn n(&self) -> u32 {
        self.counts.iter().fold(0, |n, count| n.saturating_add(*count))
    }

    /// The average answer; `None` of none.
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.counts().map(|(answer, count)| f64::from(answer) * f64::from(count)).sum();
        (self.n() > 0).then(|| sum / f64::from(self.n()))
    }

    /// The score; `None` of fewer than `least` answers, and of none: a figure from few says something of persons, and little
    /// of satisfaction.
    pub fn score(&self, least: u32) -> Option<Score> {
        let n = self.n();
        if n < least {
            return None;
        }
        let counting = |wanted: i8| {
            let counted = self.counts().filter(|(answer, _)| self.measure.counts(*answer) == wanted);
            counted.map(|(_, count)| count).sum::<u32>()
        };
        let (plus, minus) = (counting(1), counting(-1));
        let interval = match self.measure {
            Measure::Csat | Measure::Ces | Measure::Thumbs => interval::wilson(plus, n),
            Measure::Nps => interval::difference(plus, minus, n),
        }?;
        Some(Score::in_percent((f64::from(plus) - f64::from(minus)) / f64::from(n), interval))
    }
}

/// A score with how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// In percent; of the net promoter score, in points from −100 to 100.
    pub value: f64,
    /// Where it would lie if everybody had answered, with 95 % certainty, as long as who answered is no other kind of people.
    pub interval: Interval,
}

impl Score {
    fn in_percent(share: f64, interval: Interval) -> Self {
        let interval = Interval { low: interval.low * 100.0, high: interval.high * 100.0 };
        Self { value: share * 100.0, interval }
    }
}

/// How many of those who were asked answered, in percent; `None` if nobody was asked.
pub fn response_rate(answered: u32, asked: u32) -> Option<Score> {
    let interval = interval::wilson(answered, asked)?;
    Some(Score::in_percent(f64::from(answered) / f64::from(asked), interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(measure: Measure, answers: &[u8]) -> Option<f64> {
        Distribution::of(measure, answers.iter().copied()).score(1).map(|score| score.value)
    }

    #[test]
    fn each_measure_has_its_own_formula() {
        for (measure, answers, expected) in [
            (Measure::Csat, &[5, 4, 3, 2, 1][..], Some(40.0)),
            (Measure::Csat, &[3, 3], Some(0.0)),
            (Measure::Csat, &[], None),
            (Measure::Nps, &[10, 9, 8, 7, 6, 0], Some(0.0)),
            (Measure::Nps, &[10, 10, 9, 6], Some(50.0)),
            (Measure::Nps, &[0, 6], Some(-100.0)),
            (Measure::Ces, &[7, 6, 5, 4], Some(75.0)),
            (Measure::Ces, &[1], Some(0.0)),
            (Measure::Thumbs, &[0, 1, 1, 1], Some(75.0)),
        ] {
            assert_eq!(value(measure, answers), expected, "{measure:?} {answers:?}");
        }
    }

    #[test]
    fn what_is_not_on_the_scale_is_no_answer() {
        let distribution = Distribution::of(Measure::Csat, [0, 1, 5, 6, 255]);
        assert_eq!((distribution.n(), distribution.mean()), (2, Some(3.0)));
        assert_eq!(Distribution::of(Measure::Nps, [0, 10, 11]).n(), 2);
    }

    #[test]
    fn few_answers_say_nothing() {
        let distribution = Distribution::of(Measure::Csat, [5; 4]);
        assert_eq!(distribution.score(5), None);
        assert!(distribution.score(4).is_some());
        assert_eq!(Distribution::new(Measure::Nps).score(0), None);
    }

    #[test]
    fn a_rate_is_of_those_who_were_asked() {
        let rate = response_rate(25, 100).expect("some were asked");
        assert_eq!(rate.value, 25.0);
        assert!((rate.interval.low - 17.55).abs() < 0.01 && (rate.interval.high - 34.30).abs() < 0.01, "{rate:?}");
        assert_eq!((response_rate(0, 0), response_rate(3, 2)), (None, None));
    }
}
