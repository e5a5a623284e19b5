use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::*;
use crate::{
    Signal,
    transport::{SendErrorKind, SendFuture},
};

type Answer = Box<dyn Fn() -> Result<Accepted, SendError> + Send + Sync>;

/// Answers from a list, the last answer for ever; notes when it was asked.
struct Scripted {
    answers: Vec<Answer>,
    asked: AtomicUsize,
    times: Arc<Mutex<Vec<Duration>>>,
    start: Instant,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Transport for Scripted {
    fn send<'a>(&'a self, _: &'a Payload) -> SendFuture<'a> {
        let index = self.asked.fetch_add(1, Ordering::Relaxed);
        lock(&self.times).push(self.start.elapsed());
        let answer = &self.answers[index.min(self.answers.len() - 1)];
        let answer = answer();
        Box::pin(async move { answer })
    }
}

struct Rig {
    delivery: Delivery,
    ledger: Arc<Ledger>,
    times: Arc<Mutex<Vec<Duration>>>,
}

fn rig(config: DeliveryConfig, answers: Vec<Answer>) -> Rig {
    let ledger = Arc::new(Ledger::new(Signal::Traces, ["test"]));
    let times = Arc::default();
    let transport = Scripted {
        answers,
        asked: AtomicUsize::new(0),
        times: Arc::clone(&times),
        start: Instant::now(),
    };
    let id = ledger.destinations().next().unwrap();
    let delivery = Delivery::new(
        transport,
        Arc::clone(&ledger),
        id,
        Arc::default(),
        config,
        Arc::new(|_| {}),
    );
    Rig {
        delivery,
        ledger,
        times,
    }
}

impl Rig {
    fn submit(&self, items: u64, bytes: usize) {
        self.submit_of(0, items, bytes);
    }

    fn submit_of(&self, generation: u64, items: u64, bytes: usize) {
        self.ledger.created(items);
        self.ledger.handed_over(items);
        let body = Bytes::from(vec![0; bytes]);
        let payload = Payload::new(Signal::Traces, body, items);
        self.delivery.submit(payload.with_generation(generation));
    }

    fn counts(&self) -> crate::Counts {
        let counts = self.ledger.snapshot().remove(0);
        assert!(counts.is_balanced(), "{counts:?}");
        counts
    }
}

fn ok() -> Answer {
    Box::new(|| Ok(Accepted::default()))
}

fn fails(kind: SendErrorKind) -> Answer {
    Box::new(move || Err(SendError::new(kind, "scripted")))
}

/// Two failures that may be retried, then success: all items are exported.
#[tokio::test(start_paused = true)]
async fn retries_until_it_works() {
    let answers = vec![
        fails(SendErrorKind::Connect),
        fails(SendErrorKind::Http(503)),
        ok(),
    ];
    let rig = rig(DeliveryConfig::default(), answers);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(3, 10);
    rig.delivery.drained().await;
    assert_eq!(rig.counts().exported, 3);
    assert_eq!(lock(&rig.times).len(), 3);
}

/// A refusal that must not be retried is one attempt and a counted drop.
#[tokio::test(start_paused = true)]
async fn does_not_retry_a_refusal() {
    let rig = rig(
        DeliveryConfig::default(),
        vec![fails(SendErrorKind::Http(400)), ok()],
    );
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(3, 10);
    rig.submit(2, 10);
    rig.delivery.drained().await;
    let counts = rig.counts();
    assert_eq!(counts.dropped, [(DropReason::Rejected, 3)]);
    assert_eq!(counts.exported, 2);
    assert_eq!(lock(&rig.times).len(), 2);
}

/// Retry-After holds the destination: the next payload waits for it too, even under a flush.
#[tokio::test(start_paused = true)]
async fn retry_after_holds_every_payload() {
    let wait = Duration::from_secs(30);
    let answers = vec![
        Box::new(move || {
            Err(SendError::new(SendErrorKind::Http(429), "busy").with_retry_after(Some(wait)))
        }),
        ok(),
    ];
    let rig = rig(DeliveryConfig::default(), answers);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(1, 10);
    rig.submit(1, 10);
    rig.delivery.drained().await;
    let times = lock(&rig.times);
    assert_eq!(times.len(), 3);
    assert!(times[1] >= wait, "{times:?}");
    drop(times);
    assert_eq!(rig.counts().exported, 2);
}

/// A destination that never comes back: the payload is given up after `retry_for`, counted.
#[tokio::test(start_paused = true)]
async fn gives_up_after_its_time() {
    let config = DeliveryConfig {
        retry_for: Duration::from_secs(20),
        ..DeliveryConfig::default()
    };
    let rig = rig(config, vec![fails(SendErrorKind::Connect)]);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(4, 10);
    rig.delivery.drained().await;
    assert_eq!(rig.counts().dropped, [(DropReason::Expired, 4)]);
    let last = *lock(&rig.times).last().unwrap();
    assert!(last <= Duration::from_secs(20), "{last:?}");
}

/// What does not fit into the queue is dropped and counted; the queue's bytes are bounded.
#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_by_bytes() {
    let config = DeliveryConfig {
        queue_bytes: 100,
        ..DeliveryConfig::default()
    };
    let rig = rig(config, vec![ok()]);
    for _ in 0..3 {
        rig.submit(1, 60);
    }
    assert_eq!(rig.counts().dropped, [(DropReason::BytesFull, 2)]);
    tokio::spawn(rig.delivery.clone().run());
    rig.delivery.drained().await;
    assert_eq!(rig.counts().exported, 1);
    rig.submit(1, 60);
    rig.delivery.drained().await;
    assert_eq!(rig.counts().exported, 2);
}

