//! Bodies that are not what their format says.

use super::{BodyReader, Format, Oddity, Usage, read};

fn odd(format: Format, body: &[u8]) -> Vec<Oddity> {
    read(format, body).odd().to_vec()
}

#[test]
fn bodies_that_say_nothing() {
    let cases: [(&[u8], &[Oddity]); 13] = [
        (b"", &[Oddity::EmptyBody]),
        (b"\xef\xbb\xbf \r\n", &[Oddity::EmptyBody]),
        (b"\x1f\x8b\x08\0\0\0", &[Oddity::Compressed]),
        (b"<html>502</html>", &[Oddity::UnrecognisedBody]),
        (b"Internal Server Error", &[Oddity::UnrecognisedBody]),
        (b"[1,2]", &[Oddity::UnrecognisedBody]),
        (b"\0\xff", &[Oddity::UnrecognisedBody]),
        (b": keep-alive\n\n", &[Oddity::CutShort]),
        (b"data: [DONE]\n\n", &[Oddity::UsageMissing]),
        (
            b"data: oops\n\n",
            &[Oddity::MalformedJson, Oddity::CutShort],
        ),
        (b"{", &[Oddity::CutShort]),
        (b"{}", &[Oddity::UsageMissing]),
        (b"{\"usage\":null}", &[Oddity::UsageMissing]),
    ];
    for (body, expected) in cases {
        let name = String::from_utf8_lossy(body);
        assert_eq!(odd(Format::OpenAiChat, body), expected, "{name}");
    }
}

#[test]
fn counts_as_they_should_not_be() {
    let cases: [(&str, Option<u64>, &[Oddity]); 10] = [
        ("12", Some(12), &[]),
        ("12.7", Some(12), &[Oddity::CountNotInteger]),
        ("\"12\"", Some(12), &[Oddity::CountNotInteger]),
        ("-12", None, &[Oddity::CountNegative]),
        ("\"-12\"", None, &[Oddity::CountNegative]),
        (
            "18446744073709551616",
            Some(u64::MAX >> 1),
            &[Oddity::CountOverflow],
        ),
        ("NaN", None, &[Oddity::CountInvalid]),
        ("\"many\"", None, &[Oddity::CountInvalid]),
        ("true", None, &[Oddity::CountInvalid]),
        ("[12]", None, &[Oddity::UnexpectedShape]),
    ];
    for (count, expected, oddities) in cases {
        let body = format!("{{\"usage\":{{\"prompt_tokens\":{count},\"completion_tokens\":1}}}}");
        let reading = read(Format::OpenAiChat, body.as_bytes());
        let usage = reading.usage().unwrap();
        assert_eq!(usage.known_input_tokens(), expected, "{count}");
        assert_eq!(usage.output_tokens(), 1, "{count}");
        let partial: &[Oddity] = match expected {
            Some(_) => &[],
            None => &[Oddity::UsagePartial],
        };
        assert_eq!(reading.odd(), [oddities, partial].concat(), "{count}");
    }
}

#[test]
fn fields_of_another_type() {
    for body in [
        r#"{"usage":"12"}"#,
        r#"{"usage":[]}"#,
        r#"{"choices":{}}"#,
        r#"{"choices":[1]}"#,
        r#"{"id":{}}"#,
        r#"{"model":7}"#,
    ] {
        let oddities = odd(Format::OpenAiChat, body.as_bytes());
        assert!(
            oddities.contains(&Oddity::UnexpectedShape),
            "{body}: {oddities:?}"
        );
    }
}

#[test]
fn parts_larger_than_their_totals_are_kept() {
    let body = br#"{"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":9}}}"#;
    let reading = read(Format::OpenAiChat, body);
    assert_eq!(reading.usage(), Some(&Usage::new(5, 1).with_cache_read(9)));
    assert_eq!(reading.odd(), [Oddity::PartsExceedTotals]);
}

