//! Planted secrets, every kind in every context: all are found.
//!
//! The secrets are made up, and put together here so that no scanner takes this file for a leak.

use serde_json::{Value, json};

use crate::privacy::{Redactor, bytes::percent};

/// Text before the secret, the secret in two pieces, text after it.
type Planted = (&'static str, &'static str, &'static str, &'static str);

pub(super) const PLANTED: [Planted; 76] = [
    (
        "",
        "sk-",
        "Zq8rT2vW4xY6zA8bC0dE2fG4hJ6kL8mN0pQ2rS4tU6vW8xY0",
        "",
    ),
    (
        "",
        "sk-proj-",
        "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9f_-Q",
        "",
    ),
    (
        "",
        "sk-ant-",
        "api03-Kd83hfJe-92kdLLpq0wOeRtYuIoPaSdFgHjKlZxC",
        "",
    ),
    ("", "sk-or-", "v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9", ""),
    ("", "AKIA", "Q7ZLMNOPR2STUV4X", ""),
    ("", "ASIA", "Q7ZLMNOPR2STUV4X", ""),
    (
        "aws_secret_access_key = ",
        "wJalrXUtnFEMI/K7MDENG",
        "/bPxRfiCYQ7w8e9r0tYuI",
        "",
    ),
    (
        "AWS_SECRET_ACCESS_KEY=",
        "wJalrXUtnFEMI/K7MDENG",
        "/bPxRfiCYQ7w8e9r0tYuI",
        "",
    ),
    ("", "AIza", "SyD4e5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t", ""),
    ("", "GOCSPX", "-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v", ""),
    ("", "ya29", ".a0AfB_byC3dE5fG7hJ9kL1mN3pQ5", ""),
    ("", "ghp_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "gho_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "ghs_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "ghu_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    (
        "",
        "github_pat_",
        "11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789",
        "",
    ),
    ("", "glpat-", "aB3dE5fG7hJ9kL1mN3pQ", ""),
    (
        "",
        "xoxb-",
        "123456789012-1234567890123-aB3dE5fG7hJ9kL1mN3pQ5rS7",
        "",
    ),
    (
        "",
        "xoxp-",
        "123456789012-123456789012-abcdef0123456789",
        "",
    ),
    (
        "https://",
        "hooks.slack.com/services/",
        "T0AB12CD3/B0EF45GH6/aB3dE5fG7hJ9kL1mN3pQ5rS7",
        "",
    ),
    ("", "sk_live_", "4eC39HqLyjWDarjtT1zdp7dc", ""),
    ("", "rk_live_", "4eC39HqLyjWDarjtT1zdp7dc", ""),
    ("", "whsec_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v", ""),
    ("", "hf_", "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH", ""),
    ("", "npm_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    (
        "",
        "SG.",
        "aB3dE5fG7hJ9kL1mN3pQ5r.S7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9rS1tU3vW",
        "",
    ),
    ("", "123456789", ":AAH1aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1x", ""),
    (
        "https://api.telegram.test/bot",
        "123456789",
        ":AAH1aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1x",
        "/getMe",
    ),
    (
        "",
        "MTk4NjIyNDgzNDcxOTI1MjQ4",
        ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs0d1",
        "",
    ),
    ("", "gsk_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "xai-", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "pplx-", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "nvapi-", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5", ""),
    ("", "hvs.", "CAESIJ1aB3dE5fG7hJ9kL1mN3pQ5rS7t", ""),
    (
        "",
        "dop_v1_",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071",
        "",
    ),
    (
        "",
        "lsv2_",
        "pt_0a1b2c3d4e5f60718293a4b5c6d7e8f9_0a1b2c3d4e",
        "",
    ),
    ("", "pypi-AgEI", "cHlwaS5vcmcCJDB1aB3dE5fG7hJ9kL1mN3pQ5", ""),
    ("Bearer ", "opaque", "-9f8e7d6c5b4a", ""),
    ("authorization: bearer ", "mF_9", ".B5f-4.1JqM", ""),
    ("Authorization: Bearer ", "plainwords", "only", ""),
    ("Basic ", "QWxhZGRpbjpv", "cGVuIHNlc2FtZQ==", ""),
    (
        "Authorization: Digest ",
        "username=\"ada\", response=",
        "\"6629fae49393a05397450978507c4ef1\"",
        "",
    ),
    ("Authorization: ", "plainopaque", "value", ""),
    (
        "",
        "eyJhbGciOiJIUzI1NiJ9.",
        "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
        "",
    ),
    (
        "",
        "eyJhbGciOiJub25lIn0.",
        "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
        "",
    ),
    (
        "",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3",
        "xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI\n-----END RSA PRIVATE KEY-----",
        "",
    ),
    (
        "",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        "BKcwggSjAgEAAoIBAQDJ",
        "",
    ),
    (
        "",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v",
        "bmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\n-----END OPENSSH PRIVATE KEY-----",
        "",
    ),
    (
        "postgres://app:",
        "hunter2",
        "correct",
        "@db.test:5432/prod",
    ),
    ("amqp://app:", "pa/ss?wo#rd", "x", "@mq.test/vhost"),
    ("redis://:", "hunter2", "correct", "@cache.test"),
    ("https://", "9f8e7d6c5b4a", "39281706", "@git.test/repo.git"),
    (
        "https://s3.test/b/k?X-Amz-Credential=",
        "KEYIDKEYID12",
        "/20260101/eu/s3",
        "&X-Amz-Expires=60",
    ),
    (
        "https://s3.test/b/k?X-Amz-Expires=60&X-Amz-Signature=",
        "fe5f80f77d5fa3be",
        "ca038a248ff027d0",
        "",
    ),
    (
        "https://s3.test/b/k?X-Amz-Security-Token=",
        "FwoGZXIvYXdzEBYa",
        "DJ7x9Qk2",
        "",
    ),
    (
        "https://s3.test/b/k?AWSAccessKeyId=",
        "KEYIDKEYID12",
        "34",
        "&Expires=1",
    ),
    (
        "https://s3.test/b/k?Expires=1&Signature=",
        "vjbyPxybdZaNmGa",
        "yT272YEAiv4",
        "",
    ),
    (
        "https://gs.test/b/k?X-Goog-Signature=",
        "247a2aa45f169edf",
        "4d187d54e7cc46e4",
        "",
    ),
    (
        "https://blob.test/c?sv=2026&sig=",
        "Zm9vYmFyYmF6cXV4",
        "MTIzNDU2",
        "",
    ),
    (
        "https://api.test/v1?key=",
        "plainword",
        "secret",
        "&alt=json",
    ),
    (
        "https://api.test/v1#access_token=",
        "plainword",
        "secret",
        "&type=x",
    ),
    ("https://api.test/v1?a=1&token=", "plainword", "secret", ""),
    ("https://api.test/v1?api_key=", "plainword", "secret", ""),
    (
        "https://api.test/v1?password=",
        "plainword",
        "secret",
        "&client=1",
    ),
    (
        "client_id=7&client_secret=",
        "plainword",
        "secret",
        "&grant=x",
    ),
    (
        "Cookie: ",
        "sid=31d4d96e407aad42; theme=dark",
        "; csrf=u32t4o3tb3gl",
        "",
    ),
    (
        "Set-Cookie: ",
        "sid=31d4d96e407a",
        "ad42; Path=/; HttpOnly",
        "",
    ),
    (
        "{\"user\":\"ada\",\"password\":\"",
        "plain \\\"quoted\\\"",
        " word",
        "\",\"n\":1}",
    ),
    ("{\"apiKey\": \"", "plainword", "secret", "\"}"),
    (
        "{\"headers\":{\"authorization\":\"",
        "plainword",
        "secret",
        "\"}}",
    ),
    ("{\"auth\":{\"token\":\"", "plainword", "secret", "\"}}"),
    (
        "{\"name\":\"x\",\"client_secret\":\"",
        "plainword",
        "secret",
        "\"}",
    ),
    (
        "curl --api-key ",
        "plainword",
        "secret",
        " https://api.test",
    ),
    ("[\"run\",\"--password\",\"", "plainword", "secret", "\"]"),
    ("<password>", "plainword", "secret", "</password>"),
    ("password: ", "hunter2", "correct", ""),
];

/// The contexts that a planted text stands in, each with the way back to the text.
type Context = (&'static str, fn(&str) -> String, fn(&str) -> String);

pub(super) const CONTEXTS: [Context; 9] = [
    ("plain", |text| format!("see {text} please"), str::to_owned),
    ("JSON string", in_json, out_of_json),
    (
        "JSON in JSON",
        |text| in_json(&in_json(text)),
        |text| out_of_json(&out_of_json(text)),
    ),
    (
        "JSON in JSON in JSON",
        |text| in_json(&in_json(&in_json(text))),
        |text| out_of_json(&out_of_json(&out_of_json(text))),
    ),
    (
        "URL",
        |text| format!("https://cb.test/x?state={}&n=1", encode(text)),
        decode,
    ),
    (
        "URL in URL",
        |text| {
            format!(
                "https://cb.test/x?to={}",
                encode(&format!("https://a.test/?s={}", encode(text)))
            )
        },
        |text| decode(&decode(text)),
    ),
    (
        "URL in JSON",
        |text| in_json(&format!("https://cb.test/x?state={}", encode(text))),
        |text| decode(&out_of_json(text)),
    ),
    (
        "header line",
        |text| format!("Host: a.test\r\nX-Debug: {text}\r\nAccept: */*"),
        str::to_owned,
    ),
    (
        "lines",
        |text| format!("first line\n{text}\nlast line"),
        str::to_owned,
    ),
];

pub(super) fn planted(place: Planted) -> (String, String) {
    let (before, one, two, after) = place;
    let secret = format!("{one}{two}");
    (format!("{before}{secret}{after}"), secret)
}

/// Guarantee: no secret is left in any context, neither as written nor after decoding, what stands
/// around it is, and JSON stays JSON.
#[test]
fn every_secret_in_every_context() {
    let redactor = Redactor::new();
    let mut missed = Vec::new();
    for place in PLANTED {
        let (text, secret) = planted(place);
        for (name, wrap, unwrap) in CONTEXTS {
            let wrapped = wrap(&text);
            let redacted = redactor.redact(&wrapped);
            let undone = unwrap(&redacted);
            if leaks(&redacted, &secret)
                || leaks(&undone, &secret)
                || !redacted.contains("[redacted:")
            {
                missed.push(format!("{name}: {wrapped}\n   -> {redacted}"));
            } else if name.contains("JSON") && !name.starts_with("URL in URL") {
                let whole: Value = serde_json::from_str(&redacted).unwrap_or_default();
                if whole["n"] != 1 {
                    missed.push(format!("{name}: broken JSON: {wrapped}\n   -> {redacted}"));
                }
            }
            if redactor.redact(&redacted) != redacted {
                missed.push(format!("{name}: not idempotent: {redacted}"));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// Guarantee: a JSON value loses its secrets by form and by key, wherever they stand.
#[test]
fn every_secret_in_a_value() {
    for place in PLANTED {
        let (text, secret) = planted(place);
        let mut value = json!({"a": [{"note": text}], "b": {"password": secret}});
        Redactor::new().redact_json(&mut value);
        let written = value.to_string();
        assert!(
            !leaks(&out_of_json(&in_json(&written)), &secret),
            "{written}"
        );
        assert_eq!(value["b"]["password"], "[redacted:password]");
    }
}

/// Whether a piece of the secret that gives it away is in the text: ten characters in a row.
fn leaks(text: &str, secret: &str) -> bool {
    const PIECE: usize = 10;
    let piece = PIECE.min(secret.len());
    secret
        .as_bytes()
        .windows(piece)
        .filter(|window| !window.starts_with(b"-----") && !window.ends_with(b"-----"))
        .filter(|window| !String::from_utf8_lossy(window).contains(|c| " -".contains(c)))
        .any(|window| text.as_bytes().windows(piece).any(|found| found == window))
}

fn in_json(text: &str) -> String {
    json!({"a": "b", "text": text, "n": 1}).to_string()
}

/// The member `text`; of broken JSON everything, less a layer of escapes.
fn out_of_json(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .ok()
        .and_then(|value| Some(value["text"].as_str()?.to_owned()))
        .unwrap_or_else(|| text.replace("\\\"", "\"").replace("\\\\", "\\"))
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if let Some(byte) = percent(rest, 0) {
            out.push(byte);
            rest = &rest[3..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
