//! An endpoint's URL and headers, checked.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header::USER_AGENT, uri::Scheme};
use rustls::pki_types::ServerName;

use super::{
    Endpoint, EndpointError, EndpointErrorKind as Kind, RESERVED_HEADERS, text, text::redact,
};

/// The URL of `endpoint`, usable by the client as it is.
#[cfg(feature = "http")]
pub(super) fn http_uri(endpoint: &Endpoint) -> Result<Uri, EndpointError> {
    let url = endpoint.url();
    if !url.contains("://") {
        return Err(EndpointError::new(
            Kind::Url,
            format!(
                "endpoint {:?} has no scheme; write http:// or https:// before it",
                redact(url)
            ),
        ));
    }
    checked_uri(url)
}

/// Scheme, host and port of `endpoint`.
#[cfg(feature = "grpc")]
pub(super) fn grpc_origin(endpoint: &Endpoint) -> Result<Uri, EndpointError> {
    let url = endpoint.url();
    let uri = if url.contains("://") {
        checked_uri(url)?
    } else if endpoint.is_insecure() {
        checked_uri(&format!("http://{url}"))?
    } else {
        checked_uri(&format!("https://{url}"))?
    };
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    Uri::from_parts(parts).map_err(|error| invalid(url).with_source(error))
}

/// Whether `uri` asks for TLS.
pub(super) fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
}

/// The headers to send with every request: the transport's `User-Agent`, then the user's.
pub(super) fn header_map(endpoint: &Endpoint) -> Result<HeaderMap, EndpointError> {
    let mut map = HeaderMap::new();
    map.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    for (name, value) in endpoint.headers() {
        let shown = text::printable(name, MAX_SHOWN_NAME);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
            EndpointError::new(
                Kind::Header,
                format!("header name {shown:?} holds characters that are not allowed"),
            )
            .with_source(error)
        })?;
        let illegal = || {
            EndpointError::new(
                Kind::Header,
                format!(
                    "the value of header {shown:?} holds characters that are not allowed; \
                     use visible ASCII, space and tab, and percent-encode the rest"
                ),
            )
        };
        // http lets bytes above 127 pass; servers and gRPC do not agree on what they mean.
        if !value.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~')) {
            return Err(illegal());
        }
        if RESERVED_HEADERS.contains(&name.as_str()) {
            continue;
        }
        let value = if name == USER_AGENT {
            HeaderValue::from_str(&format!("{value} {PRODUCT}"))
        } else {
            HeaderValue::from_str(value)
        };
        let mut value = value.map_err(|error| illegal().with_source(error))?;
        value.set_sensitive(true);
        map.insert(name, value);
    }
    Ok(map)
}

fn checked_uri(url: &str) -> Result<Uri, EndpointError> {
    let uri: Uri = url
        .parse()
        .map_err(|error: http::uri::InvalidUri| invalid(url).with_source(error))?;
    let https = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => false,
        _ => {
            return Err(EndpointError::new(
                Kind::Url,
                format!(
                    "endpoint {:?} has a scheme that is not supported; use http or https",
                    redact(url)
                ),
            ));
        }
    };
    let authority = uri.authority().ok_or_else(|| invalid(url))?;
    if authority.as_str().contains('@') {
        return Err(EndpointError::new(
            Kind::Url,
            format!(
                "endpoint {:?} holds user information; put it into an authorization header",
                redact(url)
            ),
        ));
    }
    // The parser leaves the port as it is; a client would fall back to 80 for `:99999`.
    let host = authority.host();
    let port = authority.as_str().strip_prefix(host).unwrap_or_default();
    if host.is_empty() || !(port.is_empty() || authority.port_u16().is_some_and(|port| port > 0)) {
        return Err(invalid(url));
    }
    if https {
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        ServerName::try_from(bare).map_err(|error| invalid(url).with_source(error))?;
    }
    Ok(uri)
}

fn invalid(url: &str) -> EndpointError {
    EndpointError::new(
        Kind::Url,
        format!(
            "endpoint {:?} is not a valid URL; write it like http://localhost:4318/v1/traces",
            redact(url)
        ),
    )
}

/// OTLP exporter specification, section "User Agent": exporter, version and language.
const PRODUCT: &str = concat!("oc-otlp/", env!("CARGO_PKG_VERSION"), " (Rust)");

const MAX_SHOWN_NAME: usize = 64;

#[cfg(test)]
mod tests;
