use std::{
    collections::VecDeque,
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    DestinationId, DropReason, Ledger, Payload,
    backoff::Backoff,
    transport::{Accepted, SendError, Transport},
};

/// Delivers the payloads of one signal to one destination.
///
/// A bounded queue of encoded requests in front of a [`Transport`], with retries. One is sent
/// after the other, in order. A failure that may be retried is, with exponential backoff and full
/// jitter, until [`DeliveryConfig::retry_for`] is over; a destination that says when to come back
/// (`Retry-After`, gRPC `RetryInfo`) is left alone until then, by every `Delivery` that shares its
/// [`Throttle`]. What becomes of each item is entered in the [`Ledger`].
///
/// `Delivery` is a handle; [`run`](Self::run) is the work and belongs on an
/// [`IoRuntime`](crate::IoRuntime).
#[derive(Clone)]
pub struct Delivery {
    shared: Arc<Shared>,
}

/// What became of a payload, for diagnostics. Counts are in the [`Ledger`].
#[derive(Debug)]
#[non_exhaustive]
pub enum DeliveryEvent<'a> {
    /// An attempt failed and another one follows after `delay`.
    Retry {
        /// Why.
        error: &'a SendError,
        /// The time until the next attempt.
        delay: Duration,
    },
    /// Items were given up.
    Dropped {
        /// How many.
        items: u64,
        /// Why.
        reason: DropReason,
        /// The last failure, if there was one.
        error: Option<&'a SendError>,
    },
    /// The destination took the request, with a remark.
    Accepted {
        /// The items that it refused and its remark.
        accepted: &'a Accepted,
    },
}

/// Receives the [`DeliveryEvent`]s of a delivery. Called on the I/O thread; must not block.
pub type OnDeliveryEvent = Arc<dyn Fn(&DeliveryEvent<'_>) + Send + Sync>;

/// Limits of a [`Delivery`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryConfig {
    /// Encoded bytes that may wait. Default 32 MiB. A payload that does not fit is dropped.
    pub queue_bytes: usize,
    /// The longest wait before the second attempt; it doubles with each further one. Default 0.5 s.
    pub initial_backoff: Duration,
    /// The longest wait between two attempts. Default 30 s.
    pub max_backoff: Duration,
    /// How long a payload is retried before it is dropped. Default 5 min.
    pub retry_for: Duration,
    /// Whether a payload makes those of an older [generation](Payload::generation) that still wait
    /// worthless, as a newer collection of cumulative metrics does. They are dropped as
    /// [`DropReason::Superseded`]. Default no.
    pub newest_only: bool,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            queue_bytes: 32 * 1024 * 1024,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
            retry_for: Duration::from_mins(5),
            newest_only: false,
        }
    }
}

/// Until when a destination wants to be left alone; shared by its signals.
#[derive(Debug, Default)]
pub struct Throttle {
    until: Mutex<Option<Instant>>,
}

impl Throttle {
    fn extend(&self, delay: Duration) {
        let mut until = lock(&self.until);
        // A server may ask for a time beyond what the clock can express.
        let asked = Instant::now().checked_add(delay);
        *until = (*until).max(asked);
    }

    async fn wait(&self) {
        loop {
            let until = *lock(&self.until);
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }
}

struct Shared {
    transport: Box<dyn Transport>,
    ledger: Arc<Ledger>,
    id: DestinationId,
    throttle: Arc<Throttle>,
    config: DeliveryConfig,
    on_event: OnDeliveryEvent,
    queue: Mutex<Queue>,
    /// Something was queued.
    ready: Notify,
    /// Somebody waits for the queue to become empty: cut the current backoff short.
    hurry: Notify,
    /// The queue became empty.
    idle: Notify,
}

#[derive(Default)]
struct Queue {
    payloads: VecDeque<Payload>,
    bytes: usize,
    busy: bool,
}

impl Delivery {
    /// A delivery that enters its counts at `id` of `ledger`.
    pub fn new(
        transport: impl Transport + 'static,
        ledger: Arc<Ledger>,
        id: DestinationId,
        throttle: Arc<Throttle>,
        config: DeliveryConfig,
        on_event: OnDeliveryEvent,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                transport: Box::new(transport),
                ledger,
                id,
                throttle,
                config,
                on_event,
                queue: Mutex::default(),
                ready: Notify::new(),
                hurry: Notify::new(),
                idle: Notify::new(),
            }),
        }
    }

    /// Queues a payload whose items the ledger has as queued here
    /// ([`Ledger::handed_over`]). Never waits: if there is no room, the payload is dropped.
    pub fn submit(&self, payload: Payload) {
        let shared = &*self.shared;
        let size = payload.body().len();
        let mut queue = shared.queue();
        if shared.config.newest_only {
            shared.supersede(&mut queue, payload.generation());
        }
        // A payload that is too large alone is still tried when nothing else waits.
        if queue.bytes > 0 && queue.bytes.saturating_add(size) > shared.config.queue_bytes {
            drop(queue);
            let (items, reason) = (payload.items(), DropReason::BytesFull);
            shared.ledger.dropped_queued(shared.id, items, reason);
            shared.tell(&DeliveryEvent::Dropped {
                items,
                reason,
                error: None,
            });
            return;
        }
        queue.bytes += size;
        queue.payloads.push_back(payload);
        drop(queue);
        shared.ready.notify_one();
    }

    /// Sends what is queued, for ever.
    pub async fn run(self) {
        let shared = &*self.shared;
        loop {
            match shared.take() {
                Some(payload) => {
                    shared.deliver(&payload).await;
                    shared.finished(&payload);
                }
                None => shared.ready.notified().await,
            }
        }
    }

    /// Waits until everything that was submitted is sent or given up.
    ///
    /// A pause between two attempts is cut short once, so that a flush tries at once; a time
    /// that the destination asked for is kept.
    pub async fn drained(&self) {
        let shared = &*self.shared;
        shared.hurry.notify_one();
        loop {
            let idle = shared.idle.notified();
            tokio::pin!(idle);
            // Registered before the check, so that a change in between is not missed.
            idle.as_mut().enable();
            if shared.is_idle() {
                return;
            }
            idle.await;
        }
    }
}

