mod config;
mod queue;
#[cfg(test)]
mod tests;
mod throttle;

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    sync::Notify,
    task::consume_budget,
    time::{Instant, sleep},
};

use self::queue::Queue;
pub use self::{config::DeliveryConfig, throttle::Throttle};
use crate::{
    DestinationId, DropReason, Ledger, Payload,
    backoff::Backoff,
    transport::{Accepted, SendError, SendErrorKind, Transport},
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

/// Receives the [`DeliveryEvent`]s of a delivery. Called on the I/O thread and where
/// [`Delivery::submit`] is called; must not block. A panic in it is caught and has no effect.
pub type OnDeliveryEvent = Arc<dyn Fn(&DeliveryEvent<'_>) + Send + Sync>;

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
    /// Somebody waits for a payload to be finished: cut the current pause short.
    hurry: Notify,
    /// A payload was finished.
    progress: Notify,
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
                progress: Notify::new(),
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
            let superseded = queue.remove_older(payload.generation());
            let reason = DropReason::Superseded;
            shared.ledger.dropped_queued(shared.id, superseded, reason);
        }
        // A payload that is too large alone is still tried when nothing else waits.
        if queue.bytes() > 0 && queue.bytes().saturating_add(size) > shared.config.queue_bytes {
            drop(queue);
            let (items, reason) = (payload.items(), DropReason::BytesFull);
            shared.ledger.dropped_queued(shared.id, items, reason);
            shared.tell(&DeliveryEvent::Dropped {
                items,
                reason,
                error: None,
            });
        } else {
            queue.push(payload);
            drop(queue);
            shared.ready.notify_one();
        }
        // What was superseded is finished as well.
        shared.progress.notify_waiters();
    }

    /// Sends what is queued, for ever.
    pub async fn run(self) {
        let shared = &*self.shared;
        loop {
            // Not within the `match`, where the guard would live on.
            let taken = shared.queue().take();
            match taken {
                Some(payload) => {
                    shared.deliver(&payload).await;
                    shared.queue().finish(&payload);
                    shared.progress.notify_waiters();
                    // A transport that never has to wait must not keep others from the thread.
                    consume_budget().await;
                }
                None => shared.ready.notified().await,
            }
        }
    }

    /// Completes when everything that was submitted before this call is sent or given up; what is
    /// submitted later does not hold it up. The future may be dropped at any time.
    ///
    /// The call cuts a pause between two attempts short, so that a flush tries at once; a time
    /// that the destination asked for is kept.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        let shared = Arc::clone(&self.shared);
        let number = shared.queue().next_number();
        // Wakes a pause that is under way and leaves nothing behind for a later one.
        shared.hurry.notify_waiters();
        async move {
            loop {
                let progress = shared.progress.notified();
                tokio::pin!(progress);
                // Registered before the check, so that a change in between is not missed.
                progress.as_mut().enable();
                if shared.queue().is_finished_to(number) {
                    return;
                }
                progress.await;
            }
        }
    }
}

impl Shared {
    async fn deliver(&self, payload: &Payload) {
        let items = payload.items();
        let mut backoff = Backoff::new(self.config.initial_backoff, self.config.max_backoff);
        // Without the time that the destination asked for.
        let mut spent = Duration::ZERO;
        loop {
            self.throttle.wait().await;
            if self.config.newest_only && self.queue().has_newer(payload) {
                let reason = DropReason::Superseded;
                return self.ledger.dropped_queued(self.id, items, reason);
            }
            let started = Instant::now();
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
            let asked = error.retry_after();
            if let Some(asked) = asked {
                self.throttle.extend(asked);
            }
            if !error.is_retryable() {
                let reason = match error.kind() {
                    SendErrorKind::Response => DropReason::Response,
                    _ => DropReason::Rejected,
                };
                return self.give_up(items, reason, Some(&error));
            }
            let delay = backoff.next_delay();
            spent = spent.saturating_add(started.elapsed());
            if spent.saturating_add(delay) > self.config.retry_for {
                return self.give_up(items, DropReason::Expired, Some(&error));
            }
            self.ledger.postponed(self.id, items);
            self.tell(&DeliveryEvent::Retry {
                error: &error,
                delay: delay.max(asked.unwrap_or_default()),
            });
            let paused = Instant::now();
            tokio::select! {
                () = sleep(delay) => {}
                () = self.hurry.notified() => {}
            }
            spent = spent.saturating_add(paused.elapsed());
        }
    }

    fn give_up(&self, items: u64, reason: DropReason, error: Option<&SendError>) {
        self.ledger.dropped_in_flight(self.id, items, reason);
        self.tell(&DeliveryEvent::Dropped {
            items,
            reason,
            error,
        });
    }

    /// Whatever the observer does, the delivery goes on.
    fn tell(&self, event: &DeliveryEvent<'_>) {
        let _ = catch_unwind(AssertUnwindSafe(|| (self.on_event)(event)));
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
            .field("queued_payloads", &queue.len())
            .field("queued_bytes", &queue.bytes())
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
