//! Log lines, log records, and the layer beside a host's own ones.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use oc_telemetry::{
    Telemetry, TelemetryBuilder,
    config::{Lookup, Protocol},
    opentelemetry::{
        Context,
        trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
    },
    testing::{AttrValue, ManualClock, OtlpReceiver, SequentialIds},
    tracing_subscriber::{self, Layer, layer::SubscriberExt},
    with_span,
};
use serde_json::{Value, json};
use tracing::{Event, Subscriber, subscriber::with_default};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::support::{PATIENCE, alone, record, to};

/// A line of the log file, key by key.
#[test]
fn the_content_of_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let telemetry = with_file(folder.path())
        .with_clock(ManualClock::at_unix(1_795_165_200))
        .with_id_generator(SequentialIds::starting_at(7))
        .build()
        .unwrap();
    with_default(subscriber(&telemetry), || {
        tracing::warn!(name: "ignored", target: "startup", "outside of any span");
        telemetry.scope(|| {
            with_span!("work", {
                tracing::info!(
                    target: "tools",
                    count = u64::MAX, delta = -3, share = 0.5, on = true, tool = "read_file",
                    nothing = f64::NAN, debug = ?Some(1),
                    "done {}", 42
                );
            });
        });
    });
    assert!(telemetry.flush(PATIENCE).in_time);
    let ts = "2026-11-20T09:00:00.000000000Z";
    let outside = json!({
        "ts": ts, "level": "WARN", "target": "startup", "msg": "outside of any span",
    });
    let inside = json!({
        "ts": ts, "level": "INFO", "target": "tools", "msg": "done 42",
        "trace_id": "00000000000000000000000000000007",
        "span_id": "0000000000000007",
        "fields": {
            "count": u64::MAX, "delta": -3, "share": 0.5, "on": true, "tool": "read_file",
            "nothing": "NaN", "debug": "Some(1)",
        },
    });
    assert_eq!(lines(&telemetry), [outside, inside]);
}

/// The ids of a line are those of the span that arrives, and of the log record.
#[test]
fn correlated_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = with_file(folder.path())
        .with_otlp_endpoint(receiver.http_endpoint())
        .build()
        .unwrap();
    record(&telemetry);
    assert!(telemetry.shutdown().is_complete());
    let (spans, logs, lines) = (receiver.spans(), receiver.logs(), lines(&telemetry));
    assert_eq!((spans.len(), logs.len(), lines.len()), (1, 1, 1));
    assert_eq!(lines[0]["trace_id"], spans[0].trace_id.as_str());
    assert_eq!(lines[0]["span_id"], spans[0].span_id.as_str());
    assert_eq!(logs[0].trace_id.as_ref(), Some(&spans[0].trace_id));
    assert_eq!(logs[0].span_id.as_ref(), Some(&spans[0].span_id));
    assert_eq!(logs[0].flags & 1, 1, "sampled");
    assert_eq!(logs[0].severity_text, "INFO");
    assert_eq!(logs[0].attr("count"), Some(&AttrValue::Int(3)));
    assert_eq!(logs[0].resource, spans[0].resource);
}

/// Whatever a message or a field holds, it is one line, and reads back as it was.
#[test]
fn no_forged_lines() {
    let folder = tempfile::tempdir().unwrap();
    let telemetry = with_file(folder.path()).build().unwrap();
    let hostile = [
        "two\nlines",
        "carriage\r\nreturn",
        "done\"}\n{\"level\":\"ERROR\",\"msg\":\"forged\"}",
        "\u{0}\u{1b}[31mred\u{7f}\u{85}",
        "separators \u{2028} and \u{2029}",
        "\\n is no line break",
        "",
    ];
    with_default(subscriber(&telemetry), || {
        for text in hostile {
            tracing::info!(field = text, "{text}");
        }
    });
    assert!(telemetry.flush(PATIENCE).in_time);
    let lines = lines(&telemetry);
    assert_eq!(lines.len(), hostile.len());
    for (line, text) in lines.iter().zip(hostile) {
        assert_eq!(line["msg"], text);
        assert_eq!(line["fields"]["field"], text);
        assert_eq!(line["level"], "INFO");
    }
}

/// Only the owner can read the log, and a second start appends to it.
#[cfg(unix)]
#[test]
fn the_file_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    for start in 1..=2 {
        let telemetry = with_file(&logs).build().unwrap();
        with_default(subscriber(&telemetry), || tracing::info!("started"));
        let report = telemetry.shutdown();
        assert_eq!(report.lost_log_lines, 0);
        assert_eq!(lines(&telemetry).len(), start);
        let file = telemetry.log_file().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file), 0o600);
        assert_eq!(mode(&logs), 0o700);
    }
}

/// The last handle to go writes what waits.
#[test]
fn dropping_writes_the_last_lines() {
    let folder = tempfile::tempdir().unwrap();
    let telemetry = with_file(folder.path()).build().unwrap();
    let file = telemetry.log_file().unwrap().to_owned();
    let subscriber = subscriber(&telemetry);
    with_default(subscriber, || {
        for number in 0..1000 {
            tracing::info!(number, "line");
        }
    });
    drop(telemetry);
    assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 1000);
}

