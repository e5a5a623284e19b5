use bytes::Bytes;

use crate::Signal;

/// The bytes of one OTLP export request, and how many items are in it.
///
/// The body is a serialised `Export{Trace,Metrics,Logs}ServiceRequest`, not compressed. Cloning is
/// cheap: the bytes are shared, so that several destinations and every retry send the same ones.
#[derive(Debug, Clone)]
pub struct Payload {
    signal: Signal,
    body: Bytes,
    items: u64,
    generation: u64,
}

impl Payload {
    /// A payload of `items` spans, data points or log records.
    pub const fn new(signal: Signal, body: Bytes, items: u64) -> Self {
        Self {
            signal,
            body,
            items,
            generation: 0,
        }
    }

    /// Sets the [`generation`](Self::generation). Default 0.
    #[must_use]
    pub const fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    /// The signal the items belong to.
    pub const fn signal(&self) -> Signal {
        self.signal
    }

    /// The serialised request.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The number of spans, data points or log records in the body.
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// The collection that the items belong to, counted up: a payload replaces those of a lower
    /// generation where [`DeliveryConfig::newest_only`](crate::DeliveryConfig::newest_only) holds.
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}
