use std::time::SystemTime;

use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;

fn context(trace: u128, span: u64, is_remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from(trace),
        SpanId::from(span),
        TraceFlags::SAMPLED,
        is_remote,
        TraceState::default(),
    )
}

fn span(trace: u128, span: u64, parent: u64, remote: bool) -> SpanData {
    SpanData {
        span_context: context(trace, span, false),
        parent_span_id: SpanId::from(parent),
        parent_span_is_remote: remote,
        span_kind: SpanKind::Server,
        name: "POST /v1/messages".into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn view() -> MlflowView {
    MlflowView::new(&Context::new(), false)
}

/// A caller that MLflow knows nothing of: the server's span becomes the root and links to it.
#[test]
fn a_foreign_parent_becomes_a_link() {
    let view = view();
    let entered = context(1, 2, false);
    view.entries.started(&entered, &context(1, 9, true));
    let mut server = span(1, 2, 9, true);
    assert!(view.apply(&mut server));
    assert_eq!(server.parent_span_id, SpanId::INVALID);
    assert!(!server.parent_span_is_remote);
    let link = &server.links.links[0].span_context;
    assert_eq!(
        (link.trace_id(), link.span_id()),
        (TraceId::from(1), SpanId::from(9))
    );
}

/// The caller's second request in the same trace is no child of the first: it loses its parent too.
#[test]
fn siblings_from_outside() {
    let view = view();
    view.entries
        .started(&context(1, 2, false), &context(1, 9, true));
    view.entries
        .started(&context(1, 3, false), &context(1, 9, true));
    let mut second = span(1, 3, 9, true);
    assert!(view.apply(&mut second));
    assert_eq!(second.parent_span_id, SpanId::INVALID);
}

/// A parent that somebody else records in this process is as foreign as one elsewhere; one that was
/// recorded here and has ended is not, even if its trace is long forgotten.
#[test]
fn a_local_parent_of_somebody_else() {
    let view = view();
    view.entries
        .started(&context(1, 2, false), &context(1, 9, false));
    let mut turn = span(1, 2, 9, false);
    assert!(view.apply(&mut turn));
    assert_eq!(turn.parent_span_id, SpanId::INVALID);
    let link = &turn.links.links[0].span_context;
    assert_eq!((link.span_id(), link.is_remote()), (SpanId::from(9), false));

    // What is below the turn, started before and after its end.
    view.entries
        .started(&context(1, 4, false), &context(1, 2, false));
    for (trace, below, parent) in [(1, 3, 2), (1, 4, 2), (5, 7, 6)] {
        let mut below = span(trace, below, parent, false);
        assert!(view.apply(&mut below));
        assert_eq!(below.parent_span_id, SpanId::from(parent));
    }
}

/// The process calls itself over the network: the tree stays whole.
#[test]
fn a_loop_keeps_its_parent() {
    let view = view();
    view.entries
        .started(&context(1, 2, false), &SpanContext::NONE);
    view.entries
        .started(&context(1, 5, false), &context(1, 3, true));
    let mut server = span(1, 5, 3, true);
    assert!(view.apply(&mut server));
    assert_eq!(server.parent_span_id, SpanId::from(3));
    assert!(server.links.links.is_empty());
}

/// Below a parent process of ours, and below the agent that asked, the parent stays. A parent process
/// that is not ours is as foreign as any.
#[test]
fn sub_agents_keep_their_parents() {
    let parent = Context::new().with_remote_span_context(context(1, 9, true));
    let ours = parent.with_value(Identity::new().with_agent("researcher"));
    for (inherited, stays) in [(&ours, true), (&parent, false)] {
        let view = MlflowView::new(inherited, false);
        let mut span = span(1, 2, 9, true);
        assert!(view.apply(&mut span));
        assert_eq!(span.parent_span_id == SpanId::from(9), stays);
    }
    let mut asked = span(1, 2, 9, true);
    let name = KeyValue::new(openclaw::PARENT_AGENT_NAME, "shadowman");
    asked.attributes.push(name);
    assert!(view().apply(&mut asked));
    assert_eq!(asked.parent_span_id, SpanId::from(9));
}

/// Sessions are left out unless turns lie below them.
#[test]
fn sessions() {
    for keeps in [false, true] {
        let mut session = span(1, 2, 0, false);
        session.name = oc_semconv::span::SESSION.into();
        let view = MlflowView::new(&Context::new(), keeps);
        assert_eq!(view.apply(&mut session), keeps);
    }
}

/// A span that says nothing of its type holds others, as far as MLflow is concerned.
#[test]
fn types_of_spans() {
    let mut plain = span(1, 2, 0, false);
    let mut tool = span(1, 3, 2, false);
    tool.attributes
        .push(KeyValue::new(mlflow::SPAN_TYPE, "TOOL"));
    for (span, expected) in [(&mut plain, "CHAIN"), (&mut tool, "TOOL")] {
        assert!(view().apply(span));
        assert_eq!(
            span.attributes,
            [KeyValue::new(mlflow::SPAN_TYPE, expected)]
        );
    }
}

/// What MLflow's tables cannot hold is cut at a character; everything else stays as long as it is.
#[test]
fn long_ids_are_cut() {
    let mut long = span(1, 2, 0, false);
    for key in [session::ID, gen_ai::CONVERSATION_ID, user::ID, "other"] {
        let value = KeyValue::new(key, "é".repeat(251));
        long.attributes.push(value);
    }
    assert!(view().apply(&mut long));
    let lengths: Vec<_> = long
        .attributes
        .iter()
        .map(|attribute| attribute.value.as_str().chars().count())
        .collect();
    assert_eq!(lengths[..4], [250, 250, 250, 251]);
}

/// However many traces there are, only so many are remembered; of a forgotten one every remote parent
/// is foreign.
#[test]
fn memory_is_bounded() {
    let entries = Entries::default();
    for trace in 1..=MAX_TRACES as u128 + 1 {
        let entered = context(trace, 2, false);
        entries.started(&entered, &SpanContext::NONE);
    }
    assert_eq!(lock(&entries.known).first.len(), MAX_TRACES);
    assert_eq!(lock(&entries.known).order.len(), MAX_TRACES);
    assert!(entries.is_first(&span(1, 5, 3, true)));
    assert!(!entries.is_first(&span(2, 5, 3, true)));
}
