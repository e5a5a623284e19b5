//! Carrying one payload to one endpoint, once.
//!
//! A [`Transport`] makes a single attempt and says what became of it. Whether and when there is
//! another attempt is [`Delivery`](crate::Delivery)'s business.

use std::{fmt, future::Future, pin::Pin};

use crate::Payload;

#[cfg(any(feature = "http", feature = "grpc"))]
mod address;
#[cfg(any(feature = "http", feature = "grpc"))]
mod client;
#[cfg_attr(
    not(any(feature = "http", feature = "grpc")),
    expect(dead_code, reason = "without a transport nothing reads it")
)]
mod endpoint;
#[cfg_attr(
    not(any(feature = "http", feature = "grpc")),
    expect(dead_code, reason = "without a transport nothing reads it")
)]
mod endpoint_error;
mod error;
#[cfg(feature = "http")]
mod fetch;
#[cfg(feature = "grpc")]
mod grpc;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "http", feature = "grpc"))]
mod response;
#[cfg(feature = "http")]
mod rest;
#[cfg(any(feature = "http", feature = "grpc"))]
mod retry_after;
#[cfg(any(feature = "http", feature = "grpc"))]
mod roots;
#[cfg(any(feature = "http", feature = "grpc"))]
mod rpc_status;
#[cfg(test)]
mod test_server;
#[cfg_attr(
    not(any(feature = "http", feature = "grpc")),
    expect(dead_code, reason = "without a transport nothing reads it")
)]
mod text;
#[cfg(any(feature = "http", feature = "grpc"))]
mod tls;

pub use endpoint::{Compression, Endpoint, RESERVED_HEADERS};
pub use endpoint_error::{EndpointError, EndpointErrorKind};
pub use error::{SendError, SendErrorKind};
#[cfg(feature = "http")]
pub use fetch::Fetch;
#[cfg(feature = "grpc")]
pub use grpc::GrpcTransport;
#[cfg(feature = "http")]
pub use http::HttpTransport;
#[cfg(feature = "http")]
pub use rest::{Rest, RestAnswer};

/// The future of one attempt.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<Accepted, SendError>> + Send + 'a>>;

/// One way to carry a payload to one endpoint.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Makes one attempt, bounded by the endpoint's timeout.
    ///
    /// # Errors
    ///
    /// A [`SendError`] says whether the same payload may be sent again
    /// ([`SendError::is_retryable`]) and how long the destination wants to be left alone
    /// ([`SendError::retry_after`]).
    fn send<'a>(&'a self, payload: &'a Payload) -> SendFuture<'a>;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send<'a>(&'a self, payload: &'a Payload) -> SendFuture<'a> {
        (**self).send(payload)
    }
}

/// The destination took the payload, whole or in part.
///
/// OTLP specification, section "Partial Success".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// Items that the destination refused; they are never sent again.
    pub rejected: u64,
    /// What the destination said about them, or a warning when `rejected` is zero. At most 1 KiB.
    pub message: Option<String>,
}
