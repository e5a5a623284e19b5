use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use opentelemetry::Context;
use opentelemetry::baggage::{Baggage, BaggageExt};
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};

use crate::baggage::{
    BaggageHeader, BaggageMember, metadata_to_properties, properties_to_metadata,
};

/// W3C Baggage: the field `baggage`.
///
/// - Values survive the way there and back, whatever they hold.
/// - Properties become the metadata of an entry, in the form of the wire.
/// - Of a repeated key the last value counts.
/// - 64 members and 8192 bytes travel at most, over all header lines together; whole members are
///   dropped beyond that.
/// - What is dropped is counted, here and in every clone, and never logged.
///
/// Baggage goes to whoever is called. Before a call to somebody who must not see it, use
/// [`BaggageExt::with_cleared_baggage`].
///
/// ```
/// use std::collections::HashMap;
///
/// use opentelemetry::baggage::BaggageExt;
/// use opentelemetry::propagation::TextMapPropagator;
/// use opentelemetry::{Context, KeyValue};
/// use oc_propagate::BaggagePropagator;
///
/// let propagator = BaggagePropagator::new();
/// let cx = Context::new().with_baggage([KeyValue::new("discount", "5% = 1€")]);
/// let mut sent = HashMap::new();
/// propagator.inject_context(&cx, &mut sent);
/// assert_eq!(sent["baggage"], "discount=5%25%20%3D%201%E2%82%AC");
///
/// let received = propagator.extract(&sent);
/// assert_eq!(received.baggage().get("discount").unwrap().as_str(), "5% = 1€");
/// ```
#[derive(Debug, Clone, Default)]
pub struct BaggagePropagator {
    dropped: Arc<Dropped>,
}

impl BaggagePropagator {
    /// A propagator whose counts are zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many received members were malformed or above a limit.
    pub fn dropped_on_extract(&self) -> u64 {
        self.dropped.on_extract.load(Ordering::Relaxed)
    }

    /// How many entries could not be sent: a key that is not a token, or too much.
    pub fn dropped_on_inject(&self) -> u64 {
        self.dropped.on_inject.load(Ordering::Relaxed)
    }
}

impl TextMapPropagator for BaggagePropagator {
    /// Writes the baggage in the order of its keys, if there is any.
    ///
    /// An entry that does not fit is dropped alone; smaller ones behind it are sent.
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let baggage = cx.baggage();
        if baggage.is_empty() {
            return;
        }
        let mut members: Vec<_> = baggage
            .iter()
            .map(|(key, (value, metadata))| BaggageMember {
                key: key.to_string(),
                value: value.to_string(),
                properties: metadata_to_properties(metadata.as_str()),
            })
            .collect();
        // The API keeps no order; without one, two headers of one baggage would differ.
        members.sort_by(|a, b| a.key.cmp(&b.key));

        let (header, dropped) = BaggageHeader::encode(&members);
        add(&self.dropped.on_inject, dropped);
        if let Some(header) = header {
            injector.set(BAGGAGE, header);
        }
    }

    /// The context with the received baggage in place of its own, or unchanged if nothing usable
    /// was received.
    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let Some(lines) = extractor.get_all(BAGGAGE) else {
            return cx.clone();
        };
        let header = BaggageHeader::decode(&lines);
        add(&self.dropped.on_extract, header.dropped);
        if header.members.is_empty() {
            return cx.clone();
        }
        let mut baggage = Baggage::new();
        for member in header.members {
            let metadata = properties_to_metadata(&member.properties);
            baggage.insert_with_metadata(member.key, member.value, metadata);
        }
        cx.with_baggage(baggage)
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(FIELDS.as_slice())
    }
}

#[derive(Debug, Default)]
struct Dropped {
    on_extract: AtomicU64,
    on_inject: AtomicU64,
}

fn add(counter: &AtomicU64, count: usize) {
    if count > 0 {
        counter.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

static FIELDS: LazyLock<[String; 1]> = LazyLock::new(|| [BAGGAGE.to_owned()]);

const BAGGAGE: &str = "baggage";
