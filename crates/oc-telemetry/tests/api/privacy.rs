//! What must not leave the process: secrets ever, content unless somebody says so.

use std::{fs, process::Command, time::Duration};

use futures_util::{StreamExt as _, stream};
use oc_telemetry::{
    Telemetry, TelemetryBuilder,
    agent::{AgentSpan, Dialect, LlmCall, Session, SpanNaming, SubAgent, ToolCall, Usage},
    config::{Lookup, Protocol},
    model_body::{BodyReader, Format},
    privacy::{Message, SessionHash},
    semconv::gen_ai::ProviderName,
    span::Failure,
    testing::{OtlpReceiver, ReceivedSpan},
};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::to;

const PATIENCE: Duration = Duration::from_secs(20);

/// One of each kind; none of them was ever valid.
const SECRETS: [&str; 25] = [
    "sk-proj-Zk3jW9vQ2mX7nB5tR8yL4pD6cF1hG0sA9qE2wU7iO3kM5xV8",
    "sk-ant-api03-Qw8eR2tY6uI0oP4aS7dF1gH5jK9lZ3xC7vB2nM6qW0eR4tY8uI2oP6aS",
    "AKIAQ7X3M5N9P2R4T6V8",
    "AIzaSyD9fG3hJ5kL7mN1pQ2rS4tU6vW8xY0zA2b",
    "ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
    "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ",
    "glpat-x7Y2z9A4b6C1d8E3f5G0",
    "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "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",
    "npm_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
    "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",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "Zm9vYmFyOmJhenF1eDEyMzQ1Njc4OTA=",
    "tok3n-in-a-b3arer-head3r-77181",
    "hunter2-in-a-url-98371",
    "c00kie-value-5521903",
    "s3cr3t-under-its-key-11938",
    "signature0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0",
    "client-s3cret-83817-of-a-form",
    "MIIEowIBAAKCAQEAv3Kq9xZ1mN8pR5tW7yB2dF4gH6jL0cV",
    "access-t0ken-in-a-query-1128371",
    "passw0rd-of-json-7719271",
    "refresh-t0ken-9917263-x",
    "AccountKey-aGVsbG8gd29ybGQgdGhpcyBpcyBub3QgYSBrZXkgYXQgYWxs",
    "sk_live_51H8aB3dE5fG7hI9jK1lM3nO5",
];

/// The secrets as they are met: each where its kind stands.
fn planted() -> String {
    let s = SECRETS;
    let plain = s[..12].join(" and ");
    format!(
        "{plain}\nAuthorization: Basic {}\nAuthorization: Bearer {}\nsee https://ada:{}@example.com/x\n\
         Cookie: session={}\n{{\"api_key\": \"{}\"}}\n\
         https://b.s3.amazonaws.com/k?X-Amz-Signature={}\nclient_secret={}\n\
         -----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n\
         https://example.com/?access_token={}&x=1\n{{\"user\":\"ada\",\"password\":\"{}\"}}\n\
         {{\"refresh_token\":\"{}\"}}\nAccountKey={};\n{}\n",
        s[12], s[13], s[14], s[15], s[16], s[17], s[18], s[19], s[20], s[21], s[22], s[23], s[24],
    )
}

/// Everything that left the process: the bodies of all requests, the log file, `/metrics`.
fn left(receiver: &OtlpReceiver, telemetry: &Telemetry) -> Vec<u8> {
    let mut bytes: Vec<u8> = receiver
        .requests()
        .iter()
        .flat_map(|request| request.body.to_vec())
        .collect();
    if let Some(file) = telemetry.log_file() {
        bytes.extend(fs::read(file).unwrap());
    }
    if let Some(page) = telemetry.metrics_page() {
        bytes.extend(page.render().unwrap_or_default().into_bytes());
    }
    bytes
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

/// Sends `text` through every path that content can take.
fn everywhere(telemetry: &Telemetry, text: &str) {
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        let session = telemetry.session("s-1").with_agent("a").start();
        let turn = session.turn().start();
        turn.input(text);
        turn.output(text);
        turn.scope(|| {
            let agent = AgentSpan::new("a").start();
            agent.scope(|| {
                let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
                call.system_prompt(text);
                call.input(&[Message::user(text)]);
                call.output(&[Message::assistant(text)]);
                call.usage(&Usage::new(1, 1));
                call.fail(Failure::new("boom", text.to_owned()));

                let mut reader = BodyReader::new(Format::OpenAiChat).with_text_capture(1 << 20);
                let body = serde_json::json!({"choices": [{"message": {"content": text}}]});
                reader.push(body.to_string().as_bytes());
                let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
                call.response(&reader.finish());
                call.ok();

                let tool = ToolCall::new("t").start();
                tool.arguments(&serde_json::json!({ "command": text }).to_string());
                tool.result(text);
                tool.denied(text);
                let sub_agent = SubAgent::new("r").start();
                sub_agent.fail(Failure::new("boom", text.to_owned()));
            });
            agent.ok();
        });
        turn.fail(Failure::new("boom", text.to_owned()));
    });
}

