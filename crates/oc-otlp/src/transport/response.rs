//! What a destination says about a request that it took.

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceResponse, metrics::v1::ExportMetricsServiceResponse,
    trace::v1::ExportTraceServiceResponse,
};
use prost::{DecodeError, Message};

use super::{Accepted, text};
use crate::{Payload, Signal};

/// Reads an `Export{Trace,Metrics,Logs}ServiceResponse`; an empty body is one without partial
/// success.
///
/// A destination cannot reject more than it was sent, nor less than nothing: its number is brought
/// into that range, so that a ledger balances whatever it says.
pub(super) fn accepted(payload: &Payload, body: &[u8]) -> Result<Accepted, DecodeError> {
    let partial = match payload.signal() {
        Signal::Traces => ExportTraceServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_spans, partial.error_message)),
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_data_points, partial.error_message)),
        Signal::Logs => ExportLogsServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_log_records, partial.error_message)),
    };
    let (rejected, message) = partial.unwrap_or_default();
    Ok(Accepted {
        rejected: u64::try_from(rejected).unwrap_or(0).min(payload.items()),
        message: text::server_message(&message),
    })
}

/// The largest answer that is read.
pub(super) const MAX_RESPONSE: usize = 4 << 20;
