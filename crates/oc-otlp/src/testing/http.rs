//! The OTLP/HTTP side.

use std::{io::Read as _, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use tonic::{Code, body::Body};

use super::{
    request::{Protocol, ReceivedRequest},
    script::{Action, rpc_status},
    server::BODY_LIMIT,
    store::Store,
};
use crate::Signal;

/// Answers a request whose body has been read; `None` means: close the connection.
pub(super) async fn answer(
    store: &Arc<Store>,
    connection: u64,
    head: Parts,
    body: Option<Bytes>,
) -> Option<Response<Body>> {
    let signal = Signal::ALL
        .into_iter()
        .find(|signal| signal.http_path() == head.uri.path());
    let mut request = ReceivedRequest::new(Protocol::Http, signal, connection, &head);
    if let Err((status, problem)) = read(&mut request, &head, body) {
        let answer = failure(status, Code::InvalidArgument, &problem, None);
        store.refuse(request, problem);
        return Some(answer);
    }
    match store.answer(request).await {
        Action::Accept { rejected, message } => {
            Some(protobuf(StatusCode::OK, success(rejected, message)))
        }
        Action::Http { status, headers } => Some(plain(status, &headers)),
        Action::Grpc {
            code,
            message,
            retry_delay,
        } => Some(failure(status_of(code), code, &message, retry_delay)),
        Action::Unavailable { retry_after } => Some(failure(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::Unavailable,
            "scripted to be unavailable",
            retry_after,
        )),
        Action::Hang | Action::Close { .. } => None,
    }
}

/// An answer with a status, headers and no body.
pub(super) fn plain(status: StatusCode, headers: &[(String, String)]) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The serialised answer of any signal: the three responses have the same layout.
pub(super) fn success(rejected: u64, message: String) -> Vec<u8> {
    let partial = (rejected > 0 || !message.is_empty()).then(|| ExportTracePartialSuccess {
        rejected_spans: i64::try_from(rejected).unwrap_or(i64::MAX),
        error_message: message,
    });
    ExportTraceServiceResponse {
        partial_success: partial,
    }
    .encode_to_vec()
}

/// Checks the request as the specification wants it and decodes its body.
fn read(
    request: &mut ReceivedRequest,
    head: &Parts,
    body: Option<Bytes>,
) -> Result<(), (StatusCode, String)> {
    let Some(body) = body else {
        let problem = format!("the body is larger than {BODY_LIMIT} bytes or was cut short");
        return Err((StatusCode::PAYLOAD_TOO_LARGE, problem));
    };
    request.wire_size = body.len();
    if request.signal.is_none() {
        return Err((StatusCode::NOT_FOUND, "no such path".to_owned()));
    }
    if head.method != Method::POST {
        let problem = "the method is not POST".to_owned();
        return Err((StatusCode::METHOD_NOT_ALLOWED, problem));
    }
    if value(&head.headers, header::CONTENT_TYPE) != Some("application/x-protobuf") {
        let problem = "the content type is not application/x-protobuf".to_owned();
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, problem));
    }
    let body = match value(&head.headers, header::CONTENT_ENCODING) {
        None | Some("identity") => body,
        Some("gzip") => {
            request.compressed = true;
            decompress(&body).map_err(|problem| (StatusCode::BAD_REQUEST, problem))?
        }
        Some(_) => {
            let problem = "the content encoding is neither gzip nor identity".to_owned();
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, problem));
        }
    };
    request.decode(body).map_err(|error| {
        let problem = format!("the body is not the protobuf message of its path: {error}");
        (StatusCode::BAD_REQUEST, problem)
    })
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn decompress(body: &[u8]) -> Result<Bytes, String> {
    let mut decompressed = Vec::new();
    MultiGzDecoder::new(body)
        .take(BODY_LIMIT as u64 + 1)
        .read_to_end(&mut decompressed)
        .map_err(|error| format!("the body is not gzip: {error}"))?;
    if decompressed.len() > BODY_LIMIT {
        return Err(format!("the body is larger than {BODY_LIMIT} bytes"));
    }
    Ok(decompressed.into())
}

/// A failure with its `google.rpc.Status` as the body, and `Retry-After` in whole seconds.
fn failure(
    status: StatusCode,
    code: Code,
    message: &str,
    retry_after: Option<Duration>,
) -> Response<Body> {
    let mut response = protobuf(status, rpc_status(code, message, None));
    if let Some(retry_after) = retry_after {
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn protobuf(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::new(http_body_util::Full::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-protobuf"),
    );
    response
}

/// The HTTP status that the OTLP specification or, where it is silent, the gRPC gateway mapping
/// has for a code.
fn status_of(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Cancelled | Code::Unknown | Code::Internal | Code::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
