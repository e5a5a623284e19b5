use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use oc_otlp::{DropReason, Ledger, encode::DEFAULT_MAX_PAYLOAD_BYTES};
use tokio::sync::Notify;

use super::weight::Weigh;
use crate::sync::lock;

/// The bounded queue between the threads that record and the worker.
///
/// Recording never waits: what finds the queue full, by number or by bytes, is dropped and counted.
/// Items are put together to batches as they come, so that taking one moves no item while recording
/// threads wait for the lock.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    ledger: Arc<Ledger>,
    capacity: usize,
    batch: usize,
    ready: Notify,
}

struct State<T> {
    batches: VecDeque<Batch<T>>,
    len: usize,
    bytes: usize,
    /// Room for the next batch, made by the worker and not by a thread that records.
    spare: Option<Vec<T>>,
    closed: bool,
}

struct Batch<T> {
    items: Vec<T>,
    bytes: usize,
}

impl<T: Weigh> Queue<T> {
    /// A queue of at most `capacity` items and 32 MiB, taken in batches of at most `batch` items
    /// and 4 MiB. An item larger than that is queued, or taken, alone.
    pub(crate) fn new(ledger: Arc<Ledger>, capacity: usize, batch: usize) -> Self {
        let capacity = capacity.max(1);
        Self {
            state: Mutex::new(State {
                batches: VecDeque::new(),
                len: 0,
                bytes: 0,
                spare: None,
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
        let weight = item.weight();
        let mut state = self.lock();
        let refused = if state.closed {
            Some(DropReason::AfterShutdown)
        } else if state.len >= self.capacity {
            Some(DropReason::QueueFull)
        } else if state.len > 0 && state.bytes.saturating_add(weight) > MAX_BYTES {
            Some(DropReason::BytesFull)
        } else {
            None
        };
        if let Some(reason) = refused {
            drop(state);
            self.ledger.created_and_dropped(1, reason);
            return;
        }
        // Counted under the queue's lock: whoever sees the item queued sees it counted.
        self.ledger.created(1);
        let full_batch = state.add(item, weight, self.batch);
        drop(state);
        if full_batch {
            self.ready.notify_one();
        }
    }

    /// The next batch; empty if nothing waits.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut state = self.lock();
        let Some(batch) = state.batches.pop_front() else {
            return Vec::new();
        };
        state.len = state.len.saturating_sub(batch.items.len());
        state.bytes = state.bytes.saturating_sub(batch.bytes);
        let has_spare = state.spare.is_some();
        drop(state);
        if !has_spare {
            let spare = Vec::with_capacity(self.batch.min(LARGEST_SPARE));
            self.lock().spare = Some(spare);
        }
        batch.items
    }

    /// Whether a full batch waits.
    pub(crate) fn has_full_batch(&self) -> bool {
        let state = self.lock();
        state.batches.len() > 1
            || state
                .batches
                .front()
                .is_some_and(|batch| batch.is_full(self.batch))
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().len
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
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.state)
    }
}

impl<T> State<T> {
    /// Returns whether there is a full batch because of it.
    fn add(&mut self, item: T, weight: usize, largest: usize) -> bool {
        self.len += 1;
        self.bytes = self.bytes.saturating_add(weight);
        match self.batches.back_mut() {
            Some(batch) if batch.takes(weight, largest) => {
                batch.add(item, weight);
                batch.is_full(largest)
            }
            last => {
                // What does not fit into the last one makes that one full.
                let follows = last.is_some();
                let mut batch = Batch {
                    items: self.spare.take().unwrap_or_default(),
                    bytes: 0,
                };
                batch.add(item, weight);
                let is_full = batch.is_full(largest);
                self.batches.push_back(batch);
                follows || is_full
            }
        }
    }
}

impl<T> Batch<T> {
    fn takes(&self, weight: usize, largest: usize) -> bool {
        self.items.len() < largest && self.bytes.saturating_add(weight) <= MAX_BATCH_BYTES
    }

    fn is_full(&self, largest: usize) -> bool {
        self.items.len() >= largest || self.bytes >= MAX_BATCH_BYTES
    }

    fn add(&mut self, item: T, weight: usize) {
        self.items.push(item);
        self.bytes = self.bytes.saturating_add(weight);
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Queue")
            .field("len", &state.len)
            .field("bytes", &state.bytes)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// The memory that waiting items may take, as [`Weigh`] estimates it.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What a batch is cut at. Encoded it is smaller, so that it seldom has to be cut again.
const MAX_BATCH_BYTES: usize = DEFAULT_MAX_PAYLOAD_BYTES;
/// Where batches may be larger, the vector grows by itself.
const LARGEST_SPARE: usize = 512;

#[cfg(test)]
mod tests {
    use oc_otlp::Signal;

    use super::*;
    use crate::pipeline::test_span::test_span;

    impl Weigh for u32 {
        fn weight(&self) -> usize {
            size_of_val(self)
        }
    }

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

    /// Few but large items: the bytes are bounded as the number is, and what does not fit is counted.
    #[test]
    fn bounded_by_bytes() {
        let ledger = Arc::new(Ledger::new(Signal::Traces, ["a"]));
        let queue = Queue::new(ledger, 2048, 512);
        for _ in 0..40 {
            queue.push(test_span(1, "chat", 1024 * 1024));
        }
        let counts = queue.ledger().snapshot().remove(0);
        assert_eq!(counts.dropped, [(DropReason::BytesFull, 9)]);
        // Batches hold no more than a request does.
        let mut batches = Vec::new();
        while let Some(batch) = Some(queue.take()).filter(|batch| !batch.is_empty()) {
            batches.push(batch.len());
        }
        assert_eq!(batches, [&[3; 10][..], &[1]].concat());
        // And the room is free again.
        queue.push(test_span(1, "chat", 1024 * 1024));
        assert_eq!(queue.take().len(), 1);
    }

    /// An item that is larger than the whole queue may wait alone: it can still be sent.
    #[test]
    fn a_giant_waits_alone() {
        let ledger = Arc::new(Ledger::new(Signal::Traces, ["a"]));
        let queue = Queue::new(ledger, 2048, 512);
        queue.push(test_span(1, "chat", 40 * 1024 * 1024));
        queue.push(test_span(1, "chat", 1));
        assert!(queue.has_full_batch());
        assert_eq!(queue.take().len(), 1);
        let counts = queue.ledger().snapshot().remove(0);
        assert_eq!(counts.dropped, [(DropReason::BytesFull, 1)]);
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
