use std::{
    error::Error,
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{
    received::{ReceivedLog, ReceivedPoint, ReceivedSpan},
    request::{Outcome, ReceivedRequest},
    script::Script,
    server,
    store::Store,
    tls,
};
use crate::{IoRuntime, Signal};

/// An OTLP server in the test's process.
///
/// It listens on a free port of 127.0.0.1, speaks OTLP/HTTP (protobuf, gzip or plain) and OTLP/gRPC
/// on that one port, and keeps what arrives in the order of arrival. It runs on a thread of its own,
/// so that a test may block, inside a runtime or outside. It answers success unless
/// [`respond_with`](Self::respond_with) or [`respond_always`](Self::respond_always) say otherwise.
///
/// [`spans`](Self::spans), [`metrics`](Self::metrics) and [`logs`](Self::logs) return what was
/// *accepted*: items of a request that was answered with a failure, still hangs, or was cut off are
/// in [`requests`](Self::requests) only. Dropping the receiver closes its port and its connections.
#[derive(Debug)]
pub struct OtlpReceiver {
    io: IoRuntime,
    store: Arc<Store>,
    address: SocketAddr,
    tls: bool,
}

impl OtlpReceiver {
    /// Starts a receiver on a free port.
    ///
    /// # Errors
    ///
    /// The operating system refused the socket or the thread.
    pub fn start() -> Result<Self, StartReceiverError> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Starts a receiver at an address, such as that of an earlier one: a destination that returns.
    ///
    /// # Errors
    ///
    /// The address is taken, or the operating system refused the socket or the thread.
    pub fn start_at(address: SocketAddr) -> Result<Self, StartReceiverError> {
        Self::listen(address, None)
    }

    /// Starts a receiver on a free port that speaks TLS, with a PEM certificate chain and key.
    ///
    /// The endpoints name 127.0.0.1, so the certificate must be valid for that address. With
    /// `client_ca`, clients must show a certificate that it issued.
    ///
    /// # Errors
    ///
    /// A PEM text is malformed, key and certificate do not belong together, or the operating system
    /// refused the socket or the thread.
    pub fn start_tls(
        cert_pem: &str,
        key_pem: &str,
        client_ca: Option<&str>,
    ) -> Result<Self, StartReceiverError> {
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        Self::start_tls_at(address, cert_pem, key_pem, client_ca)
    }

    /// Starts a receiver that speaks TLS, as [`start_tls`](Self::start_tls) does, at an address.
    ///
    /// # Errors
    ///
    /// Those of [`start_tls`](Self::start_tls), and that the address is taken.
    pub fn start_tls_at(
        address: SocketAddr,
        cert_pem: &str,
        key_pem: &str,
        client_ca: Option<&str>,
    ) -> Result<Self, StartReceiverError> {
        let acceptor = tls::acceptor(cert_pem, key_pem, client_ca).map_err(StartReceiverError)?;
        Self::listen(address, Some(acceptor))
    }

    /// The base URL for OTLP/HTTP, such as `http://127.0.0.1:4318`.
    pub fn http_endpoint(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The URL of one signal for OTLP/HTTP, such as `http://127.0.0.1:4318/v1/traces`.
    pub fn http_url(&self, signal: Signal) -> String {
        format!("{}{}", self.http_endpoint(), signal.http_path())
    }

    /// The URL for OTLP/gRPC: the same origin.
    pub fn grpc_endpoint(&self) -> String {
        self.http_endpoint()
    }

    /// The address that the receiver listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// All spans accepted so far, in the order of arrival.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        spans(&self.store.requests())
    }

    /// All metric data points accepted so far, in the order of arrival.
    pub fn metrics(&self) -> Vec<ReceivedPoint> {
        points(&self.store.requests())
    }

    /// All log records accepted so far, in the order of arrival.
    pub fn logs(&self) -> Vec<ReceivedLog> {
        logs(&self.store.requests())
    }

    /// All requests so far, in the order of arrival, whatever they were answered.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.store.requests()
    }

    /// Waits until at least `count` spans were accepted; returns those that were when it is so or
    /// the time is up.
    pub fn wait_for_spans(&self, count: u64, timeout: Duration) -> Vec<ReceivedSpan> {
        spans(&self.wait_for_items(Signal::Traces, count, timeout))
    }

    /// Waits until at least `count` metric data points were accepted; returns those that were when
    /// it is so or the time is up.
    pub fn wait_for_metrics(&self, count: u64, timeout: Duration) -> Vec<ReceivedPoint> {
        points(&self.wait_for_items(Signal::Metrics, count, timeout))
    }

    /// Waits until at least `count` log records were accepted; returns those that were when it is so
    /// or the time is up.
    pub fn wait_for_logs(&self, count: u64, timeout: Duration) -> Vec<ReceivedLog> {
        logs(&self.wait_for_items(Signal::Logs, count, timeout))
    }

    /// Waits until at least `count` requests arrived; returns those that did when it is so or the
    /// time is up.
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> Vec<ReceivedRequest> {
        self.store
            .wait(timeout, |requests| requests.len() >= count)
            .1
    }

    /// Waits until the requests satisfy a predicate; returns whether they did before the time was
    /// up.
    ///
    /// The predicate is called under a lock: it must not call the receiver.
    pub fn wait_until(
        &self,
        timeout: Duration,
        predicate: impl FnMut(&[ReceivedRequest]) -> bool,
    ) -> bool {
        self.store.wait(timeout, predicate).0
    }

    /// Queues what to answer to the next request that the script is for. Scripts are used once, in
    /// order.
    pub fn respond_with(&self, script: Script) {
        self.store.push_script(script);
    }

    /// Sets what to answer when no queued script is left. [`Script::accept`] is the default.
    pub fn respond_always(&self, script: Script) {
        self.store.set_always(script);
    }

    /// Lets every request that hangs at this moment go, with success.
    pub fn release(&self) {
        self.store.release();
    }

    /// Forgets what arrived; the scripts stay.
    pub fn clear(&self) {
        self.store.clear();
    }

    fn listen(address: SocketAddr, tls: Option<TlsAcceptor>) -> Result<Self, StartReceiverError> {
        let listener = StdListener::bind(address).map_err(StartReceiverError::new)?;
        listener
            .set_nonblocking(true)
            .map_err(StartReceiverError::new)?;
        let address = listener.local_addr().map_err(StartReceiverError::new)?;
        let io = IoRuntime::start("otlp-receiver").map_err(StartReceiverError::new)?;
        let listener = {
            let _entered = io.handle().enter();
            TcpListener::from_std(listener).map_err(StartReceiverError::new)?
        };
        let store = Arc::new(Store::new());
        let receiver = Self {
            io,
            store: Arc::clone(&store),
            address,
            tls: tls.is_some(),
        };
        receiver.io.spawn(server::accept(listener, tls, store));
        Ok(receiver)
    }

    fn wait_for_items(
        &self,
        signal: Signal,
        count: u64,
        timeout: Duration,
    ) -> Vec<ReceivedRequest> {
        let enough = |requests: &[ReceivedRequest]| {
            let items: u64 = accepted(requests)
                .filter(|request| request.signal == Some(signal))
                .map(|request| request.items)
                .sum();
            items >= count
        };
        self.store.wait(timeout, enough).1
    }
}

