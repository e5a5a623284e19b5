use std::{
    fmt,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
};

use futures_util::Stream;
use pin_project_lite::pin_project;

use super::LlmCall;
use crate::{
    agent::open::Outcome,
    context::attach,
    model_body::BodyReader,
    span::{ErrorType, Failure},
};

pin_project! {
    /// The stream of a model's answer, with the [`LlmCall`] that it belongs to.
    ///
    /// It passes everything on untouched and times the chunks. The call ends when the stream ends; as
    /// failed when the stream yields an error; as cancelled when it is dropped before.
    #[must_use = "streams do nothing unless polled"]
    pub struct LlmStream<S> {
        #[pin]
        stream: S,
        call: Option<LlmCall>,
        reader: Option<BodyReader>,
    }

    impl<S> PinnedDrop for LlmStream<S> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            // What passed until now is known; that the call is cancelled is said by its own drop.
            if let (Some(call), Some(reader)) = (this.call.as_ref(), this.reader.take()) {
                call.response(&reader.finish());
            }
        }
    }
}

impl<S> LlmStream<S> {
    pub(super) fn new(call: LlmCall, stream: S) -> Self {
        Self {
            stream,
            call: Some(call),
            reader: None,
        }
    }

    /// Reads usage, finish reasons, id and model from the bytes that pass.
    pub fn reading(mut self, reader: BodyReader) -> Self {
        self.reader = Some(reader);
        self
    }

    /// The call, to say what the stream tells; `None` once it has ended.
    pub fn call(&self) -> Option<&LlmCall> {
        self.call.as_ref()
    }
}

impl<S, T, E> Stream for LlmStream<S>
where
    S: Stream<Item = Result<T, E>>,
    T: AsRef<[u8]>,
    E: ErrorType,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let item = {
            let _attached = this
                .call
                .as_ref()
                .map(|call| attach(call.context().clone()));
            ready!(this.stream.poll_next(cx))
        };
        match &item {
            Some(Ok(bytes)) => {
                if let Some(call) = this.call.as_ref() {
                    let is_content = match this.reader.as_mut() {
                        Some(reader) => reader.push(bytes.as_ref()) > 0,
                        None => true,
                    };
                    if is_content {
                        call.chunk();
                    }
                }
            }
            Some(Err(error)) => {
                if let Some(failure) = this.call.as_ref().map(|call| call.failure_of(error)) {
                    finish(this.call, this.reader, &Outcome::Failed(failure));
                }
            }
            None => finish(this.call, this.reader, &Outcome::Ok),
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S> fmt::Debug for LlmStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlmStream")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

fn finish(call: &mut Option<LlmCall>, reader: &mut Option<BodyReader>, outcome: &Outcome) {
    let Some(mut call) = call.take() else { return };
    let mut in_stream = None;
    if let Some(reader) = reader.take() {
        let reading = reader.finish();
        call.response(&reading);
        // An error inside of an answer that began with 200.
        in_stream = reading.error_type().map(|error_type| {
            let error_type = error_type.to_owned();
            Outcome::Failed(Failure::new(error_type, "the provider reported an error"))
        });
    }
    match (&outcome, in_stream) {
        (Outcome::Ok, Some(failed)) => call.settle(&failed),
        _ => call.settle(outcome),
    }
}
