//! Encoding the SDK's data as OTLP protobuf.
//!
//! Every encoder ends in a [`Payload`](crate::Payload): the bytes of one export request, not
//! compressed, with the number of items in them.
//!
//! * [`SpanEncoder`] writes spans straight from the SDK's data, without the protobuf structs in
//!   between.
//! * [`LogEncoder`] lets `opentelemetry-otlp` encode log records and keeps the body it would have
//!   sent.
//! * [`encode_metrics`] converts with `opentelemetry-proto`, and cuts a large collection.
//! * [`encode_bounded`] cuts a batch so that every part stays below a size.

mod bounded;
mod logs;
mod metrics;
mod size;
mod spans;
mod value;
mod wire;

pub use bounded::{Bounded, DEFAULT_MAX_PAYLOAD_BYTES, encode_bounded};
pub use logs::{
    BuildLogEncoderError, BuildLogEncoderErrorKind, EncodeLogsError, EncodeLogsErrorKind,
    LogEncoder,
};
pub use metrics::encode_metrics;
pub use size::EstimateSize;
pub use spans::SpanEncoder;
