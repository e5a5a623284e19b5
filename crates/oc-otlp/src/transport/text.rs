//! Text from elsewhere, made fit for messages.

/// `input` with control characters replaced by spaces, cut to at most `max` bytes at a character's
/// boundary.
pub(super) fn printable(input: &str, max: usize) -> String {
    let mut output = String::with_capacity(input.len().min(max));
    for char in input.chars() {
        let char = if char.is_control() { ' ' } else { char };
        if output.len() + char.len_utf8() > max {
            break;
        }
        output.push(char);
    }
    output
}

/// [`printable`] of what a server said: at most [`MAX_MESSAGE`] bytes, trimmed, `None` if nothing
/// is left.
pub(super) fn server_message(input: &str) -> Option<String> {
    let message = printable(input.trim(), MAX_MESSAGE);
    let message = message.trim();
    (!message.is_empty()).then(|| message.to_owned())
}

/// `url` without user information, query and fragment, for people.
pub(super) fn redact(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    };
    let rest = match rest.rsplit_once('@') {
        // A `?` or `#` before the `@`: either a password that holds one, or a query that holds an
        // `@`. Nothing is certainly harmless then.
        Some((before, _)) if before.contains(['?', '#']) => "[redacted]",
        Some((_, after)) => after,
        None => rest,
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let whole = match scheme {
        Some(scheme) => format!("{scheme}://{rest}"),
        None => rest.to_owned(),
    };
    printable(&whole, MAX_SHOWN_URL)
}

/// How much of a server's text is kept: 1 KiB.
pub(super) const MAX_MESSAGE: usize = 1024;

const MAX_SHOWN_URL: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    /// Hostile text: it is cut between characters and cannot break a log line.
    #[test]
    fn cut_and_cleaned() {
        assert_eq!(printable("a\r\nb\u{1b}[31m", 100), "a  b [31m");
        assert_eq!(printable("äöü", 3), "ä");
        assert_eq!(server_message(" \n\0 "), None);
        assert_eq!(server_message(" no \n").as_deref(), Some("no"));
        let long = server_message(&"ü".repeat(2000)).unwrap();
        assert_eq!(long.len(), MAX_MESSAGE);
    }
}
