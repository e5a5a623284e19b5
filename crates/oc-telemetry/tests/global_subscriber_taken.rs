//! `install()` where the program has set a `tracing` subscriber before.

#![allow(
    clippy::unwrap_used,
    reason = "the support functions of a test fail by panicking, as the test does"
)]

use std::sync::{Arc, Mutex};

use oc_telemetry::{
    Origin, Severity, Telemetry,
    config::Lookup,
    opentelemetry::{global, trace::Tracer},
    testing::OtlpReceiver,
    tracing_subscriber::{
        self, Layer,
        layer::{Context, SubscriberExt},
    },
    with_span,
};
use tracing::{Event, Subscriber};

/// The host's subscriber stays and hears of it; everything else is installed.
#[test]
fn the_subscriber_stays() {
    let targets = Arc::<Mutex<Vec<String>>>::default();
    set_global(tracing_subscriber::registry().with(Keep(Arc::clone(&targets))));
    let receiver = OtlpReceiver::start().unwrap();
    let guard = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_otlp_endpoint(receiver.http_endpoint())
        .install()
        .unwrap();
    let warnings = guard.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0].setting(), "install");
    assert_eq!(warnings[0].origin(), &Origin::Code);
    assert_eq!(warnings[0].severity(), Severity::Warning);
    assert!(warnings[0].message().contains("tracing_layer()"));
    let heard = targets.lock().unwrap().clone();
    assert!(heard.contains(&"oc_telemetry".to_owned()), "{heard:?}");

    with_span!("work", { tracing::info!(target: "host", "done") });
    global::tracer("api").in_span("api", |_| {});
    assert!(targets.lock().unwrap().contains(&"host".to_owned()));
    let report = guard.shutdown();
    assert!(report.is_complete(), "{report}");
    let names: Vec<_> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["work", "api"]);
    assert!(receiver.logs().is_empty());
}

#[expect(clippy::disallowed_methods, reason = "here the test is the host")]
fn set_global(subscriber: impl Subscriber + Send + Sync) {
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

/// Keeps the targets of events.
struct Keep(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Keep {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0
            .lock()
            .unwrap()
            .push(event.metadata().target().to_owned());
    }
}
