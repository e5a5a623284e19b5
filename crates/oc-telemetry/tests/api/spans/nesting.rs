//! Our spans and those of the `tracing` crate are one tree, in both directions.
//!
//! Libraries bring `tracing` spans; tracing-opentelemetry turns them into spans of the same SDK. What joins the two is
//! the OpenTelemetry context, which that layer reads for a span's parent and sets while a span is entered.

use oc_telemetry::{Recorder, with_span};
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use tracing::{Instrument, instrument::WithSubscriber};
use tracing_subscriber::{Registry, layer::SubscriberExt};

use super::collect::{Collected, tracer_of};

/// One provider, used by our recorder and by the layer.
fn both() -> (Recorder, impl tracing::Subscriber + Send + Sync, Collected) {
    let (tracer, spans) = tracer_of(SdkTracerProvider::builder());
    let layer = tracing_opentelemetry::layer().with_tracer(tracer.clone());
    (
        Recorder::new(tracer),
        Registry::default().with(layer),
        spans,
    )
}

/// Asserts that `spans` are one trace in which each is the parent of the next. They ended from the inside out.
fn assert_chain(spans: &[SpanData], names: &[&str]) {
    let ended: Vec<_> = spans.iter().rev().map(|span| &*span.name).collect();
    assert_eq!(ended, names);
    let mut parent = SpanId::INVALID;
    for span in spans.iter().rev() {
        assert_eq!(span.parent_span_id, parent, "{}", span.name);
        assert_eq!(
            span.span_context.trace_id(),
            spans[0].span_context.trace_id()
        );
        parent = span.span_context.span_id();
    }
}

#[tracing::instrument]
fn instrumented() {
    with_span!("ours below", {});
}

#[tracing::instrument]
async fn instrumented_async() {
    tokio::task::yield_now().await;
    with_span!("ours below", async { tokio::task::yield_now().await }).await;
}

/// Ours, tracing's, ours, tracing's: each is the child of the one before.
#[test]
fn alternating() {
    let (recorder, subscriber, spans) = both();
    let _entered = recorder.enter();
    tracing::subscriber::with_default(subscriber, || {
        with_span!("a", {
            tracing::info_span!("b").in_scope(|| {
                with_span!("c", {
                    let span = tracing::info_span!("d");
                    let _entered = span.enter();
                });
            });
        });
    });
    assert_chain(&spans.all(), &["a", "b", "c", "d"]);
}

/// A tracing span as the root, ours below it.
#[test]
fn tracing_outside() {
    let (recorder, subscriber, spans) = both();
    let _entered = recorder.enter();
    tracing::subscriber::with_default(subscriber, || {
        let root = tracing::info_span!("root");
        let _entered = root.enter();
        with_span!("ours", {});
    });
    assert_chain(&spans.all(), &["root", "ours"]);
}

/// The same with `#[tracing::instrument]` on functions, below ours and with ours below.
#[test]
fn instrumented_functions() {
    let (recorder, subscriber, spans) = both();
    tracing::subscriber::with_default(subscriber, || {
        with_span!("ours", recorder = &recorder, { instrumented() });
    });
    assert_chain(&spans.all(), &["ours", "instrumented", "ours below"]);
}

/// Across `.await`, with an instrumented asynchronous function and an instrumented future.
#[tokio::test]
async fn across_await() {
    let (recorder, subscriber, spans) = both();
    async {
        with_span!("ours", recorder = &recorder, async {
            tokio::task::yield_now().await;
            async {
                tokio::task::yield_now().await;
                instrumented_async().await;
            }
            .instrument(tracing::info_span!("future"))
            .await;
        })
        .await;
    }
    .with_subscriber(subscriber)
    .await;
    assert_chain(
        &spans.all(),
        &["ours", "future", "instrumented_async", "ours below"],
    );
}

/// Two interleaved futures, each alternating: no span slips into the other's branch.
#[tokio::test]
async fn interleaved() {
    let (recorder, subscriber, spans) = both();
    let branch = |name: &'static str| {
        let recorder = recorder.clone();
        async move {
            with_span!(name, recorder = &recorder, async {
                for _ in 0..2 {
                    instrumented_async().await;
                }
            })
            .await;
        }
    };
    async { tokio::join!(branch("left"), branch("right")) }
        .with_subscriber(subscriber)
        .await;
    let all = spans.all();
    assert_eq!(all.len(), 2 * 5);
    for root in all.iter().filter(|s| s.parent_span_id == SpanId::INVALID) {
        let trace: Vec<_> = all
            .iter()
            .filter(|s| s.span_context.trace_id() == root.span_context.trace_id())
            .collect();
        assert_eq!(trace.len(), 5, "{}", root.name);
        for span in &trace {
            let parent = trace
                .iter()
                .find(|s| s.span_context.span_id() == span.parent_span_id)
                .map(|s| &*s.name);
            match &*span.name {
                "instrumented_async" => assert_eq!(parent, Some(&*root.name)),
                "ours below" => assert_eq!(parent, Some("instrumented_async")),
                _ => assert_eq!(parent, None),
            }
        }
    }
}
