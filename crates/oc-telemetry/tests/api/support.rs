//! Support: telemetry that depends on nothing but its own settings, and a receiver to send it to.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    panic::resume_unwind,
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use oc_telemetry::{
    Counts, DropReason, Signal, Telemetry, TelemetryBuilder, Warning,
    config::{Lookup, Protocol},
    testing::OtlpReceiver,
    tracing_subscriber::{self, layer::SubscriberExt},
    with_span,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// Long enough for a loaded machine; nothing waits for it where all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::HttpProtobuf, Protocol::Grpc];

/// A telemetry without environment, `/metrics` and log files.
pub(crate) fn alone() -> TelemetryBuilder {
    Telemetry::builder("gateway")
        .with_environment(Lookup::empty())
        .without_prometheus()
        .without_log_files()
        .with_shutdown_timeout(PATIENCE)
}

/// The same, with OTLP to `receiver`.
pub(crate) fn to(receiver: &OtlpReceiver, protocol: Protocol) -> TelemetryBuilder {
    alone()
        .with_otlp_endpoint(endpoint(receiver, protocol))
        .with_otlp_protocol(protocol)
}

pub(crate) fn endpoint(receiver: &OtlpReceiver, protocol: Protocol) -> String {
    match protocol {
        Protocol::Grpc => receiver.grpc_endpoint(),
        _ => receiver.http_endpoint(),
    }
}

/// An endpoint that refuses connections: its port was free a moment ago.
pub(crate) fn dead_endpoint() -> String {
    let receiver = OtlpReceiver::start().unwrap();
    receiver.http_endpoint()
}

/// One span `work`, one log record `done` and one point of the counter `things`.
pub(crate) fn record(telemetry: &Telemetry) {
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        telemetry.scope(|| {
            with_span!("work", "answer" => 42, {
                tracing::info!(count = 3_u64, "done");
            });
        });
    });
    let things = telemetry.meter("test").u64_counter("things").build();
    things.add(5, &[]);
}

/// What [`record`] recorded has arrived, and nothing else beside the library's own metrics.
#[track_caller]
pub(crate) fn expect_all(receiver: &OtlpReceiver) {
    expect_signals(receiver, &Signal::ALL);
}

/// Of what [`record`] recorded, exactly these signals have arrived.
#[track_caller]
pub(crate) fn expect_signals(receiver: &OtlpReceiver, signals: &[Signal]) {
    let spans: Vec<_> = receiver.spans().into_iter().map(|span| span.name).collect();
    let expected: &[&str] = if signals.contains(&Signal::Traces) {
        &["work"]
    } else {
        &[]
    };
    assert_eq!(spans, expected, "spans");
    let logs = receiver.logs();
    let logs: Vec<_> = logs.iter().filter_map(|log| log.body.as_str()).collect();
    let expected: &[&str] = if signals.contains(&Signal::Logs) {
        &["done"]
    } else {
        &[]
    };
    assert_eq!(logs, expected, "logs");
    let points = receiver.metrics();
    let things = points.iter().any(|point| point.name == "things");
    assert_eq!(things, signals.contains(&Signal::Metrics), "metrics");
}

/// Flushes until `arrived`, however slow the machine is, and however long a destination that does not answer holds up
/// each flush.
#[track_caller]
pub(crate) fn flush_until(telemetry: &Telemetry, mut arrived: impl FnMut(&[Counts]) -> bool) {
    eventually(|| {
        let report = telemetry.flush(Duration::from_millis(50));
        arrived(&report.destinations)
    });
}

/// Whether a destination has something of all signals, and all of the traces and logs.
pub(crate) fn has_all(destinations: &[Counts], name: &str) -> bool {
    let mut of_it = destinations
        .iter()
        .filter(|counts| counts.destination == name);
    of_it.all(|counts| match counts.signal {
        Signal::Metrics => counts.exported > 0,
        _ => counts.exported > 0 && counts.exported == counts.created,
    })
}

/// The counts of a signal, which must go to one destination only.
#[track_caller]
pub(crate) fn counts(destinations: &[Counts], signal: Signal) -> &Counts {
    let mut found = destinations.iter().filter(|counts| counts.signal == signal);
    let counts = found.next().unwrap_or_else(|| panic!("no {signal}"));
    assert_eq!(found.next(), None, "{signal} has more than one destination");
    counts
}

pub(crate) fn dropped(counts: &Counts, reason: DropReason) -> u64 {
    let found = counts.dropped.iter().find(|(known, _)| *known == reason);
    found.map_or(0, |(_, count)| *count)
}

/// The end of everything: nothing waits any more, and every item is accounted for.
#[track_caller]
pub(crate) fn expect_settled(destinations: &[Counts]) {
    for counts in destinations {
        assert!(counts.is_balanced(), "{counts:?}");
        let open = (counts.queued, counts.in_flight, counts.spooled);
        assert_eq!(open, (0, 0, 0), "{counts:?}");
    }
}

/// The one warning about a setting.
#[track_caller]
pub(crate) fn warning(telemetry: &Telemetry, setting: &str) -> Warning {
    let mut warnings = telemetry.warnings();
    warnings.retain(|warning| warning.setting() == setting);
    assert_eq!(
        warnings.len(),
        1,
        "about {setting}: {:#?}",
        telemetry.warnings()
    );
    warnings.remove(0)
}

/// The page at `/metrics`, over HTTP; `None` if nobody serves it.
pub(crate) fn scrape(addr: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(addr).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    let (head, page) = response.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200 ").then(|| page.to_owned())
}

/// The value of a sample of the page; `sample` is a name with its labels, if it has any.
pub(crate) fn sample(page: &str, sample: &str) -> Option<f64> {
    page.lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

/// Waits for something that another thread brings about.
#[track_caller]
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it did not come true");
        thread::yield_now();
    }
}

/// Runs `body` on a thread of its own, so that a deadlock is a failed test and not a hanging one.
#[track_caller]
pub(crate) fn in_time<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    let (result, received) = mpsc::channel();
    let thread = thread::spawn(move || result.send(body()));
    match received.recv_timeout(2 * PATIENCE) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => resume_unwind(panic),
            Ok(_) => panic!("the result is lost"),
        },
    }
}

/// A certificate authority with a folder for its files.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

/// A certificate and its key, as PEM texts.
pub(crate) struct Identity {
    pub(crate) cert: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        Identity {
            cert: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }
}
