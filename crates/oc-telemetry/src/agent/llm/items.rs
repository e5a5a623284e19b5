use std::{
    fmt,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
};

use futures_util::Stream;
use pin_project_lite::pin_project;

use super::LlmCall;
use crate::{agent::open::Outcome, context::attach, span::Failure};

/// What an item of a model's stream is to its call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chunk {
    /// A piece of the answer: it is timed.
    Content,
    /// Something else, such as usage or a sign of life.
    Other,
    /// The end of the call, as failed.
    Failed(Failure),
}

pin_project! {
    /// The stream of a model's answer in items of any type, with the [`LlmCall`] that it belongs to;
    /// made by [`LlmCall::stream_with`].
    ///
    /// It passes everything on untouched. The call ends when the stream ends; as failed at the first
    /// item that is a failure; as cancelled when it is dropped before.
    #[must_use = "streams do nothing unless polled"]
    pub struct LlmItems<S, F> {
        #[pin]
        stream: S,
        look: F,
        call: Option<LlmCall>,
    }
}

impl<S, F> LlmItems<S, F> {
    pub(super) fn new(call: LlmCall, stream: S, look: F) -> Self {
        Self {
            stream,
            look,
            call: Some(call),
        }
    }

    /// The call, to say what is known beside the items; `None` once it has ended.
    pub fn call(&self) -> Option<&LlmCall> {
        self.call.as_ref()
    }
}

impl<S, F> Stream for LlmItems<S, F>
where
    S: Stream,
    F: FnMut(&LlmCall, &S::Item) -> Chunk,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let item = {
            let _attached = this
                .call
                .as_ref()
                .map(|call| attach(call.context().clone()));
            ready!(this.stream.poll_next(cx))
        };
        let outcome = match (&item, this.call.as_ref()) {
            (Some(item), Some(call)) => match (this.look)(call, item) {
                Chunk::Content => {
                    call.chunk();
                    None
                }
                Chunk::Other => None,
                Chunk::Failed(failure) => Some(Outcome::Failed(failure)),
            },
            (Some(_), None) => None,
            (None, _) => Some(Outcome::Ok),
        };
        if let Some(outcome) = outcome
            && let Some(mut call) = this.call.take()
        {
            call.settle(&outcome);
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S, F> fmt::Debug for LlmItems<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlmItems")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
