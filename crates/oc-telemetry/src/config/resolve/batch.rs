//! How spans and log records are batched.

use std::time::Duration;

use super::Resolver;
use crate::config::{BatchConfig, code::BatchOverrides, parse};

pub(super) fn spans(r: &mut Resolver<'_>) -> BatchConfig {
    let code = r.code.span_batch;
    batch(r, &SPANS, code)
}

pub(super) fn logs(r: &mut Resolver<'_>) -> BatchConfig {
    let code = r.code.log_batch;
    batch(r, &LOGS, code)
}

fn batch(r: &mut Resolver<'_>, names: &Names, code: BatchOverrides) -> BatchConfig {
    let schedule_delay = millis(r, names.delay, code.schedule_delay).unwrap_or(names.default_delay);
    // The specification's default of 30 s would be the only one ever to exceed a receiver's timeout
    // that somebody made long on purpose.
    let export_timeout = millis(r, names.timeout, code.export_timeout);
    let max_queue_size =
        size(r, names.queue, code.max_queue_size).map_or(QUEUE_SIZE, |size| size.value);
    let max_export_batch_size = match size(r, names.batch, code.max_export_batch_size) {
        Some(size) if size.value > max_queue_size => {
            r.warnings.push(size.warning(format!(
                "{} is more than the queue holds ({}, {max_queue_size}); {max_queue_size} is used",
                size.value, names.queue.1
            )));
            max_queue_size
        }
        Some(size) => size.value,
        // Nobody asked for the default: no reason to warn.
        None => BATCH_SIZE.min(max_queue_size),
    };
    BatchConfig {
        schedule_delay,
        max_queue_size,
        max_export_batch_size,
        export_timeout,
    }
}

fn millis(
    r: &mut Resolver<'_>,
    (topic, variable): Name,
    code: Option<Duration>,
) -> Option<Duration> {
    let candidates = [
        r.duration_in_code(variable, code),
        r.in_env(variable, parse::millis),
    ];
    r.pick(topic, candidates).map(|duration| duration.value)
}

fn size(
    r: &mut Resolver<'_>,
    (topic, variable): Name,
    code: Option<usize>,
) -> Option<super::Sourced<usize>> {
    let code = r.in_code(variable, code).filter(|size| {
        let fits = (1..=MAX_SIZE as usize).contains(&size.value);
        if !fits {
            let message = format!("expected a number from 1 to {MAX_SIZE}; ignored");
            r.warnings.push(size.warning(message));
        }
        fits
    });
    let env = r.in_env(variable, |text| {
        parse::number(1, MAX_SIZE)(text).map(|size| size as usize)
    });
    r.pick(topic, [code, env])
}

/// Topic and variable.
type Name = (&'static str, &'static str);

struct Names {
    delay: Name,
    queue: Name,
    batch: Name,
    timeout: Name,
    default_delay: Duration,
}

const SPANS: Names = Names {
    delay: ("traces.batch.schedule_delay", "OTEL_BSP_SCHEDULE_DELAY"),
    queue: ("traces.batch.max_queue_size", "OTEL_BSP_MAX_QUEUE_SIZE"),
    batch: (
        "traces.batch.max_export_batch_size",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    ),
    timeout: ("traces.batch.export_timeout", "OTEL_BSP_EXPORT_TIMEOUT"),
    default_delay: Duration::from_secs(5),
};

const LOGS: Names = Names {
    delay: ("logs.batch.schedule_delay", "OTEL_BLRP_SCHEDULE_DELAY"),
    queue: ("logs.batch.max_queue_size", "OTEL_BLRP_MAX_QUEUE_SIZE"),
    batch: (
        "logs.batch.max_export_batch_size",
        "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    ),
    timeout: ("logs.batch.export_timeout", "OTEL_BLRP_EXPORT_TIMEOUT"),
    default_delay: Duration::from_secs(1),
};

// Configuration specification, "Batch Span Processor" and "Batch LogRecord Processor".
const QUEUE_SIZE: usize = 2048;
const BATCH_SIZE: usize = 512;
/// About a gigabyte of spans: more is a slip.
const MAX_SIZE: u32 = 1_048_576;
