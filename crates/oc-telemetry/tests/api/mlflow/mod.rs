//! MLflow as a destination, against a server that is scripted. `cargo xtask e2e mlflow` has a real one.

use std::sync::atomic::{AtomicBool, Ordering};

use oc_telemetry::{
    Counts, Signal, Telemetry, TelemetryBuilder,
    agent::{LlmCall, Usage},
    mlflow::MlflowSettings,
    semconv::gen_ai::ProviderName,
    testing::OtlpReceiver,
    with_span,
};

use self::fake::{Fake, error};
use crate::support::{PATIENCE, alone, eventually, warning};

mod fake;

fn to(fake: &Fake) -> TelemetryBuilder {
    alone().with_mlflow(MlflowSettings::new(fake.url()))
}

fn counts(telemetry: &Telemetry, signal: Signal, destination: &str) -> Counts {
    let counts = telemetry.ledger().into_iter();
    counts
        .filter(|counts| counts.signal == signal && counts.destination == destination)
        .find(|counts| counts.destination == destination)
        .unwrap()
}

fn work(telemetry: &Telemetry) {
    telemetry.scope(|| with_span!("work", {}));
}

const INFO: &str = "/api/3.0/mlflow/server-info";
const FIND: &str = "/api/2.0/mlflow/experiments/get-by-name";
const CREATE: &str = "/api/2.0/mlflow/experiments/create";

/// Spans go to the one path, below the server's prefix, compressed, with the experiment that was looked
/// up, the run and the credentials; the run ends with the telemetry.
#[test]
fn headers_of_spans() {
    let fake = Fake::start(|path, _| match path {
        // A server with a prefix has nothing without it.
        path if !path.starts_with("/prefix/") => Some((404, String::new())),
        _ => None,
    });
    let settings = MlflowSettings::new(format!("{}/prefix/", fake.url()))
        .with_experiment("a b/c")
        .with_basic_auth("u", "p");
    let telemetry = alone().with_mlflow(settings).build().unwrap();
    work(&telemetry);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");

    let sent = &fake.requests("/prefix/v1/traces")[0];
    assert_eq!(sent.path, "/prefix/v1/traces");
    for (name, value) in [
        ("x-mlflow-experiment-id", "7"),
        ("x-mlflow-run-id", "abc"),
        ("content-encoding", "gzip"),
        ("content-type", "application/x-protobuf"),
        ("authorization", "Basic dTpw"),
    ] {
        assert_eq!(sent.header(name), Some(value), "{name}");
    }
    assert_eq!(sent.header("x-mlflow-workspace"), None);
    let found = fake.requests(&format!("/prefix{FIND}"));
    assert!(found[0].path.ends_with("?experiment_name=a%20b%2Fc"));
    let ended = fake.requests("/prefix/api/2.0/mlflow/runs/update");
    assert_eq!(ended[0].json()["status"], "FINISHED");
    assert_eq!(ended[0].json()["run_id"], "abc");
}

