//! Jaeger's remote sampling against a server in the test.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use oc_telemetry::{
    Severity, Telemetry,
    config::{JaegerRemoteSampler, Lookup, RootSampler, SamplerConfig},
    opentelemetry::{
        Context,
        trace::{
            Span, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
            TracerProvider,
        },
    },
};

use crate::support::{alone, dead_endpoint, eventually, in_time, warning};

const HOUR: u32 = 3_600_000;

/// The server's word replaces the initial rate, whichever way, and it is asked for at the start:
/// with an interval of an hour nothing else could bring it in time.
#[test]
fn a_share() {
    for (initial, rate) in [(0, "1"), (1, "0"), (0, "1.0")] {
        let server = Server::start(Answer::json(&format!(
            r#"{{"strategyType":"PROBABILISTIC","probabilisticSampling":{{"samplingRate":{rate}}}}}"#
        )));
        let telemetry = remote("jaeger_remote", &server.url, HOUR, initial);
        let mut warnings = telemetry.warnings();
        warnings.retain(|warning| warning.severity() == Severity::Warning);
        assert_eq!(warnings, []);
        eventually(|| is_recorded(&telemetry, "a") == (initial == 0));
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        let line = requests[0].lines().next().unwrap();
        assert_eq!(line, "GET /sampling?service=my%20gateway HTTP/1.1");
    }
}

/// A strategy that changes is followed at the next interval, from one kind to another.
#[test]
fn strategies_change() {
    let server = Server::start(Answer::json(
        r#"{"probabilisticSampling":{"samplingRate":0}}"#,
    ));
    let telemetry = remote("jaeger_remote", &server.url, 10, 1);
    eventually(|| !is_recorded(&telemetry, "a"));
    server.answer(Answer::json(
        r#"{"rateLimitingSampling":{"maxTracesPerSecond":1000000000}}"#,
    ));
    eventually(|| is_recorded(&telemetry, "a"));
    server.answer(Answer::json(
        r#"{"probabilisticSampling":{"samplingRate":0}}"#,
    ));
    eventually(|| !is_recorded(&telemetry, "a"));
}

/// A limit holds, and refills however often it is asked.
#[test]
fn a_limit() {
    let server = Server::start(Answer::json(
        r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":3}}"#,
    ));
    let started = Instant::now();
    let telemetry = remote("jaeger_remote", &server.url, HOUR, 0);
    eventually(|| is_recorded(&telemetry, "a"));
    let further = (0..1000).filter(|_| is_recorded(&telemetry, "a")).count();
    assert!(further > 1, "{further}");
    // Three at once and three a second, of which one is gone.
    let most = started.elapsed().as_secs() * 3 + 3 + 3 - 1;
    assert!(further as u64 <= most, "{further} of at most {most}");
    eventually(|| is_recorded(&telemetry, "a"));
}

/// Root spans are decided on by their names.
#[test]
fn operations() {
    let server = Server::start(Answer::json(
        r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},
            "operationSampling":{"defaultSamplingProbability":0,
                "defaultLowerBoundTracesPerSecond":0,
                "perOperationStrategies":[
                    {"operation":"POST /v1/messages","probabilisticSampling":{"samplingRate":1}},
                    {"operation":"GET /health","probabilisticSampling":{"samplingRate":0}}],
                "defaultUpperBoundTracesPerSecond":0}}"#,
    ));
    let telemetry = remote("jaeger_remote", &server.url, HOUR, 0);
    eventually(|| is_recorded(&telemetry, "POST /v1/messages"));
    assert!(!is_recorded(&telemetry, "GET /health"));
    assert!(!is_recorded(&telemetry, "other"));
}

/// `parentbased_` leaves it to the caller where there is one; without it the server decides.
#[test]
fn parents() {
    for (sampler, expected) in [
        ("jaeger_remote", false),
        ("parentbased_jaeger_remote", true),
    ] {
        let telemetry = remote(sampler, &dead_endpoint(), HOUR, 0);
        assert!(!is_recorded(&telemetry, "a"));
        let caller = SpanContext::new(
            TraceId::from_bytes([7; 16]),
            SpanId::from_bytes([7; 8]),
            TraceFlags::SAMPLED,
            true,
            TraceState::from_key_value([("k", "v")]).unwrap(),
        );
        let parent = Context::new().with_remote_span_context(caller);
        let tracer = telemetry.tracer_provider().unwrap().tracer("test");
        let span = tracer.start_with_context("a", &parent);
        assert_eq!(span.span_context().is_sampled(), expected, "{sampler}");
        assert_eq!(span.span_context().trace_state().get("k"), Some("v"));
    }
}

