//! What arrived, decoded and flattened for assertions.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope, metrics::v1::AggregationTemporality, resource::v1::Resource,
};

mod log;
mod point;
mod span;
mod value;

pub use log::ReceivedLog;
pub use point::{
    ExponentialValue, HistogramValue, PointKind, PointValue, ReceivedExemplar, ReceivedPoint,
    SummaryValue, Temporality,
};
pub use span::{ReceivedEvent, ReceivedLink, ReceivedSpan};
pub use value::{AttrValue, Attributes};

/// The instrumentation scope that an item came from.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ReceivedScope {
    /// The scope's name; empty if it has none.
    pub name: String,
    /// The scope's version; empty if it has none.
    pub version: String,
    /// The scope's attributes.
    pub attributes: Attributes,
    /// The schema URL beside the scope; empty if there is none.
    pub schema_url: String,
}

fn resource(resource: Option<&Resource>) -> Arc<Attributes> {
    Arc::new(
        resource
            .map(|resource| value::attributes(&resource.attributes))
            .unwrap_or_default(),
    )
}

fn scope(scope: Option<&InstrumentationScope>, schema_url: &str) -> Arc<ReceivedScope> {
    let mut received = ReceivedScope {
        schema_url: schema_url.to_owned(),
        ..ReceivedScope::default()
    };
    if let Some(scope) = scope {
        received.name.clone_from(&scope.name);
        received.version.clone_from(&scope.version);
        received.attributes = value::attributes(&scope.attributes);
    }
    Arc::new(received)
}

/// An id as lower-case hex; `None` if it is absent.
///
/// An id of the wrong length is written as it came, so that an assertion sees it.
fn id(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| hex(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn time(unix_nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(unix_nanos)
}

/// A time that the protocol lets a sender leave out, which it writes as zero.
fn optional_time(unix_nanos: u64) -> Option<SystemTime> {
    (unix_nanos != 0).then(|| time(unix_nanos))
}

fn temporality(number: i32) -> Temporality {
    match AggregationTemporality::try_from(number) {
        Ok(AggregationTemporality::Delta) => Temporality::Delta,
        Ok(AggregationTemporality::Cumulative) => Temporality::Cumulative,
        Ok(AggregationTemporality::Unspecified) | Err(_) => Temporality::Unspecified,
    }
}
