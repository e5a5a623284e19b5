//! From the SDK's data to encoded requests: one queue and one worker a signal.
//!
//! ```text
//! on_end / emit ──▶ Queue ──▶ worker (on the I/O thread) ──▶ Outlet ──▶ Delivery …
//! ```
//!
//! The SDK's own batch processors count nothing, swallow the errors of their last export, wait
//! fixed times and die with an exporter that panics; that is why they are not used.

mod duplicates;
pub(crate) mod host_resource;
pub(crate) mod limits;
pub(crate) mod log_limits;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod mlflow_view;
pub(crate) mod queue;
mod redact;
pub(crate) mod spans;
#[cfg(test)]
pub(crate) mod test_span;
mod waiting;
pub(crate) mod weight;
pub(crate) mod worker;

use futures_util::future::{BoxFuture, join_all};
use oc_otlp::{Delivery, DropReason, encode::Bounded};

use waiting::Waiting;

/// What a request may hold at most, before and after compression.
///
/// OTLP specification 1.11, section "OTLP Protocol Details".
const MAX_REQUEST_BYTES: usize = 64 * 1024 * 1024;

/// Moves a batch from waiting to the destinations, once it is encoded.
///
/// What could not be encoded, and what is too large alone, is dropped here and counted.
fn hand_over<E>(waiting: &mut Waiting<'_>, deliveries: &[Delivery], parts: Vec<Bounded<E>>) {
    let mut payloads = Vec::with_capacity(parts.len());
    let mut too_large = 0;
    for part in parts {
        let is_sent = is_sent(&part);
        match part {
            Bounded::Fits(payload) | Bounded::TooLarge(payload) if is_sent => {
                payloads.push(payload);
            }
            Bounded::TooLarge(payload) => too_large += payload.items(),
            _ => {}
        }
    }
    waiting.dropped(too_large, DropReason::TooLarge);
    for payload in payloads {
        waiting.handed_over(payload.items());
        for delivery in deliveries {
            delivery.submit(payload.clone());
        }
    }
}

/// Whether this part of a batch goes to the destinations.
fn is_sent<E>(part: &Bounded<E>) -> bool {
    match part {
        Bounded::Fits(_) => true,
        Bounded::TooLarge(payload) => payload.body().len() <= MAX_REQUEST_BYTES,
        _ => false,
    }
}

/// Completes when every delivery has sent or given up what it has.
fn drained(deliveries: &[Delivery]) -> BoxFuture<'static, ()> {
    // Asked now: what is submitted from here on does not count.
    let drained: Vec<_> = deliveries.iter().map(Delivery::drained).collect();
    Box::pin(async move {
        join_all(drained).await;
    })
}