/// Every way to frame the same two events, good and bad.
#[test]
fn frames_good_and_broken() {
    const A: &str =
        r#"{"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#;
    const B: &str = r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let (first, second) = B.split_at(13);
    let sound = [
        format!("data: {A}\n\ndata: {B}\n\ndata: [DONE]\n\n"),
        format!("\u{feff}data:{A}\r\n\r\ndata:{B}\r\n\r\ndata:[DONE]\r\n\r\n"),
        format!("data: {A}\r\rdata: {B}\r\rdata: [DONE]\r\r"),
        format!(":hi\nid: 7\nretry: 10\nevent: x\ndata: {A}\n\nunknown: y\nplain\ndata: {B}\n\n"),
        // No blank lines, and no end.
        format!("data: {A}\ndata: {B}\ndata: [DONE]"),
        format!("data: {A}{B}\n\ndata: [DONE] \n\n"),
        // One document over several lines of data.
        format!("data: {A}\n\ndata: {first}\ndata: {second}\n\n"),
        format!("\n\n{A}\n{B}"),
    ];
    for body in sound {
        let reading = read(Format::OpenAiChat, body.as_bytes());
        assert_eq!(reading.id(), Some("a"), "{body}");
        assert_eq!(reading.usage(), Some(&Usage::new(1, 2)), "{body}");
        assert_eq!(reading.texts(), ["x"], "{body}");
        assert_eq!(reading.odd(), [], "{body}");
    }
    let broken = [
        format!("data: {A}\n\ndata: {first}\n\ndata: {B}\n\ndata: [DONE]\n\n"),
        format!("data: {A}\n\ndata: {first}\ndata: {B}\n\ndata: [DONE]\n\n"),
        format!("data: {A}\n\ndata: {{\"a\":nope}}\n\ndata: {B}\n\n"),
        format!("data: {A}\n\ndata: {{\"a\" 1}}\ndata: {B}\n\n"),
        format!("data: {A}\n\ndata: {{\"a\":\"\\x\"}}\ndata: {B}\n\n"),
        format!("data: {A}\n\ndata: pong\n\ndata: {B}\n\n"),
    ];
    for body in broken {
        let reading = read(Format::OpenAiChat, body.as_bytes());
        assert_eq!(reading.usage(), Some(&Usage::new(1, 2)), "{body}");
        assert_eq!(reading.odd(), [Oddity::MalformedJson], "{body}");
    }
}

#[test]
fn text_that_is_not_utf_8() {
    let body = b"{\"model\":\"m\xff\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"\xc3\x28 \\ud83d!\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";
    let reading = read(Format::OpenAiChat, body);
    assert_eq!(reading.model(), Some("m\u{fffd}"));
    // Half of a surrogate pair is replaced as well.
    assert_eq!(reading.texts(), ["\u{fffd}( \u{fffd}!"]);
    assert_eq!(reading.odd(), [Oddity::InvalidUtf8]);
}

#[test]
fn an_error_that_does_not_look_like_a_name_is_not_passed_on() {
    let long = "x".repeat(65);
    for code in ["sk-live key of somebody", "größe", long.as_str()] {
        let body = format!("{{\"error\":{{\"code\":\"{code}\"}}}}");
        let reading = read(Format::OpenAiChat, body.as_bytes());
        assert_eq!(reading.error_type(), Some("_OTHER"), "{code}");
    }
}

/// Scenario: a completion of 20 MB, a name of 1 MB, 10,000 choices, nesting without end. What counts
/// is read, and next to nothing is kept.
#[test]
fn size_costs_no_memory() {
    let mut body = BodyReader::new(Format::OpenAiChat).with_text_capture(1_000);
    body.push(b"{\"choices\":[{\"index\":0,\"message\":{\"content\":\"");
    let block = "é\\n".repeat(1 << 18);
    for _ in 0..20 {
        body.push(block.as_bytes());
        assert!(body.scanner.capacity() < 16_384);
    }
    body.push(b"\"},\"finish_reason\":\"stop\"}");
    for _ in 0..10_000 {
        body.push(b",{\"message\":{\"content\":\"more\"}}");
    }
    body.push(b"],\"model\":\"");
    body.push("m".repeat(1 << 20).as_bytes());
    body.push(b"\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}");
    assert!(body.scanner.capacity() < 16_384);
    let reading = body.finish();

    assert_eq!(reading.usage(), Some(&Usage::new(3, 4)));
    assert_eq!(reading.texts().concat().len(), 1_000);
    assert!(reading.text_dropped_bytes() > 14 << 20);
    assert_eq!(reading.model().map(str::len), Some(256));
    assert_eq!(reading.finish_reasons().len(), 128);
    assert_eq!(reading.odd(), [Oddity::TooManyItems, Oddity::ValueTooLong]);

    let mut body = BodyReader::new(Format::OpenAiChat);
    body.push(b"{\"id\":\"deep\",\"x\":");
    for _ in 0..1_000 {
        body.push("[".repeat(1_000).as_bytes());
    }
    assert!(body.scanner.capacity() < 16_384);
    let reading = body.finish();
    assert_eq!(reading.id(), Some("deep"));
    assert_eq!(reading.odd(), [Oddity::NestedTooDeep, Oddity::CutShort]);
}

/// Content capture off: nothing of the text is in the reader or in what it prints.
#[test]
fn nothing_is_printed_of_the_text() {
    let body = br#"{"choices":[{"message":{"content":"my secret"}}]}"#;
    let mut reader = BodyReader::new(Format::OpenAiChat).with_text_capture(100);
    reader.push(body);
    assert!(!format!("{reader:?}").contains("secret"));
    let reading = reader.finish();
    assert_eq!(reading.texts(), ["my secret"]);
    assert!(!format!("{reading:?}").contains("secret"));
}
