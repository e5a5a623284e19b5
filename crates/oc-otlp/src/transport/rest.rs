use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Uri,
    header::{ACCEPT, CONTENT_TYPE},
};
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::{Instant, timeout_at};

use super::{
    Endpoint, EndpointError, SendError, SendErrorKind, address,
    client::{self, Client},
    http as otlp_http,
    response::MAX_RESPONSE,
    tls,
};

/// Small JSON exchanges with a server that has an API beside OTLP: HTTP/1.1, one base URL.
///
/// Of the endpoint it heeds everything but the compression; its URL is the base, without a slash at
/// its end. Redirects are not followed, for they would carry the headers' secrets to another place.
///
/// Clones share their connections, which are kept for 30 s. The requests need a tokio runtime with
/// I/O and time enabled; [`new`](Self::new) needs none.
#[derive(Clone)]
pub struct Rest {
    client: Client<Full<Bytes>>,
    endpoint: Endpoint,
    base: Uri,
    headers: HeaderMap,
}

/// What a server answered to a request of [`Rest`], whatever its status.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestAnswer {
    /// The HTTP status.
    pub status: u16,
    /// How long the server wants to be left alone (`Retry-After`), at most one hour.
    pub retry_after: Option<Duration>,
    /// The body, at most 4 MiB.
    pub body: Bytes,
}

impl Rest {
    /// Checks `base`. No connection is made yet.
    ///
    /// Reads the endpoint's certificate files, and for `https` without such a file the system's
    /// trusted roots. Works on any thread, inside or outside of any runtime.
    ///
    /// # Errors
    ///
    /// As [`HttpTransport::new`](super::HttpTransport::new): a bad URL, header, certificate or
    /// key, or `https` and no trusted root.
    pub fn new(base: &Endpoint) -> Result<Self, EndpointError> {
        let uri = address::http_uri(base)?;
        let headers = headers(base)?;
        let tls = tls::client_config(base, address::is_https(&uri))?;
        Ok(Self {
            client: client::http1(tls, base.timeout()),
            endpoint: base.clone(),
            base: uri,
            headers,
        })
    }

    /// The same server with one more header.
    ///
    /// # Errors
    ///
    /// The name or the value holds characters that are not allowed.
    pub fn with_header(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, EndpointError> {
        let endpoint = self.endpoint.clone().with_header(name, value);
        Ok(Self {
            headers: headers(&endpoint)?,
            endpoint,
            ..self.clone()
        })
    }

    /// `GET` of `path`, which begins with a slash and may have a query, below the base, within the
    /// endpoint's timeout.
    ///
    /// # Errors
    ///
    /// * The path holds characters that are not allowed in a URL.
    /// * No connection, a broken one, or one without TLS as it should be.
    /// * No complete answer in time, or one of more than 4 MiB.
    ///
    /// A status other than 2xx is no error here: see [`RestAnswer::success`].
    pub async fn get(&self, path: &str) -> Result<RestAnswer, SendError> {
        self.send(Method::GET, path, None).await
    }

    /// `POST` of a JSON document to `path`, as [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub async fn post(&self, path: &str, json: impl Into<Bytes>) -> Result<RestAnswer, SendError> {
        self.send(Method::POST, path, Some(json.into())).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        json: Option<Bytes>,
    ) -> Result<RestAnswer, SendError> {
        let request = self.request(method, path, json)?;
        let timeout = self.endpoint.timeout();
        timeout_at(Instant::now() + timeout, self.exchange(request))
            .await
            .map_err(|_| client::timed_out(&self.base, timeout))?
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        json: Option<Bytes>,
    ) -> Result<Request<Full<Bytes>>, SendError> {
        let base = self.base.path().trim_end_matches('/');
        let mut parts = self.base.clone().into_parts();
        let path = format!("{base}{path}")
            .parse()
            .map_err(|error: http::uri::InvalidUri| {
                let message = "the path of a request holds characters that are not allowed";
                SendError::new(SendErrorKind::Response, message).with_source(error)
            })?;
        parts.path_and_query = Some(path);
        let uri = Uri::from_parts(parts).map_err(|error| {
            let message = "the path of a request makes no URL";
            SendError::new(SendErrorKind::Response, message).with_source(error)
        })?;
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        if let Some(json) = json {
            let json_type = HeaderValue::from_static(JSON);
            request.headers_mut().insert(CONTENT_TYPE, json_type);
            *request.body_mut() = Full::new(json);
        }
        Ok(request)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<RestAnswer, SendError> {
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| client::send_error(&self.base, error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_RESPONSE)
            .collect()
            .await
            .map_err(|error| client::send_error(&self.base, error))?;
        Ok(RestAnswer {
            status: head.status.as_u16(),
            retry_after: otlp_http::wait(&head.headers),
            body: body.to_bytes(),
        })
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl RestAnswer {
    /// The body of a 2xx.
    ///
    /// # Errors
    ///
    /// Any other status: [`SendErrorKind::Http`], with at most 1 KiB of what the server said.
    pub fn success(self) -> Result<Bytes, SendError> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let status = StatusCode::from_u16(self.status).unwrap_or_default();
        let said = String::from_utf8_lossy(&self.body);
        Err(SendError::new(
            SendErrorKind::Http(self.status),
            otlp_http::describe(status, &said),
        )
        .with_retry_after(self.retry_after))
    }
}

impl fmt::Debug for RestAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestAnswer")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("body_len", &self.body.len())
            .finish()
    }
}

