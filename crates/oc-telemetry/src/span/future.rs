//! A future with a span around it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context as TaskContext, Poll},
};

use pin_project_lite::pin_project;

use super::{Failure, Span};
use crate::context::Attached;

pin_project! {
    /// A future that runs in a span.
    ///
    /// The span is the current one whenever the future is polled and while it is dropped, on whatever thread that is.
    /// It ends when the future is done. A future that is dropped before ends its span as failed with `error.type`
    /// `cancelled`, one that panics with `panic`; the panic goes on untouched.
    ///
    /// The span starts when this is made, not at the first poll, so that its parent is the span that was current there.
    #[must_use = "a future does nothing unless it is awaited, and its span ends as cancelled when it is dropped"]
    pub struct WithSpan<F>
    where
        F: Future,
    {
        #[pin]
        future: Option<F>,
        span: Span,
        outcome: Option<Outcome<F::Output>>,
    }

    impl<F> PinnedDrop for WithSpan<F>
    where
        F: Future,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() && !this.span.is_off() {
                // The future goes before its span, so that what it closes on the way is still below it.
                let cancelled = Cancelled(this.span);
                let _attached = cancelled.0.attach();
                this.future.set(None);
            }
        }
    }
}

impl<F: Future> WithSpan<F> {
    pub(super) const fn new(span: Span, future: F, outcome: Option<Outcome<F::Output>>) -> Self {
        Self {
            future: Some(future),
            span,
            outcome,
        }
    }

    /// The span around the future.
    pub const fn span(&self) -> &Span {
        &self.span
    }
}

impl<F: Future> Future for WithSpan<F> {
    type Output = F::Output;

    /// Polled again after it was ready, it stays pending.
    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        if this.span.is_off() {
            return future.poll(task);
        }
        let mut panicked = Panicked(Some(this.span));
        let attached = panicked.attach();
        let Poll::Ready(output) = future.poll(task) else {
            panicked.0 = None;
            return Poll::Pending;
        };
        // What the future still holds is dropped while its span is the current one.
        this.future.set(None);
        drop(attached);
        if let Some(span) = panicked.0.take() {
            if let Some(outcome) = *this.outcome {
                span.settle(&output, outcome);
            }
            span.finish();
        }
        Poll::Ready(output)
    }
}

impl<F: Future> fmt::Debug for WithSpan<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithSpan")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

/// Says whether what a body returned is a failure.
type Outcome<R> = fn(&R) -> Option<Failure>;

/// Ends the span as panicked unless it is disarmed.
struct Panicked<'a>(Option<&'a mut Span>);

impl Panicked<'_> {
    fn attach(&self) -> Option<Attached> {
        self.0.as_ref().and_then(|span| span.attach())
    }
}

impl Drop for Panicked<'_> {
    fn drop(&mut self) {
        if let Some(span) = &mut self.0 {
            span.fail(Failure::panic());
            span.finish();
        }
    }
}

/// Ends the span as cancelled, whatever dropping the future does.
struct Cancelled<'a>(&'a mut Span);

impl Drop for Cancelled<'_> {
    fn drop(&mut self) {
        if self.0.is_open() {
            self.0.fail(Failure::cancelled());
            self.0.finish();
        }
    }
}
