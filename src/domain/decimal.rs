//! Numbers as people type them, and as text.
//!
//! The library's own reading and printing of floats is exact for every float there is, and for that brings tables into the
//! wasm that weigh more than the whole form engine. What people type into forms needs less: this is exact for up to 15
//! digits, 22 of them after the point at most, and the same in browser and backend.

/// Powers of ten that a float holds exactly.
const MAX_PLACES: usize = 22;

/// Reads a number with a decimal point or comma, and an exponent if it must be: `2,5`, `-0.1`, `1e3`.
pub fn parse(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|e| e.abs() <= 300)?),
        None => (text, 0),
    };
    let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (mut number, mut places, mut any, mut point) = (0.0, 0, false, false);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                number = number * 10.0 + f64::from(byte - b'0');
                places += i32::from(point);
                any = true;
            }
            b'.' | b',' if !point => point = true,
            _ => return None,
        }
    }
    let number = scaled(number, exponent - places);
    (any && number.is_finite()).then_some(if mantissa.starts_with('-') { -number } else { number })
}

/// `number · 10^exponent`, rounded once as long as the power is exact.
fn scaled(number: f64, exponent: i32) -> f64 {
    if exponent < 0 { number / power_of_ten(-exponent) } else { number * power_of_ten(exponent) }
}

fn power_of_ten(exponent: i32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// The shortest decimal that [`parse`] reads as `number`; where there is none of 15 digits, the nearest that has no more.
/// Never an exponent; numbers of 2^64 and more are cut there.
pub fn print(number: f64) -> String {
    let size = number.abs();
    let (mut factor, mut places) = (1.0, 0);
    loop {
        let digits = (size * factor).round();
        if digits / factor == size || digits >= 1e14 || places == MAX_PLACES {
            let mut digits = digits as u64;
            while places > 0 && digits.is_multiple_of(10) {
                (digits, places) = (digits / 10, places - 1);
            }
            return with_point(digits, places, number < 0.0);
        }
        (factor, places) = (factor * 10.0, places + 1);
    }
}

fn with_point(digits: u64, places: usize, negative: bool) -> String {
    let mut text = digits.to_string();
    while text.len() <= places {
        text.insert(0, '0');
    }
    if places > 0 {
        text.insert(text.len() - places, '.');
    }
    if negative {
        text.insert(0, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, number) in [
            ("2,5", Some(2.5)),
            ("-0.1", Some(-0.1)),
            ("+7", Some(7.0)),
            (".5", Some(0.5)),
            ("3.", Some(3.0)),
            ("1e3", Some(1_000.0)),
            ("1.5E-2", Some(0.015)),
            ("1.2.3", None),
            ("1e", None),
            ("1e999", None),
            ("e3", None),
            ("-", None),
            ("inf", None),
            ("0x10", None),
            ("", None),
        ] {
            assert_eq!(parse(text), number, "{text}");
        }
    }

    #[test]
    fn numbers_are_printed_without_an_exponent() {
        for (number, text) in [
            (0.0, "0"),
            (4.5, "4.5"),
            (-0.05, "-0.05"),
            (21.0, "21"),
            (0.1 + 0.2, "0.3"),
            (1e15, "1000000000000000"),
            (1.0 / 3.0, "0.333333333333333"),
        ] {
            assert_eq!(print(number), text);
        }
    }

    proptest! {
        #[test]
        fn up_to_fifteen_digits_are_exact(digits in -999_999_999_999_999i64..1_000_000_000_000_000, places in 0u32..16) {
            let text = {
                let sign = if digits < 0 { "-" } else { "" };
                let text = format!("{:0>width$}", digits.unsigned_abs(), width = places as usize + 1);
                let (whole, fraction) = text.split_at(text.len() - places as usize);
                if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
            };
            let number: f64 = text.parse().unwrap();
            prop_assert_eq!(parse(&text), Some(number));
            prop_assert_eq!(parse(&print(number)), Some(number), "{}", print(number));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[-+0-9.,eE]{0,20}") {
            let _ = parse(&text);
        }
    }
}
