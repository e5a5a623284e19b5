use std::error::Error;

use super::*;

/// URLs that a client can use, and what becomes of them.
#[test]
fn good_urls() {
    let table = [
        (
            "http://localhost:4318/v1/traces",
            "http://localhost:4318/v1/traces",
        ),
        ("http://localhost", "http://localhost/"),
        (
            "HTTPS://api.example.com/otlp?key=1#part",
            "https://api.example.com/otlp?key=1",
        ),
        ("http://[::1]:4318/v1/logs", "http://[::1]:4318/v1/logs"),
        ("https://[::1]/", "https://[::1]/"),
        ("https://10.0.0.1:443/", "https://10.0.0.1:443/"),
    ];
    for (url, expected) in table {
        let uri = http_uri(&Endpoint::new(url)).unwrap();
        assert_eq!(uri.to_string(), expected);
    }
}

/// gRPC origins: the path goes, a missing scheme is filled in.
#[test]
fn origins() {
    let table = [
        (
            "http://localhost:4317/v1/traces?x=1",
            "http://localhost:4317/",
        ),
        ("https://localhost", "https://localhost/"),
        ("localhost:4317", "http://localhost:4317/"),
        ("[::1]:4317", "http://[::1]:4317/"),
        ("collector", "http://collector/"),
        ("collector:4317/path", "http://collector:4317/"),
    ];
    for (url, expected) in table {
        let uri = grpc_origin(&Endpoint::new(url)).unwrap();
        assert_eq!(uri.to_string(), expected);
    }
    let secure = Endpoint::new("localhost:4317").with_insecure(false);
    assert_eq!(grpc_origin(&secure).unwrap(), "https://localhost:4317/");
    let decided = Endpoint::new("http://localhost:4317").with_insecure(false);
    assert_eq!(grpc_origin(&decided).unwrap(), "http://localhost:4317/");
}

/// URLs that are wrong: refused for both protocols, without their secrets in the text.
#[test]
fn bad_urls() {
    let urls = [
        "",
        " ",
        "http://",
        "http:///v1/traces",
        "http://:4318/",
        "http://localhost:/",
        "http://localhost:0/",
        "http://localhost:99999/",
        "http://localhost:secret/",
        "http://local host/",
        "http://localhost/\r\nx: y",
        "ftp://localhost/",
        "unix:/tmp/socket",
        "dns:///localhost:4317",
        "://localhost",
        "https://under_score..example/",
        "https://ex%41mple.com/",
        "http://user:secret@localhost/",
        "http://user:sec?secret@localhost/",
        "http://[::1/?secret",
        "ftp://localhost/?secret",
        "http://löcalhost/",
    ];
    for url in urls {
        let endpoint = Endpoint::new(url);
        for result in [http_uri(&endpoint), grpc_origin(&endpoint)] {
            let error = result.expect_err(url);
            assert_eq!(error.kind(), Kind::Url, "{url}");
            let text = format!("{error} {error:?}");
            assert!(
                url.contains(":secret/") || !text.contains("secret"),
                "{text}"
            );
            assert!(text.starts_with("endpoint \""), "{text}");
        }
    }
    let error = http_uri(&Endpoint::new("localhost:4318")).unwrap_err();
    assert!(error.to_string().contains("has no scheme"));
    let long = format!("ftp://{}", "x".repeat(10_000));
    let error = http_uri(&Endpoint::new(long)).unwrap_err();
    assert!(error.to_string().len() < 400);
}

/// Header names and values that are wrong: the name is told, the value never.
#[test]
fn bad_headers() {
    for (name, value) in [
        ("x-key", "secret\nx: y"),
        ("x-key", "secret\r"),
        ("x-key", "secret\0"),
        ("x-key", "sécret"),
        ("x-key\n", "secret"),
        ("x key", "secret"),
        ("", "secret"),
        // The transport's own are checked all the same.
        ("content-type", "secret\n"),
    ] {
        let endpoint = Endpoint::new("http://localhost").with_header(name, value);
        let error = header_map(&endpoint).unwrap_err();
        assert_eq!(error.kind(), Kind::Header);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains(&format!("{:?}", name.replace('\n', " "))),
            "{text}"
        );
        assert!(!text.contains("secret") && !text.contains("cret"), "{text}");
    }
    let bad_name = Endpoint::new("http://localhost").with_header("a b", "");
    assert!(header_map(&bad_name).unwrap_err().source().is_some());
}

/// What the transport sets by itself is taken from nobody else, however it is written.
#[test]
fn reserved_headers() {
    for name in RESERVED_HEADERS {
        assert_eq!(*name, name.to_lowercase());
        let endpoint = Endpoint::new("http://localhost")
            .with_header(*name, "x")
            .with_header(name.to_uppercase(), "x")
            .with_header("x-other", "x");
        let headers = header_map(&endpoint).unwrap();
        assert!(!headers.contains_key(*name), "{name}");
        assert!(headers.contains_key("x-other"));
    }
}

/// What people may see of an endpoint.
#[test]
fn redaction() {
    let table = [
        ("http://host:1/path", "http://host:1/path"),
        (
            "http://user:secret@host/path?key=secret#secret",
            "http://host/path",
        ),
        ("user:secret@host", "host"),
        ("http://user:se?cret@host", "http://[redacted]"),
        ("http://host/?mail=secret@secret", "http://[redacted]"),
        ("http://us@er:secret@host/", "http://host/"),
        ("host\r\nx", "host  x"),
    ];
    for (url, expected) in table {
        assert_eq!(redact(url), expected);
    }
    let endpoint = Endpoint::new("http://user:secret@host/?secret").with_header("x-key", "secret");
    let shown = format!("{endpoint:?}");
    assert!(shown.contains("http://host/") && shown.contains("x-key"));
    assert!(!shown.contains("secret"), "{shown}");
}
