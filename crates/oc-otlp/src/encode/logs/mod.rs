mod body;
mod capture;
mod error;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_util::FutureExt;
use opentelemetry::{InstrumentationScope, logs::LogRecord};
use opentelemetry_otlp::{
    Compression, ExporterBuildError, LogExporter, Protocol, RetryPolicy, WithExportConfig,
    WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    logs::{LogBatch, LogExporter as _, SdkLogRecord},
};

use self::capture::CaptureClient;
pub use self::error::{
    BuildLogEncoderError, BuildLogEncoderErrorKind, EncodeLogsError, EncodeLogsErrorKind,
};
use crate::{Payload, Signal};

/// Encodes log records as an `ExportLogsServiceRequest`.
///
/// `opentelemetry-otlp` does the encoding: it is handed a client that keeps the request's body
/// instead of sending it. Nothing is sent, retried or waited for here, and no runtime is needed.
/// The endpoint and the headers that the exporter reads from the environment are of no effect, and
/// a body that the environment has made it compress is unpacked again.
///
/// The request holds one `ResourceLogs`, and in it one `ScopeLogs` for each target and
/// instrumentation scope, in no particular order.
pub struct LogEncoder {
    // The client keeps one body at a time, so one batch is encoded at a time.
    exporter: Mutex<LogExporter>,
    client: Arc<CaptureClient>,
}

impl LogEncoder {
    /// An encoder for the records of `resource`.
    ///
    /// # Errors
    ///
    /// * [`BuildLogEncoderErrorKind::Exporter`]: `opentelemetry-otlp` refused its settings.
    /// * [`BuildLogEncoderErrorKind::Compression`]: the environment makes the exporter compress
    ///   with something other than gzip, and gzip is not there to take its place. This needs a
    ///   program in which the feature `zstd-http` of `opentelemetry-otlp` is on and `gzip-http` is
    ///   off.
    pub fn new(resource: &Resource) -> Result<Self, BuildLogEncoderError> {
        let encoder = Self::build(resource, None).map_err(BuildLogEncoderError::exporter)?;
        if encoder.encode_body(&[]).is_ok() {
            return Ok(encoder);
        }
        // Compression cannot be switched off in code, only chosen; gzip is the one that can be
        // undone.
        let encoder = Self::build(resource, Some(Compression::Gzip))
            .map_err(BuildLogEncoderError::compression)?;
        match encoder.encode_body(&[]) {
            Ok(_) => Ok(encoder),
            Err(error) => Err(BuildLogEncoderError::compression(error)),
        }
    }

    /// Encodes `records`, however many; see [`encode_bounded`](super::encode_bounded) for a limit.
    ///
    /// `None` if there are none. A record without an observed time, which the SDK never hands out,
    /// gets the record's own time, or 0 for unknown.
    ///
    /// # Errors
    ///
    /// * [`EncodeLogsErrorKind::Exporter`]: `opentelemetry-otlp` refused the batch; it takes 64
    ///   MiB.
    /// * [`EncodeLogsErrorKind::NoBody`]: it handed over no body.
    /// * [`EncodeLogsErrorKind::Compression`]: the body is compressed and could not be unpacked.
    pub fn encode(
        &self,
        records: &[(SdkLogRecord, InstrumentationScope)],
    ) -> Result<Option<Payload>, EncodeLogsError> {
        if records.is_empty() {
            return Ok(None);
        }
        let dated = date_undated(records);
        let mut dated = dated.iter();
        let borrowed: Vec<_> = records
            .iter()
            .map(|(record, scope)| match record.observed_timestamp() {
                Some(_) => (record, scope),
                None => (dated.next().unwrap_or(record), scope),
            })
            .collect();
        let body = self.encode_body(&borrowed)?;
        let items = records.len() as u64;
        Ok(Some(Payload::new(Signal::Logs, body, items)))
    }

    fn build(
        resource: &Resource,
        compression: Option<Compression>,
    ) -> Result<Self, ExporterBuildError> {
        let client = Arc::new(CaptureClient::default());
        let mut builder = LogExporter::builder()
            .with_http()
            .with_endpoint(ENDPOINT)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(TIMEOUT)
            .with_shared_http_client(client.clone())
            .with_retry_policy(RetryPolicy::disabled())
            .with_max_request_body_size(body::MAX_BYTES);
        if let Some(compression) = compression {
            builder = builder.with_compression(compression);
        }
        let mut exporter = builder.build()?;
        exporter.set_resource(resource);
        Ok(Self {
            exporter: Mutex::new(exporter),
            client,
        })
    }

    fn encode_body(
        &self,
        records: &[(&SdkLogRecord, &InstrumentationScope)],
    ) -> Result<Bytes, EncodeLogsError> {
        // A panic below leaves nothing half-done behind that `take` would not clear.
        let exporter = self.exporter.lock().unwrap_or_else(PoisonError::into_inner);
        self.client.take();
        let outcome = exporter.export(LogBatch::new(records)).now_or_never();
        let captured = self.client.take();
        drop(exporter);
        match (outcome, captured) {
            (Some(Ok(())), Some(captured)) => body::plain(captured),
            (Some(Err(error)), _) => Err(EncodeLogsError::exporter(error)),
            (None, _) | (Some(Ok(())), None) => Err(EncodeLogsError::no_body()),
        }
    }
}

/// Leaves the exporter out: its own output shows the headers that it took from the environment.
impl fmt::Debug for LogEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogEncoder").finish_non_exhaustive()
    }
}

/// Dated copies of the records without an observed time, on which the exporter would panic.
fn date_undated(records: &[(SdkLogRecord, InstrumentationScope)]) -> Vec<SdkLogRecord> {
    records
        .iter()
        .filter(|(record, _)| record.observed_timestamp().is_none())
        .map(|(record, _)| {
            let mut record = record.clone();
            record.set_observed_timestamp(record.timestamp().unwrap_or(UNIX_EPOCH));
            record
        })
        .collect()
}

/// Never connected to; explicit, so that no variable is read for it.
const ENDPOINT: &str = "http://localhost/v1/logs";

/// Never waited for; explicit, so that no variable is read for it.
const TIMEOUT: Duration = Duration::from_secs(1);
