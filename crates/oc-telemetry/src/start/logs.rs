use std::{str::FromStr, sync::Arc};

use oc_otlp::{IoRuntime, encode::LogEncoder};
use opentelemetry_sdk::{Resource, logs::SdkLoggerProvider};
use tokio::sync::mpsc;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::deliveries::SignalDeliveries;
use crate::{
    Origin, Warning,
    config::{Config, echo_path},
    logs::file::LogFile,
    pipeline::{
        host_resource::HostResource,
        log_limits::RecordLimits,
        logs::{LogOutlet, OcLogProcessor},
        queue::Queue,
        worker::{self, FLUSH_REQUESTS, FlushRequest},
    },
    privacy::Redactor,
};

/// The running log signal: what goes out over OTLP. The log file is apart from it.
#[derive(Default)]
pub(super) struct Logs {
    pub(super) provider: Option<SdkLoggerProvider>,
    pub(super) processor: Option<OcLogProcessor>,
    pub(super) flush: Option<mpsc::Sender<FlushRequest>>,
}

pub(super) fn start(
    config: &mut Config,
    resource: &Resource,
    io: Option<&IoRuntime>,
    deliveries: SignalDeliveries,
    redactor: &Redactor,
) -> Logs {
    let Some(io) = io.filter(|_| !config.sdk_disabled && !deliveries.is_empty()) else {
        return Logs::default();
    };
    let encoder = match LogEncoder::new(resource) {
        Ok(encoder) => encoder,
        Err(error) => {
            config.warnings.push(Warning::new(
                "logs",
                Origin::Default,
                format!("log records are not exported: {error}"),
            ));
            return Logs::default();
        }
    };
    let batch = config.logs.batch;
    let SignalDeliveries {
        ledger, deliveries, ..
    } = deliveries;
    let queue = Arc::new(Queue::new(
        ledger,
        batch.max_queue_size,
        batch.max_export_batch_size,
    ));
    let (flush, flushes) = mpsc::channel(FLUSH_REQUESTS);
    let host_resource = HostResource::new(config.host_owns_sdk);
    let limits = RecordLimits::new(config.logs.limits);
    let outlet = LogOutlet {
        encoder,
        host_resource: host_resource.clone(),
        limits: limits.clone(),
        redactor: redactor.clone(),
        deliveries,
    };
    io.spawn(worker::run(
        Arc::clone(&queue),
        outlet,
        batch.schedule_delay,
        flushes,
    ));
    let processor = OcLogProcessor::new(queue, limits, host_resource);
    let provider = (!config.host_owns_sdk).then(|| {
        SdkLoggerProvider::builder()
            .with_resource(resource.clone())
            .with_log_processor(processor.clone())
            .build()
    });
    Logs {
        provider,
        processor: Some(processor),
        flush: Some(flush),
    }
}

/// Opens the log file; a folder that cannot be used is a warning and no file.
pub(super) fn open_file(config: &mut Config, redactor: Redactor) -> Option<LogFile> {
    let Some(folder) = config.logs.dir.clone() else {
        config.warn(
            "logs.dir",
            "there is no home folder and no OPENCLAW_LOG_DIR; no log file is written",
        );
        return None;
    };
    match LogFile::open(&folder, redactor) {
        Ok(file) => Some(file),
        Err(error) => {
            config.warn(
                "logs.dir",
                format!(
                    "cannot write log files in {}: {error}; no log file is written",
                    echo_path(&folder)
                ),
            );
            None
        }
    }
}

/// What is recorded of events and `tracing` spans, by target and level.
///
/// Of the OpenTelemetry crates only warnings, unless a directive names them: they report every
/// provider that is set or dropped as `INFO`, in the middle of the program's own events.
pub(super) fn levels(config: &mut Config) -> Targets {
    let levels = directives(config);
    let default = levels.default_level().unwrap_or(LevelFilter::OFF);
    if default <= LevelFilter::WARN || levels.iter().any(|(target, _)| target.starts_with(SDK)) {
        return levels;
    }
    levels.with_target(SDK, LevelFilter::WARN)
}

fn directives(config: &mut Config) -> Targets {
    let default = || Targets::new().with_default(LevelFilter::INFO);
    let Some(directives) = config.logs.filter.clone() else {
        return default();
    };
    match Targets::from_str(&directives) {
        Ok(targets) => targets,
        Err(error) => {
            config.warn(
                "logs.filter",
                format!("not a list such as `info,my_crate=debug`: {error}; `info` is used"),
            );
            default()
        }
    }
}

/// The targets of the OpenTelemetry crates begin with it.
const SDK: &str = "opentelemetry";
