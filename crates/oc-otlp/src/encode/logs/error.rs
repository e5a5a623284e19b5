use std::error::Error;

use thiserror::Error as ThisError;

/// Why a [`LogEncoder`](super::LogEncoder) could not be built.
#[derive(Debug, ThisError)]
#[error("{}", self.kind.message())]
pub struct BuildLogEncoderError {
    kind: BuildLogEncoderErrorKind,
    source: Box<dyn Error + Send + Sync>,
}

/// What kind of failure a [`BuildLogEncoderError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildLogEncoderErrorKind {
    /// `opentelemetry-otlp` refused the settings of its exporter.
    Exporter,
    /// The exporter compresses in a way that cannot be undone.
    Compression,
}

impl BuildLogEncoderError {
    /// The kind of failure.
    pub const fn kind(&self) -> BuildLogEncoderErrorKind {
        self.kind
    }

    pub(super) fn exporter(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: BuildLogEncoderErrorKind::Exporter,
            source: source.into(),
        }
    }

    pub(super) fn compression(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: BuildLogEncoderErrorKind::Compression,
            source: source.into(),
        }
    }
}

impl BuildLogEncoderErrorKind {
    const fn message(self) -> &'static str {
        match self {
            Self::Exporter => "opentelemetry-otlp refused the settings of its log exporter",
            Self::Compression => {
                "the compression of log requests cannot be undone; unset \
                 OTEL_EXPORTER_OTLP_LOGS_COMPRESSION and OTEL_EXPORTER_OTLP_COMPRESSION, set \
                 them to gzip, or switch on the feature gzip-http of opentelemetry-otlp"
            }
        }
    }
}

/// Why a batch of log records could not be encoded.
#[derive(Debug, ThisError)]
#[error("{}", self.kind.message())]
pub struct EncodeLogsError {
    kind: EncodeLogsErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure an [`EncodeLogsError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeLogsErrorKind {
    /// `opentelemetry-otlp` refused the batch, because it is larger than 64 MiB.
    Exporter,
    /// `opentelemetry-otlp` handed over no request, or did not finish at once.
    NoBody,
    /// The request is compressed and could not be unpacked.
    Compression,
}

impl EncodeLogsError {
    /// The kind of failure.
    pub const fn kind(&self) -> EncodeLogsErrorKind {
        self.kind
    }

    pub(super) fn exporter(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: EncodeLogsErrorKind::Exporter,
            source: Some(source.into()),
        }
    }

    pub(super) fn compression(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: EncodeLogsErrorKind::Compression,
            source: Some(source.into()),
        }
    }

    pub(super) const fn no_body() -> Self {
        Self {
            kind: EncodeLogsErrorKind::NoBody,
            source: None,
        }
    }
}

impl EncodeLogsErrorKind {
    const fn message(self) -> &'static str {
        match self {
            Self::Exporter => "opentelemetry-otlp refused to encode the log records",
            Self::NoBody => "opentelemetry-otlp handed over no request for the log records",
            Self::Compression => "the request for the log records could not be unpacked",
        }
    }
}