/// Partial success: the refused items are counted as rejected and never sent again.
#[tokio::test(start_paused = true)]
async fn counts_partial_success() {
    let answer: Answer = Box::new(|| {
        Ok(Accepted {
            rejected: 2,
            message: Some("too old".into()),
        })
    });
    let rig = rig(DeliveryConfig::default(), vec![answer]);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(5, 10);
    rig.delivery.drained().await;
    let counts = rig.counts();
    assert_eq!((counts.exported, counts.rejected), (3, 2));
    assert_eq!(lock(&rig.times).len(), 1);
}

/// A transport that panics costs its payload, not the delivery.
#[tokio::test(start_paused = true)]
async fn survives_a_panic() {
    let panics: Answer = Box::new(|| panic!("scripted"));
    let rig = rig(DeliveryConfig::default(), vec![panics, ok()]);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(1, 10);
    rig.submit(1, 10);
    rig.delivery.drained().await;
    let counts = rig.counts();
    assert_eq!(counts.dropped, [(DropReason::Panic, 1)]);
    assert_eq!(counts.exported, 1);
}

/// Of cumulative metrics only the newest collection is worth sending after an outage: all of its
/// payloads, and none of the older ones.
#[tokio::test(start_paused = true)]
async fn newer_generations_supersede_older_ones() {
    let config = DeliveryConfig {
        newest_only: true,
        ..DeliveryConfig::default()
    };
    let rig = rig(config, vec![fails(SendErrorKind::Connect), ok()]);
    rig.submit_of(1, 1, 10);
    rig.submit_of(1, 2, 10);
    let task = tokio::spawn(rig.delivery.clone().run());
    // The first attempt has failed and its pause runs when the clock has not moved.
    tokio::task::yield_now().await;
    for generation in [2, 3] {
        rig.submit_of(generation, 10, 10);
        rig.submit_of(generation, 20, 10);
    }
    rig.delivery.drained().await;
    let counts = rig.counts();
    assert_eq!(counts.dropped, [(DropReason::Superseded, 3 + 30)]);
    assert_eq!(counts.exported, 30);
    assert_eq!(lock(&rig.times).len(), 1 + 2);
    task.abort();
}
