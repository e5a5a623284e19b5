//! Where a signal goes.

use oc_otlp::Signal;

use super::{
    DestinationConfig, Origin, Resolver, Sourced,
    exporters::Exporter,
    otlp::{self, EndpointSetting},
};
use crate::config::{
    file::{FileSettings, LogsExporter},
    parse,
};

/// The destinations of a signal, in the order code, OTLP, console.
pub(super) fn destinations(
    r: &mut Resolver<'_>,
    signal: Signal,
    exporters: Option<&Sourced<Vec<Exporter>>>,
) -> Vec<DestinationConfig> {
    let overrides = r.code.signal(signal);
    let mut list = overrides.more_destinations.clone();
    if let Some(exact) = &overrides.destinations {
        r.mentions_exporters = true;
        let mut exact = exact.clone();
        exact.append(&mut list);
        return exact;
    }
    r.mentions_exporters |= !list.is_empty();

    let named = |exporter| exporters.map(|list| list.value.contains(&exporter));
    let endpoint = endpoint(r, signal, named(Exporter::Otlp));
    r.mentions_exporters |= endpoint.is_some();
    let wanted = match named(Exporter::Otlp) {
        Some(named) => named,
        None => endpoint.is_some(),
    };
    if wanted && let Some(otlp) = otlp::otlp(r, signal, endpoint) {
        list.push(DestinationConfig::Otlp(otlp));
    }
    let console = named(Exporter::Console)
        .unwrap_or_else(|| signal == Signal::Logs && file_logs_to_stdout(&r.file));
    if console {
        list.push(DestinationConfig::Console);
    }
    list
}

/// With nothing said about exporters OTLP is off, unlike in the specification, whose default is a
/// receiver on this machine: most gateways have none and would complain every minute.
pub(super) fn note_if_nothing_is_configured(r: &Resolver<'_>, sdk_disabled: bool) {
    match r.file.enabled {
        _ if r.mentions_exporters || sdk_disabled => {}
        Some((_, false)) => {}
        Some((key @ "diagnostics.otel.enabled", true)) => r.warnings.warn(
            key,
            &r.file.origin(),
            "OTLP is off all the same, because no endpoint is known; set diagnostics.otel.endpoint",
        ),
        _ => r.warnings.notice(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            &Origin::Default,
            "OTLP is off, because no endpoint is known; to switch it on, set this variable (such \
             as http://localhost:4318), diagnostics.otel.endpoint in openclaw.json, or an endpoint \
             in code",
        ),
    }
}

fn endpoint(
    r: &mut Resolver<'_>,
    signal: Signal,
    named: Option<bool>,
) -> Option<Sourced<EndpointSetting>> {
    let exact = EndpointSetting::exact;
    let base = EndpointSetting::base;
    let (own, general) = (
        otlp::variable(Some(signal), "ENDPOINT"),
        otlp::variable(None, "ENDPOINT"),
    );
    let candidates = [
        r.in_code(own.clone(), r.code.signal(signal).otlp.endpoint.clone())
            .map(|url| url.map(exact)),
        r.in_code(general.clone(), r.code.otlp.endpoint.clone())
            .map(|url| url.map(base)),
        r.in_env(own, parse::text).map(|url| url.map(exact)),
        r.in_env(general, parse::text).map(|url| url.map(base)),
        file_endpoint(r, signal, named),
    ];
    r.pick(format!("{signal}.endpoint"), candidates)
}

/// The file's endpoint, if the file's switches or an exporter list let the signal use it.
fn file_endpoint(
    r: &Resolver<'_>,
    signal: Signal,
    named: Option<bool>,
) -> Option<Sourced<EndpointSetting>> {
    let file = &r.file;
    let (own, switch) = match signal {
        Signal::Traces => (
            r.in_file(
                "diagnostics.otel.tracesEndpoint",
                file.traces_endpoint.clone(),
            ),
            file.traces.unwrap_or(true),
        ),
        Signal::Metrics => (
            r.in_file(
                "diagnostics.otel.metricsEndpoint",
                file.metrics_endpoint.clone(),
            ),
            file.metrics.unwrap_or(true),
        ),
        Signal::Logs => (
            r.in_file("diagnostics.otel.logsEndpoint", file.logs_endpoint.clone()),
            file.logs.unwrap_or(false) && file.logs_exporter != Some(LogsExporter::Stdout),
        ),
    };
    if is_off(file) {
        return None;
    }
    if !named.unwrap_or(switch) {
        if let (Signal::Logs, Some(own), None, None) = (signal, &own, file.logs, named) {
            r.warnings
                .push(own.warning("has no effect unless diagnostics.otel.logs is true"));
        }
        return None;
    }
    own.map(|url| url.map(EndpointSetting::exact)).or_else(|| {
        r.in_file("diagnostics.otel.endpoint", file.endpoint.clone())
            .map(|url| url.map(EndpointSetting::base))
    })
}

/// Whether the file switches off what it says about OTLP and content.
pub(super) fn is_off(file: &FileSettings) -> bool {
    matches!(file.enabled, Some((_, false)))
}

fn file_logs_to_stdout(file: &FileSettings) -> bool {
    !is_off(file)
        && file.logs == Some(true)
        && matches!(
            file.logs_exporter,
            Some(LogsExporter::Stdout | LogsExporter::Both)
        )
}
