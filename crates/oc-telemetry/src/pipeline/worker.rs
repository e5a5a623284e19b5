use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use oc_otlp::DropReason;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use super::{queue::Queue, waiting::Waiting, weight::Weigh};

/// Where a worker puts its batches.
pub(crate) trait Outlet<T>: Send + 'static {
    /// Encodes a batch and hands it to the destinations. The items are counted as waiting; the
    /// outlet moves all of them on through `waiting`. Must not block.
    fn consume(&mut self, batch: Vec<T>, waiting: &mut Waiting<'_>);

    /// Completes when everything consumed so far is sent or given up.
    fn drained(&self) -> BoxFuture<'static, ()>;
}

/// Asks a worker to send what it has; answered when that is sent or given up.
///
/// Whoever gives up waiting drops the receiver, and what the worker keeps for the request goes.
pub(crate) type FlushRequest = oneshot::Sender<()>;

/// Requests that may wait for the worker; whoever makes a further one waits for room.
pub(crate) const FLUSH_REQUESTS: usize = 64;

/// Moves items from the queue to the outlet: when a batch is full, when `delay` has passed since
/// the last time, and when somebody asks for a flush. Ends when the flush channel is closed.
pub(crate) async fn run<T: Weigh + Send + 'static>(
    queue: Arc<Queue<T>>,
    mut outlet: impl Outlet<T>,
    delay: Duration,
    mut flushes: mpsc::Receiver<FlushRequest>,
) {
    let mut next = Instant::now() + delay;
    loop {
        let mut flush = None;
        tokio::select! {
            () = queue.ready() => {}
            () = sleep_until(next) => {}
            request = flushes.recv() => match request {
                Some(request) => flush = Some(request),
                None => return,
            },
        }
        let everything = flush.is_some() || Instant::now() >= next;
        // Not what is recorded meanwhile: under a steady load that would never end.
        let mut due = queue.len();
        while due > 0 && (everything || queue.has_full_batch()) {
            let batch = queue.take();
            if batch.is_empty() {
                break;
            }
            due = due.saturating_sub(batch.len());
            consume(&queue, &mut outlet, batch);
            // Deliveries run on the same thread; a long queue must not keep them from it.
            tokio::task::yield_now().await;
        }
        if everything {
            next = Instant::now() + delay;
        }
        if let Some(mut done) = flush {
            // In a task of its own: while a destination is slow, new batches are still encoded.
            let drained = outlet.drained();
            tokio::spawn(async move {
                tokio::select! {
                    () = drained => {
                        let _ = done.send(());
                    }
                    () = done.closed() => {}
                }
            });
        }
    }
}

