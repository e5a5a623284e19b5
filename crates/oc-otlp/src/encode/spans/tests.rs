use std::{
    borrow::Cow,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, StringValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::trace::tonic::group_spans_by_resource_and_scope,
};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanLinks},
};
use proptest::{collection::vec, prelude::*};
use prost::Message;

use super::*;
use crate::encode::EstimateSize;

proptest! {
    /// Whatever the spans hold, the bytes are those of the ecosystem's encoder.
    #[test]
    fn bytes_equal_the_oracle(resource in resource(), spans in vec(span(), 0..12)) {
        assert_equals_oracle(&resource, spans);
    }
}

proptest! {
    /// A span's size is never estimated below what it takes.
    #[test]
    fn estimates_are_upper_bounds(span in span()) {
        let mut w = Writer::with_capacity(0);
        w.message(scope_spans::SPANS, SPAN_LEN, |w| write_span(w, &span));
        let (size, estimate) = (w.into_vec().len(), span.estimated_size());
        prop_assert!(size <= estimate, "{size} of {estimate}");
    }
}

/// Nor far above: a span of many attributes, and one of a long text.
#[test]
fn estimates_are_close() {
    let mut span = minimal_span(InstrumentationScope::default());
    span.attributes = (0..20)
        .map(|n| KeyValue::new(format!("gen_ai.attribute.{n}"), "some value of it"))
        .collect();
    for text in [String::new(), "x".repeat(1_000_000)] {
        span.attributes.push(KeyValue::new("text", text));
        let size = SpanEncoder::new(&Resource::builder_empty().build())
            .encode(std::slice::from_ref(&span))
            .body()
            .len();
        let estimate = span.estimated_size();
        assert!(estimate < 2 * size, "{size} estimated at {estimate}");
    }
}

/// A batch in which every span has its own scope, more scopes than are compared one by one, is
/// grouped as the oracle groups it, also where scopes come back later.
#[test]
fn many_scopes_equal_the_oracle() {
    let spans = (0..200)
        .map(|n| {
            let scope = InstrumentationScope::builder(format!("scope-{}", n * 7 % 50));
            minimal_span(scope.build())
        })
        .collect();
    assert_equals_oracle(&Resource::builder_empty().build(), spans);
}

/// Lengths on both sides of each additional length byte, in every place that holds a string.
#[test]
fn long_strings_equal_the_oracle() {
    for len in [127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
        let text = "x".repeat(len);
        let mut span = minimal_span(InstrumentationScope::builder("s").build());
        let attribute = KeyValue::new("key", text.clone());
        span.attributes.push(attribute.clone());
        span.attributes.push(KeyValue::new(text.clone(), 1));
        let list = Array::String(vec![text.clone().into(), "y".into()]);
        span.attributes
            .push(KeyValue::new("list", Value::Array(list)));
        let event = Event::new(text.clone(), UNIX_EPOCH, vec![attribute], 0);
        span.events.events.push(event);
        span.name = text.into();
        assert_equals_oracle(&Resource::builder_empty().build(), vec![span]);
    }
}

/// A time before 1970 is sent as unknown; one after 2554 does not wrap around.
#[test]
fn times_out_of_range_are_clamped() {
    assert_eq!(unix_nanos(UNIX_EPOCH - Duration::from_nanos(1)), 0);
    assert_eq!(unix_nanos(UNIX_EPOCH), 0);
    assert_eq!(unix_nanos(UNIX_EPOCH + Duration::new(1, 5)), 1_000_000_005);
    let far = UNIX_EPOCH + Duration::from_secs(u64::MAX / 1_000_000_000 + 1);
    assert_eq!(unix_nanos(far), u64::MAX);
}

/// The flags say that the remoteness is known, and what it is, beside the W3C flags.
#[test]
fn flags_hold_remoteness() {
    assert_eq!(flags(0, false), 0x100);
    assert_eq!(flags(1, false), 0x101);
    assert_eq!(flags(3, true), 0x303);
}

/// An encoded payload does not keep much more memory than it shows.
#[test]
fn a_payload_is_counted_and_trimmed() {
    let resource = Resource::builder_empty().build();
    let spans = vec![minimal_span(InstrumentationScope::builder("s").build()); 100];

    let payload = SpanEncoder::new(&resource).encode(&spans);

    assert_eq!(payload.signal(), Signal::Traces);
    assert_eq!(payload.items(), 100);
    let body = payload.body().clone();
    let len = body.len();
    // Only a sole owner gets the buffer itself and not a copy.
    drop(payload);
    let buffer = Vec::from(body);
    assert!(buffer.capacity() <= len + len / 4);
}

fn assert_equals_oracle(resource: &Resource, spans: Vec<SpanData>) {
    let payload = SpanEncoder::new(resource).encode(&spans);

    assert_eq!(payload.items(), spans.len() as u64);
    let expected = ExportTraceServiceRequest {
        resource_spans: group_spans_by_resource_and_scope(spans, &resource.into()),
    };
    let decoded = ExportTraceServiceRequest::decode(payload.body().clone()).unwrap();
    // Compared as text, because NaN is not equal to itself; the bytes below are the stricter test.
    assert_eq!(format!("{decoded:?}"), format!("{expected:?}"));
    assert!(payload.body() == &expected.encode_to_vec());
}

