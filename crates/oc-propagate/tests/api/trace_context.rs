//! The trace context propagator over HTTP headers.

use http::{HeaderMap, HeaderValue};
use oc_propagate::TraceContextPropagator;
use oc_propagate::carrier::{HeaderExtractor, HeaderInjector};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Builds headers from their lines, in order.
pub(crate) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

pub(crate) fn extract(cx: &Context, headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(cx, &HeaderExtractor::new(headers))
}

/// What is sent on: `traceparent` and `tracestate`.
pub(crate) fn inject(cx: &Context) -> (Option<String>, Option<String>) {
    let mut headers = HeaderMap::new();
    TraceContextPropagator::new().inject_context(cx, &mut HeaderInjector::new(&mut headers));
    let get = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    (get("traceparent"), get("tracestate"))
}

fn forward(lines: &[(&str, &str)]) -> (Option<String>, Option<String>) {
    inject(&extract(&Context::new(), &headers(lines)))
}

/// A local span below the context's, as a tracer makes it.
fn child(cx: &Context, trace_state: TraceState) -> Context {
    let parent = cx.span().span_context().clone();
    cx.with_remote_span_context(SpanContext::new(
        parent.trace_id(),
        SpanId::from(7),
        parent.trace_flags(),
        false,
        trace_state,
    ))
}

// Scenario: what goes in with what comes out.
// Guarantee: the rules of the specification about both headers together.
#[test]
fn forwarding() {
    let random = PARENT.replace("-01", "-02");
    let unknown = PARENT.replace("-01", "-fe");
    for (case, lines, parent, state) in [
        ("alone", vec![("traceparent", PARENT)], Some(PARENT), None),
        (
            "any case",
            vec![("TraceParent", PARENT)],
            Some(PARENT),
            None,
        ),
        (
            "random",
            vec![("traceparent", &random)],
            Some(&*random),
            None,
        ),
        (
            "unknown flags",
            vec![("traceparent", &unknown)],
            Some(&*random),
            None,
        ),
        (
            "twice",
            vec![("traceparent", PARENT), ("traceparent", PARENT)],
            None,
            None,
        ),
        ("state alone", vec![("tracestate", "a=1")], None, None),
        (
            "bad parent",
            vec![("traceparent", "x"), ("tracestate", "a=1")],
            None,
            None,
        ),
        (
            "state",
            vec![("traceparent", PARENT), ("tracestate", "a=1,b=2")],
            Some(PARENT),
            Some("a=1,b=2"),
        ),
        (
            "several lines, an empty one",
            vec![
                ("traceparent", PARENT),
                ("tracestate", "a=1"),
                ("tracestate", ""),
                ("tracestate", "b=2"),
            ],
            Some(PARENT),
            Some("a=1,b=2"),
        ),
        (
            "empty state",
            vec![("traceparent", PARENT), ("tracestate", "")],
            Some(PARENT),
            None,
        ),
        (
            "one bad member",
            vec![("traceparent", PARENT), ("tracestate", "a=1,B=2")],
            Some(PARENT),
            None,
        ),
        (
            "keys of the newest grammar",
            vec![("traceparent", PARENT), ("tracestate", "a@@b=1,c@=2,d=3")],
            Some(PARENT),
            Some("a@@b=1,c@=2,d=3"),
        ),
        (
            "white space",
            vec![("traceparent", PARENT), ("tracestate", "a=1 , b=2")],
            Some(PARENT),
            Some("a=1 , b=2"),
        ),
    ] {
        let (sent_parent, sent_state) = forward(&lines);
        assert_eq!(sent_parent.as_deref(), parent, "{case}");
        assert_eq!(sent_state.as_deref(), state, "{case}");
    }
}

