//! Token counts as they are found in the wild.

use super::{oddity::Oddity, usage::MAX};

/// Reads a count; the oddity says what was wrong, whether or not a value could be had.
pub(super) fn read(token: &str) -> (Option<u64>, Option<Oddity>) {
    if let Ok(count) = token.parse::<u64>() {
        let oddity = (count > MAX).then_some(Oddity::CountOverflow);
        return (Some(count.min(MAX)), oddity);
    }
    match token.parse::<f64>() {
        Ok(count) if count < 0.0 => (None, Some(Oddity::CountNegative)),
        Ok(count) if !count.is_finite() => (None, Some(Oddity::CountInvalid)),
        Ok(count) if count >= TWO_TO_63 => (Some(MAX), Some(Oddity::CountOverflow)),
        Ok(count) => (Some(whole(count)), Some(Oddity::CountNotInteger)),
        Err(_) => (None, Some(Oddity::CountInvalid)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has checked that it is between 0 and 2^63; the fraction is cut on purpose"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_count() {
        let cases = [
            ("0", Some(0), None),
            ("17", Some(17), None),
            ("9223372036854775807", Some(MAX), None),
            (
                "9223372036854775808",
                Some(MAX),
                Some(Oddity::CountOverflow),
            ),
            (
                "99999999999999999999999",
                Some(MAX),
                Some(Oddity::CountOverflow),
            ),
            ("12.0", Some(12), Some(Oddity::CountNotInteger)),
            ("12.9", Some(12), Some(Oddity::CountNotInteger)),
            ("1e3", Some(1000), Some(Oddity::CountNotInteger)),
            ("-1", None, Some(Oddity::CountNegative)),
            ("-1e400", None, Some(Oddity::CountNegative)),
            ("NaN", None, Some(Oddity::CountInvalid)),
            ("Infinity", None, Some(Oddity::CountInvalid)),
            ("true", None, Some(Oddity::CountInvalid)),
            ("", None, Some(Oddity::CountInvalid)),
            ("12 tokens", None, Some(Oddity::CountInvalid)),
        ];
        for (token, value, oddity) in cases {
            assert_eq!(read(token), (value, oddity), "{token}");
        }
    }
}