/// What the program itself says: no content of ours, but secrets are taken out all the same.
fn logs_and_spans_of_the_program(telemetry: &Telemetry, text: &str) {
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        tracing::warn!(detail = text, "said: {text}");
        tracing::info_span!("theirs", detail = text).in_scope(|| {});
        telemetry.scope(|| {
            oc_telemetry::with_span!("ours", "detail" => text, {});
            let failed: Result<(), String> =
                oc_telemetry::with_span!(text.to_owned(), { Err(text.to_owned()) });
            assert!(failed.is_err());
        });
    });
}

fn gateway(receiver: &OtlpReceiver, folder: &std::path::Path, capture: &str) -> TelemetryBuilder {
    let variable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    to(receiver, Protocol::HttpProtobuf)
        .with_environment(Lookup::from_map([(variable, capture)]))
        .with_log_dir(folder)
        .without_prometheus_listener()
        .with_span_naming(SpanNaming::OpenClaw)
        .with_dialect(Dialect::Mlflow)
        .with_dialect(Dialect::OpenInference)
        .with_dialect(Dialect::Langfuse)
}

/// With everything captured, no secret leaves by any path; what stood around them does.
#[test]
fn no_secret_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "SPAN_AND_EVENT");
    let telemetry = telemetry.build().unwrap();
    let text = format!("innocent-marker {} end-marker", planted());
    everywhere(&telemetry, &text);
    logs_and_spans_of_the_program(&telemetry, &text);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    let bytes = left(&receiver, &telemetry);
    let found: Vec<&str> = SECRETS
        .into_iter()
        .filter(|secret| contains(&bytes, secret))
        .collect();
    assert_eq!(found, [""; 0]);
    assert!(contains(&bytes, "innocent-marker"));
    assert!(contains(&bytes, "end-marker"));
}

/// Each secret as it is met, with 16 bytes of it before the limit and the rest behind.
fn across(limit: usize) -> Vec<String> {
    let planted = planted();
    SECRETS
        .iter()
        .map(|secret| {
            let at = planted.find(secret).unwrap();
            let before = &planted[..at];
            let line = before.trim_end().rfind('\n').map_or(0, |end| end + 1);
            let from = before.rfind(" and ").map_or(line, |end| line.max(end));
            let padding = limit - 16 - (at - from) - 1;
            format!("{} {}", "x".repeat(padding), &planted[from..])
        })
        .collect()
}

/// Those of which the beginning left the process.
fn halves(bytes: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(bytes);
    let left = SECRETS.into_iter();
    left.filter(|secret| text.contains(&secret[..12])).collect()
}

/// Where content is cut at its cap, plain or within JSON, no half of a secret is left.
#[test]
fn no_half_leaves_at_the_cap() {
    const CAP: usize = 64 * 1024;
    // What the mark of the cut takes, and what JSON takes around a message.
    for taken in [35, 100] {
        let folder = tempfile::tempdir().unwrap();
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = gateway(&receiver, folder.path(), "SPAN_AND_EVENT");
        let telemetry = telemetry.build().unwrap();
        for text in across(CAP - taken) {
            everywhere(&telemetry, &text);
            assert!(telemetry.flush(PATIENCE).is_complete());
        }
        assert!(telemetry.shutdown().is_complete());
        assert_eq!(halves(&left(&receiver, &telemetry)), [""; 0]);
    }
}

