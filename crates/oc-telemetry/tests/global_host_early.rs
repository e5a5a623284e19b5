//! A host that owns its SDK and uses our instruments before it registers a meter provider.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the support functions of a test fail by panicking, as the test does"
)]

use std::sync::{Arc, Mutex};

use oc_telemetry::{
    Telemetry,
    config::Lookup,
    opentelemetry::metrics::Counter,
    tracing_subscriber::{
        self, Layer,
        layer::{Context, SubscriberExt},
    },
};
use tracing::{Event, Level, Subscriber};

/// The API logs that it has no provider. A layer of the host's that counts events by an instrument of ours does not go
/// round in circles over those. An observable instrument is made for nothing, and the log says so.
#[test]
fn nothing_is_registered() {
    let telemetry = Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_host_sdk()
        .build()
        .unwrap();
    let meter = telemetry.meter("host");
    let warnings = Arc::<Mutex<Vec<String>>>::default();
    subscribe(CountingLayer {
        events: meter.u64_counter("events").build(),
        warnings: Arc::clone(&warnings),
    });
    tracing::info!("one");
    let things = meter.u64_observable_counter("things");
    let _things = things.with_callback(|_| ()).build();
    let warnings = warnings.lock().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("things"), "{warnings:?}");
}

/// A host's layer.
struct CountingLayer {
    events: Counter<u64>,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.events.add(1, &[]);
        if *event.metadata().level() <= Level::WARN {
            assert_eq!(event.metadata().target(), "oc_telemetry");
            self.warnings.lock().unwrap().push(format!("{event:?}"));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "here the test is the host")]
fn subscribe(layer: CountingLayer) {
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).unwrap();
}
