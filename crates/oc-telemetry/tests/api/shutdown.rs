//! The end: what is reported, who waits for it, and what happens afterwards.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use oc_telemetry::{
    Destination, DropReason, Signal,
    config::{Lookup, Protocol},
    span::span,
    testing::{OtlpReceiver, Script},
    tracing_subscriber::{
        self, Layer,
        layer::{Context as LayerContext, SubscriberExt},
    },
    with_span,
};
use tracing::{Event, Subscriber, subscriber::with_default};

use crate::support::{
    PATIENCE, alone, counts, dropped, expect_all, expect_settled, in_time, record, to,
};

const HTTP: Protocol = Protocol::HttpProtobuf;

/// Everything arrived: the report has every signal, and says so in one line.
#[test]
fn a_complete_report() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    record(&telemetry);
    let report = telemetry.shutdown();
    assert!(report.is_complete());
    assert!(report.in_time && !report.repeated);
    assert_eq!((report.open_spans, report.lost_log_lines), (0, 0));
    expect_settled(&report.destinations);
    for (signal, arrived) in [
        (Signal::Traces, receiver.spans().len()),
        (Signal::Metrics, receiver.metrics().len()),
        (Signal::Logs, receiver.logs().len()),
    ] {
        let counts = counts(&report.destinations, signal);
        assert_eq!(counts.destination, "otlp");
        assert_eq!(counts.exported, arrived as u64, "{signal}");
        assert_eq!(counts.created, arrived as u64, "{signal}");
        let text = format!("{signal} to otlp: {arrived} exported");
        assert!(report.to_string().contains(&text), "{report}");
    }
}

/// The last handle to go sends what waits, as a shutdown would.
#[test]
fn dropping_the_last_handle_flushes() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    let other = telemetry.clone();
    record(&telemetry);
    drop(telemetry);
    assert!(receiver.requests().is_empty(), "a handle is left");
    drop(other);
    expect_all(&receiver);
}

/// Dropping is bounded as a shutdown is, whatever the receiver does.
#[test]
fn dropping_is_bounded() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_always(Script::hang());
    let telemetry = to(&receiver, HTTP).with_shutdown_timeout(Duration::from_millis(300));
    let telemetry = telemetry.build().unwrap();
    record(&telemetry);
    let started = Instant::now();
    drop(telemetry);
    assert!(started.elapsed() < Duration::from_secs(3));
}

/// The second call does nothing, and returns what the first one achieved.
#[test]
fn a_second_shutdown_is_repeated() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    record(&telemetry);
    let first = telemetry.shutdown();
    let requests = receiver.requests().len();
    let second = telemetry.shutdown();
    assert!(second.repeated && !first.repeated);
    assert_eq!(second.destinations, first.destinations);
    assert_eq!(second.in_time, first.in_time);
    assert_eq!(receiver.requests().len(), requests);
}

/// A call that comes while another one works waits for it and gets its report.
#[test]
fn two_threads_at_once() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_with(Script::hang().only_for(Signal::Traces));
    let telemetry = to(&receiver, HTTP).build().unwrap();
    record(&telemetry);
    let both = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (telemetry, both) = (telemetry.clone(), Arc::clone(&both));
            thread::spawn(move || {
                both.wait();
                telemetry.shutdown()
            })
        })
        .collect();
    // Both are under way, or soon will be, while the receiver holds up the first of them.
    assert!(receiver.wait_until(PATIENCE, |requests| requests.len() >= 3));
    receiver.release();
    let reports: Vec<_> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(reports.iter().filter(|report| report.repeated).count(), 1);
    for report in &reports {
        assert!(report.is_complete(), "{report}");
        assert_eq!(report.destinations, reports[0].destinations);
    }
    expect_all(&receiver);
}

/// Spans that have not ended are reported, not sent and not forgotten.
#[test]
fn open_spans_are_reported() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    let start = || telemetry.scope(|| span("open").start());
    let (one, two) = (start(), start());
    assert_eq!(telemetry.open_spans(), 2);
    drop(one);
    assert_eq!(telemetry.open_spans(), 1);
    let report = telemetry.shutdown();
    assert_eq!(report.open_spans, 1);
    assert!(report.in_time && !report.is_complete());
    assert!(
        report.to_string().contains("1 spans still open"),
        "{report}"
    );
    assert_eq!(receiver.spans().len(), 1);
    drop(two);
    assert_eq!(receiver.spans().len(), 1);
}

