use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::*;
use crate::{Signal, transport::SendFuture};

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
    observed(config, answers, Arc::new(|_| {}))
}

fn observed(config: DeliveryConfig, answers: Vec<Answer>, on_event: OnDeliveryEvent) -> Rig {
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
        on_event,
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

fn busy(wait: Duration) -> Answer {
    Box::new(move || {
        Err(SendError::new(SendErrorKind::Http(429), "busy").with_retry_after(Some(wait)))
    })
}

/// Failures that may be retried, then success: all items are exported, and the pauses in between
/// keep below a limit that doubles.
#[tokio::test(start_paused = true)]
async fn retries_until_it_works() {
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(fails(SendErrorKind::Connect));
        answers.push(fails(SendErrorKind::Http(503)));
    }
    answers.push(ok());
    let rig = rig(DeliveryConfig::default(), answers);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(3, 10);
    rig.delivery.drained().await;
    assert_eq!(rig.counts().exported, 3);
    let times = lock(&rig.times);
    assert_eq!(times.len(), 9);
    // Timers count in whole milliseconds.
    let slack = Duration::from_millis(2);
    for (attempt, limit) in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
        .into_iter()
        .enumerate()
    {
        let pause = times[attempt + 1].saturating_sub(times[attempt]);
        let limit = Duration::from_millis(limit);
        assert!(pause <= limit + slack, "{pause:?} of {limit:?}");
    }
    // The limits add up to 91.5 s; by chance the pauses do not come down to one.
    assert!(times[8] > Duration::from_secs(1), "{times:?}");
}

/// A refusal, and an answer that nobody understands, is one attempt and a drop that says which.
#[tokio::test(start_paused = true)]
async fn does_not_retry_a_refusal() {
    let answers = vec![
        fails(SendErrorKind::Http(400)),
        fails(SendErrorKind::Response),
        ok(),
    ];
    let rig = rig(DeliveryConfig::default(), answers);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(3, 10);
    rig.submit(4, 10);
    rig.submit(2, 10);
    rig.delivery.drained().await;
    let counts = rig.counts();
    let dropped = [(DropReason::Rejected, 3), (DropReason::Response, 4)];
    assert_eq!(counts.dropped, dropped);
    assert_eq!(counts.exported, 2);
    assert_eq!(lock(&rig.times).len(), 3);
}

