//! How metrics are pushed and pulled.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::{Resolver, Sourced, exporters::Exporter};
use crate::{
    config::{
        PrometheusConfig, Temporality,
        parse::{self, Problem},
    },
    warning::Origin,
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
    const TOPIC: &str = "metrics.prometheus";
    let (host, port) = (host(r), port(r));
    let address = SocketAddr::new(
        host.as_ref().map_or(LOOPBACK, |host| host.value),
        port.as_ref().map_or(DEFAULT_PORT, |port| port.value),
    );
    let code = match r.code.prometheus {
        Some(PrometheusConfig::Listen(_)) => r.in_code(PORT, r.code.prometheus),
        other => r.in_code("OTEL_METRICS_EXPORTER", other),
    };
    let list = exporters
        .filter(|list| !list.value.contains(&Exporter::Prometheus))
        .map(|list| list.clone().map(|_| PrometheusConfig::Off));
    let listen = PrometheusConfig::Listen(address);
    // Whoever set the address answers for it, should it be taken.
    let candidates = [
        code,
        list,
        port.map(|port| port.map(|_| listen)),
        host.clone().map(|host| host.map(|_| listen)),
    ];
    let Some(picked) = r.pick(TOPIC, candidates) else {
        return listen;
    };
    if picked.origin == Origin::Environment {
        match (picked.value, host) {
            (PrometheusConfig::Off, _) => r
                .warnings
                .push(picked.notice("/metrics is off, because the list does not name prometheus")),
            (_, Some(host)) if !host.value.is_loopback() => r.warnings.push(
                host.warning("/metrics can be reached from other machines, without authentication"),
            ),
            _ => {}
        }
    }
    picked.value
}

fn host(r: &Resolver<'_>) -> Option<Sourced<IpAddr>> {
    r.in_env("OTEL_EXPORTER_PROMETHEUS_HOST", |text| {
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(LOOPBACK);
        }
        // Brackets as in URLs are what people write for IPv6.
        text.strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
            .unwrap_or(text)
            .parse()
            .map_err(|_| Problem::expected("an IP address or localhost"))
    })
}

fn port(r: &Resolver<'_>) -> Option<Sourced<u16>> {
    r.in_env(PORT, |text| {
        text.parse()
            .map_err(|_| Problem::expected("a whole number from 0 to 65535"))
    })
}

const PORT: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Configuration specification, "Prometheus Exporter".
const DEFAULT_PORT: u16 = 9464;
