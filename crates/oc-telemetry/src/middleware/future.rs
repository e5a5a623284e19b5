use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::{body::ResponseBody, request::RequestTracker};

pin_project! {
    /// The response of an [`HttpServer`](super::HttpServer), to come.
    ///
    /// Dropped before it is done, it ends the request's span as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        // Before the tracker, so that spans of the service end before the request's.
        #[pin]
        inner: F,
        tracker: Option<RequestTracker>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, tracker: RequestTracker) -> Self {
        Self {
            inner,
            tracker: Some(tracker),
        }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: Body,
{
    type Output = Result<Response<ResponseBody<ResBody>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = {
            let _current = this.tracker.as_ref().map(RequestTracker::enter);
            ready!(this.inner.poll(cx))
        };
        let mut tracker = this.tracker.take();
        Poll::Ready(match result {
            Ok(response) => Ok(ResponseBody::wrap(response, tracker)),
            Err(error) => {
                if let Some(tracker) = &mut tracker {
                    tracker.failed::<E>();
                    tracker.finish();
                }
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
