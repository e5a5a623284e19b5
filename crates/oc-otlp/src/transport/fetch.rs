use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Request, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use tokio::time::{Instant, timeout_at};

use super::{
    Endpoint, EndpointError, SendError, SendErrorKind, address,
    client::{self, Client},
    response::MAX_RESPONSE,
    tls,
};

/// Reads a small document over HTTP: `GET`, HTTP/1.1.
///
/// For what a telemetry library has to ask for, such as a sampling strategy. Of the endpoint it
/// heeds everything but the compression. Redirects are not followed, for they would carry the
/// headers' secrets to another place.
///
/// Connections are kept for 30 s. [`get`](Self::get) needs a tokio runtime with I/O and time
/// enabled; [`new`](Self::new) needs none.
pub struct Fetch {
    client: Client<Empty<Bytes>>,
    endpoint: Endpoint,
    uri: Uri,
    headers: HeaderMap,
}

impl Fetch {
    /// Checks `endpoint`. No connection is made yet.
    ///
    /// Reads the endpoint's certificate files, and for `https` without such a file the system's
    /// trusted roots. Works on any thread, inside or outside of any runtime.
    ///
    /// # Errors
    ///
    /// As [`HttpTransport::new`](super::HttpTransport::new): a bad URL, header, certificate or
    /// key, or `https` and no trusted root.
    pub fn new(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let uri = address::http_uri(endpoint)?;
        let headers = address::header_map(endpoint)?;
        let tls = tls::client_config(endpoint, address::is_https(&uri))?;
        Ok(Self {
            client: client::http1(tls, endpoint.timeout()),
            endpoint: endpoint.clone(),
            uri,
            headers,
        })
    }

    /// The document as it is now, within the endpoint's timeout.
    ///
    /// # Errors
    ///
    /// * No connection, a broken one, or one without TLS as it should be.
    /// * No complete answer in time.
    /// * A status other than 2xx ([`SendErrorKind::Http`]); its body is not read.
    /// * An answer of more than 4 MiB ([`SendErrorKind::Response`]).
    pub async fn get(&self) -> Result<Bytes, SendError> {
        let timeout = self.endpoint.timeout();
        timeout_at(Instant::now() + timeout, self.exchange())
            .await
            .map_err(|_| client::timed_out(&self.uri, timeout))?
    }

    async fn exchange(&self) -> Result<Bytes, SendError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| client::send_error(&self.uri, error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(SendError::new(
                SendErrorKind::Http(status.as_u16()),
                format!("{} answered {status}", client::origin(&self.uri)),
            ));
        }
        let body = Limited::new(response.into_body(), MAX_RESPONSE).collect();
        Ok(body
            .await
            .map_err(|error| client::send_error(&self.uri, error))?
            .to_bytes())
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::transport::test_server::{self as server, Pki, Server, raw, read_until};

    async fn get(url: String) -> Result<Bytes, SendError> {
        let endpoint = Endpoint::new(url).with_timeout(Duration::from_secs(20));
        Fetch::new(&endpoint).unwrap().get().await
    }

    /// A document over plain HTTP and over TLS: path, query and headers go out, the bytes come in.
    #[tokio::test]
    async fn a_document() {
        let pki = Pki::new();
        for tls in [None, Some(pki.server(false))] {
            let scheme = if tls.is_some() { "https" } else { "http" };
            let server = Server::start_tls(tls, || server::http(200, &[], "text")).await;
            let endpoint = Endpoint::new(format!("{scheme}://{}/a?b=c", server.addr))
                .with_header("accept", "application/json")
                .with_ca_file(pki.path("ca.pem"));
            let fetch = Fetch::new(&endpoint).unwrap();
            assert_eq!(fetch.get().await.unwrap(), "text");
            let received = server.received();
            assert_eq!(received[0].uri, "/a?b=c");
            assert!(received[0].body.is_empty());
            let accept = received[0].headers.get("accept").unwrap();
            assert_eq!(accept, "application/json");
        }
    }

    /// What is no document: another status, a redirect, more than 4 MiB.
    #[tokio::test]
    async fn refused() {
        for (status, size, expected) in [
            (404, 0, SendErrorKind::Http(404)),
            (302, 0, SendErrorKind::Http(302)),
            (200, MAX_RESPONSE + 1, SendErrorKind::Response),
        ] {
            let answer =
                move || server::http(status, &[("location", "/elsewhere")], vec![b'x'; size]);
            let server = Server::start(answer).await;
            let error = get(server.url()).await.unwrap_err();
            assert_eq!(error.kind(), expected, "{error:?}");
            assert_eq!(server.received().len(), 1);
        }
    }

    /// It asks with GET; a server that stops in the middle of its answer costs the timeout.
    #[tokio::test]
    async fn hanging() {
        for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
            let addr = raw(async move |mut stream| {
                let mut method = [0; 4];
                tokio::io::AsyncReadExt::read_exact(&mut stream, &mut method)
                    .await
                    .unwrap();
                assert_eq!(&method, b"GET ");
                read_until(&mut stream, b"\r\n\r\n").await;
                stream.write_all(answer.as_bytes()).await.unwrap();
                std::future::pending::<()>().await;
            })
            .await;
            let endpoint = Endpoint::new(format!("http://{addr}/?key=secret"))
                .with_timeout(Duration::from_millis(100));
            let error = Fetch::new(&endpoint).unwrap().get().await.unwrap_err();
            assert_eq!(error.kind(), SendErrorKind::Timeout);
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }
}
