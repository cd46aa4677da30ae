//! How sure a figure from a sample is.

/// A range that holds the true value in 95 of 100 samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// What lies outside of an interval, on either side.
const TAIL: f64 = 0.025;
/// Up to so many answers the distribution of a difference is computed step by step, at a cost of their square; beyond, it
/// differs from the normal one by less than a tenth of a point.
const EXACT: u32 = 2_000;

/// The interval of a share: `hits` of `n`, from 0 to 1. Holds for small samples and for shares near 0 and 1 too, unlike the
/// one that textbooks give first. `None` if there is no answer.
///
/// Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, J. Am. Stat. Assoc. 22 (1927).
pub fn wilson(hits: u32, n: u32) -> Option<Interval> {
    if n == 0 || hits > n {
        return None;
    }
    let (hits, n) = (f64::from(hits), f64::from(n));
    let (share, z2) = (hits / n, Z * Z);
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends it is exactly 0 or 1, whatever rounding makes of it.
    let low = if hits == 0.0 { 0.0 } else { middle - half };
    let high = if hits == n { 1.0 } else { middle + half };
    Some(Interval { low, high })
}

/// The interval of a difference of two shares of one sample, from −1 to 1: `plus` of `n` less `minus` of `n`. `None` if
/// there is no answer.
///
/// This is the percentile bootstrap (B. Efron, Bootstrap Methods, Ann. Stat. 7 (1979)) carried to its end: where others draw
/// some thousand samples anew, the distribution that those come from is computed, so that the same answers always give the
/// same interval.
pub fn difference(plus: u32, minus: u32, n: u32) -> Option<Interval> {
    if n == 0 || plus.checked_add(minus)? > n {
        return None;
    }
    let (p, m) = (f64::from(plus) / f64::from(n), f64::from(minus) / f64::from(n));
    if n > EXACT {
        let half = Z * ((p + m - (p - m) * (p - m)) / f64::from(n)).sqrt();
        return Some(Interval { low: (p - m - half).max(-1.0), high: (p - m + half).min(1.0) });
    }
    let chances = of_sums(p, m, n as usize);
    let at = |place: usize| (place as f64 - f64::from(n)) / f64::from(n);
    Some(Interval { low: at(quantile(&chances, TAIL)), high: at(quantile(&chances, 1.0 - TAIL)) })
}

/// The chances of every sum of `n` answers, from −n to n, each of them +1 with the chance `p` and −1 with `m`.
fn of_sums(p: f64, m: f64, n: usize) -> Vec<f64> {
    let neutral = (1.0 - p - m).max(0.0);
    let mut chances = vec![0.0; 2 * n + 1];
    chances[n] = 1.0;
    for answers in 1..=n {
        let (mut below, mut here) = (0.0, chances[n - answers]);
        for place in n - answers..=n + answers {
            let above = chances.get(place + 1).copied().unwrap_or_default();
            chances[place] = below * p + here * neutral + above * m;
            (below, here) = (here, above);
        }
    }
    chances
}

/// The first place at which the chances add up to `share`.
fn quantile(chances: &[f64], share: f64) -> usize {
    let mut sum = 0.0;
    let found = chances.iter().position(|chance| {
        sum += chance;
        // Within what adding them up has lost.
        sum >= share - 1e-12
    });
    found.unwrap_or(chances.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_nothing_nothing_is_said() {
        assert_eq!((wilson(0, 0), difference(0, 0, 0)), (None, None));
        assert_eq!((wilson(3, 2), difference(2, 2, 3)), (None, None));
        assert_eq!(difference(u32::MAX, 1, u32::MAX), None);
    }

    #[test]
    fn where_all_say_the_same_the_ends_are_exact() {
        assert_eq!(wilson(0, 20).map(|it| it.low), Some(0.0));
        assert_eq!(wilson(20, 20).map(|it| it.high), Some(1.0));
        assert_eq!(difference(9, 0, 9), Some(Interval { low: 1.0, high: 1.0 }));
        assert_eq!(difference(0, 9, 9), Some(Interval { low: -1.0, high: -1.0 }));
    }

    #[test]
    fn computed_and_normal_meet() {
        let (exact, normal) =
            (difference(900, 500, 2_000).expect("one"), difference(1_800, 1_000, 4_000).expect("one"));
        let narrower = (exact.high - exact.low) / (normal.high - normal.low);
        assert!((narrower - 2f64.sqrt()).abs() < 0.02, "{narrower}");
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_own_figure(n in 1u32..400, plus in 0u32..400, minus in 0u32..400) {
            let (plus, minus) = (plus % (n + 1), minus % (n - plus % (n + 1) + 1));
            let share = f64::from(plus) / f64::from(n);
            let wilson = wilson(plus, n).expect("one");
            prop_assert!(0.0 <= wilson.low && wilson.low <= share + 1e-9 && share <= wilson.high + 1e-9 && wilson.high <= 1.0);
            let net = share - f64::from(minus) / f64::from(n);
            let interval = difference(plus, minus, n).expect("one");
            prop_assert!(-1.0 <= interval.low && interval.low <= net + 1e-9 && net <= interval.high + 1e-9 && interval.high <= 1.0);
        }
    }
}
