//! What holds for every text.

use std::borrow::Cow;

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::Value;

use super::{
    corpus::{PLANTED, planted},
    steps,
};
use crate::privacy::{Cap, Redactor};

/// Pieces that detectors react to.
const PIECES: [&str; 72] = [
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "\\\\\\\"",
    "\\n",
    "\\u0026",
    "\\u003d",
    "\n",
    "\r\n",
    " ",
    "=",
    ":",
    "==",
    ": ",
    " = ",
    "&",
    "?",
    ",",
    ";",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "</",
    "/",
    "//",
    "://",
    "@",
    "-",
    "--",
    "-----",
    ".",
    "%",
    "%3D",
    "%22",
    "%25",
    "%3A",
    "password",
    "token",
    "api_key",
    "secret",
    "Authorization",
    "Cookie",
    "sig",
    "Bearer ",
    "Basic ",
    "sk-",
    "sk-ant-",
    "ghp_",
    "AKIA",
    "eyJ",
    "xoxb-",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "[redacted:password]",
    "[redacted:",
    "aB3dE5fG7hJ9kL1mN3pQ",
    "word",
    "1234567890",
    "type",
    "value",
    "é",
    "\u{1f600}",
    "null",
    "a",
    "hunter2",
];

fn soup() -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Guarantee: no panic, and a second time changes nothing.
    #[test]
    fn idempotent(text in prop_oneof![soup(), any::<String>()]) {
        let redactor = Redactor::new();
        let once = redactor.redact(&text).into_owned();
        prop_assert_eq!(redactor.redact(&once), Cow::Borrowed(once.as_str()));
    }

    /// Guarantee: whatever stands around it, a token of a known form is found.
    #[test]
    fn never_leaks(before in soup(), after in soup(), place in select(&PLANTED[..])) {
        let known_form = place.0.is_empty();
        let (text, secret) = planted(place);
        if known_form {
            let redacted = Redactor::new().redact(&format!("{before} {text} {after}")).into_owned();
            prop_assert!(!redacted.contains(&secret), "{}", redacted);
        }
    }

    /// Guarantee: a secret of a JSON member is found in JSON of any text, and the JSON stays valid.
    #[test]
    fn members(text in any::<String>(), secret in "[a-z]{8}[ -~]{0,12}[0-9]{4}") {
        let mut value = serde_json::json!({"a": text, "password": secret, "z": 1});
        for _ in 0..3 {
            let written = value.to_string();
            let redacted = Redactor::new().redact(&written).into_owned();
            prop_assert!(serde_json::from_str::<Value>(&redacted).is_ok(), "{}", redacted);
            if !text.contains(&secret[..8]) {
                prop_assert!(!redacted.contains(&secret[..8]), "{}", redacted);
            }
            value = serde_json::json!({"text": written});
        }
    }

    /// Guarantee: the cap holds, for text and for JSON, which stays valid.
    #[test]
    fn caps(text in prop_oneof![soup(), ".{0,400}"], max in 0_usize..300) {
        let cap = Cap::new(max);
        let redacted = Redactor::new().redact_capped(&text, cap);
        prop_assert!(redacted.len() <= cap.max_bytes());
        let written = cap.cut_json(serde_json::json!([{"role": "user", "a": text, "b": [&text, 1]}]));
        prop_assert!(written.len() <= cap.max_bytes());
        prop_assert!(serde_json::from_str::<Value>(&written).is_ok(), "{}", written);
    }

    /// Guarantee: repeating anything takes time in proportion to its length.
    #[test]
    fn linear(unit in vec(select(&PIECES[..]), 1..8).prop_map(|pieces| pieces.concat())) {
        prop_assert!(is_linear(&unit), "{:?}", unit);
    }
}

/// Guarantee: as above, for texts made to be slow.
#[test]
fn adversarial() {
    for unit in [
        "eyJ",
        "eyJaaaaaaaaaa.",
        "sk-",
        "sk-ant-",
        "-",
        "-----BEGIN ",
        "-----END PRIVATE KEY-----",
        "password:",
        "password=",
        "password='",
        "password=\"",
        "\"token\":[",
        "'password':{",
        "token==\"",
        "token==\\\"",
        "cookie:",
        "authorization:",
        "Cookie: a",
        "%",
        "%25",
        "%2525",
        "a%",
        "://",
        "://a:",
        "://a:b/",
        "\\",
        "\\\"",
        "=",
        ":",
        "\"\":",
        "[redacted:",
        "<password>",
        "--token ",
        "Bearer ",
        "Basic a",
        "1234567:",
        "a,",
        "password=,",
        "=\"",
        "Cookie: a=\"",
        "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.",
        "password: str = ",
        "\u{1f600}",
        "a",
        " ",
        "[0m",
        "\"key\" ",
    ] {
        assert!(is_linear(unit), "{unit:?}");
    }
}

/// Whether four times the text takes no more than about four times the bytes read.
fn is_linear(unit: &str) -> bool {
    let count = |bytes: usize| {
        let text = unit.repeat(bytes / unit.len() + 1);
        steps::of(|| {
            Redactor::new().redact(&text);
        })
    };
    let (short, long) = (count(8 * 1024), count(32 * 1024));
    long <= 6 * short.max(64 * 1024)
}
