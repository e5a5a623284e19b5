use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};

/// Replaces a propagator's fields in the headers of a request that goes out.
///
/// Fields the context has no value for are removed: a `traceparent` that a caller put in by hand
/// does not travel beside ours, and neither does the `tracestate` of another trace.
///
/// ```
/// use oc_propagate::TraceContextPropagator;
/// use oc_propagate::carrier::inject_headers;
/// use opentelemetry::Context;
///
/// let mut request = http::Request::new(());
/// inject_headers(&Context::current(), &TraceContextPropagator::new(), request.headers_mut());
/// ```
pub fn inject_headers(cx: &Context, propagator: &dyn TextMapPropagator, headers: &mut HeaderMap) {
    for field in propagator.fields() {
        headers.remove(field);
    }
    propagator.inject_context(cx, &mut HeaderInjector::new(headers));
}

/// Writes fields as HTTP headers, in place of earlier ones of the same name.
///
/// A name or value that HTTP cannot carry is left out; our propagators write none.
#[derive(Debug)]
pub struct HeaderInjector<'a>(&'a mut HeaderMap);

impl<'a> HeaderInjector<'a> {
    /// Writes into these headers.
    pub fn new(headers: &'a mut HeaderMap) -> Self {
        Self(headers)
    }
}

impl Injector for HeaderInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let Ok(name) = HeaderName::from_bytes(key.as_bytes())
            && let Ok(value) = HeaderValue::try_from(value)
        {
            self.0.insert(name, value);
        }
    }

    fn reserve(&mut self, additional: usize) {
        // Fails where a map would grow beyond its limit; the insertion is then refused as well.
        let _ = self.0.try_reserve(additional);
    }
}

/// Reads fields from HTTP headers, every line of them.
///
/// ```
/// use oc_propagate::TraceContextPropagator;
/// use oc_propagate::carrier::HeaderExtractor;
/// use opentelemetry::propagation::TextMapPropagator;
///
/// let request = http::Request::new(());
/// let cx = TraceContextPropagator::new().extract(&HeaderExtractor::new(request.headers()));
/// ```
#[derive(Debug)]
pub struct HeaderExtractor<'a>(&'a HeaderMap);

impl<'a> HeaderExtractor<'a> {
    /// Reads from these headers.
    pub fn new(headers: &'a HeaderMap) -> Self {
        Self(headers)
    }
}

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(text)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let lines: Vec<_> = self.0.get_all(key).iter().map(text).collect();
        (!lines.is_empty()).then_some(lines)
    }
}

/// The text of a header line. One that is not UTF-8 must not vanish, or a `traceparent` that is
/// there twice would look single: it becomes text that no field's grammar allows.
fn text(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or("\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TraceContextPropagator;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    // Scenario: a header twice, once in another case and once with octets that are not UTF-8.
    // Guarantee: both lines are seen, in order.
    #[test]
    fn every_line_is_read() {
        let mut headers = HeaderMap::new();
        headers.append("traceparent", HeaderValue::from_static(PARENT));
        headers.append("TraceParent", HeaderValue::from_bytes(b"\xff").unwrap());
        let extractor = HeaderExtractor::new(&headers);
        assert_eq!(
            extractor.get_all("TRACEPARENT"),
            Some(vec![PARENT, "\u{fffd}"])
        );
        assert_eq!(extractor.get("traceparent"), Some(PARENT));
        assert_eq!(extractor.keys(), ["traceparent"]);
        assert_eq!(extractor.get_all("tracestate"), None);
        assert_eq!(extractor.get("not a name"), None);
    }

    // Scenario: values and names that HTTP cannot carry.
    // Guarantee: nothing is written, nothing panics.
    #[test]
    fn impossible_headers_are_left_out() {
        let mut headers = HeaderMap::new();
        let mut injector = HeaderInjector::new(&mut headers);
        injector.reserve(usize::MAX);
        injector.set("baggage", "a\r\nb: c".to_owned());
        injector.set("bad name", "v".to_owned());
        injector.set("", "v".to_owned());
        assert!(headers.is_empty());
    }

    // Scenario: a request with fields that somebody put in by hand, a context without a span.
    // Guarantee: none of them goes out; other headers stay.
    #[test]
    fn smuggled_fields_are_removed() {
        let mut headers = HeaderMap::new();
        headers.append("traceparent", HeaderValue::from_static(PARENT));
        headers.append("tracestate", HeaderValue::from_static("a=1"));
        headers.append("accept", HeaderValue::from_static("*/*"));
        inject_headers(
            &Context::new(),
            &TraceContextPropagator::new(),
            &mut headers,
        );
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["accept"]);
    }
}
