//! The whole way: recorded here, decoded at a receiver.

use std::time::Duration;

use oc_telemetry::{
    Telemetry, TelemetryBuilder,
    config::{Lookup, Protocol},
    testing::OtlpReceiver,
    with_span,
};
use tracing_subscriber::layer::SubscriberExt;

/// Long enough for a loaded machine; nothing waits for it where all is well.
const PATIENCE: Duration = Duration::from_secs(20);

/// A telemetry that depends on nothing but its own settings.
fn alone(service: &str) -> TelemetryBuilder {
    Telemetry::builder(service)
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_shutdown_timeout(PATIENCE)
}

fn to(receiver: &OtlpReceiver, protocol: Protocol) -> TelemetryBuilder {
    let endpoint = match protocol {
        Protocol::Grpc => receiver.grpc_endpoint(),
        _ => receiver.http_endpoint(),
    };
    alone("gateway")
        .with_otlp_endpoint(endpoint)
        .with_otlp_protocol(protocol)
}

/// One span, one counter and one event arrive by each protocol, and the report says so.
#[test]
fn all_signals_arrive() {
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, protocol).build().unwrap();
        assert_eq!(telemetry.warnings(), []);
        let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
        tracing::subscriber::with_default(subscriber, || {
            telemetry.scope(|| {
                with_span!("work", "answer" => 42, {
                    tracing::info!(count = 3_u64, "done");
                });
            });
        });
        telemetry
            .meter("test")
            .u64_counter("things")
            .build()
            .add(5, &[]);
        let report = telemetry.shutdown();
        assert!(report.is_complete(), "{report}");

        let spans = receiver.spans();
        assert_eq!(spans.len(), 1);
        assert_eq!(spans[0].name, "work");
        let logs = receiver.logs();
        assert_eq!(logs.len(), 1);
        assert_eq!(logs[0].trace_id.as_ref(), Some(&spans[0].trace_id));
        assert_eq!(logs[0].span_id.as_ref(), Some(&spans[0].span_id));
        let points = receiver.metrics();
        assert!(points.iter().any(|point| point.name == "things"));
    }
}