/// Where the length of values is limited, on spans and in logs, no half of a secret is left.
#[test]
fn no_half_leaves_at_the_length_limit() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "SPAN_AND_EVENT");
    let telemetry = telemetry.with_value_length_limit(200).build().unwrap();
    for text in across(200) {
        everywhere(&telemetry, &text);
        logs_and_spans_of_the_program(&telemetry, &text);
        assert!(telemetry.flush(PATIENCE).is_complete());
    }
    assert!(telemetry.shutdown().is_complete());
    assert_eq!(halves(&left(&receiver, &telemetry)), [""; 0]);
}

/// Where the description of a failure is cut, no half of a secret is left.
#[test]
fn no_half_leaves_in_a_description() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "").build().unwrap();
    for text in across(1024).iter().chain(&across(5 * 1024)) {
        everywhere(&telemetry, text);
        logs_and_spans_of_the_program(&telemetry, text);
        assert!(telemetry.flush(PATIENCE).is_complete());
    }
    assert!(telemetry.shutdown().is_complete());
    assert_eq!(halves(&left(&receiver, &telemetry)), [""; 0]);
}

/// With capture off, which is the default, nothing of any content leaves, not even a word.
#[test]
fn no_content_leaves_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "").build().unwrap();
    let session = telemetry.session("s-1").with_agent("a").start();
    let turn = session.turn().start();
    turn.input("xylophone");
    turn.scope(|| {
        let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
        call.system_prompt("xylophone");
        call.input(&[Message::user("xylophone")]);
        call.output(&[Message::assistant("xylophone")]);
        call.ok();
        let tool = ToolCall::new("t").start();
        tool.arguments("{\"word\":\"xylophone\"}");
        tool.result("xylophone");
        tool.ok();
    });
    turn.output("xylophone");
    turn.ok();
    drop(session);
    assert!(telemetry.shutdown().is_complete());
    assert!(receiver.spans().len() >= 4);
    assert!(!contains(&left(&receiver, &telemetry), "xylophone"));
}

/// With content in events only, it is in log records and on no span.
#[test]
fn content_goes_where_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "EVENT_ONLY");
    let telemetry = telemetry.build().unwrap();
    telemetry.scope(|| {
        let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
        call.input(&[Message::user("xylophone")]);
        call.ok();
    });
    assert!(telemetry.shutdown().is_complete());
    let spans = format!("{:?}", receiver.spans());
    assert!(!spans.contains("xylophone"));
    let logs = receiver.logs();
    assert_eq!(logs.len(), 1);
    assert_eq!(
        logs[0].event_name,
        "gen_ai.client.inference.operation.details"
    );
    assert!(format!("{:?}", logs[0].attributes).contains("xylophone"));
    assert_eq!(logs[0].span_id.as_ref(), Some(&receiver.spans()[0].span_id));
}

/// Hashed session ids are the same everywhere, and the id itself is nowhere: not in a child's
/// environment either.
#[test]
fn sessions_can_be_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let hash = SessionHash::new([7; 32]).unwrap();
    let hashed = hash.hash("agent:shadowman:main");
    let telemetry = gateway(&receiver, folder.path(), "").with_session_hash(hash);
    let telemetry = telemetry.build().unwrap();
    let session = telemetry.session("agent:shadowman:main").start();
    let turn = session.turn().start();
    let mut child = Command::new("child");
    turn.scope(|| {
        let sub_agent = SubAgent::new("r").start();
        sub_agent.inject(&mut child);
        sub_agent.ok();
    });
    turn.ok();
    drop(session);
    assert!(telemetry.shutdown().is_complete());
    let environment = format!("{:?}", child.get_envs().collect::<Vec<_>>());
    assert!(environment.contains(&hashed), "{environment}");
    assert!(!environment.contains("main"), "{environment}");
    assert!(!contains(
        &left(&receiver, &telemetry),
        "agent:shadowman:main"
    ));
    for span in receiver.spans() {
        assert_eq!(span.attributes["session.id"], hashed.as_str());
    }
}

