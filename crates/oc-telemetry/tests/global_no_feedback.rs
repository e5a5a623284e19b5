//! What happens under an export is not exported in turn.

use std::{fs, time::Duration};

use oc_telemetry::{
    Destination, Telemetry,
    config::{Lookup, Protocol},
    testing::OtlpReceiver,
    with_span,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// With every level on, exports over HTTP and gRPC cause events and spans of hyper, h2 and the
/// SDK; neither the records nor the spans that arrive grow by them.
#[test]
fn exports_do_not_feed_themselves() {
    let (http, grpc) = (
        OtlpReceiver::start().unwrap(),
        OtlpReceiver::start().unwrap(),
    );
    let folder = tempfile::tempdir().unwrap();
    let guard = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .with_log_dir(folder.path())
        .with_log_filter("trace,opentelemetry=trace")
        .with_otlp_endpoint(http.http_endpoint())
        .with_destination(
            Destination::otlp("second", grpc.grpc_endpoint()).with_protocol(Protocol::Grpc),
        )
        .install()
        .unwrap();
    let things = guard.meter("test").u64_counter("things").build();
    with_span!("work", { tracing::trace!("done") });
    things.add(1, &[]);
    assert!(guard.flush(PATIENCE).is_complete());
    let after_one = (http.logs().len(), http.spans().len());
    for _ in 0..5 {
        things.add(1, &[]);
        assert!(guard.flush(PATIENCE).is_complete());
    }
    let bodies: Vec<_> = http.logs().iter().map(|log| log.body.to_string()).collect();
    assert_eq!(
        (http.logs().len(), http.spans().len()),
        after_one,
        "{bodies:#?}"
    );
    assert!(
        http.metrics().len() >= 6,
        "every flush has exported something"
    );
    assert_eq!(grpc.logs().len(), http.logs().len());
    let ours = |receiver: &OtlpReceiver| {
        let spans = receiver.spans();
        spans.iter().filter(|span| span.name == "work").count()
    };
    assert_eq!((ours(&http), ours(&grpc)), (1, 1));
    assert!(bodies.contains(&"done".to_owned()));

    // Such events exist: the log file, which nobody exports, has them.
    let text = fs::read_to_string(guard.log_file().unwrap()).unwrap();
    assert!(text.contains("\"target\":\"h2") && text.contains("\"target\":\"hyper"));
    let _ = guard.shutdown();
}
