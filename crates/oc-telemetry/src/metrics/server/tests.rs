//! The `/metrics` listener against well-behaved and hostile clients, over raw sockets.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use oc_otlp::IoRuntime;
use prometheus::{IntCounter, Registry};

use super::*;

/// A scrape, twice on one connection.
#[test]
fn serves_the_page_on_a_kept_connection() {
    let fixture = Fixture::start();
    let mut client = fixture.connect();

    for _ in 0..2 {
        client.send("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let response = client.read_response();
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(response.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
        assert!(response.ends_with("up_total 1\n"), "{response}");
    }
}

/// HEAD has the length of the page and no body: the next response follows at once.
#[test]
fn head_has_no_body() {
    let fixture = Fixture::start();
    let mut client = fixture.connect();

    client.send("HEAD /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let head = client.read_head();
    client.send("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let response = client.read_response();

    let length = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("content-length: "))
            .unwrap()
            .to_owned()
    };
    assert_ne!(length(&head), "content-length: 0");
    assert_eq!(length(&head), length(&response));
}

/// Methods other than GET and HEAD, other paths, and bodies.
#[test]
fn refusals() {
    let fixture = Fixture::start();
    for (request, status, closes) in [
        ("POST /metrics HTTP/1.1\r\nhost: a\r\n\r\n", "405", true),
        ("DELETE /metrics HTTP/1.1\r\nhost: a\r\n\r\n", "405", true),
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "404", false),
        (
            "GET /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
            "413",
            true,
        ),
        (
            "GET /metrics HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "413",
            true,
        ),
    ] {
        let mut client = fixture.connect();
        client.send(request);
        let response = client.read_response();
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}\n{response}"
        );
        assert_eq!(response.contains("connection: close\r\n"), closes);
        if closes {
            client.expect_end();
        }
    }
    fixture.expect_page();
}

/// An unread body does not become the next request.
#[test]
fn a_body_is_not_taken_for_a_request() {
    let fixture = Fixture::start();
    let mut client = fixture.connect();
    let smuggled = "GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n";
    client.send(&format!(
        "POST /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{smuggled}",
        smuggled.len()
    ));

    let all = client.read_to_end();

    assert!(all.starts_with("HTTP/1.1 405 "), "{all}");
    assert_eq!(all.matches("HTTP/1.1").count(), 1, "{all}");
}

/// Bytes that are no HTTP, a head that is too long, and too many headers end the connection and
/// nothing else.
#[test]
fn garbage_ends_the_connection() {
    let fixture = Fixture::start();
    let long_line = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(64 * 1024));
    let many_headers = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200));
    for garbage in ["\u{16}\u{3}\u{1}\u{2}\r\n\r\n", &long_line, &many_headers] {
        let mut client = fixture.connect();
        client.send_what_is_taken(garbage);
        let answer = client.read_to_end();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    fixture.expect_page();
}

/// A client that does not finish its head in time is cut off, and so is one that sends a request
/// and then stays silent.
#[test]
fn slow_clients_are_cut_off() {
    let fixture = Fixture::start_with(
        MetricsServerOptions::default().with_header_timeout(Duration::from_secs(2)),
    );
    let mut slow = fixture.connect();
    slow.send("GET /metrics HTTP/1.1\r\nhost: lo");
    let mut idle = fixture.connect_and_scrape();

    assert!(!slow.read_to_end().contains("200 OK"));
    idle.expect_end();
}

/// No connection outlives its age: here one that is in no hurry to send its head.
#[test]
fn old_connections_are_closed() {
    let fixture = Fixture::start_with(
        MetricsServerOptions::default()
            .with_header_timeout(Duration::from_hours(1))
            .with_connection_age(Duration::from_millis(50)),
    );
    let mut client = fixture.connect();
    client.send("GET /metrics HTTP/1.1\r\n");

    client.expect_end();
}

/// 64 connections are held, further ones are closed at once; when one ends, there is room again.
#[test]
fn connections_are_capped() {
    let fixture = Fixture::start();
    let mut held: Vec<Client> = Vec::new();
    for _ in 0..64 {
        let mut client = fixture.connect();
        client.send("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
        assert!(client.read_response().starts_with("HTTP/1.1 200"));
        // Of the next request only a part, so that the connection stays in use.
        client.send("GET /metrics HTTP/1.1\r\n");
        held.push(client);
    }

    for _ in 0..6 {
        fixture.connect().expect_end();
    }

    drop(held.pop());
    fixture.expect_page();
}

/// A taken port is one warning that names the settings; the server comes up when the port is
/// free.
#[test]
fn a_taken_port_is_retried() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = taken.local_addr().unwrap();
    let io = IoRuntime::start("test-io").unwrap();
    let (warn, warnings) = mpsc::channel();
    let server = MetricsServer::start_with(
        &io,
        addr,
        page(),
        MetricsServerOptions::default().with_retry_interval(Duration::from_millis(10)),
        move |warning| {
            let source = std::error::Error::source(&warning).map(ToString::to_string);
            let _ = warn.send((warning.to_string(), source));
        },
    );

    // The warning comes before `start` returns.
    let (message, source) = warnings.try_recv().unwrap();
    assert!(
        message.contains("OTEL_EXPORTER_PROMETHEUS_PORT"),
        "{message}"
    );
    assert!(message.contains(&addr.to_string()), "{message}");
    assert!(source.is_some());
    assert_eq!(server.local_addr(), None);

    drop(taken);
    eventually(|| server.local_addr() == Some(addr));
    assert!(scrape(addr).is_some());
    assert!(warnings.try_recv().is_err(), "warned more than once");
}