/// Whatever a server says that is no strategy, the initial rate stays and it is asked again.
#[test]
fn bad_answers() {
    for (initial, answer) in [
        (1, Answer::json("<html>no</html>")),
        (1, Answer::json("{}")),
        (
            1,
            Answer::json(r#"{"probabilisticSampling":{"samplingRate":-1}}"#),
        ),
        (
            0,
            Answer::json(r#"{"probabilisticSampling":{"samplingRate":1e308}}"#),
        ),
        (
            1,
            Answer::json(r#"{"rateLimitingSampling":{"maxTracesPerSecond":-5}}"#),
        ),
        (
            1,
            Answer::Raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into()),
        ),
        (1, Answer::Raw("garbage\r\n\r\n".into())),
        (1, Answer::Raw(String::new())),
        (1, Answer::Gigabyte),
    ] {
        let server = Server::start(answer.clone());
        let telemetry = remote("jaeger_remote", &server.url, 10, initial);
        // Two further requests: the first answer has been dealt with.
        eventually(|| server.requests().len() > 2);
        assert_eq!(is_recorded(&telemetry, "a"), initial == 1, "{answer:?}");
        assert!(telemetry.shutdown().is_complete());
    }
}

/// A server that does not answer, and none at all: nothing waits for it, not even the end.
#[test]
fn no_answer() {
    let server = Server::start(Answer::Hang);
    in_time(move || {
        let telemetry = remote("jaeger_remote", &server.url, HOUR, 1);
        eventually(|| server.requests().len() == 1);
        assert!(is_recorded(&telemetry, "a"));
        assert!(telemetry.shutdown().is_complete());

        let telemetry = remote("jaeger_remote", &dead_endpoint(), HOUR, 1);
        assert!(is_recorded(&telemetry, "a"));
        assert!(telemetry.shutdown().is_complete());
    });
}

/// A URL that is none is a warning that names the setting, and the initial rate stays.
#[test]
fn malformed_endpoint() {
    for endpoint in [
        "",
        "localhost",
        "ftp://a/",
        "http://user:secret@a/",
        "h\u{0}",
    ] {
        let mut remote = JaegerRemoteSampler::default();
        remote.endpoint = endpoint.to_owned();
        remote.initial_sampling_rate = 1.0;
        let sampler = SamplerConfig::new(RootSampler::JaegerRemote(remote));
        let telemetry = alone().with_sampler(sampler).build().unwrap();
        let warning = warning(&telemetry, "OTEL_TRACES_SAMPLER").to_string();
        assert!(warning.contains("initial rate 1"), "{warning}");
        assert!(!warning.contains("secret"), "{warning}");
        assert!(is_recorded(&telemetry, "a"));
    }
}

fn remote(sampler: &str, endpoint: &str, interval_ms: u32, initial: u32) -> Telemetry {
    let argument = format!(
        "endpoint={endpoint},pollingIntervalMs={interval_ms},initialSamplingRate={initial}"
    );
    alone()
        .with_environment(Lookup::from_map([
            ("OTEL_SERVICE_NAME", "my gateway"),
            ("OTEL_TRACES_SAMPLER", sampler),
            ("OTEL_TRACES_SAMPLER_ARG", &argument),
        ]))
        .build()
        .unwrap()
}

/// Whether a root span of this name is recorded.
fn is_recorded(telemetry: &Telemetry, name: &'static str) -> bool {
    let tracer = telemetry.tracer_provider().unwrap().tracer("test");
    let span = tracer.start_with_context(name, &Context::new());
    assert_eq!(span.is_recording(), span.span_context().is_sampled());
    span.is_recording()
}

/// A server that reads a request, gives the current answer and closes the connection.
struct Server {
    url: String,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    answer: Answer,
    requests: Vec<String>,
}

#[derive(Debug, Clone)]
enum Answer {
    Raw(String),
    /// A body that does not come to an end before a gigabyte.
    Gigabyte,
    /// None, and the connection stays open.
    Hang,
}

impl Answer {
    fn json(body: &str) -> Self {
        Self::Raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        ))
    }
}

impl Server {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/sampling", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared {
            answer,
            requests: Vec::new(),
        }));
        let weak = Arc::downgrade(&shared);
        thread::spawn(move || {
            let mut hanging = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read_head(&mut stream) else {
                    continue;
                };
                let Some(shared) = weak.upgrade() else { return };
                let mut shared = shared.lock().unwrap();
                shared.requests.push(request);
                let answer = shared.answer.clone();
                drop(shared);
                match answer {
                    // The client may have hung up: what it makes of the answer is the test.
                    Answer::Raw(text) => drop(stream.write_all(text.as_bytes())),
                    Answer::Gigabyte => gigabyte(&mut stream),
                    Answer::Hang => hanging.push(stream),
                }
            }
        });
        Self { url, shared }
    }

    fn answer(&self, answer: Answer) {
        self.shared.lock().unwrap().answer = answer;
    }

    fn requests(&self) -> Vec<String> {
        self.shared.lock().unwrap().requests.clone()
    }
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

/// Writes until the client hangs up.
fn gigabyte(stream: &mut TcpStream) {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
    let mut written = stream.write_all(head.as_bytes());
    let block = vec![b' '; 1_000_000];
    for _ in 0..1000 {
        if written.is_err() {
            return;
        }
        written = stream.write_all(&block);
    }
    panic!("the client has taken a gigabyte");
}
