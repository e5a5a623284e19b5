//! The section `diagnostics` of `openclaw.json`.

use std::{path::PathBuf, time::Duration};

use super::{CaptureContent, CodeSettings, Lookup, collect::Warnings};
use crate::warning::Origin;

mod diagnostics;
mod read;
mod section;

pub(super) use read::expand_home;

/// What the file says, each value of the right type. `None` is unset.
#[derive(Debug, Default)]
pub(super) struct FileSettings {
    pub(super) path: PathBuf,
    /// `diagnostics.enabled` and `diagnostics.otel.enabled`, and which of them was written.
    pub(super) enabled: Option<(&'static str, bool)>,
    pub(super) endpoint: Option<String>,
    pub(super) traces_endpoint: Option<String>,
    pub(super) metrics_endpoint: Option<String>,
    pub(super) logs_endpoint: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) service_name: Option<String>,
    pub(super) metric_name_prefix: Option<String>,
    /// As written, unchecked. Secrets.
    pub(super) headers: Vec<(String, String)>,
    pub(super) traces: Option<bool>,
    pub(super) metrics: Option<bool>,
    pub(super) logs: Option<bool>,
    pub(super) logs_exporter: Option<LogsExporter>,
    pub(super) sample_rate: Option<f64>,
    pub(super) flush_interval: Option<Duration>,
    pub(super) capture_content: Option<CaptureContent>,
    pub(super) mlflow: FileMlflow,
}

/// `diagnostics.mlflow`.
#[derive(Debug, Default)]
pub(super) struct FileMlflow {
    pub(super) enabled: Option<bool>,
    pub(super) tracking_uri: Option<String>,
    pub(super) experiment_name: Option<String>,
    pub(super) experiment_id: Option<String>,
    pub(super) token_usage: Option<bool>,
    pub(super) costs: Option<bool>,
    pub(super) latency: Option<bool>,
    pub(super) traces: Option<bool>,
    pub(super) batch_size: Option<usize>,
    pub(super) flush_interval: Option<Duration>,
}

impl FileSettings {
    pub(super) fn origin(&self) -> Origin {
        Origin::File(self.path.clone())
    }
}

/// `diagnostics.otel.logsExporter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogsExporter {
    Otlp,
    Stdout,
    Both,
}

/// Finds, reads and checks the file. Never fails: without a usable file nothing is set.
pub(super) fn load(code: &CodeSettings, lookup: &Lookup, warnings: &Warnings) -> FileSettings {
    let Some(document) = read::document(code, lookup, warnings) else {
        return FileSettings::default();
    };
    diagnostics::settings(&document.value, document.path, warnings)
}

#[cfg(test)]
mod tests;
