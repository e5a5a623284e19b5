//! Parsers of single values. A [`Problem`] says what was expected; the caller adds who set it.

use std::{borrow::Cow, time::Duration};

use super::text::echo;

/// Why a value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    message: Cow<'static, str>,
    echo: bool,
}

impl Problem {
    /// The value is none of what was `expected`; it is shown.
    pub(super) fn expected(expected: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: expected.into(),
            echo: true,
        }
    }

    /// The value must not be shown.
    pub(super) fn hidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            echo: false,
        }
    }

    /// The text of the warning for `value`.
    pub(super) fn describe(&self, value: &str) -> String {
        if self.echo {
            format!("expected {}, found {}; ignored", self.message, echo(value))
        } else {
            format!("{}; ignored", self.message)
        }
    }
}

/// A whole number from `min` to `max`.
pub(super) fn number(min: u32, max: u32) -> impl Fn(&str) -> Result<u32, Problem> {
    move |text| {
        text.parse()
            .ok()
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| Problem::expected(format!("a whole number from {min} to {max}")))
    }
}

/// A positive number of milliseconds, at most [`MAX_MILLIS`].
pub(super) fn millis(text: &str) -> Result<Duration, Problem> {
    text.parse()
        .ok()
        .filter(|millis| (1..=MAX_MILLIS).contains(millis))
        .map(|millis: u32| Duration::from_millis(millis.into()))
        .ok_or_else(|| {
            Problem::expected(format!(
                "milliseconds, a whole number from 1 to {MAX_MILLIS}"
            ))
        })
}

/// A share from 0 to 1.
pub(super) fn ratio(text: &str) -> Result<f64, Problem> {
    text.parse()
        .ok()
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .ok_or_else(|| Problem::expected("a number from 0 to 1"))
}

/// A boolean as the OpenTelemetry specification has it: `true` or `false`, in any case.
pub(super) fn boolean(text: &str) -> Result<bool, Problem> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(Problem::expected("true or false"))
    }
}

/// A boolean of our own variables: `1` and `0` too.
pub(super) fn switch(text: &str) -> Result<bool, Problem> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => boolean(text).map_err(|_| Problem::expected("1, 0, true or false")),
    }
}

/// Any text.
#[expect(
    clippy::unnecessary_wraps,
    reason = "stands beside parsers that can fail"
)]
pub(super) fn text(text: &str) -> Result<String, Problem> {
    Ok(text.to_owned())
}

/// 24.8 days: more milliseconds do not fit a signed 32-bit number, which other SDKs use.
pub(super) const MAX_MILLIS: u32 = i32::MAX.cast_unsigned();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_their_range_are_refused() {
        for text in [
            "0",
            "-1",
            "11",
            "1.5",
            "1e1",
            "",
            "x",
            "99999999999999999999",
        ] {
            assert!(number(1, 10)(text).is_err(), "{text}");
        }
        assert_eq!(number(1, 10)("10"), Ok(10));
        assert_eq!(number(0, 10)("0"), Ok(0));
    }

    #[test]
    fn durations_are_positive_milliseconds() {
        assert_eq!(millis("1500"), Ok(Duration::from_millis(1500)));
        for text in ["0", "-5", "5s", "2147483648", "1.5"] {
            assert!(millis(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ratios_lie_between_zero_and_one() {
        assert_eq!(ratio("0.25"), Ok(0.25));
        for text in ["1.1", "-0.1", "NaN", "inf", "half"] {
            assert!(ratio(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_our_own_switches_take_digits() {
        assert_eq!(boolean("TRUE"), Ok(true));
        assert!(boolean("1").is_err());
        assert_eq!(switch("1"), Ok(true));
        assert_eq!(switch("False"), Ok(false));
        assert!(switch("yes").is_err());
    }

    #[test]
    fn a_problem_shows_the_value_unless_it_is_a_secret() {
        assert_eq!(
            Problem::expected("a colour").describe("loud\n"),
            "expected a colour, found \"loud\\n\"; ignored"
        );
        assert_eq!(
            Problem::hidden("member 2 has no \"=\"").describe("s3cret"),
            "member 2 has no \"=\"; ignored"
        );
    }
}
