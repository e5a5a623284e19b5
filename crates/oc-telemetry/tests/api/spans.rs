//! Spans as a user makes them: what is recorded, where in the tree, and how they end.

mod attribute;
pub(crate) mod collect;
mod endings;
mod nesting;
mod outcome;

use std::{borrow::Cow, sync::Arc};

use oc_telemetry::{Recorder, span::span, with_span};
use opentelemetry::{
    Array, Context, KeyValue, Value,
    baggage::BaggageExt,
    trace::{SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use self::collect::{Collected, recorder, recorder_of};

fn remote_parent() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(0xa),
        SpanId::from(0xb),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

/// Name, kind and attributes arrive as given, numbers as numbers; `None` leaves its attribute out.
#[test]
fn name_kind_and_attributes() {
    const KEY: &str = "gen_ai.request.model";
    let (recorder, spans) = recorder();
    let model = String::from("m");
    let tokens = u64::MAX;
    let answer = with_span!(
        format!("chat {model}"),
        recorder = &recorder,
        kind = Client,
        KEY => model.as_str(),
        "text" => "literal",
        "count" => 7,
        "tokens" => tokens,
        "ratio" => 0.5,
        "on" => true,
        "absent" => None::<i64>,
        "list" => ["a", "b"],
        "shared" => Arc::<str>::from("s"),
        String::from("made") => Cow::Borrowed("c"),
        { 42 }
    );
    assert_eq!(answer, 42);
    let span = spans.only();
    assert_eq!(span.name, "chat m");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(
        span.attributes,
        [
            KeyValue::new(KEY, "m"),
            KeyValue::new("text", "literal"),
            KeyValue::new("count", 7),
            KeyValue::new("tokens", i64::MAX),
            KeyValue::new("ratio", 0.5),
            KeyValue::new("on", true),
            KeyValue::new(
                "list",
                Value::Array(Array::String(vec!["a".into(), "b".into()]))
            ),
            KeyValue::new("shared", "s"),
            KeyValue::new("made", "c"),
        ]
    );
}

/// Kinds are written as their bare name or as any expression; without one a span is internal.
#[test]
fn kinds() {
    let (recorder, spans) = recorder();
    recorder.scope(|| {
        with_span!("a", {});
        with_span!("b", kind = Server, {});
        with_span!("c", kind = SpanKind::Producer, {});
        let kind = SpanKind::Consumer;
        with_span!("d", kind = (kind), {});
    });
    let kinds: Vec<_> = spans.all().iter().map(|s| s.span_kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            SpanKind::Internal,
            SpanKind::Server,
            SpanKind::Producer,
            SpanKind::Consumer
        ]
    );
}

/// A span inside a span is its child; after both the context is what it was.
#[test]
fn nested_spans_are_a_tree() {
    let (recorder, spans) = recorder();
    with_span!("outer", recorder = &recorder, {
        with_span!("inner", {});
        with_span!("second", {});
    });
    assert!(!Context::current().has_active_span());
    let [inner, second, outer] = spans.take();
    assert_eq!(outer.parent_span_id, SpanId::INVALID);
    assert_eq!(inner.parent_span_id, outer.span_context.span_id());
    assert_eq!(second.parent_span_id, outer.span_context.span_id());
    assert_eq!(inner.span_context.trace_id(), outer.span_context.trace_id());
}

/// Without a recorder the body runs, and nothing but the body is evaluated.
#[tokio::test]
async fn nothing_is_evaluated_without_a_recorder() {
    fn never() -> String {
        unreachable!("evaluated though nobody records")
    }
    assert!(Recorder::current().is_none());
    assert_eq!(with_span!(never(), "key" => never(), { 1 }), 1);
    assert_eq!(with_span!(never(), "key" => never(), async { 2 }).await, 2);
    assert_eq!(span("s").in_scope(|| 3), 3);
    assert_eq!(span("s").wrap(async { 4 }).await, 4);
}

/// An explicit parent is continued with its baggage, whether or not anybody records.
#[test]
fn explicit_parent() {
    let parent = remote_parent().with_baggage([KeyValue::new("session", "s")]);
    let session = || {
        Context::current()
            .baggage()
            .get("session")
            .map(ToString::to_string)
    };

    let (recorder, spans) = recorder();
    let seen = with_span!("s", recorder = &recorder, parent = parent.clone(), {
        session()
    });
    assert_eq!(seen.as_deref(), Some("s"));
    let span = spans.only();
    assert_eq!(span.span_context.trace_id(), TraceId::from(0xa));
    assert_eq!(span.parent_span_id, SpanId::from(0xb));
    assert!(span.parent_span_is_remote);

    let seen = with_span!("s", parent = parent, { session() });
    assert_eq!(seen.as_deref(), Some("s"));
}

/// What runs below a span is recorded by its recorder, so two instances in one thread do not mix, even when one
/// works inside the other.
#[test]
fn instances_side_by_side() {
    let (first, first_spans) = recorder();
    let (second, second_spans) = recorder();
    first.scope(|| {
        with_span!("a", {
            with_span!("b", recorder = &second, { with_span!("c", {}) });
            with_span!("d", {});
        });
    });
    assert_eq!(first_spans.names(), ["d", "a"]);
    assert_eq!(second_spans.names(), ["c", "b"]);
}

/// The recorder of an explicit parent goes before the current one, and one that is named before both.
#[test]
fn which_recorder() {
    let (current, current_spans) = recorder();
    let (kept, kept_spans) = recorder();
    let (named, named_spans) = recorder();
    let parent = kept.in_context(&Context::new());
    current.scope(|| {
        with_span!("current", parent = Context::new(), {});
        with_span!("kept", parent = parent.clone(), {});
        with_span!("named", parent = parent, recorder = &named, {});
    });
    assert_eq!(current_spans.names(), ["current"]);
    assert_eq!(kept_spans.names(), ["kept"]);
    assert_eq!(named_spans.names(), ["named"]);
    assert!(!current.is_same(&kept));
    assert!(current.is_same(&current.clone()));
}

/// A span that is not sampled hands its trace on, so that children are not sampled either.
#[test]
fn an_unsampled_span_is_a_parent_all_the_same() {
    let (recorder, spans) = recorder_of(
        SdkTracerProvider::builder().with_sampler(Sampler::parent_based(Sampler::AlwaysOff)),
    );
    let span = span("outer").recorder(&recorder).start();
    assert!(!span.is_recording());
    let inner = span.scope(|| Context::current().span().span_context().clone());
    assert_eq!(inner, span.span_context());
    assert!(inner.is_valid());
    assert!(!inner.is_sampled());
    span.scope(|| {
        with_span!("inner", {
            assert!(!Context::current().span().is_recording());
        });
    });
    span.end();
    assert_eq!(spans.all().len(), 0);
}

/// In a suppressed context, and after the provider is shut down, there is no span and bodies run.
#[test]
fn suppressed_or_shut_down() {
    let spans = Collected::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(spans.clone())
        .build();
    let recorder = Recorder::new(opentelemetry::trace::TracerProvider::tracer(&provider, "t"));
    let suppressed = Context::current().with_telemetry_suppressed();
    let quiet = with_span!("s", recorder = &recorder, parent = suppressed, {
        Context::current().is_telemetry_suppressed()
    });
    assert!(quiet);
    provider.shutdown().unwrap();
    assert_eq!(with_span!("s", recorder = &recorder, { 5 }), 5);
    assert_eq!(spans.all().len(), 0);
}

/// The handle of a span that ends elsewhere: attributes, events, links, a new name, and no current span by itself.
#[test]
fn a_span_by_hand() {
    let (recorder, spans) = recorder();
    let other = remote_parent().span().span_context().clone();
    let span = span("before")
        .recorder(&recorder)
        .kind(SpanKind::Producer)
        .attribute("a", 1)
        .attributes([KeyValue::new("b", 2)])
        .link(other.clone(), vec![])
        .link(SpanContext::NONE, vec![])
        .start();
    assert!(span.is_recording());
    assert!(!Context::current().has_active_span());
    span.set_attribute("c", 3u8);
    span.set_attribute("d", None::<bool>);
    span.add_event("happened", vec![]);
    span.add_link(other, vec![]);
    span.update_name("after");
    let child_of = span.context().span().span_context().span_id();
    assert_eq!(spans.all().len(), 0);
    span.end();

    let span = spans.only();
    assert_eq!(span.name, "after");
    assert_eq!(span.span_context.span_id(), child_of);
    assert_eq!(
        span.attributes,
        [
            KeyValue::new("a", 1),
            KeyValue::new("b", 2),
            KeyValue::new("c", 3)
        ]
    );
    assert_eq!(span.events.len(), 1);
    assert_eq!(span.links.len(), 2);
}

/// A host's own tracer records as well, and one that records nothing leaves bodies alone.
#[test]
fn other_tracers() {
    let spans = Collected::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(spans.clone())
        .build();
    let tracer = opentelemetry::trace::TracerProvider::tracer(&provider, "host");
    let recorder = Recorder::from_tracer(tracer);
    with_span!("outer", recorder = &recorder, { with_span!("inner", {}) });
    assert_eq!(spans.names(), ["inner", "outer"]);
    assert_eq!(with_span!("s", recorder = &Recorder::global(), { 6 }), 6);
}
