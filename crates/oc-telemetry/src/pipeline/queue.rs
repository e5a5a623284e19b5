use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use oc_otlp::{DropReason, Ledger};
use tokio::sync::Notify;

/// The bounded queue between the threads that record and the worker.
///
/// Recording never waits: what finds the queue full is dropped and counted.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    ledger: Arc<Ledger>,
    capacity: usize,
    batch: usize,
    ready: Notify,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    /// A queue of at most `capacity` items, taken in batches of at most `batch`.
    pub(crate) fn new(ledger: Arc<Ledger>, capacity: usize, batch: usize) -> Self {
        let capacity = capacity.max(1);
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                closed: false,
            }),
            ledger,
            capacity,
            batch: batch.clamp(1, capacity),
            ready: Notify::new(),
        }
    }

    /// Queues an item that was just created, or drops and counts it.
    pub(crate) fn push(&self, item: T) {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            self.ledger
                .created_and_dropped(1, DropReason::AfterShutdown);
            return;
        }
        if state.items.len() >= self.capacity {
            drop(state);
            self.ledger.created_and_dropped(1, DropReason::QueueFull);
            return;
        }
        // Counted under the queue's lock: whoever sees the item queued sees it counted.
        self.ledger.created(1);
        state.items.push_back(item);
        let full_batch = state.items.len() == self.batch;
        drop(state);
        if full_batch {
            self.ready.notify_one();
        }
    }

    /// The next batch; empty if nothing waits.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut state = self.lock();
        let count = state.items.len().min(self.batch);
        state.items.drain(..count).collect()
    }

    /// Whether a full batch waits.
    pub(crate) fn has_full_batch(&self) -> bool {
        self.lock().items.len() >= self.batch
    }

    /// Completes when a full batch may be waiting.
    pub(crate) async fn ready(&self) {
        self.ready.notified().await;
    }

    /// From now on everything pushed is dropped and counted; what waits can still be taken.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    /// The counts of what passes through.
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("len", &self.lock().items.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use oc_otlp::Signal;

    use super::*;

    fn queue(capacity: usize, batch: usize) -> Queue<u32> {
        let ledger = Arc::new(Ledger::new(Signal::Traces, ["a"]));
        Queue::new(ledger, capacity, batch)
    }

    /// A full queue drops the newest and counts it; nothing else is lost.
    #[test]
    fn drops_and_counts_when_full() {
        let queue = queue(2, 10);
        for item in 0..5 {
            queue.push(item);
        }
        assert_eq!(queue.take(), [0, 1]);
        let counts = queue.ledger().snapshot().remove(0);
        assert_eq!(counts.created, 5);
        assert_eq!(counts.dropped, [(DropReason::QueueFull, 3)]);
        assert!(counts.is_balanced());
    }

    /// After the end nothing comes in, uncounted least of all; what waited can be taken.
    #[test]
    fn closes_for_new_items_only() {
        let queue = queue(10, 1);
        queue.push(1);
        queue.close();
        queue.push(2);
        assert_eq!(queue.take(), [1]);
        assert!(queue.take().is_empty());
        let counts = queue.ledger().snapshot().remove(0);
        assert_eq!(counts.dropped, [(DropReason::AfterShutdown, 1)]);
    }
}
