//! Model calls: streams, numbers that are no numbers, and what a span says of them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream};
use oc_telemetry::{
    Telemetry,
    agent::{Chunk, Cost, Dialect, LlmCall, LlmStream, ToolCall, Usage},
    config::Protocol,
    model_body::{BodyReader, Format},
    semconv::gen_ai::ProviderName,
    span::{ErrorType, Failure},
    testing::{OtlpReceiver, PointValue, ReceivedSpan},
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

fn proxied<S, T, E>(telemetry: &Telemetry, stream: S) -> LlmStream<S>
where
    S: Stream<Item = Result<T, E>>,
    T: AsRef<[u8]>,
    E: ErrorType,
{
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

/// The values of `label` on the points of a counter, with what was counted.
fn counted(receiver: &OtlpReceiver, name: &str, label: &str) -> Vec<(String, i64)> {
    let mut counted: Vec<_> = receiver
        .metrics()
        .into_iter()
        .filter(|point| point.name == name)
        .map(|point| {
            let PointValue::Int(count) = point.value else {
                panic!("{name} is {:?}", point.value);
            };
            (point.attributes[label].to_string(), count)
        })
        .collect();
    counted.sort();
    counted
}

/// A count that no call can have is on the span and in no counter, which it would spoil for as long
/// as the process lives; the counts of other calls are.
#[test]
fn implausible_counts_spoil_no_counter() {
    let (receiver, telemetry) = start();
    telemetry.scope(|| {
        for (input, output) in [(10, 1), (i64::MAX.unsigned_abs(), 2), (u64::MAX, 3)] {
            let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
            call.usage(&Usage::new(input, output));
            call.ok();
        }
    });
    assert!(telemetry.shutdown().is_complete());
    let tokens = counted(&receiver, "openclaw.session.tokens", "type");
    assert_eq!(tokens, [("input".into(), 10), ("output".into(), 6)]);
    let odd = counted(&receiver, "openclaw.model.response_oddities", "oddity");
    assert_eq!(odd, [("count_implausible".into(), 2)]);
    let spans = receiver.spans();
    assert_eq!(
        spans[1].attributes["gen_ai.usage.input_tokens"],
        i64::MAX,
        "the span keeps it"
    );
}

/// What a caller says that cannot be is counted as what is odd about a response.
#[test]
fn odd_words_of_callers_are_counted() {
    let (receiver, telemetry) = start();
    telemetry.scope(|| {
        let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
        call.usage(&Usage::new(10, 5).with_cache_read(11));
        call.cost(Cost::total(-1.0));
        call.ok();
        let tool = ToolCall::new("t").start();
        tool.result([0xff, 0xfe, b'x']);
        tool.ok();
    });
    assert!(telemetry.shutdown().is_complete());
    let odd = counted(&receiver, "openclaw.model.response_oddities", "oddity");
    let expected = ["cost_invalid", "invalid_utf8", "parts_exceed_totals"];
    assert_eq!(odd, expected.map(|oddity| (oddity.to_owned(), 1)));
}

/// The usage of a failed attempt is added; a second response replaces the first one.
#[test]
fn attempts_add_up_and_responses_do_not() {
    let (receiver, telemetry) = start();
    let reading = |reason: &str| {
        let mut reader = BodyReader::new(Format::OpenAiChat);
        let body = serde_json::json!({
            "choices": [{"finish_reason": reason, "message": {"content": "x"}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2},
        });
        reader.push(body.to_string().as_bytes());
        reader.finish()
    };
    telemetry.scope(|| {
        let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
        call.add_usage(&Usage::new(100, 10));
        call.add_usage(&Usage::default().with_output(1));
        call.response(&reading("length"));
        call.response(&reading("stop"));
        call.ok();
    });
    let span = only_span(&receiver, &telemetry);
    assert_eq!(span.attributes["gen_ai.usage.input_tokens"], 109);
    assert_eq!(span.attributes["gen_ai.usage.output_tokens"], 13);
    let reasons = span.attributes["gen_ai.response.finish_reasons"].to_string();
    assert!(
        reasons.contains("stop") && !reasons.contains("length"),
        "{reasons}"
    );
}

/// Totals for other receivers are integers of 64 bits with a sign, and a side that is not known is
/// not zero.
#[test]
fn totals_of_dialects_are_honest() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf)
        .with_dialect(Dialect::Mlflow)
        .with_dialect(Dialect::OpenInference)
        .with_dialect(Dialect::Langfuse)
        .build()
        .unwrap();
    telemetry.scope(|| {
        for usage in [
            Usage::new(u64::MAX, u64::MAX),
            Usage::default().with_output(3),
        ] {
            let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
            call.usage(&usage);
            call.ok();
        }
    });
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let json = |span: &ReceivedSpan, key: &str| -> serde_json::Value {
        serde_json::from_str(
            &span.attributes[key]
                .to_string()
                .trim_matches('"')
                .replace("\\\"", "\""),
        )
        .unwrap()
    };
    let max = serde_json::json!(i64::MAX);
    assert_eq!(
        json(&spans[0], "mlflow.chat.tokenUsage")["total_tokens"],
        max
    );
    assert_eq!(
        json(&spans[0], "langfuse.observation.usage_details")["total"],
        max
    );
    assert_eq!(spans[0].attributes["llm.token_count.total"], i64::MAX);
    assert_eq!(
        json(&spans[1], "mlflow.chat.tokenUsage"),
        serde_json::json!({"output_tokens": 3, "total_tokens": 3})
    );
    assert_eq!(
        json(&spans[1], "langfuse.observation.usage_details"),
        serde_json::json!({"output": 3, "total": 3})
    );
    assert!(!spans[1].attributes.contains_key("llm.token_count.prompt"));
    assert_eq!(spans[1].attributes["llm.token_count.completion"], 3);
}

/// The time to the first chunk is one value a call, the time between chunks one a chunk after the
/// first, also of more chunks than wait in memory; a call that does not stream has neither.
#[test]
fn chunks_are_timed() {
    let (receiver, telemetry) = start();
    telemetry.scope(|| {
        for chunks in [0, 1, 5, 2000] {
            let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
            call.response_model("m-1");
            for _ in 0..chunks {
                call.chunk();
            }
            call.ok();
        }
    });
    assert!(telemetry.shutdown().is_complete());
    for (name, expected) in [
        ("gen_ai.client.operation.time_to_first_chunk", 3),
        ("gen_ai.client.operation.time_per_output_chunk", 4 + 1999),
    ] {
        let points = receiver.metrics();
        let points: Vec<_> = points.iter().filter(|point| point.name == name).collect();
        assert_eq!(points.len(), 1, "{name}");
        let PointValue::Histogram(histogram) = &points[0].value else {
            panic!("{name} is {:?}", points[0].value);
        };
        assert_eq!(histogram.count, expected, "{name}");
        let attributes = &points[0].attributes;
        assert_eq!(attributes["gen_ai.operation.name"], "chat");
        assert_eq!(attributes["gen_ai.provider.name"], "openai");
        assert_eq!(attributes["gen_ai.request.model"], "m");
        assert_eq!(attributes["gen_ai.response.model"], "m-1");
        assert!(!attributes.contains_key("error.type"));
    }
}

/// A stream of somebody's own items and errors: what they tell is on the span, they pass untouched,
/// and an item that is a failure ends the call as failed.
#[tokio::test]
async fn streams_of_any_items() {
    /// An error that this library knows nothing of.
    #[derive(Debug)]
    struct Foreign;

    let (receiver, telemetry) = start();
    for (model, items) in [
        ("good", vec![Ok("Hel"), Ok("lo"), Ok("")]),
        ("bad", vec![Ok("Hel"), Err(Foreign), Ok("lo")]),
    ] {
        let count = items.len();
        let call = telemetry.scope(|| LlmCall::chat("vllm", model).start());
        let proxied = call.stream_with(stream::iter(items), |call, item| match item {
            Ok("") => {
                call.usage(&Usage::new(9, 2));
                Chunk::Other
            }
            Ok(_) => Chunk::Content,
            Err(Foreign) => Chunk::Failed(Failure::new("foreign", "")),
        });
        assert_eq!(proxied.count().await, count);
    }
    let call = telemetry.scope(|| LlmCall::chat("vllm", "dropped").start());
    drop(call.stream_with(stream::iter([1]), |_, _| Chunk::Content));
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let error = |model: &str| {
        let name = format!("chat {model}");
        let span = spans.iter().find(|span| span.name == name).unwrap();
        span.attributes.get("error.type").map(ToString::to_string)
    };
    assert_eq!(error("good"), None);
    assert_eq!(error("bad").as_deref(), Some("foreign"));
    assert_eq!(error("dropped").as_deref(), Some("cancelled"));
    assert_eq!(spans[0].attributes["gen_ai.usage.input_tokens"], 9);
    let key = "gen_ai.response.time_to_first_chunk";
    assert!(spans[0].attributes.contains_key(key));
}
