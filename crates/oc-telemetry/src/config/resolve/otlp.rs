//! How one signal reaches its OTLP receiver.

use std::{borrow::Cow, time::Duration};

use oc_otlp::{Signal, transport::Compression};

use super::{Resolver, Sourced, destinations, endpoint, headers, tls};
use crate::config::{
    OtlpConfig, Protocol,
    parse::{self, Problem},
    settings::OTLP_PREFIX,
    text::echo,
};
use crate::warning::Origin;

/// An endpoint as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EndpointSetting {
    pub(super) url: String,
    /// Whether it is used as it stands, or is a base that a signal's path is appended to.
    pub(super) exact: bool,
}

impl EndpointSetting {
    pub(super) fn exact(url: String) -> Self {
        Self { url, exact: true }
    }

    pub(super) fn base(url: String) -> Self {
        Self { url, exact: false }
    }
}

/// Everything about the receiver, or `None` and a warning if something that matters is wrong.
pub(super) fn otlp(
    r: &mut Resolver<'_>,
    signal: Signal,
    endpoint: Option<Sourced<EndpointSetting>>,
) -> Option<OtlpConfig> {
    let protocol = protocol(r, signal)?;
    let insecure = insecure(r, signal);
    let from_file = endpoint
        .as_ref()
        .is_some_and(|endpoint| matches!(endpoint.origin, Origin::File(_)));
    let endpoint = endpoint.unwrap_or_else(|| default_endpoint(protocol));
    let url = match endpoint::url(signal, protocol, &endpoint.value, insecure) {
        Ok(url) => url,
        Err(why) => {
            let message = format!("{why}; OTLP is off for the signals that use it");
            r.warnings.push(endpoint.warning(message));
            return None;
        }
    };
    for remark in endpoint::remarks(protocol, &endpoint.value) {
        r.warnings.push(endpoint.warning(remark));
    }
    if url.assumed_tls {
        r.warnings.push(
            endpoint.notice(
                "has no scheme, so TLS is used; write http:// for an unencrypted connection",
            ),
        );
    }
    let headers = headers::headers(r, signal, from_file);
    let compression = compression(r, signal);
    let timeout = timeout(r, signal);
    let tls = tls::files(r, signal, url.is_tls)?;
    Some(OtlpConfig {
        name: "otlp".to_owned(),
        protocol,
        url: url.text,
        headers,
        compression,
        timeout,
        ca_file: tls.ca_file,
        client_cert: tls.client_cert,
        client_key: tls.client_key,
    })
}

/// The name of an OTLP variable: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
pub(super) fn variable(signal: Option<Signal>, suffix: &str) -> Cow<'static, str> {
    let signal = match signal {
        None => "",
        Some(Signal::Traces) => "TRACES_",
        Some(Signal::Metrics) => "METRICS_",
        Some(Signal::Logs) => "LOGS_",
    };
    format!("{OTLP_PREFIX}{signal}{suffix}").into()
}

fn default_endpoint(protocol: Protocol) -> Sourced<EndpointSetting> {
    let url = match protocol {
        Protocol::HttpProtobuf => "http://localhost:4318",
        Protocol::Grpc => "http://localhost:4317",
    };
    Sourced {
        value: EndpointSetting::base(url.to_owned()),
        setting: variable(None, "ENDPOINT"),
        origin: Origin::Default,
    }
}

/// Unlike other enumerations, an unsupported protocol does not count as unset: the default would
/// send what the receiver cannot read.
fn protocol(r: &mut Resolver<'_>, signal: Signal) -> Option<Protocol> {
    let (own, general) = (
        variable(Some(signal), "PROTOCOL"),
        variable(None, "PROTOCOL"),
    );
    let name = |protocol: Protocol| protocol.as_str().to_owned();
    let file = if destinations::is_off(&r.file) {
        None
    } else {
        r.file.protocol.clone()
    };
    let candidates = [
        r.in_code(own.clone(), r.code.signal(signal).otlp.protocol.map(name)),
        r.in_code(general.clone(), r.code.otlp.protocol.map(name)),
        r.in_env(own, parse::text),
        r.in_env(general, parse::text),
        r.in_file("diagnostics.otel.protocol", file),
    ];
    let Some(picked) = r.pick(format!("{signal}.protocol"), candidates) else {
        return Some(Protocol::default());
    };
    match picked.value.to_ascii_lowercase().as_str() {
        "http/protobuf" => Some(Protocol::HttpProtobuf),
        "grpc" => Some(Protocol::Grpc),
        _ => {
            r.warnings.push(picked.warning(format!(
                "{} is not supported, only http/protobuf and grpc; OTLP is off for the signals \
                 that use it",
                echo(&picked.value)
            )));
            None
        }
    }
}

fn insecure(r: &mut Resolver<'_>, signal: Signal) -> bool {
    let candidates = [
        r.in_env(variable(Some(signal), "INSECURE"), parse::boolean),
        r.in_env(variable(None, "INSECURE"), parse::boolean),
    ];
    r.pick(format!("{signal}.insecure"), candidates)
        .is_some_and(|insecure| insecure.value)
}

fn compression(r: &mut Resolver<'_>, signal: Signal) -> Compression {
    let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
        "none" => Ok(Compression::None),
        "gzip" => Ok(Compression::Gzip),
        _ => Err(Problem::expected("gzip or none")),
    };
    let (own, general) = (
        variable(Some(signal), "COMPRESSION"),
        variable(None, "COMPRESSION"),
    );
    let candidates = [
        r.in_code(own.clone(), r.code.signal(signal).otlp.compression),
        r.in_code(general.clone(), r.code.otlp.compression),
        r.in_env(own, parse),
        r.in_env(general, parse),
    ];
    r.pick(format!("{signal}.compression"), candidates)
        .map(|compression| compression.value)
        .unwrap_or_default()
}

fn timeout(r: &mut Resolver<'_>, signal: Signal) -> Duration {
    let (own, general) = (variable(Some(signal), "TIMEOUT"), variable(None, "TIMEOUT"));
    let candidates = [
        r.duration_in_code(own.clone(), r.code.signal(signal).otlp.timeout),
        r.duration_in_code(general.clone(), r.code.otlp.timeout),
        r.in_env(own, parse::millis),
        r.in_env(general, parse::millis),
    ];
    r.pick(format!("{signal}.timeout"), candidates)
        .map_or(Duration::from_secs(10), |timeout| timeout.value)
}
