//! The OTLP/gRPC side.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::{Buf as _, BufMut as _, Bytes};
use http::{HeaderMap, Response, request::Parts};
use http_body_util::Full;
use tonic::{
    Code, Request, Status,
    body::Body,
    codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{Grpc, UnaryService},
};

use super::{
    http::{plain, success},
    request::{Protocol, ReceivedRequest},
    script::{Action, rpc_status},
    server::BODY_LIMIT,
    store::Store,
};
use crate::Signal;

/// Whether the request is meant for this side.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// Answers a request whose body has been read; `None` means: close the connection.
pub(super) async fn answer(
    store: &Arc<Store>,
    connection: u64,
    head: Parts,
    body: Option<Bytes>,
) -> Option<Response<Body>> {
    let signal = Signal::ALL
        .into_iter()
        .find(|signal| signal.grpc_path() == head.uri.path());
    let mut request = ReceivedRequest::new(Protocol::Grpc, signal, connection, &head);
    let Some(body) = body else {
        let problem = format!("the body is larger than {BODY_LIMIT} bytes or was cut short");
        return Some(refuse(store, request, Code::ResourceExhausted, problem));
    };
    request.wire_size = body.len();
    if signal.is_none() {
        let problem = "no such method".to_owned();
        return Some(refuse(store, request, Code::Unimplemented, problem));
    }
    request.compressed = head
        .headers
        .get("grpc-encoding")
        .is_some_and(|value| value != "identity");

    let call = Arc::new(Call {
        store: Arc::clone(store),
        request: Mutex::new(Some(request)),
        outside: Mutex::new(None),
    });
    let response = Grpc::new(RawCodec)
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(BODY_LIMIT)
        .unary(
            Export(Arc::clone(&call)),
            http::Request::from_parts(head, Full::<Bytes>::new(body)),
        )
        .await;
    if let Some(request) = take(&call.request) {
        // tonic could not read the frame and did not come to the service: its answer says why.
        let problem = Status::from_header_map(response.headers())
            .map_or_else(String::new, |status| status.message().to_owned());
        store.refuse(request, problem);
    }
    match take(&call.outside) {
        None => Some(response),
        Some(Outside::Http(response)) => Some(response),
        Some(Outside::Close) => None,
    }
}

/// One call, shared with the service that tonic drives.
struct Call {
    store: Arc<Store>,
    /// Taken when the message has been read.
    request: Mutex<Option<ReceivedRequest>>,
    /// What a gRPC service cannot answer.
    outside: Mutex<Option<Outside>>,
}

enum Outside {
    Http(Response<Body>),
    Close,
}

impl Call {
    async fn answer(&self, message: Bytes) -> Result<tonic::Response<Bytes>, Status> {
        let Some(mut request) = take(&self.request) else {
            return Err(Status::internal("the service was called twice"));
        };
        if let Err(error) = request.decode(message) {
            let problem = format!("the body is not the protobuf message of its path: {error}");
            self.store.refuse(request, problem.clone());
            return Err(Status::invalid_argument(problem));
        }
        let outside = match self.store.answer(request).await {
            Action::Accept { rejected, message } => {
                return Ok(tonic::Response::new(success(rejected, message).into()));
            }
            Action::Grpc {
                code,
                message,
                retry_delay,
            } => return Err(status(code, &message, retry_delay)),
            Action::Unavailable { retry_after } => {
                let message = "scripted to be unavailable";
                return Err(status(Code::Unavailable, message, retry_after));
            }
            Action::Http { status, headers } => Outside::Http(plain(status, &headers)),
            Action::Hang | Action::Close { .. } => Outside::Close,
        };
        *self.outside.lock().unwrap_or_else(PoisonError::into_inner) = Some(outside);
        Err(Status::internal("answered outside of gRPC"))
    }
}

/// tonic's view of a call.
struct Export(Arc<Call>);

impl UnaryService<Bytes> for Export {
    type Response = Bytes;
    type Future =
        Pin<Box<dyn Future<Output = Result<tonic::Response<Bytes>, Status>> + Send + 'static>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let call = Arc::clone(&self.0);
        Box::pin(async move { call.answer(request.into_inner()).await })
    }
}

/// Messages as bytes: the receiver decodes them by itself, with the same code for both protocols.
#[derive(Clone, Copy)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self::Encoder {
        *self
    }

    fn decoder(&mut self) -> Self::Decoder {
        *self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

fn refuse(store: &Store, request: ReceivedRequest, code: Code, problem: String) -> Response<Body> {
    let response = Status::new(code, problem.clone()).into_http();
    store.refuse(request, problem);
    response
}

/// A status; with a delay, its details are a `google.rpc.Status` that holds `RetryInfo`.
fn status(code: Code, message: &str, retry_delay: Option<Duration>) -> Status {
    if retry_delay.is_none() {
        return Status::new(code, message);
    }
    let details = rpc_status(code, message, retry_delay);
    Status::with_details(code, message, details.into())
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