/// A panic under the outlet (a user's hook, a `Display` of theirs) costs its batch only, and of the
/// batch what was not handed over.
fn consume<T: Weigh>(queue: &Queue<T>, outlet: &mut impl Outlet<T>, batch: Vec<T>) {
    let mut waiting = Waiting::new(queue.ledger(), batch.len() as u64);
    let outcome = catch_unwind(AssertUnwindSafe(|| outlet.consume(batch, &mut waiting)));
    let left = waiting.items();
    waiting.dropped(
        left,
        match outcome {
            Ok(()) => DropReason::Encode,
            Err(_) => DropReason::Panic,
        },
    );
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    };

    use oc_otlp::{Ledger, Signal};

    use super::*;

    struct Collect {
        batches: Arc<Mutex<Vec<Vec<u32>>>>,
        queue: Arc<Queue<u32>>,
        refill: Arc<AtomicU32>,
        endless: Arc<AtomicBool>,
    }

    impl Outlet<u32> for Collect {
        fn consume(&mut self, batch: Vec<u32>, waiting: &mut Waiting<'_>) {
            assert!(!batch.contains(&13), "scripted panic");
            if batch.contains(&23) {
                waiting.handed_over(2);
                panic!("scripted panic");
            }
            waiting.handed_over(batch.len() as u64);
            self.batches.lock().unwrap().push(batch);
            for _ in 0..3 {
                let left = self.refill.load(Ordering::Acquire);
                if left > 0 {
                    self.refill.store(left - 1, Ordering::Release);
                    self.queue.push(1000 + left);
                }
            }
        }

        fn drained(&self) -> BoxFuture<'static, ()> {
            let endless = Arc::clone(&self.endless);
            Box::pin(async move {
                if endless.load(Ordering::Acquire) {
                    std::future::pending::<()>().await;
                }
            })
        }
    }

    struct Rig {
        queue: Arc<Queue<u32>>,
        flush: mpsc::Sender<FlushRequest>,
        batches: Arc<Mutex<Vec<Vec<u32>>>>,
        refill: Arc<AtomicU32>,
        endless: Arc<AtomicBool>,
    }

    fn rig() -> Rig {
        let ledger = Arc::new(Ledger::new(Signal::Traces, ["a"]));
        let queue = Arc::new(Queue::new(ledger, 100, 3));
        let (flush, flushes) = mpsc::channel(FLUSH_REQUESTS);
        let batches = Arc::<Mutex<Vec<Vec<u32>>>>::default();
        let (refill, endless) = (Arc::<AtomicU32>::default(), Arc::<AtomicBool>::default());
        let outlet = Collect {
            batches: Arc::clone(&batches),
            queue: Arc::clone(&queue),
            refill: Arc::clone(&refill),
            endless: Arc::clone(&endless),
        };
        tokio::spawn(run(
            Arc::clone(&queue),
            outlet,
            Duration::from_secs(5),
            flushes,
        ));
        Rig {
            queue,
            flush,
            batches,
            refill,
            endless,
        }
    }

    async fn flush(rig: &Rig) {
        let (done, answer) = oneshot::channel();
        rig.flush.send(done).await.unwrap();
        answer.await.unwrap();
    }

    /// A flush sends everything in batches of the right size, in order.
    #[tokio::test(start_paused = true)]
    async fn flushes_in_batches() {
        let rig = rig();
        (0..7).for_each(|item| rig.queue.push(item));
        flush(&rig).await;
        let batches = rig.batches.lock().unwrap();
        assert_eq!(*batches, [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    }

    /// An unfinished batch leaves after the delay, without anybody asking.
    #[tokio::test(start_paused = true)]
    async fn sends_after_the_delay() {
        let rig = rig();
        rig.queue.push(1);
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(rig.batches.lock().unwrap().is_empty());
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(*rig.batches.lock().unwrap(), [vec![1]]);
    }

    /// A full batch leaves at once; the rest waits for its time.
    #[tokio::test(start_paused = true)]
    async fn sends_a_full_batch_at_once() {
        let rig = rig();
        (0..4).for_each(|item| rig.queue.push(item));
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(*rig.batches.lock().unwrap(), [vec![0, 1, 2]]);
    }

    /// Somebody records all the time: a flush sends what was there when it was asked for, and ends.
    #[tokio::test(start_paused = true)]
    async fn a_flush_ends_under_load() {
        let rig = rig();
        (0..4).for_each(|item| rig.queue.push(item));
        rig.refill.store(1000, Ordering::Release);
        flush(&rig).await;
        assert!(rig.refill.load(Ordering::Acquire) > 900);
    }

    /// Nobody waits for a flush any more: what was waited for is let go.
    #[tokio::test(start_paused = true)]
    async fn an_abandoned_flush_ends() {
        let rig = rig();
        rig.endless.store(true, Ordering::Release);
        let mut answers = Vec::new();
        for _ in 0..5 {
            let (done, answer) = oneshot::channel();
            rig.flush.send(done).await.unwrap();
            answers.push(answer);
        }
        let waits = || Arc::strong_count(&rig.endless);
        while waits() < 2 + 5 {
            tokio::task::yield_now().await;
        }
        drop(answers);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(waits(), 2);
    }

    /// A panic after some items were handed over costs the others only.
    #[tokio::test(start_paused = true)]
    async fn a_panic_books_what_is_left() {
        let rig = rig();
        for item in [21, 22, 23, 24] {
            rig.queue.push(item);
        }
        flush(&rig).await;
        let counts = rig.queue.ledger().snapshot().remove(0);
        assert_eq!(counts.dropped, [(DropReason::Panic, 1)]);
        assert_eq!((counts.created, counts.queued), (4, 3));
    }

    /// A panic costs the batch it happened in, counted; the worker goes on.
    #[tokio::test(start_paused = true)]
    async fn survives_a_panic() {
        let rig = rig();
        for item in [11, 12, 13, 14] {
            rig.queue.push(item);
        }
        flush(&rig).await;
        assert_eq!(*rig.batches.lock().unwrap(), [vec![14]]);
        let counts = rig.queue.ledger().snapshot().remove(0);
        assert_eq!(counts.dropped, [(DropReason::Panic, 3)]);
        assert!(counts.is_balanced());
    }
}
