use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::task::JoinHandle;

use super::page::{self, MetricsPage};

impl<B> tower_service::Service<Request<B>> for MetricsPage {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = MetricsPageFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// Answers as [`MetricsPage::respond`] does, but renders apart from the executor: on the
    /// library's own threads where the page is a telemetry's, else on those for blocking work of the
    /// tokio runtime that it is called in. At most two pages at once; outside of every runtime it
    /// renders at once and in place.
    fn call(&mut self, request: Request<B>) -> MetricsPageFuture {
        let (method, headers) = (request.method(), request.headers());
        let state = match (page::refusal(method, headers), self.runtime()) {
            (Some(refusal), _) => State::Done(Some(refusal)),
            (None, None) => State::Done(Some(self.answer(method))),
            (None, Some(runtime)) => {
                let answer = self.clone().answer_apart(method.clone());
                State::Rendering(runtime.spawn(answer))
            }
        };
        MetricsPageFuture { state }
    }
}

/// The response of a [`MetricsPage`] as a `tower` service. Dropped, it gives up its place among
/// those that wait to be rendered.
#[must_use = "futures do nothing unless they are polled"]
pub struct MetricsPageFuture {
    state: State,
}

enum State {
    Done(Option<Response<Full<Bytes>>>),
    Rendering(JoinHandle<Response<Full<Bytes>>>),
}

impl Future for MetricsPageFuture {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Done(response) => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                // Polled after its end.
                None => Poll::Pending,
            },
            State::Rendering(rendering) => match Pin::new(rendering).poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(outcome) => {
                    self.state = State::Done(None);
                    Poll::Ready(Ok(outcome.unwrap_or_else(|_| page::unavailable())))
                }
            },
        }
    }
}

impl Drop for MetricsPageFuture {
    fn drop(&mut self) {
        if let State::Rendering(rendering) = &self.state {
            rendering.abort();
        }
    }
}

impl fmt::Debug for MetricsPageFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsPageFuture").finish_non_exhaustive()
    }
}
