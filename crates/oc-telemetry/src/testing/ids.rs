use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;

/// Ids that count up: the first trace is 1, the second 2, and so are the spans.
///
/// Never zero. With one thread that starts spans, the ids are the same in every run.
///
/// ```
/// use oc_telemetry::testing::SequentialIds;
/// use opentelemetry_sdk::trace::IdGenerator;
///
/// let ids = SequentialIds::new();
/// assert_eq!(ids.new_trace_id().to_string(), "00000000000000000000000000000001");
/// assert_eq!(ids.new_span_id().to_string(), "0000000000000001");
/// assert_eq!(ids.new_span_id().to_string(), "0000000000000002");
/// ```
#[derive(Debug)]
pub struct SequentialIds {
    traces: AtomicU64,
    spans: AtomicU64,
}

impl SequentialIds {
    /// Ids from 1.
    pub const fn new() -> Self {
        Self::starting_at(1)
    }

    /// Ids from `first`, for a second process or instance in the same test; 0 reads as 1.
    pub const fn starting_at(first: u64) -> Self {
        Self {
            traces: AtomicU64::new(first),
            spans: AtomicU64::new(first),
        }
    }
}

impl Default for SequentialIds {
    fn default() -> Self {
        Self::new()
    }
}

impl IdGenerator for SequentialIds {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from(u128::from(next(&self.traces)))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(next(&self.spans))
    }
}

fn next(counter: &AtomicU64) -> u64 {
    match counter.fetch_add(1, Ordering::Relaxed) {
        0 => counter.fetch_add(1, Ordering::Relaxed),
        number => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Zero is no valid id, neither at the start nor when the counter wraps around.
    #[test]
    fn never_zero() {
        for first in [0, u64::MAX] {
            let ids = SequentialIds::starting_at(first);
            let spans = [ids.new_span_id(), ids.new_span_id()];
            let traces = [ids.new_trace_id(), ids.new_trace_id()];
            assert!(!spans.contains(&SpanId::INVALID));
            assert!(!traces.contains(&TraceId::INVALID));
            assert_ne!(spans[0], spans[1]);
        }
    }
}
