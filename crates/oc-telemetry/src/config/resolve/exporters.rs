//! `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER`.

use oc_otlp::Signal;

use super::{Resolver, Sourced};
use crate::config::{
    parse,
    text::{echo, members},
};

/// An exporter that a list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exporter {
    Otlp,
    Console,
    Prometheus,
}

/// What the signal's list names; empty for `none`, `None` where there is no usable list.
pub(super) fn exporters(r: &mut Resolver<'_>, signal: Signal) -> Option<Sourced<Vec<Exporter>>> {
    let list = r.in_env(variable(signal), parse::text)?;
    let mut exporters = Vec::new();
    let mut none = false;
    for member in members(&list.value) {
        let exporter = match member.to_ascii_lowercase().as_str() {
            "otlp" => Exporter::Otlp,
            "console" => Exporter::Console,
            "prometheus" if signal == Signal::Metrics => Exporter::Prometheus,
            "none" => {
                none = true;
                continue;
            }
            _ => {
                let known = match signal {
                    Signal::Metrics => "otlp, console, prometheus and none",
                    Signal::Traces | Signal::Logs => "otlp, console and none",
                };
                r.warnings.push(list.warning(format!(
                    "{} is not supported for {signal}, only {known}; ignored",
                    echo(member)
                )));
                continue;
            }
        };
        if !exporters.contains(&exporter) {
            exporters.push(exporter);
        }
    }
    if none && !exporters.is_empty() {
        r.warnings
            .push(list.warning("none beside others means none"));
    }
    if none {
        exporters.clear();
    } else if exporters.is_empty() {
        // Nothing usable: as if unset.
        return None;
    }
    r.mentions_exporters = true;
    r.pick(
        format!("{signal}.exporters"),
        [Some(list.map(|_| exporters))],
    )
}

const fn variable(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "OTEL_TRACES_EXPORTER",
        Signal::Metrics => "OTEL_METRICS_EXPORTER",
        Signal::Logs => "OTEL_LOGS_EXPORTER",
    }
}
