use std::{thread, time::Instant};

use http::StatusCode;
use oc_semconv::{error, http as http_names, network, url};
use opentelemetry::{
    Context, KeyValue, StringValue,
    metrics::Histogram,
    trace::{Status, TraceContextExt},
};

use crate::{
    context::{self, Attached},
    span::Failure,
};

/// A request from its head to the end of its response: the one place where its span ends and its
/// duration is recorded.
///
/// Dropped without [`finish`](Self::finish), it ends as cancelled, or as panicked.
pub(super) struct RequestTracker {
    cx: Context,
    /// Without a span of its own, the span in `cx` is somebody else's.
    has_span: bool,
    /// `None` when telemetry is suppressed.
    duration: Option<Histogram<f64>>,
    started: Instant,
    labels: Labels,
    status: Option<StatusCode>,
    error: Option<StringValue>,
    finished: bool,
}

/// The labels of the duration that the head of a request decides.
pub(super) struct Labels {
    pub(super) method: &'static str,
    pub(super) scheme: &'static str,
    pub(super) version: Option<&'static str>,
    pub(super) route: Option<StringValue>,
}

impl RequestTracker {
    /// `cx` holds the request's span if `has_span`.
    pub(super) fn new(
        cx: Context,
        has_span: bool,
        duration: Option<Histogram<f64>>,
        started: Instant,
        labels: Labels,
    ) -> Self {
        Self {
            cx,
            has_span,
            duration,
            started,
            labels,
            status: None,
            error: None,
            finished: false,
        }
    }

    /// Makes the context in which the request is handled the current one.
    pub(super) fn enter(&self) -> Attached {
        context::attach(self.cx.clone())
    }

    /// Whether a response with this status has a body on the wire (RFC 9110, 6.4.1).
    pub(super) fn sends_body(&self, status: StatusCode) -> bool {
        let never = status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED
            || self.labels.method == "HEAD"
            || (self.labels.method == "CONNECT" && status.is_success());
        !never
    }

    /// The response's head is there.
    pub(super) fn responded(&mut self, status: StatusCode) {
        self.status = Some(status);
        if status.is_server_error() {
            self.error = Some(status.as_str().to_owned().into());
        }
    }

    /// The service or the body gave an error of type `E`. Its text is not recorded: it may hold
    /// anything.
    pub(super) fn failed<E>(&mut self) {
        self.set_error(Failure::from_type::<E>());
    }

    /// Ends the span and records the duration, the first time it is called.
    pub(super) fn finish(&mut self) {
        if self.finished {
            return;
        }
        self.finished = true;
        if self.has_span {
            self.end_span();
        }
        if let Some(duration) = &self.duration {
            duration.record(self.started.elapsed().as_secs_f64(), &self.metric_labels());
        }
    }

    fn end_span(&self) {
        let span = self.cx.span();
        if let Some(status) = self.status {
            span.set_attribute(KeyValue::new(
                http_names::RESPONSE_STATUS_CODE,
                i64::from(status.as_u16()),
            ));
        }
        if let Some(error) = &self.error {
            span.set_attribute(KeyValue::new(error::TYPE, error.clone()));
            span.set_status(Status::error(""));
        }
        span.end();
    }

    fn metric_labels(&self) -> Vec<KeyValue> {
        let mut labels = Vec::with_capacity(6);
        labels.push(KeyValue::new(
            http_names::REQUEST_METHOD,
            self.labels.method,
        ));
        labels.push(KeyValue::new(url::SCHEME, self.labels.scheme));
        if let Some(route) = &self.labels.route {
            labels.push(KeyValue::new(http_names::ROUTE, route.clone()));
        }
        if let Some(status) = self.status {
            labels.push(KeyValue::new(
                http_names::RESPONSE_STATUS_CODE,
                i64::from(status.as_u16()),
            ));
        }
        if let Some(version) = self.labels.version {
            labels.push(KeyValue::new(network::PROTOCOL_VERSION, version));
        }
        if let Some(error) = &self.error {
            labels.push(KeyValue::new(error::TYPE, error.clone()));
        }
        labels
    }

    /// The first error is the cause; what follows from it does not replace it.
    fn set_error(&mut self, failure: Failure) {
        let (error_type, _) = failure.into_parts();
        self.error.get_or_insert_with(|| error_type.into());
    }
}

impl Drop for RequestTracker {
    fn drop(&mut self) {
        if !self.finished {
            self.set_error(if thread::panicking() {
                Failure::panic()
            } else {
                Failure::cancelled()
            });
            self.finish();
        }
    }
}
