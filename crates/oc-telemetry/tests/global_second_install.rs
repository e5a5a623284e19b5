//! A second `install()` in a process.

use oc_telemetry::{InitErrorKind, Telemetry, TelemetryBuilder, config::Lookup, with_span};

use oc_telemetry::testing::OtlpReceiver;

/// It is an error, not a panic; the first one works on, and stays the only one after its end.
#[test]
fn a_second_install_is_an_error() {
    let (first, second) = (
        OtlpReceiver::start().unwrap(),
        OtlpReceiver::start().unwrap(),
    );
    let guard = to(&first).install().unwrap();
    let error = to(&second).install().err().unwrap();
    assert_eq!(error.kind(), InitErrorKind::AlreadyInstalled);
    assert!(error.to_string().contains("installed already"), "{error}");

    with_span!("work", { tracing::info!("done") });
    let report = guard.shutdown();
    assert!(report.is_complete(), "{report}");
    assert_eq!((first.spans().len(), first.logs().len()), (1, 1));
    assert!(second.requests().is_empty());

    let error = to(&second).install().err().unwrap();
    assert_eq!(error.kind(), InitErrorKind::AlreadyInstalled);
    // An instance of its own is possible all the same.
    let own = to(&second).build().unwrap();
    own.scope(|| with_span!("own", {}));
    assert!(own.shutdown().is_complete());
    assert_eq!(second.spans()[0].name, "own");
}

fn to(receiver: &OtlpReceiver) -> TelemetryBuilder {
    Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_otlp_endpoint(receiver.http_endpoint())
}
