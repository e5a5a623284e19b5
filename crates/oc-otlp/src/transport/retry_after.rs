//! The header `Retry-After` (RFC 9110, section 10.2.3).

use std::time::Duration;
#[cfg(feature = "http")]
use std::time::SystemTime;

/// How long to wait, given that it is `now`: from seconds or from an HTTP date.
///
/// A date in the past means zero. Anything else than a plain number or a date, a negative number
/// among them, is `None`. The result is at most [`MAX_RETRY_AFTER`].
#[cfg(feature = "http")]
pub(super) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim_matches([' ', '\t']);
    if value.is_empty() {
        return None;
    }
    if value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a very long time.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(capped(Duration::from_secs(seconds)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(capped(date.duration_since(now).unwrap_or_default()))
}

/// `wait`, or [`MAX_RETRY_AFTER`] if that is shorter.
pub(super) fn capped(wait: Duration) -> Duration {
    wait.min(MAX_RETRY_AFTER)
}

/// The longest that a server can make a destination wait: 1 h. A wrong or hostile answer must not
/// silence a destination for good.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    /// A table of header values against what they mean at a fixed time.
    #[test]
    fn values() {
        // 1994-11-06 08:49:37 UTC, the example date of RFC 9110.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let table: &[(&str, Option<u64>)] = &[
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7\t", Some(7)),
            ("007", Some(7)),
            ("3601", Some(3600)),
            ("99999999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(3600)),
            ("", None),
            (" ", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1e3", None),
            ("12 s", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:50:07 CET", None),
            ("Sun, 32 Nov 1994 08:50:07 GMT", None),
        ];
        for (value, seconds) in table {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse(value, now), expected, "{value:?}");
        }
    }
}
