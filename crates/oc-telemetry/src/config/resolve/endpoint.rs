//! From an endpoint as written to the URL that requests go to.
//!
//! OTLP exporter specification, "Endpoint URLs for OTLP/HTTP" and "Configuration Options".

use http::Uri;
use oc_otlp::Signal;

use super::otlp::EndpointSetting;
use crate::config::Protocol;

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) text: String,
    pub(super) is_tls: bool,
    /// `https` was not written but is what the specification demands for gRPC.
    pub(super) assumed_tls: bool,
}

/// The URL for `signal`, or what is wrong with the endpoint. An error never quotes it: a URL may
/// hold a key in its user information or its query.
pub(super) fn url(
    signal: Signal,
    protocol: Protocol,
    endpoint: &EndpointSetting,
    insecure: bool,
) -> Result<Url, &'static str> {
    let written = endpoint.url.as_str();
    let has_scheme = written.contains("://");
    let assumed_tls = !has_scheme && !insecure;
    let uri: Uri = match (has_scheme, protocol) {
        (true, _) => written.parse(),
        (false, Protocol::Grpc) if insecure => format!("http://{written}").parse(),
        (false, Protocol::Grpc) => format!("https://{written}").parse(),
        (false, Protocol::HttpProtobuf) => return Err("has no scheme, write http:// or https://"),
    }
    .map_err(|_| "not a valid URL")?;

    let scheme = uri.scheme_str().unwrap_or_default();
    if !matches!(scheme, "http" | "https") {
        return Err("the scheme is neither http nor https");
    }
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let authority = authority.unwrap_or_default();
    if authority.contains('@') {
        return Err("has a user name in it, put credentials into the headers");
    }
    let port = authority.strip_prefix(uri.host().unwrap_or_default());
    if uri.host().is_none_or(str::is_empty) {
        return Err("has no host");
    }
    if port.is_none_or(|port| !port.is_empty() && uri.port_u16().is_none_or(|port| port == 0)) {
        return Err("the port is not a number from 1 to 65535");
    }

    let origin = format!("{scheme}://{authority}");
    let text = match protocol {
        Protocol::Grpc => origin,
        Protocol::HttpProtobuf => {
            let path = if endpoint.exact {
                uri.path().to_owned()
            } else {
                format!("{}{}", base_path(uri.path()), signal.http_path())
            };
            let query = uri
                .query()
                .map_or_else(String::new, |query| format!("?{query}"));
            format!("{origin}{path}{query}")
        }
    };
    Ok(Url {
        text,
        is_tls: scheme == "https",
        assumed_tls,
    })
}

/// What a valid endpoint will probably not do as its writer meant.
pub(super) fn remarks(protocol: Protocol, endpoint: &EndpointSetting) -> Vec<&'static str> {
    let Ok(uri) = endpoint.url.parse::<Uri>() else {
        return Vec::new();
    };
    let path = uri.path();
    let mut remarks = Vec::new();
    match protocol {
        Protocol::HttpProtobuf if endpoint.exact && matches!(path, "" | "/") => remarks.push(
            "has no path, and none is appended to a signal's own endpoint; receivers usually \
             expect /v1/traces, /v1/metrics or /v1/logs",
        ),
        Protocol::HttpProtobuf
            if !endpoint.exact && base_path(path) != path.trim_end_matches('/') =>
        {
            remarks.push(
                "ends in the path of one signal, but stands for all; the part before it is used \
                 as the base",
            );
        }
        Protocol::Grpc if !matches!(path, "" | "/") && endpoint.url.contains("://") => {
            remarks.push("has a path, which gRPC does not use");
        }
        _ => {}
    }
    match (protocol, uri.port_u16()) {
        (Protocol::HttpProtobuf, Some(4317)) => remarks.push(
            "port 4317 usually speaks gRPC, but the protocol is http/protobuf; use port 4318 or \
             set the protocol to grpc",
        ),
        (Protocol::Grpc, Some(4318)) => remarks.push(
            "port 4318 usually speaks HTTP, but the protocol is grpc; use port 4317 or set the \
             protocol to http/protobuf",
        ),
        _ => {}
    }
    remarks
}

/// The path without slashes at its end and without a signal's path that slipped in.
fn base_path(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    Signal::ALL
        .into_iter()
        .find_map(|signal| path.strip_suffix(signal.http_path()))
        .unwrap_or(path)
        .trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(signal: Signal, protocol: Protocol, url: &str, exact: bool) -> Result<String, &str> {
        let setting = EndpointSetting {
            url: url.to_owned(),
            exact,
        };
        super::url(signal, protocol, &setting, false).map(|url| url.text)
    }

    #[test]
    fn http_appends_the_signals_path_to_a_base_only() {
        for (url, base, exact) in [
            ("http://h:4318", "http://h:4318/v1/logs", "http://h:4318/"),
            ("http://h/", "http://h/v1/logs", "http://h/"),
            ("https://h/x/", "https://h/x/v1/logs", "https://h/x/"),
            ("http://h/a?k=v", "http://h/a/v1/logs?k=v", "http://h/a?k=v"),
            (
                "http://h/v1/traces",
                "http://h/v1/logs",
                "http://h/v1/traces",
            ),
            (
                "http://h/x/v1/logs/",
                "http://h/x/v1/logs",
                "http://h/x/v1/logs/",
            ),
            (
                "http://[::1]:4318",
                "http://[::1]:4318/v1/logs",
                "http://[::1]:4318/",
            ),
        ] {
            let http = Protocol::HttpProtobuf;
            assert_eq!(
                text(Signal::Logs, http, url, false),
                Ok(base.to_owned()),
                "{url}"
            );
            assert_eq!(
                text(Signal::Logs, http, url, true),
                Ok(exact.to_owned()),
                "{url}"
            );
        }
    }

    #[test]
    fn grpc_keeps_the_origin_and_defaults_to_tls() {
        for (url, want) in [
            ("http://h:4317", "http://h:4317"),
            ("https://h/v1/traces", "https://h"),
            ("h:4317", "https://h:4317"),
        ] {
            assert_eq!(
                text(Signal::Traces, Protocol::Grpc, url, false),
                Ok(want.to_owned())
            );
        }
        let setting = EndpointSetting::base("h:4317".to_owned());
        let plain = url(Signal::Traces, Protocol::Grpc, &setting, true);
        assert_eq!(
            plain,
            Ok(Url {
                text: "http://h:4317".to_owned(),
                is_tls: false,
                assumed_tls: false
            })
        );
    }

    #[test]
    fn malformed_endpoints_are_refused() {
        for url in [
            "localhost:4318",
            "ftp://h",
            "unix:///run/otel.sock",
            "http://",
            "http://:4318",
            "http://h:99999",
            "http://h:0",
            "http://h:x",
            "http://h:",
            "http://u:p@h",
            "http://a b",
            "http://h\n",
            "://",
            "http:/h",
        ] {
            assert!(
                text(Signal::Traces, Protocol::HttpProtobuf, url, false).is_err(),
                "{url}"
            );
        }
    }
}
