use std::{borrow::Cow, fmt};

use oc_telemetry::span::ErrorType;

/// Why a model call failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ModelError {
    /// The server answered with this HTTP status.
    Status(u16),
    /// No connection, or it broke.
    Connection(Box<dyn std::error::Error + Send + Sync>),
    /// The stream was not what the format says.
    Format(&'static str),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the model server answered {status}"),
            Self::Connection(_) => f.write_str("the connection to the model server failed"),
            Self::Format(problem) => write!(f, "the model's answer is malformed: {problem}"),
        }
    }
}

impl std::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connection(source) => Some(&**source),
            _ => None,
        }
    }
}

impl ErrorType for ModelError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Status(status) => status.to_string().into(),
            Self::Connection(_) => "connection".into(),
            Self::Format(_) => "malformed_answer".into(),
        }
    }
}
