//! Build, flush and shutdown inside every kind of runtime, and outside of any.

use std::time::{Duration, Instant};

use oc_telemetry::{
    DropReason, Signal, Telemetry,
    config::Protocol,
    testing::{OtlpReceiver, Outcome, Script},
    with_span,
};
use tokio::runtime::{Builder, Runtime};

use crate::support::{
    PATIENCE, PROTOCOLS, counts, dropped, expect_all, expect_settled, flush_until, in_time, record,
    to,
};

#[test]
fn http_outside_of_any_runtime() {
    whole_life(Protocol::HttpProtobuf, None);
}

#[test]
fn http_in_a_current_thread_runtime() {
    whole_life(Protocol::HttpProtobuf, Some(current_thread()));
}

#[test]
fn http_in_a_runtime_with_one_worker() {
    whole_life(Protocol::HttpProtobuf, Some(workers(1)));
}

#[test]
fn http_in_a_runtime_with_many_workers() {
    whole_life(Protocol::HttpProtobuf, Some(workers(4)));
}

#[test]
fn grpc_outside_of_any_runtime() {
    whole_life(Protocol::Grpc, None);
}

#[test]
fn grpc_in_a_current_thread_runtime() {
    whole_life(Protocol::Grpc, Some(current_thread()));
}

#[test]
fn grpc_in_a_runtime_with_one_worker() {
    whole_life(Protocol::Grpc, Some(workers(1)));
}

#[test]
fn grpc_in_a_runtime_with_many_workers() {
    whole_life(Protocol::Grpc, Some(workers(4)));
}

/// The host's runtime may be gone before the telemetry ends.
#[test]
fn it_outlives_the_runtime_it_was_built_in() {
    for protocol in PROTOCOLS {
        let receiver = OtlpReceiver::start().unwrap();
        let runtime = workers(1);
        let telemetry = runtime.block_on(async { to(&receiver, protocol).build().unwrap() });
        drop(runtime);
        record(&telemetry);
        assert!(telemetry.shutdown().is_complete());
        expect_all(&receiver);
    }
}

/// In a worker's task, which is where a blocking flush would stop the runtime that it waits for.
fn whole_life(protocol: Protocol, runtime: Option<Runtime>) {
    in_time(move || {
        a_receiver_that_answers(protocol, runtime.as_ref());
        a_receiver_that_hangs(protocol, runtime.as_ref());
    });
}

fn a_receiver_that_answers(protocol: Protocol, runtime: Option<&Runtime>) {
    let receiver = OtlpReceiver::start().unwrap();
    inside(runtime, {
        let telemetry = to(&receiver, protocol);
        move || {
            let telemetry = telemetry.build().unwrap();
            record(&telemetry);
            let report = telemetry.flush(PATIENCE);
            assert!(report.is_complete(), "{report:?}");
            let report = telemetry.shutdown();
            assert!(report.is_complete(), "{report}");
        }
    });
    expect_all_but_repeated_points(&receiver);
}

/// The flush and the shutdown both push the counter; the rest is sent once.
#[track_caller]
fn expect_all_but_repeated_points(receiver: &OtlpReceiver) {
    expect_all(receiver);
    let points = receiver.metrics();
    let things = points.iter().filter(|point| point.name == "things");
    assert!(things.clone().count() <= 2);
    assert!(things.clone().all(|point| point.number() == Some(5.0)));
}

/// A receiver that takes requests and never answers: the shutdown ends at its deadline, and the
/// report says what was given up.
fn a_receiver_that_hangs(protocol: Protocol, runtime: Option<&Runtime>) {
    const DEADLINE: Duration = Duration::from_millis(200);

    let receiver = OtlpReceiver::start().unwrap();
    receiver.respond_always(Script::hang());
    let (telemetry, report) = inside(runtime, {
        // No timeout of an attempt may end the wait in place of the deadline.
        let telemetry = to(&receiver, protocol).with_otlp_timeout(Duration::from_hours(1));
        move || {
            let telemetry = telemetry.build().unwrap();
            record(&telemetry);
            flush_until(&telemetry, |counts| {
                counts.iter().all(|counts| counts.in_flight > 0)
            });
            let started = Instant::now();
            let report = telemetry.shutdown_within(DEADLINE);
            let elapsed = started.elapsed();
            assert!(elapsed < DEADLINE + PATIENCE, "took {elapsed:?}");
            (telemetry, report)
        }
    });
    assert!(!report.in_time);
    assert!(!report.is_complete());
    expect_settled(&report.destinations);
    for signal in Signal::ALL {
        let counts = counts(&report.destinations, signal);
        // A newer collection may have taken the place of one that waited.
        assert_eq!(counts.dropped_total(), counts.created, "{counts:?}");
        let given_up = dropped(counts, DropReason::ShutdownDeadline);
        assert!(given_up > 0, "{counts:?}");
        assert!(signal == Signal::Metrics || given_up == 1, "{counts:?}");
    }
    assert!(report.to_string().contains("shutdown_deadline"), "{report}");
    nothing_moves_later(&telemetry, &receiver);
}

/// The answer that comes after the end changes no count.
fn nothing_moves_later(telemetry: &Telemetry, receiver: &OtlpReceiver) {
    let before = telemetry.ledger();
    receiver.release();
    assert!(receiver.wait_until(PATIENCE, |requests| {
        let pending = |outcome| outcome == Outcome::Pending;
        !requests.iter().any(|request| pending(request.outcome))
    }));
    telemetry.scope(|| with_span!("late", {}));
    assert_eq!(telemetry.ledger(), before);
}

/// Runs `body` in a task on a thread of the runtime, or here if there is none.
fn inside<R: Send + 'static>(
    runtime: Option<&Runtime>,
    body: impl FnOnce() -> R + Send + 'static,
) -> R {
    match runtime {
        None => body(),
        Some(runtime) => runtime.block_on(async {
            let task = tokio::spawn(async { body() });
            task.await.unwrap()
        }),
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn workers(count: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(count).enable_all().build().unwrap()
}
