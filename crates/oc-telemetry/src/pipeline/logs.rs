use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use oc_otlp::{
    Delivery,
    encode::{DEFAULT_MAX_PAYLOAD_BYTES, LogEncoder, encode_bounded},
};
use opentelemetry::{InstrumentationScope, logs::LogRecord as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    logs::{LogProcessor, SdkLogRecord},
};

use super::{
    duplicates, host_resource::HostResource, log_limits::RecordLimits, queue::Queue, redact,
    waiting::Waiting, worker::Outlet,
};
use crate::{agent::Identity, privacy::Redactor};

/// A record with the scope that emitted it.
pub(crate) type ScopedRecord = (SdkLogRecord, InstrumentationScope);

/// Takes every log record and queues it for the destinations.
///
/// The counterpart of [`OcSpanProcessor`](crate::OcSpanProcessor) for logs.
#[derive(Debug, Clone)]
pub struct OcLogProcessor {
    queue: Arc<Queue<ScopedRecord>>,
    limits: RecordLimits,
    host_resource: HostResource,
}

impl OcLogProcessor {
    pub(crate) fn new(
        queue: Arc<Queue<ScopedRecord>>,
        limits: RecordLimits,
        host_resource: HostResource,
    ) -> Self {
        Self {
            queue,
            limits,
            host_resource,
        }
    }

    /// From now on whatever arrives is dropped and counted.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

impl LogProcessor for OcLogProcessor {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        // Whoever logs: it is part of the turn that the current context belongs to.
        crate::context::map_current(|cx| {
            if let Some(identity) = Identity::of(cx) {
                for attribute in identity.attributes() {
                    record.add_attribute(attribute.key, attribute.value.to_string());
                }
            }
        });
        self.queue.push((self.limits.take(record), scope.clone()));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.host_resource.set(resource);
    }
}

/// Encodes batches of log records and hands them to every destination of logs.
pub(crate) struct LogOutlet {
    pub(crate) encoder: LogEncoder,
    pub(crate) host_resource: HostResource,
    pub(crate) limits: RecordLimits,
    pub(crate) redactor: Redactor,
    pub(crate) deliveries: Vec<Delivery>,
}

impl Outlet<ScopedRecord> for LogOutlet {
    fn consume(&mut self, mut batch: Vec<ScopedRecord>, waiting: &mut Waiting<'_>) {
        // The first one was built in the same way; should this one fail, that one still serves.
        if let Some(resource) = self.host_resource.take()
            && let Ok(encoder) = LogEncoder::new(&resource)
        {
            self.encoder = encoder;
        }
        for (record, _) in &mut batch {
            duplicates::remove_from_record(record, self.limits.blank());
            redact::record(&self.redactor, record, self.limits.blank());
            self.limits.cut(record);
        }
        let parts = encode_bounded(&batch, DEFAULT_MAX_PAYLOAD_BYTES, |records| {
            self.encoder.encode(records)
        });
        super::hand_over(waiting, &self.deliveries, parts);
    }

    fn drained(&self) -> BoxFuture<'static, ()> {
        super::drained(&self.deliveries)
    }
}