impl Drop for OtlpReceiver {
    fn drop(&mut self) {
        // Afterwards the port is free and every connection closed.
        self.io.stop(Duration::from_secs(5));
    }
}

/// A receiver could not be started.
#[derive(Debug)]
pub struct StartReceiverError(Box<dyn Error + Send + Sync>);

impl StartReceiverError {
    fn new(source: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(source))
    }
}

impl fmt::Display for StartReceiverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot start the OTLP receiver")
    }
}

impl Error for StartReceiverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + 'static) = &*self.0;
        Some(source)
    }
}

fn accepted(requests: &[ReceivedRequest]) -> impl Iterator<Item = &ReceivedRequest> {
    requests
        .iter()
        .filter(|request| request.outcome == Outcome::Accepted)
}

fn spans(requests: &[ReceivedRequest]) -> Vec<ReceivedSpan> {
    accepted(requests)
        .filter_map(ReceivedRequest::traces)
        .flat_map(ReceivedSpan::of_request)
        .collect()
}

fn points(requests: &[ReceivedRequest]) -> Vec<ReceivedPoint> {
    accepted(requests)
        .filter_map(ReceivedRequest::metrics)
        .flat_map(ReceivedPoint::of_request)
        .collect()
}

fn logs(requests: &[ReceivedRequest]) -> Vec<ReceivedLog> {
    accepted(requests)
        .filter_map(ReceivedRequest::logs)
        .flat_map(ReceivedLog::of_request)
        .collect()
}
