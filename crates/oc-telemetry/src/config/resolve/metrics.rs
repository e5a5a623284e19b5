//! How metrics are pushed and pulled.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::{Resolver, Sourced, exporters::Exporter};
use crate::config::{
    PrometheusConfig, Temporality,
    parse::{self, Problem},
};

pub(super) fn interval(r: &mut Resolver<'_>) -> Duration {
    const VARIABLE: &str = "OTEL_METRIC_EXPORT_INTERVAL";
    let candidates = [
        r.duration_in_code(VARIABLE, r.code.metric_interval),
        r.in_env(VARIABLE, parse::millis),
        r.in_file("diagnostics.otel.flushIntervalMs", r.file.flush_interval),
    ];
    r.pick("metrics.interval", candidates)
        .map_or(Duration::from_mins(1), |interval| interval.value)
}

pub(super) fn timeout(r: &mut Resolver<'_>) -> Duration {
    const VARIABLE: &str = "OTEL_METRIC_EXPORT_TIMEOUT";
    let candidates = [
        r.duration_in_code(VARIABLE, r.code.metric_timeout),
        r.in_env(VARIABLE, parse::millis),
    ];
    r.pick("metrics.timeout", candidates)
        .map_or(Duration::from_secs(30), |timeout| timeout.value)
}

pub(super) fn temporality(r: &mut Resolver<'_>) -> Temporality {
    const VARIABLE: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    let from_env = r.in_env(VARIABLE, |text| match text.to_ascii_lowercase().as_str() {
        "cumulative" => Ok(Temporality::Cumulative),
        "delta" => Ok(Temporality::Delta),
        "lowmemory" => Ok(Temporality::LowMemory),
        _ => Err(Problem::expected("cumulative, delta or lowmemory")),
    });
    let candidates = [r.in_code(VARIABLE, r.code.temporality), from_env];
    r.pick("metrics.temporality", candidates)
        .map(|temporality| temporality.value)
        .unwrap_or_default()
}

pub(super) fn name_prefix(r: &mut Resolver<'_>) -> Option<String> {
    const KEY: &str = "diagnostics.otel.metricNamePrefix";
    let candidates = [
        r.in_code(KEY, r.code.metric_name_prefix.clone()),
        r.in_file(KEY, r.file.metric_name_prefix.clone()),
    ];
    r.pick("metrics.name_prefix", candidates)
        .map(|prefix| prefix.value)
}

/// `/metrics` is on unless code or an exporter list says otherwise.
pub(super) fn prometheus(
    r: &mut Resolver<'_>,
    exporters: Option<&Sourced<Vec<Exporter>>>,
) -> PrometheusConfig {
    let listen = listen(r);
    if let Some(code) = r.code.prometheus {
        let code = r.in_code("OTEL_METRICS_EXPORTER", Some(code));
        if let Some(picked) = r.pick("metrics.prometheus", [code]) {
            return picked.value;
        }
    }
    match exporters {
        Some(list) if !list.value.contains(&Exporter::Prometheus) => {
            r.warnings
                .push(list.notice("/metrics is off, because the list does not name prometheus"));
            PrometheusConfig::Off
        }
        _ => {
            if let Some(host) = listen.exposed {
                r.warnings.push(host.warning(
                    "/metrics can be reached from other machines, without authentication",
                ));
            }
            PrometheusConfig::Listen(listen.address)
        }
    }
}

struct Listen {
    address: SocketAddr,
    /// The host, where it is not this machine alone.
    exposed: Option<Sourced<IpAddr>>,
}

fn listen(r: &mut Resolver<'_>) -> Listen {
    let host = r.in_env("OTEL_EXPORTER_PROMETHEUS_HOST", |text| {
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(LOOPBACK);
        }
        // Brackets as in URLs are what people write for IPv6.
        text.strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
            .unwrap_or(text)
            .parse()
            .map_err(|_| Problem::expected("an IP address or localhost"))
    });
    let port = r.in_env("OTEL_EXPORTER_PROMETHEUS_PORT", |text| {
        text.parse::<u16>()
            .map_err(|_| Problem::expected("a whole number from 0 to 65535"))
    });
    let host = r.pick("metrics.prometheus.host", [host]);
    let port = r.pick("metrics.prometheus.port", [port]);
    Listen {
        address: SocketAddr::new(
            host.as_ref().map_or(LOOPBACK, |host| host.value),
            port.map_or(DEFAULT_PORT, |port| port.value),
        ),
        exposed: host.filter(|host| !host.value.is_loopback()),
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Configuration specification, "Prometheus Exporter".
const DEFAULT_PORT: u16 = 9464;