/// After the end nothing is recorded, sent or waited for, and nothing panics.
#[test]
fn everything_after_the_end() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP)
        .with_destination(Destination::console())
        .build()
        .unwrap();
    let things = telemetry.meter("test").u64_counter("things").build();
    let _ = telemetry.shutdown();
    let requests = receiver.requests().len();
    record(&telemetry);
    things.add(1, &[]);
    telemetry.agent_metrics().model_error("m", "e", "a");
    let report = telemetry.flush(Duration::from_millis(100));
    assert!(!report.in_time);
    assert!(telemetry.recorder().is_some());
    assert_eq!(telemetry.open_spans(), 0, "nothing is recorded any more");
    let layer = telemetry.http_server_layer();
    assert!(layer.is_some());
    let _ = telemetry.shutdown();
    assert_eq!(receiver.requests().len(), requests);
}

/// Threads that record while the telemetry ends: whatever they hit, every item is accounted for.
#[test]
fn recording_during_the_shutdown() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let (telemetry, stop) = (telemetry.clone(), Arc::clone(&stop));
            thread::spawn(move || {
                let mut spans = 0_u64;
                while !stop.load(Ordering::Acquire) {
                    telemetry.scope(|| with_span!("work", {}));
                    spans += 1;
                }
                spans
            })
        })
        .collect();
    receiver.wait_for_spans(1, PATIENCE);
    let report = telemetry.shutdown();
    stop.store(true, Ordering::Release);
    let recorded: u64 = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();

    assert!(report.in_time, "{report}");
    expect_settled(&report.destinations);
    let at_the_end = counts(&report.destinations, Signal::Traces).clone();
    assert_eq!(at_the_end.exported, receiver.spans().len() as u64);
    assert!(at_the_end.created <= recorded);
    // What came between the report and the last thread's end is counted as well.
    let ledger = telemetry.ledger();
    expect_settled(&ledger);
    let now = counts(&ledger, Signal::Traces);
    assert_eq!(now.exported, at_the_end.exported);
    assert_eq!(
        now.created,
        now.exported
            + dropped(now, DropReason::QueueFull)
            + dropped(now, DropReason::AfterShutdown)
    );
}

/// A queue that is too small drops what it cannot take, and the report has the exact number.
#[test]
fn a_full_queue_is_counted() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).with_span_queue_size(2).build().unwrap();
    let lost = |counts: &[_]| dropped(self::counts(counts, Signal::Traces), DropReason::QueueFull);
    let mut recorded = 0;
    let deadline = Instant::now() + PATIENCE;
    // A worker that is fast enough empties the queue in between: go on until it is not.
    while lost(&telemetry.ledger()) == 0 {
        assert!(Instant::now() < deadline, "the queue is never full");
        for _ in 0..1000 {
            telemetry.scope(|| with_span!("work", {}));
            recorded += 1;
        }
    }
    let report = telemetry.shutdown();
    expect_settled(&report.destinations);
    let counts = counts(&report.destinations, Signal::Traces);
    assert_eq!(counts.created, recorded);
    assert_eq!(counts.exported, receiver.spans().len() as u64);
    let lost = dropped(counts, DropReason::QueueFull);
    assert_eq!(lost, recorded - counts.exported);
    let text = format!("{lost} dropped (queue_full)");
    assert!(report.to_string().contains(&text), "{report}");
}

/// No time at all: the answer comes at once and says so; what was recorded is sent later.
#[test]
fn no_time_at_all() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_with(Script::hang().only_for(Signal::Traces));
    let telemetry = to(&receiver, HTTP)
        .with_environment(Lookup::from_map([("OTEL_BSP_SCHEDULE_DELAY", "50")]))
        .build()
        .unwrap();
    record(&telemetry);
    let report = telemetry.flush(Duration::ZERO);
    assert!(!report.in_time && !report.is_complete());
    // It is the spans' request that hangs: those of the other signals may be there before it.
    assert!(receiver.wait_until(PATIENCE, |requests| {
        requests
            .iter()
            .any(|request| request.signal == Some(Signal::Traces))
    }));
    receiver.release();
    assert!(telemetry.shutdown().is_complete());
    expect_all(&receiver);
}

