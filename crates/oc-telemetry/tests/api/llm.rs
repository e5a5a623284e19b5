//! Model calls: streams, numbers that are no numbers, and what a span says of them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream};
use oc_telemetry::{
    Telemetry,
    agent::{Cost, LlmCall, LlmStream, ToolCall, Usage},
    config::Protocol,
    model_body::{BodyReader, Format},
    semconv::gen_ai::ProviderName,
    testing::{OtlpReceiver, ReceivedSpan},
};

use crate::support::to;

const CHUNKS: [&str; 4] = [
    "data: {\"id\":\"c1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n",
    "data: {\"id\":\"c1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\
     \"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n",
    "data: [DONE]\n\n",
];

fn start() -> (OtlpReceiver, Telemetry) {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf).build().unwrap();
    (receiver, telemetry)
}

fn only_span(receiver: &OtlpReceiver, telemetry: &Telemetry) -> ReceivedSpan {
    assert!(telemetry.shutdown().is_complete());
    let mut spans = receiver.spans();
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

fn proxied<S: Stream>(telemetry: &Telemetry, stream: S) -> LlmStream<S> {
    telemetry.scope(|| {
        let call = LlmCall::chat(ProviderName::OpenAi, "m")
            .with_stream(true)
            .start();
        call.stream(stream)
            .reading(BodyReader::new(Format::OpenAiChat))
    })
}

/// Bytes pass untouched; usage, reason, id, model and the first chunk's time are on the span.
#[tokio::test]
async fn a_stream_is_read_as_it_passes() {
    let (receiver, telemetry) = start();
    let bytes = stream::iter(CHUNKS.map(Ok::<_, io::Error>));
    let passed: Vec<_> = proxied(&telemetry, bytes)
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(passed, CHUNKS);
    let span = only_span(&receiver, &telemetry);
    assert_eq!(span.attributes["gen_ai.usage.input_tokens"], 9);
    assert_eq!(span.attributes["gen_ai.usage.output_tokens"], 2);
    assert_eq!(span.attributes["gen_ai.response.id"], "c1");
    assert_eq!(span.attributes["gen_ai.response.model"], "m-1");
    assert!(
        span.attributes
            .contains_key("gen_ai.response.time_to_first_chunk")
    );
    assert!(
        span.attributes
            .contains_key("gen_ai.response.finish_reasons")
    );
    assert!(!span.attributes.contains_key("error.type"));
}

/// An error half-way fails the call; what was known until then is on the span.
#[tokio::test]
async fn a_stream_that_breaks_fails_the_call() {
    let (receiver, telemetry) = start();
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "reset");
    let bytes = stream::iter([Ok(CHUNKS[0]), Err(broken)]);
    let passed: Vec<_> = proxied(&telemetry, bytes).collect().await;
    assert_eq!(passed.len(), 2);
    let span = only_span(&receiver, &telemetry);
    assert!(span.attributes.contains_key("error.type"));
    assert_eq!(span.attributes["gen_ai.response.id"], "c1");
}

/// Dropped half-way it is cancelled, with what was known.
#[tokio::test]
async fn a_stream_that_is_dropped_is_cancelled() {
    let (receiver, telemetry) = start();
    let bytes = stream::iter(CHUNKS.map(Ok::<_, io::Error>));
    let mut proxied = proxied(&telemetry, bytes);
    assert!(proxied.next().await.is_some());
    drop(proxied);
    let span = only_span(&receiver, &telemetry);
    assert_eq!(span.attributes["error.type"], "cancelled");
    assert_eq!(span.attributes["gen_ai.response.id"], "c1");
}

/// An error that the provider reports inside of a 200 fails the call.
#[tokio::test]
async fn an_error_in_the_stream_fails_the_call() {
    let (receiver, telemetry) = start();
    let error = "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n";
    let bytes = stream::iter([Ok::<_, io::Error>(error)]);
    proxied(&telemetry, bytes).collect::<Vec<_>>().await;
    let span = only_span(&receiver, &telemetry);
    assert_eq!(span.attributes["error.type"], "overloaded_error");
}

/// The stream is polled below the call: what it starts is the call's child.
#[tokio::test]
async fn a_stream_is_polled_below_the_call() {
    struct Working(bool);
    impl Stream for Working {
        type Item = Result<Vec<u8>, io::Error>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(None);
            }
            oc_telemetry::with_span!("decode", {});
            Poll::Ready(Some(Ok(Vec::new())))
        }
    }
    let (receiver, telemetry) = start();
    proxied(&telemetry, Working(false))
        .collect::<Vec<_>>()
        .await;
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(
        named("decode").parent_span_id.as_ref(),
        Some(&named("chat m").span_id)
    );
}

/// Numbers from outside that are no numbers: no panic, the span says what is known.
#[test]
fn odd_numbers_do_no_harm() {
    let (receiver, telemetry) = start();
    telemetry.scope(|| {
        let call = LlmCall::chat("", "").with_temperature(f64::NAN).start();
        call.usage(&Usage::new(u64::MAX, u64::MAX).with_cache_read(u64::MAX));
        call.cost(Cost::total(f64::NAN));
        call.cost(Cost::of_parts(-1.0, f64::INFINITY));
        call.finish_reason("");
        call.ok();
    });
    let span = only_span(&receiver, &telemetry);
    assert_eq!(span.name, "chat");
    assert_eq!(span.attributes["gen_ai.usage.input_tokens"], i64::MAX);
    assert!(!span.attributes.contains_key("openclaw.cost.usd"));
    assert!(!span.attributes.contains_key("gen_ai.request.model"));
    assert_eq!(telemetry.agent_metrics().refused_values(), 1);
}

/// A tool's answer that is not UTF-8, and a call without an id.
#[test]
fn odd_tools_do_no_harm() {
    let (receiver, telemetry) = start();
    telemetry.scope(|| {
        let call = ToolCall::new("t").start();
        call.result([0xff, 0xfe, b'x']);
        call.ok();
    });
    let span = only_span(&receiver, &telemetry);
    assert!(!span.attributes.contains_key("gen_ai.tool.call.id"));
    assert!(!span.attributes.contains_key("gen_ai.tool.call.result"));
}

/// Retries are one span with an event each.
#[test]
fn retries_are_one_span() {
    let (receiver, telemetry) = start();
    telemetry.scope(|| {
        let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
        call.retry(&io::Error::from(io::ErrorKind::ConnectionRefused));
        call.retry(&io::Error::from(io::ErrorKind::ConnectionRefused));
        call.ok();
    });
    assert_eq!(only_span(&receiver, &telemetry).events.len(), 2);
}

/// What is odd about a response is counted by kind; the span says what is known.
#[tokio::test]
async fn oddities_are_counted() {
    let (receiver, telemetry) = start();
    let cut = stream::iter([Ok::<_, io::Error>(CHUNKS[0])]);
    proxied(&telemetry, cut).collect::<Vec<_>>().await;
    assert!(telemetry.shutdown().is_complete());
    let odd: Vec<_> = receiver
        .metrics()
        .into_iter()
        .filter(|point| point.name == "openclaw.model.response_oddities")
        .map(|point| point.attributes["oddity"].to_string())
        .collect();
    assert_eq!(odd, ["cut_short"]);
}
