//! Metrics of HTTP servers.

use super::{InstrumentKind, MetricDefinition};
use crate::{error, http, network, url};

/// How long requests take. In Prometheus `http_server_request_duration_seconds`.
///
/// The route is there where one matched, the error type where the request failed. Server address
/// and port are opt-in upstream, since clients choose them, and are left out.
pub const HTTP_SERVER_REQUEST_DURATION: MetricDefinition = MetricDefinition {
    name: "http.server.request.duration",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Duration of HTTP server requests",
    attributes: &[http::REQUEST_METHOD, url::SCHEME],
    conditional_attributes: &[
        http::ROUTE,
        http::RESPONSE_STATUS_CODE,
        error::TYPE,
        network::PROTOCOL_NAME,
        network::PROTOCOL_VERSION,
    ],
    boundaries: &[
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ],
};
