mod message;

use std::{error::Error, fmt};

use bytes::{Buf, Bytes};
use http::{HeaderMap, Uri, uri::PathAndQuery};
use tokio::time::{Instant, timeout_at};
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataMap,
};

use self::message::{Message, MessageClient};
use super::{
    Accepted, Compression, Endpoint, EndpointError, SendError, SendErrorKind, SendFuture,
    Transport, address, client,
    response::{self, MAX_RESPONSE},
    rpc_status::RpcStatus,
    text, tls,
};
use crate::Payload;

/// Sends payloads over OTLP/gRPC: unary calls of each signal's `Export` method.
///
/// OTLP specification, section "OTLP/gRPC". What it leaves open, or what is worth knowing:
///
/// * Of the endpoint's URL only scheme, host and port count. `https` is TLS with ALPN `h2`; `http`
///   is HTTP/2 by prior knowledge.
/// * A payload's bytes are sent as they are; nothing is decoded and encoded again.
/// * The timeout is sent as `grpc-timeout` and held by the client too.
/// * How long the server wants to be left alone is read from `RetryInfo` in
///   `grpc-status-details-bin` and limited to one hour.
/// * An answer of more than 4 MiB is an error ([`SendErrorKind::Response`]), and so is one that
///   comes with status OK and is not an OTLP response.
///
/// All calls share one connection, which is opened by the first, kept for 30 s after the last, and
/// replaced once it is dead. [`send`](Transport::send) needs a tokio runtime with I/O and time
/// enabled; [`new`](Self::new) needs none.
pub struct GrpcTransport {
    grpc: Grpc<MessageClient>,
    endpoint: Endpoint,
    origin: Uri,
    headers: HeaderMap,
}

impl GrpcTransport {
    /// Checks `endpoint` and makes a transport for it. No connection is made yet.
    ///
    /// Reads the endpoint's certificate files, and for `https` without such a file the system's
    /// trusted roots. Works on any thread, inside or outside of any runtime.
    ///
    /// # Errors
    ///
    /// * The URL is malformed, or its scheme is neither `http` nor `https`; it may have none.
    /// * A header's name or value holds characters that are not allowed.
    /// * A certificate or key file cannot be read, holds nothing usable, or the key does not
    ///   belong to the certificate.
    /// * The scheme is `https`, there is no CA file, and the system trusts no root.
    pub fn new(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let origin = address::grpc_origin(endpoint)?;
        let headers = address::header_map(endpoint)?;
        let tls = tls::client_config(endpoint, address::is_https(&origin))?;
        let client = MessageClient(client::http2(tls, endpoint.timeout()));
        Ok(Self {
            grpc: Grpc::with_origin(client, origin.clone()).max_decoding_message_size(MAX_RESPONSE),
            endpoint: endpoint.clone(),
            origin,
            headers,
        })
    }

    async fn call(&self, payload: &Payload) -> Result<Accepted, SendError> {
        let limit = self.endpoint.timeout();
        let deadline = Instant::now() + limit;
        let metadata = MetadataMap::from_headers(self.headers.clone());
        let mut request = Request::from_parts(metadata, tonic::Extensions::new(), ());
        request
            .extensions_mut()
            .insert(self.message(payload).await?);
        request.set_timeout(limit);
        let path = PathAndQuery::from_static(payload.signal().grpc_path());

        let mut grpc = self.grpc.clone();
        let response = timeout_at(deadline, async {
            grpc.ready().await.map_err(|error| self.broken(error))?;
            grpc.unary(request, path, Raw)
                .await
                .map_err(|status| self.failed(status))
        })
        .await
        .map_err(|_| client::timed_out(&self.origin, limit))??;

        response::accepted(payload, response.get_ref()).map_err(|error| {
            SendError::new(
                SendErrorKind::Response,
                "the server's answer is not a valid OTLP response",
            )
            .with_source(error)
        })
    }

    async fn message(&self, payload: &Payload) -> Result<Message, SendError> {
        let message = match self.endpoint.compression() {
            Compression::None => Message::new(payload.body().clone(), false),
            Compression::Gzip => {
                let packed = payload.gzipped().await.map_err(SendError::compression)?;
                Message::new(packed, true)
            }
        };
        // As tonic has it for what cannot be framed.
        let code = i32::from(Code::ResourceExhausted);
        message.ok_or_else(|| {
            SendError::new(
                SendErrorKind::Grpc(code),
                "the request is larger than 4 GiB",
            )
        })
    }

    fn broken(&self, error: impl Into<Box<dyn Error + Send + Sync>>) -> SendError {
        client::http2_send_error(&self.origin, error)
    }

    /// Tells apart what the server answered and what happened on the way.
    fn failed(&self, mut status: Status) -> SendError {
        if status.source().is_some() {
            // It holds the answer's headers, which are nobody's business.
            *status.metadata_mut() = MetadataMap::new();
            return self.broken(status);
        }
        let code = status.code();
        let said = text::server_message(status.message());
        if code == Code::OutOfRange && status.message().starts_with(TOO_LARGE) {
            return SendError::new(
                SendErrorKind::Response,
                "the server's answer is larger than 4 MiB",
            );
        }
        let number = i32::from(code);
        SendError::new(
            SendErrorKind::Grpc(number),
            match said {
                Some(said) => format!("the server answered {code:?} ({number}): {said}"),
                None => format!("the server answered {code:?} ({number})"),
            },
        )
        .with_retry_after(RpcStatus::read(status.details()).retry_delay)
    }
}

impl Transport for GrpcTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> SendFuture<'a> {
        Box::pin(self.call(payload))
    }
}

impl fmt::Debug for GrpcTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcTransport")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// Passes answers through as the bytes that they are. Requests have their [`Message`] elsewhere.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = ();
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = ();
    type Error = Status;

    fn encode(&mut self, (): (), _: &mut EncodeBuf<'_>) -> Result<(), Status> {
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// How tonic's own status for a message above the limit begins. It uses the code of an error that
/// a server may answer and that is worth a retry, and has no other mark; a test watches over it.
const TOO_LARGE: &str = "Error, decoded message length too large";

#[cfg(test)]
mod tests;