/// Retry-After holds the destination: the next payload waits for it too, even under a flush, and
/// even if it is longer than a payload is retried, for that time is not the payload's fault.
#[tokio::test(start_paused = true)]
async fn retry_after_holds_every_payload() {
    let longer = DeliveryConfig::default().retry_for + Duration::from_secs(100);
    for wait in [Duration::from_secs(30), longer] {
        let rig = rig(DeliveryConfig::default(), vec![busy(wait), ok()]);
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
}

/// A destination that asks for time again and again: each attempt costs its pause, so that the end
/// comes all the same.
#[tokio::test(start_paused = true)]
async fn gives_up_on_a_destination_that_is_always_busy() {
    let rig = rig(
        DeliveryConfig::default(),
        vec![busy(Duration::from_secs(400))],
    );
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(1, 10);
    rig.delivery.drained().await;
    assert_eq!(rig.counts().dropped, [(DropReason::Expired, 1)]);
    // 5 min at 15 s on the average, plus the short pauses of the beginning.
    let attempts = lock(&rig.times).len();
    assert!((12..80).contains(&attempts), "{attempts} attempts");
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

/// A time that the destination asks for does not keep an old collection alive: when it is over,
/// only the newest one is sent.
#[tokio::test(start_paused = true)]
async fn superseded_while_the_destination_is_busy() {
    let config = DeliveryConfig::default().with_newest_only(true);
    let rig = rig(config, vec![busy(Duration::from_secs(400)), ok()]);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit_of(1, 1, 10);
    // Past the pause of the first attempt, within the time that was asked for.
    sleep(Duration::from_secs(200)).await;
    rig.submit_of(2, 10, 10);
    rig.delivery.drained().await;
    let counts = rig.counts();
    assert_eq!(counts.dropped, [(DropReason::Superseded, 1)]);
    assert_eq!(counts.exported, 10);
    assert_eq!(lock(&rig.times).len(), 2);
}

/// An observer that panics at every event: all the work is done and counted all the same.
#[tokio::test(start_paused = true)]
async fn survives_its_observer() {
    let remark: Answer = Box::new(|| {
        Ok(Accepted {
            rejected: 1,
            message: None,
        })
    });
    let answers = vec![
        fails(SendErrorKind::Connect),
        remark,
        fails(SendErrorKind::Http(400)),
        ok(),
    ];
    let config = DeliveryConfig::default().with_queue_bytes(100);
    let rig = observed(config, answers, Arc::new(|_| panic!("scripted")));
    let task = tokio::spawn(rig.delivery.clone().run());
    rig.submit(2, 30);
    rig.submit(4, 30);
    rig.submit(8, 30);
    // No room: told from within `submit`.
    rig.submit(16, 30);
    rig.delivery.drained().await;
    assert!(!task.is_finished());
    let counts = rig.counts();
    assert_eq!((counts.exported, counts.rejected), (1 + 8, 1));
    let dropped = [(DropReason::BytesFull, 16), (DropReason::Rejected, 4)];
    assert_eq!(counts.dropped, dropped);
}

/// A flush waits for what was there when it was asked for, not for an empty queue: while something
/// new comes in with every attempt, it ends as soon as its own payloads are through.
#[tokio::test(start_paused = true)]
async fn drained_under_steady_load() {
    let feed = Arc::new(Mutex::new(None::<Rig>));
    let load = Arc::clone(&feed);
    let feeding: Answer = Box::new(move || {
        if let Some(rig) = &*lock(&load) {
            rig.submit(1, 10);
        }
        Ok(Accepted::default())
    });
    let rig = rig(DeliveryConfig::default(), vec![feeding]);
    let (delivery, ledger) = (rig.delivery.clone(), Arc::clone(&rig.ledger));
    rig.submit(100, 10);
    rig.submit(100, 10);
    *lock(&feed) = Some(rig);
    let work = tokio::spawn(delivery.clone().run());
    tokio::select! {
        () = delivery.drained() => {}
        () = sleep(Duration::from_mins(10)) => panic!("a flush never ends"),
    }
    let counts = ledger.snapshot().remove(0);
    assert!(counts.exported >= 200, "{counts:?}");
    assert!(counts.queued > 0, "{counts:?}");
    work.abort();
    *lock(&feed) = None;
}

/// A payload that a flush waits for may be superseded; the flush ends then.
#[tokio::test(start_paused = true)]
async fn drained_when_superseded() {
    let config = DeliveryConfig::default().with_newest_only(true);
    let rig = rig(config, vec![ok()]);
    rig.submit_of(1, 1, 10);
    let drained = rig.delivery.drained();
    tokio::pin!(drained);
    assert!(futures_util::poll!(drained.as_mut()).is_pending());
    rig.submit_of(2, 1, 10);
    // Nothing was sent, for nobody runs the delivery; what was waited for is given up.
    drained.await;
    assert_eq!(rig.counts().dropped, [(DropReason::Superseded, 1)]);
}

/// A flush while nothing waits has no effect on a later failure: its pause is not cut short.
#[tokio::test(start_paused = true)]
async fn an_idle_flush_leaves_nothing_behind() {
    // The pauses of several payloads, for one alone may be short by chance.
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(fails(SendErrorKind::Http(503)));
        answers.push(ok());
    }
    let config = DeliveryConfig::default()
        .with_initial_backoff(Duration::from_secs(30))
        .with_max_backoff(Duration::from_secs(30));
    let rig = rig(config, answers);
    tokio::spawn(rig.delivery.clone().run());
    for payload in 0..6 {
        rig.delivery.drained().await;
        rig.submit(1, 10);
        while rig.counts().exported == payload {
            sleep(Duration::from_millis(100)).await;
        }
    }
    let times = lock(&rig.times);
    let pauses: Duration = times
        .chunks(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .sum();
    assert!(pauses > Duration::from_secs(3), "{times:?}");
}

/// A flush during a pause tries at once.
#[tokio::test(start_paused = true)]
async fn a_flush_cuts_a_pause_short() {
    let config = DeliveryConfig::default()
        .with_initial_backoff(Duration::from_secs(10_000))
        .with_max_backoff(Duration::from_secs(10_000))
        .with_retry_for(Duration::MAX);
    let rig = rig(config, vec![fails(SendErrorKind::Http(503)), ok()]);
    tokio::spawn(rig.delivery.clone().run());
    rig.submit(1, 10);
    tokio::task::yield_now().await;
    assert_eq!(lock(&rig.times).len(), 1);
    rig.delivery.drained().await;
    let times = lock(&rig.times);
    assert_eq!(times.len(), 2);
    assert_eq!(times[0], times[1]);
}