/// No experiment of this name: it is made. Somebody else made it in between: theirs is used.
#[test]
fn experiments_are_made() {
    for lost_race in [false, true] {
        let fake = Fake::start(move |path, before| {
            if path.starts_with(FIND) && before == 0 {
                return Some(error(404, "RESOURCE_DOES_NOT_EXIST"));
            }
            (path == CREATE).then(|| {
                if lost_race {
                    error(400, "RESOURCE_ALREADY_EXISTS")
                } else {
                    (200, r#"{"experiment_id":"12"}"#.to_owned())
                }
            })
        });
        let telemetry = to(&fake).build().unwrap();
        work(&telemetry);
        assert!(telemetry.shutdown().is_complete());
        let id = if lost_race { "7" } else { "12" };
        let sent = &fake.requests("/v1/traces")[0];
        assert_eq!(sent.header("x-mlflow-experiment-id"), Some(id));
        assert_eq!(fake.requests(CREATE)[0].json()["name"], "openclaw");
    }
}

/// The workspace goes only to a server that has workspaces: another one answers 500 to the header.
#[test]
fn workspaces() {
    for enabled in [false, true] {
        let fake = Fake::start(move |path, _| {
            let info = format!(r#"{{"store_type":"SqlStore","workspaces_enabled":{enabled}}}"#);
            (path == INFO).then_some((200, info))
        });
        let settings = MlflowSettings::new(fake.url()).with_workspace("team");
        let telemetry = alone().with_mlflow(settings).build().unwrap();
        work(&telemetry);
        assert!(telemetry.shutdown().is_complete());
        let expected = enabled.then_some("team");
        for path in ["/v1/traces", FIND] {
            let request = &fake.requests(path)[0];
            assert_eq!(request.header("x-mlflow-workspace"), expected, "{path}");
        }
        let warnings = telemetry.warnings();
        assert_eq!(warnings.len(), usize::from(!enabled), "{warnings:?}");
    }
}

/// A server without a database refuses every trace: nothing is sent to it, and one warning says so
/// and what to do, however often it is asked. Spans wait until it has one.
#[test]
fn file_stores() {
    let fake = Fake::start(|path, before| {
        let store = if before < 2 { "FileStore" } else { "SqlStore" };
        (path == INFO).then(|| (200, format!(r#"{{"store_type":"{store}"}}"#)))
    });
    let telemetry = to(&fake).build().unwrap();
    work(&telemetry);
    eventually(|| fake.requests(INFO).len() >= 2);
    let waiting = counts(&telemetry, Signal::Traces, "mlflow");
    assert_eq!(waiting.created, 1);
    assert_eq!(waiting.dropped_total(), 0, "{waiting:?}");
    assert!(telemetry.shutdown().is_complete());
    assert_eq!(fake.requests("/v1/traces").len(), 1);
    let warning = warning(&telemetry, "MLFLOW_TRACKING_URI").to_string();
    assert!(warning.contains("FileStore"), "{warning}");
    assert!(warning.contains("--backend-store-uri"), "{warning}");
}

/// While the experiment cannot be found out, whatever the reason, spans wait; nothing blocks the program.
#[test]
fn nothing_is_lost_while_the_experiment_is_unknown() {
    static OPEN: AtomicBool = AtomicBool::new(false);
    for status in [403, 404, 500, 503] {
        OPEN.store(false, Ordering::Release);
        let fake = Fake::start(move |path, _| {
            let answers = OPEN.load(Ordering::Acquire);
            (path.starts_with(FIND) && !answers).then(|| error(status, "NOT_NOW"))
        });
        let telemetry = to(&fake).build().unwrap();
        work(&telemetry);
        let _ = telemetry.flush(std::time::Duration::from_millis(50));
        let waiting = counts(&telemetry, Signal::Traces, "mlflow");
        assert_eq!(waiting.queued + waiting.in_flight, 1, "{waiting:?}");
        OPEN.store(true, Ordering::Release);
        assert!(telemetry.flush(PATIENCE).in_time);
        assert_eq!(counts(&telemetry, Signal::Traces, "mlflow").exported, 1);
    }
}

/// MLflow beside OTLP: both get the turn, only OTLP the session, and both ledgers balance.
#[test]
fn beside_otlp() {
    let fake = Fake::start(|_, _| None);
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&fake)
        .with_otlp_endpoint(receiver.http_endpoint())
        .build()
        .unwrap();
    let session = telemetry.session("s").start();
    session.turn().start().ok();
    session.end();
    assert!(telemetry.shutdown().is_complete());
    let otlp = counts(&telemetry, Signal::Traces, "otlp");
    let mlflow = counts(&telemetry, Signal::Traces, "mlflow");
    assert_eq!((otlp.created, mlflow.created), (2, 1));
    assert!(otlp.is_balanced() && mlflow.is_balanced());
    assert_eq!(receiver.spans().len(), 2);
}

/// Small requests lose less when one is refused: as many spans in each as is set.
#[test]
fn batches() {
    let fake = Fake::start(|_, _| None);
    let settings = MlflowSettings::new(fake.url()).with_batch_size(2);
    let telemetry = alone().with_mlflow(settings).build().unwrap();
    for _ in 0..5 {
        work(&telemetry);
    }
    assert!(telemetry.shutdown().is_complete());
    assert_eq!(fake.requests("/v1/traces").len(), 3);
}

/// A flush logs what has changed since the last one, and nothing where nothing has.
#[test]
fn values_of_the_run() {
    let fake = Fake::start(|_, _| None);
    let telemetry = to(&fake).build().unwrap();
    let call = || {
        telemetry.scope(|| {
            let call = LlmCall::chat(ProviderName::OpenAi, "gpt-4o").start();
            call.usage(&Usage::new(10, 5));
            call.ok();
        });
    };
    let logged = || {
        let batches = fake.requests("/api/2.0/mlflow/runs/log-batch");
        let values = batches.iter().flat_map(|batch| {
            let batch = batch.json();
            assert_eq!(batch["run_id"], "abc");
            batch["metrics"].as_array().unwrap().clone()
        });
        let input = values.filter(|value| value["key"] == "tokens.input");
        let pairs = input.map(|value| (value["step"].as_u64(), value["value"].as_f64()));
        pairs.collect::<Vec<_>>()
    };
    for _ in 0..2 {
        call();
        assert!(telemetry.flush(PATIENCE).in_time);
    }
    assert!(telemetry.flush(PATIENCE).in_time);
    assert_eq!(logged(), [(Some(0), Some(10.0)), (Some(1), Some(20.0))]);
    assert!(counts(&telemetry, Signal::Metrics, "mlflow").is_complete());
}

/// Everything switched off that can be: no run, no traces, nothing but the look-up.
#[test]
fn nothing_tracked() {
    let fake = Fake::start(|_, _| None);
    let settings = MlflowSettings::new(fake.url())
        .with_traces(false)
        .with_token_usage(false)
        .with_costs(false)
        .with_latency(false);
    let telemetry = alone().with_mlflow(settings).build().unwrap();
    work(&telemetry);
    assert!(telemetry.shutdown().is_complete());
    assert!(fake.requests("/v1/traces").is_empty());
    assert!(fake.requests("/api/2.0/mlflow/runs").is_empty());
}
