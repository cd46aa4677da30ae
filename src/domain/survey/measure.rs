//! What can be measured, and on what scale.

use crate::words;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Customer satisfaction, 1 to 5: the share of 4 and 5, in percent ("top two boxes": P. W. Farris, N. T. Bendle, P. E.
    /// Pfeifer, D. J. Reibstein, Marketing Metrics (2010)).
    Csat,
    /// The net promoter score, 0 to 10: the share of 9 and 10 less the share of 0 to 6, from −100 to 100 (F. F. Reichheld,
    /// The One Number You Need to Grow, Harvard Business Review 81 (2003)).
    Nps,
    /// The customer effort score, 1 to 7, on "it was easy": the share of 5 to 7, in percent (M. Dixon, N. Toman, R. DeLisi,
    /// The Effortless Experience (2013), version 2.0).
    Ces,
    /// Thumb up, 1, or down, 0: the share of thumbs up, in percent.
    Thumbs,
}

words! { Measure { Csat = "csat", Nps = "nps", Ces = "ces", Thumbs = "thumbs", } }

impl Measure {
    /// The scale: its least and its greatest answer.
    pub const fn scale(self) -> (u8, u8) {
        match self {
            Self::Csat => (1, 5),
            Self::Nps => (0, 10),
            Self::Ces => (1, 7),
            Self::Thumbs => (0, 1),
        }
    }

    /// Whether an answer says that something went wrong.
    pub const fn is_low(self, answer: u8) -> bool {
        match self {
            Self::Csat => answer <= 2,
            Self::Nps => answer <= 6,
            Self::Ces => answer <= 3,
            Self::Thumbs => answer == 0,
        }
    }

    /// The answer as one of the scale; `None` if it is none.
    pub fn answer(self, number: f64) -> Option<u8> {
        let (least, greatest) = self.scale();
        let is_one = number.fract() == 0.0 && (f64::from(least)..=f64::from(greatest)).contains(&number);
        is_one.then_some(number as u8)
    }

    /// +1 for an answer that counts for the score, −1 for one that counts against it, 0 for any other.
    pub(super) const fn counts(self, answer: u8) -> i8 {
        match (self, answer) {
            (Self::Csat, 4..) | (Self::Nps, 9..) | (Self::Ces, 5..) | (Self::Thumbs, 1..) => 1,
            (Self::Nps, ..=6) => -1,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_of_the_scale_are_answers() {
        for (number, answer) in
            [(0.0, None), (1.0, Some(1)), (4.5, None), (5.0, Some(5)), (6.0, None), (f64::NAN, None)]
        {
            assert_eq!(Measure::Csat.answer(number), answer, "{number}");
        }
        assert_eq!((Measure::Nps.answer(0.0), Measure::Nps.answer(-1.0)), (Some(0), None));
    }
}
