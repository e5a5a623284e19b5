//! The random flag of W3C Trace Context level 2, on the wire and in what is exported.

use http::{HeaderMap, HeaderValue};
use oc_telemetry::{
    Telemetry, TelemetryBuilder,
    config::{Lookup, Protocol},
    opentelemetry::Context,
    propagate::carrier::HeaderExtractor,
    testing::{OtlpReceiver, SequentialIds},
    with_span,
};

use crate::support::{alone, to};

/// A trace that starts here has a random id and says so, sampled or not; not if the program makes the ids.
#[test]
fn traces_that_start_here() {
    let never = || alone().with_environment(sampler("always_off"));
    for (builder, flags) in [
        (alone(), "03"),
        (never(), "02"),
        (alone().with_id_generator(SequentialIds::new()), "01"),
        (never().with_id_generator(SequentialIds::new()), "00"),
    ] {
        assert_eq!(sent(builder, &Context::new()), [flags, flags]);
    }
}

/// A trace that goes on keeps the flag as it was, sampled or not, whoever makes the ids here.
#[test]
fn traces_that_go_on() {
    for flags in ["00", "01", "02", "03"] {
        let ours = alone;
        let given = || alone().with_id_generator(SequentialIds::new());
        for builder in [ours(), given()] {
            assert_eq!(sent(builder, &received(flags)), [flags, flags]);
        }
    }
    let never = alone().with_environment(sampler("always_off"));
    assert_eq!(sent(never, &received("03")), ["02", "02"]);
    let always = alone().with_environment(sampler("always_on"));
    assert_eq!(sent(always, &received("02")), ["03", "03"]);
}

/// What is exported has the flags that were sent.
#[test]
fn exported_flags() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf).build().unwrap();
    record(&telemetry, &Context::new());
    record(&telemetry, &received("01"));
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let flags: Vec<_> = spans.iter().map(|span| span.flags & 0xff).collect();
    assert_eq!(flags, [3, 3, 1, 1]);
    let ids = (&spans[0].trace_id, &spans[0].parent_span_id);
    assert_eq!(ids, (&spans[1].trace_id, &Some(spans[1].span_id.clone())));
}

/// The flags that a span below `parent` and one below that send on.
#[track_caller]
fn sent(builder: TelemetryBuilder, parent: &Context) -> [String; 2] {
    record(&builder.build().unwrap(), parent)
}

fn record(telemetry: &Telemetry, parent: &Context) -> [String; 2] {
    telemetry.scope(|| {
        with_span!("outer", parent = parent.clone(), {
            let outer = flags(telemetry);
            with_span!("inner", { [outer, flags(telemetry)] })
        })
    })
}

fn flags(telemetry: &Telemetry) -> String {
    let mut headers = HeaderMap::new();
    telemetry.inject_headers(&mut headers);
    headers["traceparent"].to_str().unwrap()[53..].to_owned()
}

fn received(flags: &str) -> Context {
    let parent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", HeaderValue::from_str(&parent).unwrap());
    alone()
        .build()
        .unwrap()
        .propagator()
        .extract(&HeaderExtractor::new(&headers))
}

fn sampler(name: &str) -> Lookup {
    Lookup::from_map([("OTEL_TRACES_SAMPLER", name)])
}