fn headers(endpoint: &Endpoint) -> Result<HeaderMap, EndpointError> {
    let mut headers = address::header_map(endpoint)?;
    headers.insert(ACCEPT, HeaderValue::from_static(JSON));
    Ok(headers)
}

const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::test_server::{self as server, Server};

    /// Paths are appended to the base, a prefix of its own included; the body is JSON; headers, late
    /// ones too, go along.
    #[tokio::test]
    async fn requests() {
        let server = Server::start(|| server::http(200, &[], "{}")).await;
        let endpoint = Endpoint::new(format!("http://{}/prefix/", server.addr))
            .with_header("authorization", "Bearer x");
        let rest = Rest::new(&endpoint).unwrap();
        rest.get("/a?b=c%20d").await.unwrap();
        let later = rest.with_header("x-late", "1").unwrap();
        let answer = later.post("/e", "{\"k\":1}").await.unwrap();
        assert_eq!(answer.success().unwrap(), "{}");

        let received = server.received();
        assert_eq!(received[0].uri, "/prefix/a?b=c%20d");
        assert!(received[0].body.is_empty());
        assert_eq!(received[1].uri, "/prefix/e");
        assert_eq!(received[1].body, "{\"k\":1}");
        let header = |index: usize, name: &str| received[index].headers.get(name).cloned();
        assert_eq!(header(0, "authorization").unwrap(), "Bearer x");
        assert_eq!(header(0, "content-type"), None);
        assert_eq!(header(0, "x-late"), None);
        assert_eq!(header(1, "content-type").unwrap(), "application/json");
        assert_eq!(header(1, "authorization").unwrap(), "Bearer x");
        assert_eq!(header(1, "x-late").unwrap(), "1");
    }

    /// Another status is an answer with a body to read; as an error it says what the server said.
    #[tokio::test]
    async fn other_statuses() {
        let body = "{\"error_code\":\"NOPE\"}";
        let server = Server::start(move || server::http(429, &[("retry-after", "7")], body)).await;
        let endpoint = Endpoint::new(format!("http://{}", server.addr));
        let answer = Rest::new(&endpoint).unwrap().get("/a").await.unwrap();
        assert_eq!((answer.status, &*answer.body), (429, body.as_bytes()));
        let error = answer.success().unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Http(429));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert!(error.to_string().contains("NOPE"), "{error}");
    }

    /// A path that no URL can hold is refused before anything is sent.
    #[tokio::test]
    async fn bad_paths() {
        let rest = Rest::new(&Endpoint::new("http://localhost:1")).unwrap();
        let error = rest.get("/a b").await.unwrap_err();
        assert!(error.to_string().contains("characters"), "{error}");
    }
}
