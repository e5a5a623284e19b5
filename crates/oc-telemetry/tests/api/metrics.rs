//! One provider, two readers: what is pushed and what is scraped are the same.

use std::{net::Ipv4Addr, time::Duration};

use oc_telemetry::{
    InitErrorKind, TelemetryBuilder,
    config::{Protocol, Temporality},
    opentelemetry::KeyValue,
    prometheus::{IntCounter, Registry},
    testing::{OtlpReceiver, ReceivedPoint, Temporality as ReceivedTemporality},
};

use crate::support::{PATIENCE, PROTOCOLS, alone, in_time, sample, scrape, to};

/// The core promise: one increment on one counter is seen equal through OTLP and through
/// `/metrics`.
#[test]
fn one_increment_seen_twice() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = served(to(&receiver, protocol)).build().unwrap();
        assert_eq!(telemetry.warnings(), []);
        let counter = telemetry.meter("test").u64_counter("turns").build();
        counter.add(7, &[KeyValue::new("agent", "main")]);

        let page = scrape(telemetry.metrics_addr().unwrap()).unwrap();
        assert!(telemetry.flush(PATIENCE).is_complete());
        let point = newest(&receiver, "turns");
        assert_eq!(point.attributes["agent"], "main");
        assert_eq!(point.number(), Some(7.0));
        let scraped = sample(&page, "turns_total{agent=\"main\"}");
        assert_eq!(scraped, point.number());

        // And again: neither reader has taken anything from the other.
        counter.add(1, &[KeyValue::new("agent", "main")]);
        assert!(telemetry.flush(PATIENCE).is_complete());
        let page = scrape(telemetry.metrics_addr().unwrap()).unwrap();
        let scraped = sample(&page, "turns_total{agent=\"main\"}");
        assert_eq!(scraped, Some(8.0));
        assert_eq!(newest(&receiver, "turns").number(), scraped);
    }
}

/// The agent's families have exactly the labels that they are defined with, and the resource is a
/// family of its own.
#[test]
fn no_label_of_ours() {
    let telemetry = served(alone()).build().unwrap();
    let session = telemetry.agent_metrics().session_started("main");
    telemetry
        .agent_metrics()
        .model_error("gpt-5", "timeout", "main");
    let page = scrape(telemetry.metrics_addr().unwrap()).unwrap();
    assert!(!page.contains("otel_scope"), "{page}");
    let active = sample(&page, "openclaw_agent_active_sessions{agent=\"main\"}");
    assert_eq!(active, Some(1.0), "{page}");
    let errors =
        "openclaw_model_errors_total{agent=\"main\",error_type=\"timeout\",model=\"gpt-5\"}";
    assert_eq!(sample(&page, errors), Some(1.0), "{page}");
    drop(session);
    let page = telemetry.metrics_page().unwrap().render().unwrap();
    let active = sample(&page, "openclaw_agent_active_sessions{agent=\"main\"}");
    assert_eq!(active, Some(0.0), "{page}");
}

/// Deltas for the push, totals for the page: each reader has its own temporality.
#[test]
fn deltas_beside_totals() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = served(to(&receiver, Protocol::HttpProtobuf))
        .with_temporality(Temporality::Delta)
        .build()
        .unwrap();
    let counter = telemetry.meter("test").u64_counter("turns").build();
    for (added, total) in [(3, 3.0), (4, 7.0)] {
        counter.add(added, &[]);
        assert!(telemetry.flush(PATIENCE).is_complete());
        let point = newest(&receiver, "turns");
        assert_eq!(point.temporality, ReceivedTemporality::Delta);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let expected = added as f64;
        assert_eq!(point.number(), Some(expected));
        let page = scrape(telemetry.metrics_addr().unwrap()).unwrap();
        assert_eq!(sample(&page, "turns_total"), Some(total));
    }
    // Nothing new is nothing sent, and no delta is lost or sent again at the end.
    assert!(telemetry.shutdown().is_complete());
    let sum: f64 = all(&receiver, "turns")
        .iter()
        .filter_map(ReceivedPoint::number)
        .sum();
    assert!((sum - 7.0).abs() < f64::EPSILON, "{sum}");
}

/// Deltas are never replaced by newer ones: those that an outage held up arrive as well.
#[test]
fn deltas_survive_an_outage() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_with(oc_telemetry::testing::Script::hang());
    let telemetry = to(&receiver, Protocol::HttpProtobuf)
        .with_temporality(Temporality::Delta)
        .build()
        .unwrap();
    let counter = telemetry.meter("test").u64_counter("turns").build();
    for _ in 0..3 {
        counter.add(1, &[]);
        let _ = telemetry.flush(Duration::from_millis(50));
    }
    assert_eq!(receiver.wait_for_requests(1, PATIENCE).len(), 1);
    receiver.release();
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    let sum: f64 = all(&receiver, "turns")
        .iter()
        .filter_map(ReceivedPoint::number)
        .sum();
    assert!((sum - 3.0).abs() < f64::EPSILON, "{sum}");
}