impl Shared {
    async fn deliver(&self, payload: &Payload) {
        let items = payload.items();
        let started = Instant::now();
        let mut backoff = Backoff::new(self.config.initial_backoff, self.config.max_backoff);
        loop {
            self.throttle.wait().await;
            self.ledger.sending(self.id, items);
            // In a block of its own, so that a panic before the first await is caught as well.
            let attempt = async { self.transport.send(payload).await };
            let attempt = AssertUnwindSafe(attempt).catch_unwind();
            let error = match attempt.await {
                Ok(Ok(accepted)) => {
                    self.ledger.sent(self.id, items, accepted.rejected);
                    if accepted.rejected > 0 || accepted.message.is_some() {
                        self.tell(&DeliveryEvent::Accepted {
                            accepted: &accepted,
                        });
                    }
                    return;
                }
                Ok(Err(error)) => error,
                Err(_) => return self.give_up(items, DropReason::Panic, None),
            };
            if let Some(delay) = error.retry_after() {
                self.throttle.extend(delay);
            }
            if !error.is_retryable() {
                return self.give_up(items, DropReason::Rejected, Some(&error));
            }
            let delay = backoff.next_delay();
            let wait = delay.max(error.retry_after().unwrap_or_default());
            if started.elapsed().saturating_add(wait) > self.config.retry_for {
                return self.give_up(items, DropReason::Expired, Some(&error));
            }
            self.ledger.postponed(self.id, items);
            self.tell(&DeliveryEvent::Retry {
                error: &error,
                delay: wait,
            });
            tokio::select! {
                () = sleep(delay) => {}
                () = self.hurry.notified() => {}
            }
            if self.is_superseded(payload) {
                self.ledger
                    .dropped_queued(self.id, items, DropReason::Superseded);
                return;
            }
        }
    }

    /// Drops what waits of generations older than `newest`.
    fn supersede(&self, queue: &mut Queue, newest: u64) {
        let Queue {
            payloads, bytes, ..
        } = queue;
        payloads.retain(|old| {
            let stays = old.generation() >= newest;
            if !stays {
                *bytes = bytes.saturating_sub(old.body().len());
                self.ledger
                    .dropped_queued(self.id, old.items(), DropReason::Superseded);
            }
            stays
        });
    }

    /// Whether something that waits replaces `payload`. What waits is in the order of its age.
    fn is_superseded(&self, payload: &Payload) -> bool {
        let is_newer = |other: &Payload| other.generation() > payload.generation();
        self.config.newest_only && self.queue().payloads.back().is_some_and(is_newer)
    }

    fn give_up(&self, items: u64, reason: DropReason, error: Option<&SendError>) {
        self.ledger.dropped_in_flight(self.id, items, reason);
        self.tell(&DeliveryEvent::Dropped {
            items,
            reason,
            error,
        });
    }

    fn tell(&self, event: &DeliveryEvent<'_>) {
        (self.on_event)(event);
    }

    fn take(&self) -> Option<Payload> {
        let mut queue = self.queue();
        // The bytes stay counted until the payload is finished: it is still in memory.
        let payload = queue.payloads.pop_front();
        queue.busy = payload.is_some();
        payload
    }

    fn finished(&self, payload: &Payload) {
        let mut queue = self.queue();
        queue.bytes = queue.bytes.saturating_sub(payload.body().len());
        queue.busy = false;
        let idle = queue.payloads.is_empty();
        drop(queue);
        if idle {
            self.idle.notify_waiters();
        }
    }

    fn is_idle(&self) -> bool {
        let queue = self.queue();
        queue.payloads.is_empty() && !queue.busy
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.shared.queue();
        f.debug_struct("Delivery")
            .field("transport", &self.shared.transport)
            .field("queued_payloads", &queue.payloads.len())
            .field("queued_bytes", &queue.bytes)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
