//! Log lines: the file of the gateway, and the layers that feed it and OTLP.

pub(crate) mod file;
pub(crate) mod jsonl;
pub(crate) mod layer;
mod lines;
mod timestamp;

#[cfg(feature = "otlp-http")]
pub(crate) use timestamp::rfc3339;
