//! Small text tools that all parsers of settings share.

use std::path::Path;

use percent_encoding::percent_decode_str;

/// A bad value, fit to be shown: quoted, control characters escaped, at most 64 characters.
///
/// Never for headers or other credentials.
pub(super) fn echo(value: &str) -> String {
    let mut chars = value.chars();
    let mut out = String::from("\"");
    for c in chars.by_ref().take(MAX_ECHO) {
        out.extend(c.escape_debug());
    }
    out.push('"');
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// A path, fit to be shown: control characters escaped, and of a long one the end.
pub(crate) fn echo_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let length = text.chars().count();
    let mut out = String::new();
    if length > MAX_ECHO {
        out.push('…');
    }
    for c in text.chars().skip(length.saturating_sub(MAX_ECHO)) {
        if c.is_control() {
            out.extend(c.escape_debug());
        } else {
            out.push(c);
        }
    }
    out
}

/// Percent-decodes, strictly: a `%` without two hexadecimal digits and bytes that are not UTF-8
/// are mistakes.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b'%', [high, low, tail @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                tail
            }
            (b'%', _) => return None,
            _ => tail,
        };
    }
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// The non-empty members of a comma-separated list, trimmed.
pub(super) fn members(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
}

/// The known name that `name` is most likely a slip of: one to three letters differ.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = name.chars().take(MAX_ECHO + 1).collect();
    if letters.len() > MAX_ECHO {
        return None;
    }
    let allowed = match letters.len() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|candidate| (distance(&letters, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance, upper and lower case alike.
fn distance(from: &[char], to: &str) -> usize {
    // One row of the table at a time: `row[j]` is the distance to the first `j` letters of `to`.
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = i + 1;
        next.push(left);
        for (b, pair) in to.iter().zip(row.windows(2)) {
            let [diagonal, above] = *pair else { break };
            let change = usize::from(!a.eq_ignore_ascii_case(b));
            left = (diagonal + change).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

const MAX_ECHO: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_short_and_shows_no_control_character() {
        assert_eq!(echo("a\nb\u{1b}[31m"), "\"a\\nb\\u{1b}[31m\"");
        let long = echo(&"x".repeat(1_000_000));
        assert_eq!(long.chars().count(), 64 + 3);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn the_end_of_a_long_path_is_shown() {
        assert_eq!(echo_path(Path::new("/a\n/b")), "/a\\n/b");
        let long = format!("/{}/key.pem", "x".repeat(1000));
        let shown = echo_path(Path::new(&long));
        assert_eq!(shown.chars().count(), 65);
        assert!(shown.ends_with("x/key.pem"));
    }

    #[test]
    fn percent_decoding_is_strict() {
        for (text, want) in [
            ("plain", Some("plain")),
            ("a%20b%2C", Some("a b,")),
            ("%C3%A4", Some("ä")),
            ("", Some("")),
            ("%", None),
            ("%2", None),
            ("%zz", None),
            ("%+1", None),
            ("%FF", None),
        ] {
            assert_eq!(percent_decode(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn the_nearest_name_is_found_and_a_strange_one_is_not() {
        let known = ["endpoint", "enabled", "tracesEndpoint", "logs"];
        assert_eq!(nearest("endpont", known), Some("endpoint"));
        assert_eq!(nearest("traces_endpoint", known), Some("tracesEndpoint"));
        assert_eq!(nearest("ENABLED", known), Some("enabled"));
        assert_eq!(nearest("log", known), Some("logs"));
        assert_eq!(nearest("lgos", known), Some("logs"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"e".repeat(1_000_000), known), None);
    }
}