/// A collection that is larger than receivers take is sent in parts, and none of them replaces
/// another one.
#[test]
fn a_large_collection_is_cut() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, protocol).build().unwrap();
        for name in ["one", "two"] {
            let counter = telemetry.meter("test").u64_counter(name).build();
            for series in 0..1100 {
                let text = format!("{series}{}", "x".repeat(4096));
                counter.add(1, &[KeyValue::new("series", text)]);
            }
        }
        let report = telemetry.flush(PATIENCE);
        assert!(report.is_complete(), "{report:?}");
        assert_eq!(receiver.metrics().len(), 2200);
        assert_eq!(receiver.requests().len(), 3);
        for request in receiver.requests() {
            let bytes = request.body.len();
            assert!(bytes <= 4 * 1024 * 1024, "{bytes}");
        }
    }
}

/// The program's own registry: its families and ours on one page, and ours in its hands.
#[test]
fn the_programs_own_registry() {
    let registry = Registry::new();
    let own = IntCounter::new("own_total", "The program's own").unwrap();
    own.inc_by(2);
    registry.register(Box::new(own)).unwrap();
    let telemetry = served(alone())
        .with_prometheus_registry(registry.clone())
        .build()
        .unwrap();
    telemetry
        .meter("test")
        .u64_counter("turns")
        .build()
        .add(1, &[]);
    let page = scrape(telemetry.metrics_addr().unwrap()).unwrap();
    assert_eq!(sample(&page, "own_total"), Some(2.0));
    assert_eq!(sample(&page, "turns_total"), Some(1.0));
    let gathered = registry.gather();
    assert!(gathered.iter().any(|family| family.name() == "turns_total"));
}

/// A registry can show one telemetry only; the second one is told so, and the first is unharmed.
#[test]
fn a_registry_in_use() {
    let registry = Registry::new();
    let first = served(alone())
        .with_prometheus_registry(registry.clone())
        .build()
        .unwrap();
    let second = served(alone())
        .with_prometheus_registry(registry.clone())
        .build();
    let error = second.err().unwrap();
    assert_eq!(error.kind(), InitErrorKind::RegistryInUse);
    assert!(error.to_string().contains("registry"), "{error}");
    first.meter("test").u64_counter("turns").build().add(1, &[]);
    let page = scrape(first.metrics_addr().unwrap()).unwrap();
    assert_eq!(sample(&page, "turns_total"), Some(1.0));
}

/// Instances side by side: each page shows its own numbers.
#[test]
fn instances_side_by_side() {
    let (one, two) = (
        served(alone()).build().unwrap(),
        served(alone()).build().unwrap(),
    );
    for (telemetry, count) in [(&one, 1), (&two, 2)] {
        let counter = telemetry.meter("test").u64_counter("turns").build();
        counter.add(count, &[]);
    }
    for (telemetry, count) in [(&one, 1.0), (&two, 2.0)] {
        let page = scrape(telemetry.metrics_addr().unwrap()).unwrap();
        assert_eq!(sample(&page, "turns_total"), Some(count));
    }
}

/// After the end the listener is gone, and a page that the program mounted answers without a panic.
#[test]
fn the_page_after_the_end() {
    let telemetry = served(alone()).build().unwrap();
    let addr = telemetry.metrics_addr().unwrap();
    let page = telemetry.metrics_page().unwrap().clone();
    telemetry
        .meter("test")
        .u64_counter("turns")
        .build()
        .add(1, &[]);
    let _ = telemetry.shutdown();
    assert_eq!(telemetry.metrics_addr(), None);
    crate::support::eventually(|| scrape(addr).is_none());
    let text = page.render().unwrap();
    assert_eq!(sample(&text, "turns_total"), None);
}

/// Mounted in the program's own server: the page without a listener.
#[test]
fn mounted_without_a_listener() {
    let telemetry = alone().without_prometheus_listener().build().unwrap();
    assert_eq!(telemetry.metrics_addr(), None);
    telemetry
        .meter("test")
        .u64_counter("turns")
        .build()
        .add(1, &[]);
    let page = telemetry.metrics_page().unwrap().render().unwrap();
    assert_eq!(sample(&page, "turns_total"), Some(1.0));
}

/// A scrape that never ends does not keep the telemetry from ending.
#[test]
fn a_scrape_that_hangs() {
    let telemetry = served(alone()).build().unwrap();
    let addr = telemetry.metrics_addr().unwrap();
    let (entered, is_in) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let meter = telemetry.meter("test");
    let _stuck = meter
        .u64_observable_gauge("stuck")
        .with_callback(move |_| {
            let _ = entered.send(());
            let _ = released.lock().unwrap().recv();
        })
        .build();
    let scraper = std::thread::spawn(move || scrape(addr));
    is_in.recv_timeout(PATIENCE).unwrap();
    in_time(move || {
        let report = telemetry.shutdown_within(Duration::from_millis(500));
        assert!(report.elapsed < Duration::from_secs(5));
    });
    drop(release);
    assert_eq!(scraper.join().unwrap(), None, "the connection was closed");
}

/// `/metrics` on a free port.
fn served(builder: TelemetryBuilder) -> TelemetryBuilder {
    builder.with_prometheus_addr((Ipv4Addr::LOCALHOST, 0).into())
}

fn all(receiver: &OtlpReceiver, name: &str) -> Vec<ReceivedPoint> {
    let mut points = receiver.metrics();
    points.retain(|point| point.name == name);
    points
}

#[track_caller]
fn newest(receiver: &OtlpReceiver, name: &str) -> ReceivedPoint {
    all(receiver, name).pop().unwrap()
}
