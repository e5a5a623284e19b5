//! Keys, hooks and limits of the redactor.

use std::borrow::Cow;

use serde_json::json;

use crate::privacy::{Cap, Redactor};

/// Guarantee: the key decides over the whole value, but counts, booleans and nothing stay.
#[test]
fn values_by_key() {
    let redactor = Redactor::new();
    for (key, value, expected) in [
        ("password", "x", "[redacted:password]"),
        (
            "http.request.header.authorization",
            "Custom y",
            "[redacted:authorization]",
        ),
        ("http.request.header.cookie", "a=b", "[redacted:cookie]"),
        ("db.password", "12", "[redacted:password]"),
        ("token", "12", "12"),
        ("gen_ai.usage.output_tokens", "12", "12"),
        ("password", "", ""),
        ("secret", "true", "true"),
        ("password", "[redacted:password]", "[redacted:password]"),
        ("password", "[redacted:x] and more", "[redacted:password]"),
        (
            "url.full",
            "https://a:b@c/?token=d",
            "https://a:[redacted:url-password]@c/?token=[redacted:token]",
        ),
    ] {
        assert_eq!(
            redactor.redact_value(key, value),
            expected,
            "{key}: {value}"
        );
    }
}

/// Guarantee: secrets below a key, in named pairs and after options go; schemas stay.
#[test]
fn json_values() {
    let mut value = json!({
        "credentials": {"user": "ada", "hush": ["a", {"b": "c"}]},
        "headers": [{"name": "Cookie", "value": "a=b"}, {"name": "Accept", "value": "*/*"}],
        "args": ["--token", "abc", "--verbose", "yes"],
        "pin_password": 1234,
        "token": 12,
        "schema": {"password": {"type": "string", "description": "the password"}},
    });
    Redactor::new().redact_json(&mut value);
    assert_eq!(
        value,
        json!({
            "credentials": {"user": "[redacted:secret]", "hush": ["[redacted:secret]", {"b": "[redacted:secret]"}]},
            "headers": [{"name": "Cookie", "value": "[redacted:cookie]"}, {"name": "Accept", "value": "*/*"}],
            "args": ["--token", "[redacted:token]", "--verbose", "yes"],
            "pin_password": "[redacted:password]",
            "token": 12,
            "schema": {"password": {"type": "string", "description": "the password"}},
        })
    );
}

/// Guarantee: numbers, lists and objects below a secret key in text go, and JSON stays JSON.
#[test]
fn text_of_json() {
    let redactor = Redactor::new();
    for (text, expected) in [
        (
            r#"{"password":12345}"#,
            r#"{"password":"[redacted:password]"}"#,
        ),
        (
            r#"{"tokens":["a"],"secrets":["a","b"]}"#,
            r#"{"tokens":["a"],"secrets":"[redacted:secret]"}"#,
        ),
        (
            r#"{"cookies":{"sid":"}x"},"n":1}"#,
            r#"{"cookies":"[redacted:cookie]","n":1}"#,
        ),
        (
            r#""{\"secrets\":[\"a\"]}""#,
            r#""{\"secrets\":\"[redacted:secret]\"}""#,
        ),
        (
            r#"{"name":"a","password":"cut o"#,
            r#"{"name":"a","password":"[redacted:password]"#,
        ),
        ("a=1\\u0026token=abc", "a=1\\u0026token=[redacted:token]"),
        ("password\\u003dabc", "password\\u003d[redacted:password]"),
        ("{'password': 'abc'}", "{'password': '[redacted:password]'}"),
        (
            "user[password]=abc&x=1",
            "user[password]=[redacted:password]&x=1",
        ),
        ("API key: a1b2c3d4", "API key: [redacted:api-key]"),
        (
            "let password: &str = \"abcdef\";",
            "let password: &str = \"[redacted:password]\";",
        ),
        (
            "\u{1b}[31mghp_aB3dE5fG7hJ9kL1mN3pQ5\u{1b}[0m",
            "\u{1b}[31m[redacted:github-token]\u{1b}[0m",
        ),
        (
            "https:\\/\\/a:hunter2@c\\/d",
            "https:\\/\\/a:[redacted:url-password]@c\\/d",
        ),
        (
            "Zm9v\nYmFy\n-----END PRIVATE KEY-----\nrest",
            "[redacted:private-key]\nrest",
        ),
        (
            "X-Auth-Token: plainword\r\nHost: a",
            "X-Auth-Token: [redacted:token]\r\nHost: a",
        ),
        (
            "curl -u ada:hunter2 https://a",
            "curl -u ada:[redacted:password] https://a",
        ),
        (
            "curl --user 'ada:hunter2' https://a",
            "curl --user 'ada:[redacted:password]' https://a",
        ),
        ("password=[redacted:x]real", "password=[redacted:password]"),
    ] {
        assert_eq!(redactor.redact(text), expected);
    }
}

/// Guarantee: hooks run before and after; a panicking one costs the value, never the caller.
#[test]
fn hooks() {
    fn fail(text: &str) -> Cow<'_, str> {
        assert!(!text.contains("bad"), "made to fail");
        Cow::Borrowed(text)
    }

    let redactor = Redactor::new()
        .with_hook_before(|text| Cow::Owned(text.replace("Falcon", "password=hunter2")))
        .with_hook_after(|text| Cow::Owned(text.replace("[redacted:password]", "***")));
    assert_eq!(redactor.redact("on Falcon"), "on password=***");

    for redactor in [
        Redactor::new().with_hook_before(fail),
        Redactor::new().with_hook_after(fail),
    ] {
        assert_eq!(redactor.redact("bad"), "[redacted:hook]");
        assert_eq!(redactor.redact_value("a", "bad"), "[redacted:hook]");
        assert_eq!(
            redactor.redact_capped("bad", Cap::default()),
            "[redacted:hook]"
        );
        assert_eq!(redactor.redact("good"), "good");
        assert!(matches!(redactor.redact("good"), Cow::Borrowed(_)));
    }
}

/// Guarantee: a cut never leaves half a secret, and says how much is gone.
#[test]
fn cuts_after_redacting() {
    let secret = format!("sk-ant-{}", "aB3d".repeat(10));
    let cap = Cap::new(100);
    for before in 0..120 {
        let text = format!("{} {secret} {}", "x".repeat(before), "y".repeat(20_000));
        let cut = Redactor::new().redact_capped(&text, cap);
        assert!(cut.len() <= 100 && !cut.contains("sk-"), "{cut}");
        assert!(cut.ends_with(" bytes]"), "{cut}");
    }
    let long = "password=hunter2&a=b ".repeat(50_000);
    let cut = Redactor::new().redact_capped(&long, Cap::default());
    assert!(cut.len() > 60_000 && cut.len() <= 64 * 1024);
    assert!(!cut.contains("hunter"));
}

/// Guarantee: values nested without end are cut off, not walked.
#[test]
fn deep_values() {
    let mut value = json!("password=hunter2");
    for _ in 0..500 {
        value = json!([value]);
    }
    Redactor::new().redact_json(&mut value);
    let text = value.to_string();
    assert!(text.contains("[redacted:depth]") && !text.contains("hunter2"));
}
