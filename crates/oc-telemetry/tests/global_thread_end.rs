//! Events and spans in the destructors of a host's thread-locals.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the support functions of a test fail by panicking, as the test does"
)]

use std::{cell::RefCell, process::Command, thread};

use oc_telemetry::{
    RecorderGuard, Telemetry,
    config::Lookup,
    opentelemetry::Context,
    span::{Span, span},
    testing::OtlpReceiver,
    with_span,
};
use serde_json::Value;

/// A thread-local of the host's outlives the current context, and in its destructor the host logs, makes spans, ends
/// one, injects headers and leaves a scope. The process lives, and the event is there, without ids.
#[test]
fn after_the_context() {
    expect_success("child_after_the_context");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child_after_the_context() {
    in_a_thread_that_ends(|telemetry| {
        CONNECTION.set(Some(Connection::default()));
        with_span!("first", {});
        CONNECTION.with_borrow_mut(|connection| {
            let connection = connection.as_mut().unwrap();
            connection.span = Some(span("open").start());
            connection.scope = Some(telemetry.recorder().unwrap().enter());
            connection.telemetry = Some(telemetry);
        });
    })
    .expect(&["first", "open"], None);
}

/// The host has used the API itself, and uses the library for the first time in such a destructor.
#[test]
fn for_the_first_time_after_the_context() {
    expect_success("child_for_the_first_time");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child_for_the_first_time() {
    in_a_thread_that_ends(|_| {
        CONNECTION.set(Some(Connection::default()));
        let _used = Context::current();
    })
    .expect(&[], None);
}

/// The context is still there: the event has the ids of the span around it.
#[test]
fn before_the_context() {
    expect_success("child_before_the_context");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child_before_the_context() {
    in_a_thread_that_ends(|_| {
        with_span!("first", {});
        CONNECTION.set(Some(Connection::default()));
    })
    .expect(&["first", "close"], Some("close"));
}

/// A host's connection, which reports its own end.
#[derive(Default)]
struct Connection {
    span: Option<Span>,
    scope: Option<RecorderGuard>,
    telemetry: Option<Telemetry>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        with_span!("close", { tracing::info!("closed") });
        if let Some(telemetry) = self.telemetry.take() {
            let recorder = telemetry.recorder().unwrap();
            assert!(!span("close").recorder(recorder).start().is_recording());
            let mut headers = http::HeaderMap::new();
            telemetry.scope(|| telemetry.inject_headers(&mut headers));
            assert!(headers.is_empty());
        }
        if let Some(span) = self.span.take() {
            span.scope(|| {});
            let _ = span.context();
        }
    }
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// What a thread left behind.
struct Left {
    spans: Vec<(String, String)>,
    line: Value,
}

impl Left {
    /// The spans, and around which of them the event was.
    #[track_caller]
    fn expect(&self, spans: &[&str], around: Option<&str>) {
        let names: Vec<_> = self.spans.iter().map(|(name, _)| name).collect();
        assert_eq!(names, spans);
        let around = self
            .spans
            .iter()
            .find(|(name, _)| Some(&**name) == around)
            .map(|(_, id)| id.as_str());
        assert_eq!(self.line.get("span_id").and_then(Value::as_str), around);
    }
}

/// Installs, runs `body` in a thread, and gathers what came of it and of the thread's end.
fn in_a_thread_that_ends(body: impl FnOnce(Telemetry) + Send + 'static) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let guard = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .with_otlp_endpoint(receiver.http_endpoint())
        .with_log_dir(folder.path())
        .install()
        .unwrap();
    let telemetry = Telemetry::clone(&guard);
    thread::spawn(move || body(telemetry)).join().unwrap();

    let file = guard.log_file().unwrap().to_owned();
    let report = guard.shutdown();
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.open_spans, 0);
    let lines = std::fs::read_to_string(file).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let spans = receiver.spans().into_iter();
    Left {
        spans: spans.map(|span| (span.name, span.span_id)).collect(),
        line: lines
            .into_iter()
            .find(|line: &Value| line["msg"] == "closed")
            .unwrap(),
    }
}

#[track_caller]
fn expect_success(child: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([child, "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.contains("1 passed"), "{out}");
}
