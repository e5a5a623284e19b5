//! Whose content the local root of a turn shows, however many of them one trace has.

use oc_telemetry::{
    TelemetryBuilder,
    agent::{Dialect, LlmCall, Session},
    config::{Lookup, Protocol},
    opentelemetry::{
        Context, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, SpanKind, Status, TraceContextExt as _, TraceState},
    },
    semconv::gen_ai::OperationName,
    span::{Failure, Span, span},
    testing::{OtlpReceiver, ReceivedSpan},
};

use crate::support::{PATIENCE, to};

const TRACE_NAME: &str = "mlflow.traceTag.mlflow.traceName";

/// With MLflow's attributes, as an MLflow destination brings them, and with content.
fn with_content(receiver: &OtlpReceiver) -> TelemetryBuilder {
    to(receiver, Protocol::HttpProtobuf)
        .with_dialect(Dialect::Mlflow)
        .with_environment(Lookup::from_map([(
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "SPAN_ONLY",
        )]))
}

fn caller() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(1_u128),
        SpanId::from(9_u64),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    ))
}

fn server(name: &'static str) -> Span {
    let server = span(name).kind(SpanKind::Server);
    server.parent(caller()).start()
}

fn text<'s>(span: &'s ReceivedSpan, key: &str) -> Option<&'s str> {
    span.attr(key)?.as_str()
}

fn named<'s>(spans: &'s [ReceivedSpan], name: &str) -> &'s ReceivedSpan {
    spans.iter().find(|span| span.name == name).unwrap()
}

/// One caller asks twice at the same time, in one trace, for two users: the span of each request
/// shows what its own turn was about, and only the one that failed has failed.
#[test]
fn two_requests_of_one_trace() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = with_content(&receiver).build().unwrap();
    let sessions = ["ada", "bob"].map(|user| telemetry.session(user).with_user(user).start());
    telemetry.scope(|| {
        let servers = ["for ada", "for bob"].map(server);
        let begin = |server: &Span, session: &Session| server.scope(|| session.turn().start());
        let [ada, bob] = [0, 1].map(|n| begin(&servers[n], &sessions[n]));
        bob.input("question of bob");
        ada.input("question of ada");
        bob.fail(Failure::new("broken", "bob"));
        ada.ok();
        for server in servers {
            server.end();
        }
    });
    drop(sessions);
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    for user in ["ada", "bob"] {
        let server = named(&spans, &format!("for {user}"));
        assert_eq!(text(server, "user.id"), Some(user));
        let inputs = text(server, "mlflow.spanInputs").unwrap();
        assert!(inputs.contains(&format!("question of {user}")), "{inputs}");
        let failed = matches!(server.status, Status::Error { .. });
        assert_eq!(failed, user == "bob", "{:?}", server.status);
    }
}

/// The turns of a session that holds them leave nothing on its span: it is about none of them.
#[test]
fn turns_below_their_session() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = with_content(&receiver)
        .with_turns_below_session()
        .build()
        .unwrap();
    let session = telemetry.session("s").with_user("owner").start();
    for user in ["ada", "bob"] {
        let turn = session.turn().with_user(user).start();
        turn.input("question");
        turn.fail(Failure::new("broken", user));
    }
    session.end();
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let session = named(&spans, "openclaw.session");
    assert_eq!(text(session, "user.id"), Some("owner"));
    assert_eq!(text(session, "mlflow.spanInputs"), None);
    assert_eq!(text(session, TRACE_NAME), None);
    let turns = spans.iter().filter(|span| span.name == "message.process");
    let turns: Vec<_> = turns.collect();
    assert_eq!(turns.len(), 2);
    for turn in turns {
        assert_eq!(turn.parent_span_id.as_ref(), Some(&session.span_id));
        assert!(text(turn, "mlflow.spanInputs").is_some());
    }
}

/// Calls of models are shown for what they are.
#[test]
fn types_of_calls() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = with_content(&receiver).build().unwrap();
    for (operation, kind) in [
        (OperationName::Chat, "CHAT_MODEL"),
        (OperationName::Embeddings, "EMBEDDING"),
        (OperationName::TextCompletion, "LLM"),
        (OperationName::GenerateContent, "LLM"),
        (OperationName::Retrieval, "RETRIEVER"),
    ] {
        receiver.clear();
        telemetry.scope(|| LlmCall::of(operation, "vllm", "m").start().ok());
        assert!(telemetry.flush(PATIENCE).is_complete());
        let spans = receiver.spans();
        assert_eq!(text(&spans[0], "mlflow.spanType"), Some(kind));
    }
}

/// A turn below a span that somebody else records here is the local root itself.
#[test]
fn below_a_span_of_somebody_else() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = with_content(&receiver).build().unwrap();
    let session = telemetry.session("s").start();
    let other = SpanContext::new(
        TraceId::from(1_u128),
        SpanId::from(9_u64),
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    );
    {
        let _other = Context::new().with_remote_span_context(other).attach();
        session.turn().start().ok();
    }
    session.end();
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let turn = named(&spans, "message.process");
    assert_eq!(text(turn, TRACE_NAME), Some("message.process"));
}
