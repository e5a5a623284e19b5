//! Observable callbacks that misbehave, and collections that fail.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
    mpsc,
};

use oc_telemetry::{
    config::{Lookup, Protocol},
    opentelemetry::metrics::MeterProvider,
    opentelemetry_sdk::metrics::SdkMeterProvider,
    testing::{OtlpReceiver, ReceivedPoint},
};

use crate::support::{PATIENCE, in_time, sample, to};

const HTTP: Protocol = Protocol::HttpProtobuf;

/// A callback that panics costs what it would have observed, and no report is complete any more.
/// Everything else is pushed and scraped as ever, and so is the callback once it recovers.
#[test]
fn metrics_go_on_after_a_panic() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).without_prometheus_listener();
    let telemetry = telemetry.build().unwrap();
    let meter = telemetry.meter("test");
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = Arc::clone(&broken);
    let _gauge = meter
        .u64_observable_gauge("moody")
        .with_callback(move |observer| {
            assert!(!is_broken.load(Ordering::Acquire), "scripted");
            observer.observe(1, &[]);
        })
        .build();
    meter.u64_counter("turns").build().add(7, &[]);

    let report = telemetry.flush(PATIENCE);
    assert!(report.in_time && !report.is_complete(), "{report:?}");
    assert_eq!(report.panicked_callbacks, 1);
    assert_eq!(newest(&receiver, "turns").number(), Some(7.0));

    broken.store(false, Ordering::Release);
    meter.u64_counter("turns").build().add(1, &[]);
    let page = telemetry.metrics_page().unwrap().render().unwrap();
    assert_eq!(sample(&page, "moody"), Some(1.0));
    assert_eq!(sample(&page, "turns_total"), Some(8.0));
    let report = telemetry.shutdown();
    assert_eq!(newest(&receiver, "moody").number(), Some(1.0));
    assert_eq!(newest(&receiver, "turns").number(), Some(8.0));
    assert_eq!(
        (report.panicked_callbacks, report.failed_collections),
        (1, 0)
    );
    assert!(report.in_time && !report.is_complete(), "{report}");
    let text = report.to_string();
    assert!(text.contains("1 panics of metric callbacks"), "{text}");
}

/// The provider is gone, and with it what was not pushed: the reports say so.
#[test]
fn a_failed_collection_is_reported() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).with_host_sdk().build().unwrap();
    let provider = SdkMeterProvider::builder()
        .with_reader(telemetry.metric_reader().unwrap())
        .build();
    provider
        .meter("host")
        .u64_counter("lost")
        .build()
        .add(1, &[]);
    drop(provider);
    let report = telemetry.flush(PATIENCE);
    assert!(report.in_time && !report.is_complete(), "{report:?}");
    assert_eq!(report.failed_collections, 1);
    let report = telemetry.shutdown();
    assert!(!report.is_complete());
    let text = report.to_string();
    assert!(text.contains("2 collections of metrics failed"), "{text}");
}

/// A collection that is still under way when a flush answers is not complete; it is not lost either.
#[test]
fn a_late_collection_is_not_complete() {
    let receiver = OtlpReceiver::start().unwrap();
    let timeout = Lookup::from_map([("OTEL_METRIC_EXPORT_TIMEOUT", "20")]);
    let telemetry = to(&receiver, HTTP).with_environment(timeout);
    let telemetry = telemetry.build().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let meter = telemetry.meter("test");
    let _slow = meter
        .u64_observable_gauge("slow")
        .with_callback(move |observer| {
            let _ = released.lock().unwrap().recv();
            observer.observe(1, &[]);
        })
        .build();
    let telemetry = in_time(move || {
        let report = telemetry.flush(PATIENCE);
        assert!(!report.in_time && !report.is_complete(), "{report:?}");
        telemetry
    });
    drop(release);
    assert_eq!(telemetry.shutdown().failed_collections, 0);
    assert_eq!(newest(&receiver, "slow").number(), Some(1.0));
}

#[track_caller]
fn newest(receiver: &OtlpReceiver, name: &str) -> ReceivedPoint {
    let mut points = receiver.metrics();
    points.retain(|point| point.name == name);
    points.pop().unwrap()
}
