//! The same body in other pieces, and bytes of any kind.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{BodyReader, Format, all_cases, read, read_pieces};

const FORMATS: [Format; 4] = [
    Format::OpenAiChat,
    Format::OpenAiResponses,
    Format::AnthropicMessages,
    Format::Ollama,
];

#[test]
fn every_cut_gives_the_same_reading() {
    for case in all_cases() {
        let body = case.body.as_bytes();
        let whole = read(case.format, body);
        for place in 0..=body.len() {
            let (left, right) = body.split_at(place);
            let cut = read_pieces(case.format, [left, right]);
            assert_eq!(cut, whole, "{} cut at {place}", case.name);
        }
        let bytes = read_pieces(case.format, body.chunks(1));
        assert_eq!(bytes, whole, "{} in bytes", case.name);
    }
}

#[test]
fn line_ends_and_blanks_make_no_difference() {
    for case in all_cases() {
        let expected = read(case.format, case.body.as_bytes());
        for end in ["\r\n", "\r"] {
            // A lone carriage return ends a line in an event stream only.
            if end == "\r" && !case.body.starts_with("event") {
                continue;
            }
            let body = case.body.replace('\n', end);
            let reading = read_pieces(case.format, body.as_bytes().chunks(7));
            assert_eq!(reading, expected, "{} with {end:?}", case.name);
        }
        let body = format!("\u{feff}\n{}", case.body.replace("data: ", "data:"));
        assert_eq!(
            read(case.format, body.as_bytes()),
            expected,
            "{}",
            case.name
        );
    }
}

/// A body that ends early never gives a count that is not in it.
#[test]
fn no_prefix_invents_a_count() {
    for case in all_cases() {
        for end in 0..case.body.len() {
            let Some(prefix) = case.body.get(..end) else {
                continue;
            };
            let Some(usage) = read(case.format, prefix.as_bytes()).usage().copied() else {
                continue;
            };
            for count in [
                usage.known_output_tokens(),
                usage.cache_read(),
                usage.reasoning(),
            ] {
                let Some(count) = count else { continue };
                // xAI's output is a sum.
                let is_there = count == 103
                    || prefix.contains(&format!(":{count}"))
                    || prefix.contains(&format!(": {count}"));
                assert!(is_there, "{}: {count} in {prefix}", case.name);
            }
        }
    }
}

/// Pieces of the formats, so that arbitrary bodies get past the first byte.
const WORDS: [&str; 30] = [
    "data:",
    "data: ",
    "event: error",
    "event: message_delta",
    "\n",
    "\r\n",
    "\n\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "d83d",
    "null",
    "-1",
    "1e999",
    "[DONE]",
    "\"usage\":{",
    "\"choices\":[{",
    "\"delta\":{\"content\":\"",
    "\"type\":\"response.completed\",",
    "\"prompt_tokens\":",
    "\"output_tokens\":9",
    "\"message\":{",
    "\"tool_calls\":[{\"id\":\"a\"",
    "\"done\":true",
];

proptest! {
    /// Nothing panics, nothing depends on the cut, and text stays within its limit.
    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400), cut in 0_usize..400, which in 0_usize..4) {
        check(FORMATS[which], &bytes, cut);
    }

    #[test]
    fn any_words(words in vec(select(&WORDS[..]), 0..60), cut in 0_usize..400, which in 0_usize..4) {
        check(FORMATS[which], words.concat().as_bytes(), cut);
        check(FORMATS[which], format!("{{{}", words.concat()).as_bytes(), cut);
    }

    /// One byte of a real body is another one.
    #[test]
    fn any_fault(case in 0_usize..25, place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0_usize..400) {
        let Some(case) = all_cases().nth(case) else { return Ok(()) };
        let mut body = case.body.as_bytes().to_vec();
        let place = place.index(body.len());
        body[place] = byte;
        check(case.format, &body, cut);
    }
}

fn check(format: Format, bytes: &[u8], cut: usize) {
    let (left, right) = bytes.split_at(cut.min(bytes.len()));
    let readings = [vec![bytes], vec![left, right]].map(|pieces| {
        let mut body = BodyReader::new(format).with_text_capture(16);
        for piece in pieces {
            body.push(piece);
        }
        body.finish()
    });
    assert_eq!(readings[0], readings[1]);
    let text = readings[0].texts().concat();
    assert!(text.len() <= 16, "{text:?}");
}