/// Levels by target, as `OPENCLAW_LOG` says; the file and OTLP get the same.
#[test]
fn levels() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::from_map([("OPENCLAW_LOG", "warn,loud=trace")]))
        .without_prometheus()
        .with_log_dir(folder.path())
        .with_otlp_endpoint(receiver.http_endpoint())
        .build()
        .unwrap();
    with_default(subscriber(&telemetry), || {
        tracing::info!("too low");
        tracing::warn!("one");
        tracing::trace!(target: "loud", "two");
        tracing::trace!(target: "other", "too low");
    });
    assert!(telemetry.shutdown().is_complete());
    let lines = lines(&telemetry);
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line["msg"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["one", "two"]);
    let logs = receiver.logs();
    let mut bodies: Vec<_> = logs.iter().filter_map(|log| log.body.as_str()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["one", "two"]);
}

/// The OpenTelemetry crates are heard from INFO upwards only where somebody asks for it.
#[test]
fn chatter_of_the_sdk() {
    for (filter, expected) in [
        ("info", ["warned", "own"].as_slice()),
        ("trace", &["warned", "own"]),
        (
            "info,opentelemetry_sdk=info",
            &["informed", "warned", "own"],
        ),
        ("error", &[]),
        ("api=info", &["own"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let telemetry = with_file(folder.path())
            .with_log_filter(filter)
            .build()
            .unwrap();
        with_default(subscriber(&telemetry), || {
            tracing::info!(target: "opentelemetry_sdk", "informed");
            tracing::warn!(target: "opentelemetry_sdk", "warned");
            tracing::info!("own");
        });
        assert!(telemetry.flush(PATIENCE).in_time);
        let lines = lines(&telemetry);
        let lines = lines.iter().filter(|line| line["target"] != "oc_telemetry");
        let messages: Vec<_> = lines.map(|line| line["msg"].as_str().unwrap()).collect();
        assert_eq!(messages, expected, "{filter}");
    }
}

/// The API reports that more contexts are attached than it can hold while it has the current one locked. The report is a
/// line of the log file, and the host goes on.
#[test]
fn too_many_contexts() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = with_file(folder.path())
        .with_otlp_endpoint(receiver.http_endpoint())
        .build()
        .unwrap();
    with_default(subscriber(&telemetry), || {
        let mut attached: Vec<_> = (0..=u16::MAX).map(|_| Context::new().attach()).collect();
        telemetry.scope(|| with_span!("work", { tracing::info!("done") }));
        while attached.pop().is_some() {}
    });
    assert!(telemetry.shutdown().is_complete());
    let lines = lines(&telemetry);
    let reports = lines
        .iter()
        .filter(|line| line["target"] == "opentelemetry");
    assert!(reports.count() > 0, "{lines:?}");
    assert!(lines.iter().any(|line| line["msg"] == "done"));
    assert_eq!(receiver.logs().len(), 1);
}

/// `set_parent` finds the layer, and the span joins the caller's trace.
#[test]
fn set_parent_finds_the_layer() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf).build().unwrap();
    let caller = SpanContext::new(
        TraceId::from(0xabc),
        SpanId::from(0xdef),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    with_default(subscriber(&telemetry), || {
        let span = tracing::info_span!("work");
        span.set_parent(Context::new().with_remote_span_context(caller.clone()))
            .unwrap();
        let seen = span.context().span().span_context().trace_id();
        assert_eq!(seen, caller.trace_id());
    });
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].trace_id, caller.trace_id().to_string());
    assert_eq!(spans[0].parent_span_id, Some(caller.span_id().to_string()));
}

/// A host's own layer sees what it saw before: ours filters for itself alone, and also where it
/// has nothing to do.
#[test]
fn other_layers_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let disabled = Lookup::from_map([("OTEL_SDK_DISABLED", "true")]);
    for builder in [
        with_file(folder.path()),
        alone(),
        alone().with_environment(disabled),
        alone().with_host_sdk(),
    ] {
        let telemetry = builder.build().unwrap();
        for ours_first in [true, false] {
            let seen = Arc::<AtomicU64>::default();
            let host = Count(Arc::clone(&seen));
            let emit = || tracing::debug!("below our level");
            let registry = tracing_subscriber::registry();
            if ours_first {
                with_default(registry.with(telemetry.tracing_layer()).with(host), emit);
            } else {
                with_default(registry.with(host).with(telemetry.tracing_layer()), emit);
            }
            assert_eq!(seen.load(Ordering::Acquire), 1, "ours first: {ours_first}");
        }
    }
}

/// Counts events.
struct Count(Arc<AtomicU64>);

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, _: &Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

fn with_file(folder: &Path) -> TelemetryBuilder {
    Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .with_log_dir(folder)
        .with_shutdown_timeout(PATIENCE)
}

fn subscriber(telemetry: &Telemetry) -> impl Subscriber + Send + Sync + use<> {
    tracing_subscriber::registry().with(telemetry.tracing_layer())
}

/// The lines of the log file, each of which must be an object.
#[track_caller]
fn lines(telemetry: &Telemetry) -> Vec<Value> {
    let text = fs::read_to_string(telemetry.log_file().unwrap()).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert!(value.is_object(), "{line}");
            value
        })
        .collect()
}
