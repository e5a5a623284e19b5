//! A request's message as it goes onto the wire, in the place of the one that tonic would make.
//!
//! tonic compresses a message for every attempt, on the thread that sends it, and copies it into a
//! buffer before. Here it is made once, by the payload, and sent from where it lies.

use std::{
    convert::Infallible,
    future::Future,
    mem::take,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tonic::client::GrpcService;

use super::super::client::Client;

/// The bytes of one message; an extension of the request that they belong to.
#[derive(Clone, Default)]
pub(super) struct Message {
    bytes: Bytes,
    len: u32,
    is_gzip: bool,
}

impl Message {
    /// `None` if it is larger than a message can be, 4 GiB.
    pub(super) fn new(bytes: Bytes, is_gzip: bool) -> Option<Self> {
        let len = u32::try_from(bytes.len()).ok()?;
        Some(Self {
            bytes,
            len,
            is_gzip,
        })
    }
}

/// A client that sends the [`Message`] of each request.
#[derive(Clone)]
pub(super) struct MessageClient(pub(super) Client<MessageBody>);

impl GrpcService<tonic::body::Body> for MessageClient {
    type ResponseBody = Incoming;
    type Error = legacy::Error;
    type Future = Exchange;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // The client below is always ready: it makes a connection when it needs one.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> Self::Future {
        let (mut head, _) = request.into_parts();
        let message: Message = head.extensions.remove().unwrap_or_default();
        if message.is_gzip {
            let gzip = HeaderValue::from_static("gzip");
            head.headers.insert(ENCODING, gzip);
        }
        let request = Request::from_parts(head, MessageBody::new(message));
        Box::pin(self.0.request(request))
    }
}

pub(super) type Exchange =
    Pin<Box<dyn Future<Output = Result<Response<Incoming>, legacy::Error>> + Send>>;

/// The frame's head and then the message.
pub(super) struct MessageBody {
    head: Bytes,
    message: Bytes,
}

impl MessageBody {
    fn new(message: Message) -> Self {
        let [a, b, c, d] = message.len.to_be_bytes();
        let head: [u8; FRAME_HEADER] = [u8::from(message.is_gzip), a, b, c, d];
        Self {
            head: Bytes::copy_from_slice(&head),
            message: message.bytes,
        }
    }
}

impl Body for MessageBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = if self.head.is_empty() {
            take(&mut self.message)
        } else {
            take(&mut self.head)
        };
        Poll::Ready((!next.is_empty()).then(|| Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        self.head.is_empty() && self.message.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.head.len() + self.message.len()) as u64)
    }
}

/// One byte says whether the message is compressed, four how long it is.
pub(super) const FRAME_HEADER: usize = 5;

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