/// Dropping the server closes its port and its connections.
#[test]
fn it_stops_when_dropped() {
    let fixture = Fixture::start();
    let mut client = fixture.connect();
    client.send("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
    client.read_response();
    let addr = fixture.addr;

    let Fixture { server, io, .. } = fixture;
    drop(server);

    client.expect_end();
    eventually(|| TcpStream::connect(addr).is_err());
    drop(io);
}

/// A listener that only fails is asked at growing intervals, and warned about once.
#[tokio::test]
async fn failing_accepts_back_off() {
    let attempts = AtomicUsize::new(0);
    let warnings = AtomicUsize::new(0);
    let page = MetricsPage::new(Registry::new());
    let options = MetricsServerOptions::default();
    let warn = |_| {
        warnings.fetch_add(1, Ordering::Relaxed);
    };
    let (enough, reached) = tokio::sync::oneshot::channel();
    let enough = std::sync::Mutex::new(Some(enough));
    let started = Instant::now();
    let accept = || {
        if attempts.fetch_add(1, Ordering::Relaxed) == 3 {
            enough.lock().unwrap().take().unwrap().send(()).unwrap();
        }
        async { Err(io::Error::other("too many open files")) }
    };

    tokio::select! {
        () = accept_all(accept, &page, &options, &warn) => {}
        reached = reached => reached.unwrap(),
    }

    assert!(started.elapsed() >= FIRST_PAUSE * (1 + 2 + 4));
    assert_eq!(attempts.load(Ordering::Relaxed), 4);
    assert_eq!(warnings.load(Ordering::Relaxed), 1);
}

struct Fixture {
    server: MetricsServer,
    addr: SocketAddr,
    io: IoRuntime,
}

impl Fixture {
    fn start() -> Self {
        Self::start_with(
            MetricsServerOptions::default().with_header_timeout(Duration::from_mins(1)),
        )
    }

    fn start_with(options: MetricsServerOptions) -> Self {
        let io = IoRuntime::start("test-io").unwrap();
        let server = MetricsServer::start_with(
            &io,
            (Ipv4Addr::LOCALHOST, 0).into(),
            page(),
            options,
            |warning| panic!("{warning}"),
        );
        let addr = server.local_addr().unwrap();
        Self { server, addr, io }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Client { stream }
    }

    /// A connection with one answer. On a loaded machine its own request may come too late, and is made anew.
    fn connect_and_scrape(&self) -> Client {
        let mut served = None;
        eventually(|| {
            let mut client = self.connect();
            client.send_what_is_taken("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
            let mut first = [0];
            if client.stream.read_exact(&mut first).is_err() {
                return false;
            }
            let rest = client.read_response();
            assert!(rest.starts_with("TTP/1.1 200 OK\r\n"), "{rest}");
            served = Some(client);
            true
        });
        served.unwrap()
    }

    fn expect_page(&self) {
        eventually(|| scrape(self.addr).is_some_and(|page| page.ends_with("up_total 1\n")));
    }
}

struct Client {
    stream: TcpStream,
}

impl Client {
    fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// The server may hang up before all is sent.
    fn send_what_is_taken(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap()
    }

    fn read_response(&mut self) -> String {
        let head = self.read_head();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap()
            .parse()
            .unwrap();
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        head + std::str::from_utf8(&body).unwrap()
    }

    /// Everything until the server closes the connection; a reset is a close too.
    fn read_to_end(&mut self) -> String {
        let mut all = Vec::new();
        match self.stream.read_to_end(&mut all) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the connection was not closed: {error}"),
        }
        String::from_utf8(all).unwrap()
    }

    fn expect_end(&mut self) {
        assert_eq!(self.read_to_end(), "");
    }
}

fn page() -> MetricsPage {
    let registry = Registry::new();
    let up = IntCounter::new("up_total", "Always one").unwrap();
    up.inc();
    registry.register(Box::new(up)).unwrap();
    MetricsPage::new(registry)
}

/// One scrape; `None` if the server does not take the connection.
fn scrape(addr: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(addr).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .ok()?;
    let mut all = String::new();
    stream.read_to_string(&mut all).ok()?;
    all.starts_with("HTTP/1.1 200").then_some(all)
}

fn eventually(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it did not come true");
        std::thread::yield_now();
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