/// A shutdown without time gives up what waits, and counts it.
#[test]
fn a_shutdown_without_time() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_always(Script::hang());
    let telemetry = to(&receiver, HTTP).build().unwrap();
    record(&telemetry);
    let report = telemetry.shutdown_within(Duration::ZERO);
    assert!(!report.in_time);
    expect_settled(&report.destinations);
    let counts = counts(&report.destinations, Signal::Traces);
    assert_eq!(dropped(counts, DropReason::ShutdownDeadline), 1);
}

/// The longest time there is means to wait as long as it takes.
#[test]
fn all_the_time_in_the_world() {
    in_time(|| {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = to(&receiver, HTTP)
            .with_shutdown_timeout(Duration::MAX)
            .with_metric_interval(Duration::MAX)
            .build()
            .unwrap();
        record(&telemetry);
        assert!(telemetry.flush(Duration::MAX).is_complete());
        assert!(telemetry.shutdown().is_complete());
    });
}

/// A callback that never returns costs its collection; the end comes in time, and the other
/// signals arrive.
#[test]
fn a_callback_that_hangs() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    let gate = Arc::new(Barrier::new(2));
    let waiting = Arc::clone(&gate);
    let meter = telemetry.meter("test");
    let _gauge = meter
        .u64_observable_gauge("stuck")
        .with_callback(move |_| {
            waiting.wait();
        })
        .build();
    record_span(&telemetry);
    in_time(move || {
        let started = Instant::now();
        let report = telemetry.shutdown_within(Duration::from_millis(500));
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(!report.in_time);
        expect_settled(&report.destinations);
    });
    assert_eq!(receiver.spans().len(), 1);
    gate.wait();
}

/// A callback that panics takes neither the host nor the other signals with it.
#[test]
fn a_callback_that_panics() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, HTTP).build().unwrap();
    let meter = telemetry.meter("test");
    let broken = meter.u64_observable_gauge("broken");
    let _broken = broken.with_callback(|_| panic!("scripted")).build();
    record_span(&telemetry);
    let report = telemetry.flush(PATIENCE);
    assert!(report.in_time);
    record_span(&telemetry);
    let report = telemetry.shutdown();
    expect_settled(&report.destinations);
    assert_eq!(receiver.spans().len(), 2);
}

/// A layer of the program's own that panics at an event of the shutdown costs nothing but the
/// event.
#[test]
fn a_layer_that_panics() {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_always(Script::status(400));
    for dropped in [false, true] {
        let telemetry = to(&receiver, HTTP).build().unwrap();
        record_span(&telemetry);
        let (told, heard) = mpsc::channel();
        let subscriber = tracing_subscriber::registry().with(Panicking(told));
        with_default(subscriber, || {
            if dropped {
                drop(telemetry);
            } else {
                let report = telemetry.shutdown();
                assert!(!report.repeated && report.in_time, "{report}");
                assert_eq!(telemetry.shutdown().destinations, report.destinations);
            }
        });
        assert!(heard.try_recv().is_ok(), "the loss is an event");
    }
}

/// Panics at events of the library, and says so.
struct Panicking(mpsc::Sender<()>);

impl<S: Subscriber> Layer<S> for Panicking {
    fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
        if event.metadata().target() == "oc_telemetry" {
            let _ = self.0.send(());
            panic!("scripted");
        }
    }
}

/// Nothing was configured: the end is quick and complete.
#[test]
fn nothing_to_do() {
    let telemetry = alone().build().unwrap();
    record(&telemetry);
    let report = telemetry.shutdown();
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.to_string(), "nothing to export");
}

fn record_span(telemetry: &oc_telemetry::Telemetry) {
    telemetry.scope(|| with_span!("work", {}));
}
