//! `http.*`: the attributes of HTTP server and client spans.

/// The request's method; `_OTHER` for one that is not known.
///
/// - Type: enum: the methods of RFC 9110, `PATCH`, `_OTHER`
/// - Example: `POST`
/// - Stability: stable
pub const REQUEST_METHOD: &str = "http.request.method";

/// The method as sent, where [`REQUEST_METHOD`] differs from it.
///
/// - Type: string
/// - Example: `PROPFIND`
/// - Stability: stable
pub const REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";

/// How often the request was sent again, for whatever reason.
///
/// - Type: int
/// - Example: `2`
/// - Stability: stable
pub const REQUEST_RESEND_COUNT: &str = "http.request.resend_count";

/// The prefix of request headers; a dot and the name in lower case follow. By allow-list only.
///
/// - Type: template, string[]
/// - Example: `http.request.header.content-type` = `["application/json"]`
/// - Stability: stable
pub const REQUEST_HEADER: &str = "http.request.header";

/// The status code of the response.
///
/// - Type: int
/// - Example: `200`
/// - Stability: stable
pub const RESPONSE_STATUS_CODE: &str = "http.response.status_code";

/// The prefix of response headers; a dot and the name in lower case follow. By allow-list only.
///
/// - Type: template, string[]
/// - Example: `http.response.header.content-type` = `["text/event-stream"]`
/// - Stability: stable
pub const RESPONSE_HEADER: &str = "http.response.header";

/// The route that matched, as the framework spells it. Never the path.
///
/// - Type: string
/// - Example: `/v1/messages/{id}`
/// - Stability: stable
pub const ROUTE: &str = "http.route";
