//! Spans of futures: context over `.await`, dropped futures, panics.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    task::{Poll, Waker},
};

use oc_telemetry::{span::span, with_span};
use opentelemetry::{
    Context,
    trace::{SpanId, Status, TraceContextExt},
};
use tokio::sync::oneshot;

use super::collect::{attribute, recorder};

fn current() -> SpanId {
    Context::current().span().span_context().span_id()
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(Waker::noop()))
}

/// Opens a span of its own when it is dropped.
struct Closing;

impl Drop for Closing {
    fn drop(&mut self) {
        with_span!("closing", {});
    }
}

/// The span is current before and after an `.await`, children are below it, and between the polls the thread has its
/// own context.
#[test]
fn context_over_await() {
    let (recorder, spans) = recorder();
    let (go, gone) = oneshot::channel::<()>();
    let mut future = pin!(with_span!("outer", recorder = &recorder, async {
        let before = current();
        with_span!("first", {});
        gone.await.unwrap();
        with_span!("second", async {}).await;
        (before, current())
    }));
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(current(), SpanId::INVALID);
    assert_eq!(spans.names(), ["first"]);
    go.send(()).unwrap();
    let Poll::Ready((before, after)) = poll(future.as_mut()) else {
        panic!("the future is done");
    };
    assert_eq!(current(), SpanId::INVALID);

    let [first, second, outer] = spans.take();
    let id = outer.span_context.span_id();
    assert_eq!((before, after), (id, id));
    assert_eq!(first.parent_span_id, id);
    assert_eq!(second.parent_span_id, id);
    assert_eq!(outer.status, Status::Unset);
    assert_eq!(attribute(&outer, "error.type"), None);
}

/// Interleaved futures on one thread keep their spans apart, and spawned ones on other threads are below the span
/// that was current where they were made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interleaved_and_spawned() {
    let (recorder, spans) = recorder();
    with_span!("root", recorder = &recorder, async {
        let branch = |name: &'static str| {
            with_span!(name, async move {
                for _ in 0..3 {
                    with_span!(format!("{name}.step"), async {
                        tokio::task::yield_now().await;
                    })
                    .await;
                }
            })
        };
        tokio::join!(branch("a"), branch("b"));
        let spawned = [tokio::spawn(branch("c")), tokio::spawn(branch("d"))];
        for task in spawned {
            task.await.unwrap();
        }
    })
    .await;

    let all = spans.all();
    let id = |name: &str| {
        let span = all.iter().find(|s| s.name == name).unwrap();
        span.span_context.span_id()
    };
    assert_eq!(all.len(), 1 + 4 + 12);
    for span in &all {
        let parent = match &*span.name {
            "root" => SpanId::INVALID,
            "a" | "b" | "c" | "d" => id("root"),
            step => id(step.trim_end_matches(".step")),
        };
        assert_eq!(span.parent_span_id, parent, "{}", span.name);
    }
}

/// A future that is dropped half-way ends its span as cancelled, and what it closes on the way is below it.
#[test]
fn a_dropped_future_is_cancelled() {
    let (recorder, spans) = recorder();
    {
        let mut future = pin!(with_span!("outer", recorder = &recorder, async {
            let _closing = Closing;
            std::future::pending::<()>().await;
        }));
        assert!(poll(future.as_mut()).is_pending());
    }
    assert_eq!(current(), SpanId::INVALID);
    let [closing, outer] = spans.take();
    assert_eq!(closing.name, "closing");
    assert_eq!(closing.parent_span_id, outer.span_context.span_id());
    assert_eq!(
        attribute(&outer, "error.type").as_deref(),
        Some("cancelled")
    );
    assert_eq!(outer.status, Status::error("cancelled"));
}

/// One that is dropped before its first poll is cancelled as well, and one that is done keeps its outcome.
#[tokio::test]
async fn dropped_before_and_after() {
    let (recorder, spans) = recorder();
    drop(with_span!("never", recorder = &recorder, async {}));
    assert_eq!(spans.only().status, Status::error("cancelled"));

    let mut done = pin!(with_span!("done", recorder = &recorder, async { 1 }));
    assert_eq!(done.as_mut().await, 1);
    assert_eq!(spans.only().status, Status::Unset);
    assert!(
        poll(done.as_mut()).is_pending(),
        "stays pending, does not panic"
    );
    assert_eq!(spans.all().len(), 0);
}

/// What a finished future still holds is dropped below its span, before that ends.
#[tokio::test]
async fn leftovers_are_dropped_inside() {
    let (recorder, spans) = recorder();
    let closing = Closing;
    let leftover = std::future::poll_fn(move |_| {
        let _held = &closing;
        Poll::Ready(())
    });
    span("outer").recorder(&recorder).wrap(leftover).await;
    let [closing, outer] = spans.take();
    assert_eq!(closing.parent_span_id, outer.span_context.span_id());
}

/// A panic in a synchronous body ends every span around it as failed, restores the context and goes on untouched.
#[test]
fn a_panic_in_a_body() {
    let (recorder, spans) = recorder();
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        with_span!("outer", recorder = &recorder, {
            with_span!("inner", { resume_unwind(Box::new("payload")) });
        });
    }));
    assert_eq!(thrown.unwrap_err().downcast_ref(), Some(&"payload"));
    assert_eq!(current(), SpanId::INVALID);
    for span in spans.take::<2>() {
        assert_eq!(span.status, Status::error("panic"));
        assert_eq!(attribute(&span, "error.type").as_deref(), Some("panic"));
    }
}

/// The same in a future; dropping it afterwards adds nothing.
#[test]
fn a_panic_in_a_future() {
    let (recorder, spans) = recorder();
    {
        let mut future = pin!(with_span!("s", recorder = &recorder, async {
            resume_unwind(Box::new("payload"))
        }));
        let thrown = catch_unwind(AssertUnwindSafe(|| poll(future.as_mut())));
        assert_eq!(thrown.unwrap_err().downcast_ref(), Some(&"payload"));
        assert_eq!(current(), SpanId::INVALID);
        assert_eq!(spans.names(), ["s"]);
    }
    let span = spans.only();
    assert_eq!(span.status, Status::error("panic"));
    assert_eq!(attribute(&span, "error.type").as_deref(), Some("panic"));
}

/// A body that runs while another panic unwinds has not panicked itself.
#[test]
fn a_span_during_unwinding() {
    let (recorder, spans) = recorder();
    let entered = recorder.clone();
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        let _entered = entered.enter();
        let _closing = Closing;
        resume_unwind(Box::new(()));
    }));
    assert!(thrown.is_err());
    let span = spans.only();
    assert_eq!(span.name, "closing");
    assert_eq!(span.status, Status::Unset);
}

/// A handle that a panic drops ends as failed; one that is simply dropped ends as it is.
#[test]
fn a_dropped_handle() {
    let (recorder, spans) = recorder();
    drop(span("fine").recorder(&recorder).start());
    assert_eq!(spans.only().status, Status::Unset);
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        let _span = span("s").recorder(&recorder).start();
        resume_unwind(Box::new(()));
    }));
    assert!(thrown.is_err());
    assert_eq!(spans.only().status, Status::error("panic"));
}
