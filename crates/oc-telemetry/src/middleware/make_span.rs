use std::time::Instant;

use http::{HeaderMap, Method, Uri, Version, header, request::Parts, uri::Authority};
use oc_propagate::carrier::HeaderExtractor;
use oc_semconv::{http as http_names, network, server, url, user_agent};
use opentelemetry::{
    Context, KeyValue, StringValue,
    baggage::{Baggage, BaggageExt, KeyValueMetadata},
    trace::{SpanBuilder, SpanKind},
};

use super::{
    layer::Settings,
    request::{Labels, RequestTracker},
};
use crate::context;

/// Starts the span of a request, below the parent that its headers name.
pub(super) fn start(
    settings: &Settings,
    request: &Parts,
    route: Option<StringValue>,
) -> RequestTracker {
    let started = Instant::now();
    let labels = Labels {
        method: known_method(&request.method).unwrap_or(OTHER_METHOD),
        scheme: scheme(&request.uri, settings.default_scheme),
        version: version(request.version),
        route,
    };
    let parent = parent(settings, &request.headers);
    if parent.is_telemetry_suppressed() {
        return RequestTracker::new(parent, false, None, started, labels);
    }
    let builder = SpanBuilder::from_name(span_name(&labels))
        .with_kind(SpanKind::Server)
        .with_attributes(attributes(request, &labels));
    let duration = Some(settings.duration.clone());
    match settings.recorder.start(builder, &parent) {
        Some(cx) => RequestTracker::new(cx, true, duration, started, labels),
        // Without a span the parent's context still goes on to the services below.
        None => RequestTracker::new(parent, false, duration, started, labels),
    }
}

fn parent(settings: &Settings, headers: &HeaderMap) -> Context {
    let current = context::current();
    let extracted = settings
        .propagator
        .extract_with_context(&current, &HeaderExtractor::new(headers));
    if settings.trust_baggage || extracted.baggage().is_empty() {
        return extracted;
    }
    // What the program itself put into the context stays.
    let own = current
        .baggage()
        .iter()
        .map(|(key, (value, metadata))| {
            KeyValueMetadata::new(key.clone(), value.clone(), metadata.clone())
        })
        .collect::<Baggage>();
    extracted.with_baggage(own)
}

/// HTTP conventions, "Name": the method, or `HTTP` for one that is not known, and the route.
fn span_name(labels: &Labels) -> String {
    let method = if labels.method == OTHER_METHOD {
        "HTTP"
    } else {
        labels.method
    };
    match &labels.route {
        Some(route) => format!("{method} {route}"),
        None => method.to_owned(),
    }
}

/// What is known at the start, so that a sampler can see it.
fn attributes(request: &Parts, labels: &Labels) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(10);
    attributes.push(KeyValue::new(http_names::REQUEST_METHOD, labels.method));
    if labels.method == OTHER_METHOD {
        attributes.push(KeyValue::new(
            http_names::REQUEST_METHOD_ORIGINAL,
            request.method.as_str().to_owned(),
        ));
    }
    // A CONNECT request has no path.
    if !request.uri.path().is_empty() {
        attributes.push(KeyValue::new(url::PATH, request.uri.path().to_owned()));
    }
    attributes.push(KeyValue::new(url::SCHEME, labels.scheme));
    if let Some(route) = &labels.route {
        attributes.push(KeyValue::new(http_names::ROUTE, route.clone()));
    }
    if let Some(version) = labels.version {
        attributes.push(KeyValue::new(network::PROTOCOL_VERSION, version));
    }
    if let Some(authority) = authority(request) {
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        attributes.push(KeyValue::new(server::ADDRESS, host.to_owned()));
        if let Some(port) = authority.port_u16() {
            attributes.push(KeyValue::new(server::PORT, i64::from(port)));
        }
    }
    if let Some(agent) = request.headers.get(header::USER_AGENT)
        && let Ok(agent) = agent.to_str()
    {
        attributes.push(KeyValue::new(user_agent::ORIGINAL, agent.to_owned()));
    }
    attributes
}

/// The host that the client asked for: `:authority`, the absolute form, or the Host header.
/// Forwarding headers are not asked; everybody can send them.
fn authority(request: &Parts) -> Option<Authority> {
    if let Some(authority) = request.uri.authority() {
        return Some(authority.clone());
    }
    let host = request.headers.get(header::HOST)?;
    Authority::try_from(host.as_bytes()).ok()
}

/// The methods of RFC 9110 and PATCH; the conventions call every other one unknown.
fn known_method(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::CONNECT => "CONNECT",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::PATCH => "PATCH",
        _ => return None,
    })
}

/// The client writes the scheme, and it is a label: only the two that are served are believed.
fn scheme(uri: &Uri, default: &'static str) -> &'static str {
    match uri.scheme_str() {
        Some("http") => "http",
        Some("https") => "https",
        _ => default,
    }
}

fn version(version: Version) -> Option<&'static str> {
    Some(match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    })
}

const OTHER_METHOD: &str = "_OTHER";
