use std::time::Duration;

use http::StatusCode;
use prost::{
    bytes::BufMut,
    encoding::{self, WireType},
};
use tonic::Code;

use crate::Signal;

/// What the receiver answers to a request instead of plain success.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) signal: Option<Signal>,
    pub(super) action: Action,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// Take everything, or all but some items.
    Accept { rejected: u64, message: String },
    /// An HTTP status, also to a gRPC request, as a proxy in between would do.
    Http {
        status: StatusCode,
        headers: Vec<(String, String)>,
    },
    /// A gRPC status.
    Grpc {
        code: Code,
        message: String,
        retry_delay: Option<Duration>,
    },
    /// 503 or UNAVAILABLE, whichever the request speaks.
    Unavailable { retry_after: Option<Duration> },
    /// No answer until released.
    Hang,
    /// The connection is closed without an answer.
    Close { accept: bool },
}

impl Script {
    /// Plain success. To end what [`OtlpReceiver::respond_always`] began, or to let a request pass
    /// between scripted ones.
    ///
    /// [`OtlpReceiver::respond_always`]: super::OtlpReceiver::respond_always
    pub const fn accept() -> Self {
        Self::new(Action::Accept {
            rejected: 0,
            message: String::new(),
        })
    }

    /// Success in part: `rejected` items are refused, with a message.
    ///
    /// The items are kept all the same: the protocol does not say which of them were refused.
    /// Zero rejected items with a message is a warning. OTLP specification, section "Partial
    /// Success".
    pub fn partial_success(rejected: u64, message: impl Into<String>) -> Self {
        Self::new(Action::Accept {
            rejected,
            message: message.into(),
        })
    }

    /// An HTTP status without a body. A gRPC request gets it too, as from a proxy in between.
    ///
    /// A number outside 100 to 999 becomes 500.
    pub fn status(status: u16) -> Self {
        Self::new(Action::Http {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: Vec::new(),
        })
    }

    /// Adds a header to the answer of [`Script::status`]; without effect on other scripts.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Action::Http { headers, .. } = &mut self.action {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// A gRPC status. An HTTP request gets the HTTP status that belongs to the code, with the
    /// status message in its body.
    pub fn grpc_status(code: i32, message: impl Into<String>) -> Self {
        Self::new(Action::Grpc {
            code: Code::from_i32(code),
            message: message.into(),
            retry_delay: None,
        })
    }

    /// Adds `google.rpc.RetryInfo` to the status of [`Script::grpc_status`]; without effect on
    /// other scripts.
    pub fn with_retry_info(mut self, delay: Duration) -> Self {
        if let Action::Grpc { retry_delay, .. } = &mut self.action {
            *retry_delay = Some(delay);
        }
        self
    }

    /// A destination that is overloaded: 503 with `Retry-After` (in whole seconds, rounded up) to
    /// an HTTP request, UNAVAILABLE with `RetryInfo` to a gRPC request.
    pub const fn unavailable(retry_after: Option<Duration>) -> Self {
        Self::new(Action::Unavailable { retry_after })
    }

    /// Takes the request and never answers, until [`OtlpReceiver::release`] (then with success) or
    /// until the client gives up.
    ///
    /// [`OtlpReceiver::release`]: super::OtlpReceiver::release
    pub const fn hang() -> Self {
        Self::new(Action::Hang)
    }

    /// Closes the connection without an answer. The items are not kept.
    pub const fn close() -> Self {
        Self::new(Action::Close { accept: false })
    }

    /// Keeps the items, then closes the connection without an answer, so that the client cannot
    /// know: the case in which a retry sends twice.
    pub const fn lose_answer() -> Self {
        Self::new(Action::Close { accept: true })
    }

    /// Limits the script to requests of one signal.
    pub const fn only_for(mut self, signal: Signal) -> Self {
        self.signal = Some(signal);
        self
    }

    const fn new(action: Action) -> Self {
        Self {
            signal: None,
            action,
        }
    }
}

/// A serialised `google.rpc.Status`: the body of an OTLP/HTTP failure and the
/// `grpc-status-details-bin` of a gRPC one.
pub(super) fn rpc_status(code: Code, message: &str, retry_delay: Option<Duration>) -> Vec<u8> {
    let mut status = Vec::new();
    encoding::int32::encode(1, &i32::from(code), &mut status);
    encoding::string::encode(2, &message.to_owned(), &mut status);
    if let Some(delay) = retry_delay {
        let mut duration = Vec::new();
        let seconds = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
        encoding::int64::encode(1, &seconds, &mut duration);
        let nanos = i32::try_from(delay.subsec_nanos()).unwrap_or_default();
        encoding::int32::encode(2, &nanos, &mut duration);
        let mut retry_info = Vec::new();
        nested(1, &duration, &mut retry_info);
        let mut any = Vec::new();
        let type_url = "type.googleapis.com/google.rpc.RetryInfo".to_owned();
        encoding::string::encode(1, &type_url, &mut any);
        nested(2, &retry_info, &mut any);
        nested(3, &any, &mut status);
    }
    status
}

fn nested(tag: u32, message: &[u8], into: &mut Vec<u8>) {
    encoding::encode_key(tag, WireType::LengthDelimited, into);
    encoding::encode_varint(message.len() as u64, into);
    into.put_slice(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a status with retry information are those of the protobuf definition, written
    /// down by hand.
    #[test]
    fn retry_info_is_laid_out_as_defined() {
        let status = rpc_status(Code::Unavailable, "no", Some(Duration::from_millis(1_500)));
        let mut expected = vec![0x08, 14, 0x12, 2, b'n', b'o', 0x1a, 54, 0x0a, 40];
        expected.extend(b"type.googleapis.com/google.rpc.RetryInfo");
        expected.extend([
            0x12, 10, 0x0a, 8, 0x08, 1, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01,
        ]);
        assert_eq!(status, expected);
    }
}
