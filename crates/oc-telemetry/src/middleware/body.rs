use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Buf;
use http::{Response, header};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::request::RequestTracker;

pin_project! {
    /// The body of a response of an [`HttpServer`](super::HttpServer).
    ///
    /// The request's span ends with it. Dropped before its end, it ends the span as cancelled.
    pub struct ResponseBody<B> {
        // Before the tracker, so that spans of the body end before the request's.
        #[pin]
        inner: B,
        tracker: Option<RequestTracker>,
        // Bytes still to come, where the length is known.
        remaining: Option<u64>,
    }
}

impl<B: Body> ResponseBody<B> {
    pub(super) fn wrap(response: Response<B>, tracker: Option<RequestTracker>) -> Response<Self> {
        let (parts, inner) = response.into_parts();
        let stated = parts
            .headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse().ok());
        let remaining = stated.or_else(|| inner.size_hint().exact());
        let mut body = Self {
            inner,
            tracker,
            remaining,
        };
        let mut sends_body = true;
        if let Some(tracker) = &mut body.tracker {
            tracker.responded(parts.status);
            sends_body = tracker.sends_body(parts.status);
        }
        // A server does not poll a body that it will not send; then its end is now.
        if !sends_body || body.remaining == Some(0) || body.inner.is_end_stream() {
            finish(&mut body.tracker);
        }
        Response::from_parts(parts, body)
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = {
            let _current = this.tracker.as_ref().map(RequestTracker::enter);
            ready!(this.inner.as_mut().poll_frame(cx))
        };
        match &frame {
            None => finish(this.tracker),
            Some(Err(_)) => {
                if let Some(tracker) = this.tracker {
                    tracker.failed::<B::Error>();
                }
                finish(this.tracker);
            }
            Some(Ok(frame)) => {
                if let (Some(remaining), Some(data)) = (this.remaining.as_mut(), frame.data_ref()) {
                    let length = u64::try_from(data.remaining()).unwrap_or(u64::MAX);
                    *remaining = remaining.saturating_sub(length);
                }
                // A server stops polling once it has as many bytes as it announced.
                if *this.remaining == Some(0) || this.inner.is_end_stream() {
                    finish(this.tracker);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: Default> Default for ResponseBody<B> {
    /// A body that belongs to no request.
    fn default() -> Self {
        Self {
            inner: B::default(),
            tracker: None,
            remaining: None,
        }
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

fn finish(tracker: &mut Option<RequestTracker>) {
    if let Some(mut tracker) = tracker.take() {
        tracker.finish();
    }
}