/// Nor does what errors say of content, on any path on which a span takes its outcome from a result
/// or from a stream; their types do, and so does what the program says itself.
#[tokio::test]
async fn no_content_of_errors_leaves_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "").build().unwrap();
    let session = telemetry.session("s-1").with_agent("a").start();
    fail_everywhere(&session).await;
    session.end();
    assert!(telemetry.shutdown().is_complete());
    let bytes = left(&receiver, &telemetry);
    assert!(!contains(&bytes, "xylophone"));
    assert!(contains(&bytes, "said by the program"));
    let failed = |span: &ReceivedSpan| span.attributes.contains_key("error.type");
    assert_eq!(
        receiver.spans().iter().filter(|span| failed(span)).count(),
        7
    );
}

/// Where all content is captured, so is what errors say.
#[tokio::test]
async fn content_of_errors_leaves_where_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "SPAN_ONLY");
    let telemetry = telemetry.build().unwrap();
    let session = telemetry.session("s-1").with_agent("a").start();
    fail_everywhere(&session).await;
    drop(session);
    assert!(telemetry.shutdown().is_complete());
    let described = |span: &ReceivedSpan| format!("{:?}", span.status).contains("xylophone");
    let spans = receiver.spans();
    assert_eq!(spans.iter().filter(|span| described(span)).count(), 6);
}

/// The reason of a denial is one of few: what is longer is cut.
#[test]
fn reasons_of_denials_are_short() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = gateway(&receiver, folder.path(), "").build().unwrap();
    let reason = format!("{} xylophone", "é".repeat(120));
    telemetry.scope(|| ToolCall::new("t").start().denied(&reason));
    assert!(telemetry.shutdown().is_complete());
    let bytes = left(&receiver, &telemetry);
    assert!(contains(&bytes, &"é".repeat(120)));
    assert!(!contains(&bytes, "xylophone"));
}

async fn fail_everywhere(session: &Session) {
    fn error() -> std::io::Error {
        std::io::Error::other("cannot parse: xylophone")
    }
    let turn = session.turn().start();
    let failed = turn.run(async |_| {
        let agent = AgentSpan::new("a").start();
        let failed = agent.run(async |_| {
            let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
            assert!(call.run(async |_| Err::<(), _>(error())).await.is_err());
            let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
            let items = stream::iter([Ok("data: {}\n\n"), Err(error())]);
            assert_eq!(call.stream(items).count().await, 2);
            let call = LlmCall::chat(ProviderName::OpenAi, "m").start();
            call.fail(Failure::new("boom", "said by the program"));
            let tool = ToolCall::new("t").start();
            assert!(tool.run(async |_| Err::<(), _>(error())).await.is_err());
            let sub_agent = SubAgent::new("r").start();
            sub_agent.run(async |_| Err::<(), _>(error())).await
        });
        failed.await
    });
    assert!(failed.await.is_err());
}

/// An id that was inherited from a parent process without a hash is hashed too, and passed on so.
#[test]
fn inherited_sessions_are_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let hash = SessionHash::new([7; 32]).unwrap();
    let hashed = hash.hash("agent:shadowman:main");
    let baggage = "session.id=agent:shadowman:main,user.id=ada";
    let telemetry = gateway(&receiver, folder.path(), "")
        .with_environment(Lookup::from_map([("BAGGAGE", baggage)]))
        .with_session_hash(hash);
    let telemetry = telemetry.build().unwrap();
    let mut child = Command::new("child");
    let attached = telemetry.inherited_context().clone().attach();
    telemetry.scope(|| {
        oc_telemetry::with_span!("ours", {});
        let sub_agent = SubAgent::new("r").start();
        sub_agent.inject(&mut child);
        sub_agent.ok();
    });
    drop(attached);
    assert!(telemetry.shutdown().is_complete());
    let environment = format!("{:?}", child.get_envs().collect::<Vec<_>>());
    assert!(environment.contains(&hashed), "{environment}");
    assert!(!environment.contains("shadowman"), "{environment}");
    assert!(!contains(&left(&receiver, &telemetry), "shadowman"));
    assert_eq!(receiver.spans().len(), 2);
    for span in receiver.spans() {
        assert_eq!(span.attributes["session.id"], hashed.as_str());
        assert_eq!(span.attributes["user.id"], "ada");
    }
}