// Scenario: a `tracestate` of 32 members, all as large as they may be, and one with 33 members.
// Guarantee: the first is carried whole, the second is discarded; the trace goes on.
#[test]
fn large_states() {
    let member = |i: usize| format!("{i:02}{}={}", "k".repeat(254), "v".repeat(256));
    let members: Vec<_> = (0..33).map(member).collect();
    let full = members[..32].join(",");
    let (parent, state) = forward(&[("traceparent", PARENT), ("tracestate", &full)]);
    assert_eq!(
        (parent.as_deref(), state),
        (Some(PARENT), Some(full.clone()))
    );

    let over = members.join(",");
    let (parent, state) = forward(&[("traceparent", PARENT), ("tracestate", &over)]);
    assert_eq!((parent.as_deref(), state), (Some(PARENT), None));
}

// Scenario: an extract fails below a context with a span.
// Guarantee: that span survives; a good header replaces it.
#[test]
fn context_survives_a_failed_extract() {
    let cx = extract(&Context::new(), &headers(&[("traceparent", PARENT)]));
    for lines in [vec![], vec![("traceparent", "junk"), ("tracestate", "a=1")]] {
        assert_eq!(
            inject(&extract(&cx, &headers(&lines))).0.as_deref(),
            Some(PARENT)
        );
    }
    let other = PARENT.replace("4bf9", "5bf9");
    let replaced = extract(&cx, &headers(&[("traceparent", &other)]));
    assert_eq!(inject(&replaced).0, Some(other));
    assert!(replaced.span().span_context().is_remote());
}

// Scenario: a local span below a received one, with the state unchanged, changed, emptied.
// Guarantee: members that the API cannot hold travel on, unless the state was emptied.
#[test]
fn local_spans() {
    let lines = [("traceparent", PARENT), ("tracestate", "a@@b=1,c=2")];
    let cx = extract(&Context::new(), &headers(&lines));
    let received = cx.span().span_context().trace_state().clone();
    let expected = PARENT.replace("00f067aa0ba902b7", "0000000000000007");

    let unchanged = inject(&child(&cx, received.clone()));
    assert_eq!(unchanged, (Some(expected), Some("a@@b=1,c=2".to_owned())));
    let changed = inject(&child(&cx, received.insert("own", "x").unwrap()));
    assert_eq!(changed.1.as_deref(), Some("own=x,a@@b=1,c=2"));
    assert_eq!(inject(&child(&cx, TraceState::NONE)).1, None);
}

// Scenario: a new trace is started below a received one, then another one is received.
// Guarantee: the old `tracestate` does not leak into either.
#[test]
fn state_stays_with_its_trace() {
    let lines = [("traceparent", PARENT), ("tracestate", "a@@b=1")];
    let cx = extract(&Context::new(), &headers(&lines));
    let root = SpanContext::new(
        TraceId::from(9),
        SpanId::from(9),
        TraceFlags::SAMPLED,
        false,
        TraceState::NONE,
    );
    assert_eq!(inject(&cx.with_remote_span_context(root)).1, None);
    let next = extract(&cx, &headers(&[("traceparent", PARENT)]));
    assert_eq!(inject(&next).1, None);
}

// Scenario: a span that the program made, with a state of its own; and no span at all.
// Guarantee: the first is written, nothing is for the second.
#[test]
fn own_spans() {
    let state = TraceState::from_key_value([("own", "x")]).unwrap();
    let span = SpanContext::new(
        TraceId::from(1),
        SpanId::from(2),
        TraceFlags::new(0xff),
        false,
        state,
    );
    let sent = inject(&Context::new().with_remote_span_context(span));
    let parent = "00-00000000000000000000000000000001-0000000000000002-03".to_owned();
    assert_eq!(sent, (Some(parent), Some("own=x".to_owned())));

    assert_eq!(inject(&Context::new()), (None, None));
    let fields: Vec<_> = TraceContextPropagator::new()
        .fields()
        .map(str::to_owned)
        .collect();
    assert_eq!(fields, ["traceparent", "tracestate"]);
}