fn minimal_span(instrumentation_scope: InstrumentationScope) -> SpanData {
    SpanData {
        span_context: SpanContext::NONE,
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: Cow::Borrowed(""),
        start_time: UNIX_EPOCH,
        end_time: UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope,
    }
}

fn span() -> impl Strategy<Value = SpanData> {
    let identity = (
        context(),
        any::<u64>(),
        any::<bool>(),
        kind_of_span(),
        text(),
    );
    let times = (time(), time());
    let parts = (attributes(), vec(event(), 0..4), vec(link(), 0..4));
    let dropped = (count(), count(), count());
    (identity, times, parts, dropped, status_of_span(), scope()).prop_map(
        |(identity, times, parts, dropped, status, scope)| {
            let mut span = minimal_span(scope);
            let (context, parent, remote, kind, name) = identity;
            span.span_context = context;
            span.parent_span_id = SpanId::from(if parent % 3 == 0 { 0 } else { parent });
            span.parent_span_is_remote = remote;
            span.span_kind = kind;
            span.name = name.into();
            (span.start_time, span.end_time) = times;
            (span.attributes, span.events.events, span.links.links) = parts;
            span.dropped_attributes_count = dropped.0;
            span.events.dropped_count = dropped.1;
            span.links.dropped_count = dropped.2;
            span.status = status;
            span
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    (attributes(), proptest::option::of(text())).prop_map(|(attributes, schema_url)| {
        match schema_url {
            Some(url) => Resource::builder_empty().with_schema_url(attributes, url),
            None => Resource::builder_empty().with_attributes(attributes),
        }
        .build()
    })
}

/// Few names, so that spans share scopes.
fn scope() -> impl Strategy<Value = InstrumentationScope> {
    let name = prop_oneof![Just(""), Just("http"), Just("agent")];
    let version = proptest::option::of(prop_oneof![Just(""), Just("1.0")]);
    let schema_url = proptest::option::of(Just("https://example.com/schema"));
    let attributes = prop_oneof![4 => Just(Vec::new()), 1 => attributes()];
    (name, version, schema_url, attributes).prop_map(|(name, version, schema_url, attributes)| {
        let mut scope = InstrumentationScope::builder(name).with_attributes(attributes);
        if let Some(version) = version {
            scope = scope.with_version(version);
        }
        if let Some(schema_url) = schema_url {
            scope = scope.with_schema_url(schema_url);
        }
        scope.build()
    })
}

fn context() -> impl Strategy<Value = SpanContext> {
    let state = vec(("[a-z]{1,8}", "[a-z0-9]{0,40}"), 0..4);
    let ids = (any::<u128>(), any::<u64>(), any::<u8>(), any::<bool>());
    (ids, state).prop_map(|((trace_id, span_id, trace_flags, is_remote), state)| {
        SpanContext::new(
            TraceId::from(trace_id),
            SpanId::from(span_id),
            TraceFlags::new(trace_flags),
            is_remote,
            TraceState::from_key_value(state).unwrap(),
        )
    })
}

fn event() -> impl Strategy<Value = Event> {
    (text(), time(), attributes(), count())
        .prop_map(|(name, time, attributes, dropped)| Event::new(name, time, attributes, dropped))
}

fn link() -> impl Strategy<Value = Link> {
    (context(), attributes(), count())
        .prop_map(|(context, attributes, dropped)| Link::new(context, attributes, dropped))
}

fn status_of_span() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        text().prop_map(Status::error),
    ]
}

fn kind_of_span() -> impl Strategy<Value = SpanKind> {
    prop_oneof![
        Just(SpanKind::Internal),
        Just(SpanKind::Server),
        Just(SpanKind::Client),
        Just(SpanKind::Producer),
        Just(SpanKind::Consumer),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec(
        (text(), value()).prop_map(|(key, value)| KeyValue::new(key, value)),
        0..6,
    )
}

fn value() -> impl Strategy<Value = Value> {
    let strings = vec(text().prop_map(StringValue::from), 0..5);
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        any::<u64>().prop_map(|bits| Value::F64(f64::from_bits(bits))),
        Just(Value::F64(0.0)),
        text().prop_map(|text| Value::String(text.into())),
        vec(any::<bool>(), 0..5).prop_map(|values| Value::Array(Array::Bool(values))),
        vec(any::<i64>(), 0..200).prop_map(|values| Value::Array(Array::I64(values))),
        vec(any::<f64>(), 0..5).prop_map(|values| Value::Array(Array::F64(values))),
        strings.prop_map(|values| Value::Array(Array::String(values))),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => ".{0,20}",
        2 => Just(String::new()),
        1 => (100_usize..400).prop_map(|len| "ä".repeat(len)),
        1 => (16_000_usize..17_000).prop_map(|len| "x".repeat(len)),
    ]
}

/// Before, at and after 1970.
fn time() -> impl Strategy<Value = SystemTime> {
    let since = (0_u64..18_000_000_000, 0_u32..1_000_000_000);
    prop_oneof![
        1 => Just(UNIX_EPOCH),
        1 => Just(UNIX_EPOCH - Duration::from_millis(1)),
        8 => since.prop_map(|(secs, nanos)| UNIX_EPOCH + Duration::new(secs, nanos)),
    ]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), any::<u32>()]
}
