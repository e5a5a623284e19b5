use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use oc_otlp::{
    Delivery, Ledger,
    encode::{DEFAULT_MAX_PAYLOAD_BYTES, LogEncoder, encode_bounded},
};
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    logs::{LogProcessor, SdkLogRecord},
};

use super::{log_limits::RecordLimits, queue::Queue, worker::Outlet};
use crate::config::LogLimits;

/// A record with the scope that emitted it.
pub(crate) type ScopedRecord = (SdkLogRecord, InstrumentationScope);

/// Takes every log record and queues it for the destinations.
///
/// The counterpart of [`OcSpanProcessor`](crate::OcSpanProcessor) for logs.
#[derive(Debug, Clone)]
pub struct OcLogProcessor {
    queue: Arc<Queue<ScopedRecord>>,
    limits: RecordLimits,
}

impl OcLogProcessor {
    pub(crate) fn new(queue: Arc<Queue<ScopedRecord>>, limits: LogLimits) -> Self {
        Self {
            queue,
            limits: RecordLimits::new(limits),
        }
    }

    /// From now on whatever arrives is dropped and counted.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

impl LogProcessor for OcLogProcessor {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        self.queue.push((self.limits.apply(record), scope.clone()));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Encodes batches of log records and hands them to every destination of logs.
pub(crate) struct LogOutlet {
    pub(crate) encoder: LogEncoder,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) ledger: Arc<Ledger>,
}

impl Outlet<ScopedRecord> for LogOutlet {
    fn consume(&mut self, batch: Vec<ScopedRecord>) {
        let parts = encode_bounded(&batch, DEFAULT_MAX_PAYLOAD_BYTES, |records| {
            self.encoder.encode(records)
        });
        super::hand_over(&self.ledger, &self.deliveries, batch.len() as u64, parts);
    }

    fn drained(&self) -> BoxFuture<'static, ()> {
        super::drained(&self.deliveries)
    }
}
