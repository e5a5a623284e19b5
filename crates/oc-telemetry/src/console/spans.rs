use std::{
    collections::{HashMap, VecDeque},
    fmt,
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use oc_otlp::{DestinationId, DropReason, IoRuntime, Ledger};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::SpanData;
use tokio::sync::{mpsc, oneshot};

use super::{TraceTree, TreeSpan};
use crate::{pipeline::weight::Weigh, sync::lock};

/// Prints each trace as a tree as soon as its local root has ended.
///
/// A stalled terminal holds up nobody: the writing is done on a thread for blocking work, and
/// what the bounded queue cannot take is dropped and counted.
#[derive(Clone)]
pub(crate) struct ConsoleSpans {
    sender: mpsc::Sender<Message>,
    /// The weight of the spans in the channel.
    queued_bytes: Arc<AtomicUsize>,
    ledger: Arc<Ledger>,
    id: DestinationId,
}

enum Message {
    Spans(Vec<SpanData>),
    /// Print what is left, even if its root has not ended, and answer.
    Flush(oneshot::Sender<()>),
}

/// Batches that may wait for a stalled terminal.
const QUEUED_BATCHES: usize = 16;
/// And what they may weigh. A batch that is heavier alone may wait alone.
const QUEUED_BYTES: usize = 32 * 1024 * 1024;
/// Spans that may wait for the end of their local root; beyond it the oldest trace is printed as
/// it is.
const WAITING_SPANS: usize = 4096;
/// And what they may weigh.
const WAITING_BYTES: usize = 16 * 1024 * 1024;

impl ConsoleSpans {
    pub(crate) fn start(
        io: &IoRuntime,
        ledger: Arc<Ledger>,
        id: DestinationId,
        service: String,
        output: Box<dyn Write + Send>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUED_BATCHES);
        let queued_bytes = Arc::<AtomicUsize>::default();
        let printer = Printer {
            service,
            traces: Traces::default(),
            queued_bytes: Arc::clone(&queued_bytes),
            output: Arc::new(Mutex::new(output)),
            ledger: Arc::clone(&ledger),
            id,
        };
        io.spawn(printer.run(receiver));
        Self {
            sender,
            queued_bytes,
            ledger,
            id,
        }
    }

    /// Takes spans that the ledger has as queued here.
    pub(crate) fn submit(&self, spans: Vec<SpanData>) {
        let items = spans.len() as u64;
        let bytes = weight(&spans);
        let queued = self.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
        let reason = if queued > 0 && queued.saturating_add(bytes) > QUEUED_BYTES {
            DropReason::BytesFull
        } else if self.sender.try_send(Message::Spans(spans)).is_err() {
            DropReason::QueueFull
        } else {
            return;
        };
        self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.ledger.dropped_queued(self.id, items, reason);
    }

    /// Completes when everything submitted is printed.
    pub(crate) async fn drained(&self) {
        let (done, finished) = oneshot::channel();
        if self.sender.send(Message::Flush(done)).await.is_ok() {
            let _ = finished.await;
        }
    }
}

impl fmt::Debug for ConsoleSpans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleSpans").finish_non_exhaustive()
    }
}

struct Printer {
    service: String,
    traces: Traces,
    queued_bytes: Arc<AtomicUsize>,
    output: Arc<Mutex<Box<dyn Write + Send>>>,
    ledger: Arc<Ledger>,
    id: DestinationId,
}

impl Printer {
    async fn run(mut self, mut receiver: mpsc::Receiver<Message>) {
        while let Some(message) = receiver.recv().await {
            match message {
                Message::Spans(spans) => {
                    let bytes = weight(&spans);
                    self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                    let finished = self.traces.add(spans);
                    self.print(finished).await;
                }
                Message::Flush(done) => {
                    let rest = self.traces.take_all();
                    self.print(rest).await;
                    let _ = done.send(());
                }
            }
        }
    }

    async fn print(&self, traces: Vec<Vec<SpanData>>) {
        for spans in traces {
            let items = spans.len() as u64;
            self.ledger.sending(self.id, items);
            let service = self.service.clone();
            let output = Arc::clone(&self.output);
            // Rendered there as well: a long trace would hold up the deliveries.
            let written = tokio::task::spawn_blocking(move || {
                let text = render(&spans, &service);
                drop(spans);
                let mut output = lock(&output);
                output.write_all(text.as_bytes())?;
                output.flush()
            });
            match written.await {
                Ok(Ok(())) => self.ledger.sent(self.id, items, 0),
                // A closed terminal; there is nobody to tell.
                Ok(Err(_)) => {
                    self.ledger
                        .dropped_in_flight(self.id, items, DropReason::Rejected);
                }
                Err(_) => self
                    .ledger
                    .dropped_in_flight(self.id, items, DropReason::Panic),
            }
        }
    }
}

fn weight(spans: &[SpanData]) -> usize {
    spans.iter().map(Weigh::weight).sum()
}

fn render(spans: &[SpanData], service: &str) -> String {
    let mut spans: Vec<TreeSpan> = spans.iter().map(TreeSpan::from).collect();
    for span in &mut spans {
        span.service = Some(service.to_owned());
    }
    let trees = TraceTree::from_spans(&spans);
    let mut text = String::new();
    for tree in trees {
        text.push_str(&tree.render());
        text.push('\n');
    }
    text
}

/// Spans whose local root has not ended yet, by trace, in the order in which the traces came up.
#[derive(Default)]
struct Traces {
    spans: HashMap<TraceId, Vec<SpanData>>,
    order: VecDeque<TraceId>,
    count: usize,
    bytes: usize,
}

impl Traces {
    /// Adds spans and takes the traces that are finished by them, or that no longer fit.
    fn add(&mut self, spans: Vec<SpanData>) -> Vec<Vec<SpanData>> {
        let added = weight(&spans);
        let mut roots = Vec::new();
        for span in spans {
            let trace = span.span_context.trace_id();
            if span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote {
                roots.push(trace);
            }
            let waiting = self.spans.entry(trace).or_insert_with(|| {
                self.order.push_back(trace);
                Vec::new()
            });
            waiting.push(span);
            self.count += 1;
        }
        self.bytes = self.bytes.saturating_add(added);
        let mut finished: Vec<_> = roots
            .into_iter()
            .filter_map(|root| self.take(root))
            .collect();
        while self.count > WAITING_SPANS || self.bytes > WAITING_BYTES {
            let Some(oldest) = self.order.front().copied() else {
                break;
            };
            finished.extend(self.take(oldest));
        }
        finished
    }

    fn take(&mut self, trace: TraceId) -> Option<Vec<SpanData>> {
        let spans = self.spans.remove(&trace)?;
        self.order.retain(|other| *other != trace);
        self.count = self.count.saturating_sub(spans.len());
        self.bytes = self.bytes.saturating_sub(weight(&spans));
        Some(spans)
    }

    fn take_all(&mut self) -> Vec<Vec<SpanData>> {
        let order = std::mem::take(&mut self.order);
        self.count = 0;
        self.bytes = 0;
        order
            .into_iter()
            .filter_map(|trace| self.spans.remove(&trace))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::mpsc as threads, time::Duration};

    use oc_otlp::Signal;

    use super::*;
    use crate::pipeline::test_span::test_span;

    const PATIENCE: Duration = Duration::from_secs(20);
    const MIB: usize = 1024 * 1024;

    /// A terminal that tells of each text and waits for leave to go on.
    struct Terminal {
        told: threads::Sender<usize>,
        leave: threads::Receiver<()>,
    }

    impl Write for Terminal {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let _ = self.told.send(text.len());
            let _ = self.leave.recv();
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Rig {
        io: IoRuntime,
        console: ConsoleSpans,
        ledger: Arc<Ledger>,
        texts: threads::Receiver<usize>,
        leave: threads::Sender<()>,
    }

    fn rig() -> Rig {
        let io = IoRuntime::start("test-io").unwrap();
        let ledger = Arc::new(Ledger::new(Signal::Traces, ["console"]));
        let (told, texts) = threads::channel();
        let (leave, waits) = threads::channel();
        let terminal = Terminal { told, leave: waits };
        let id = ledger.destinations().next().unwrap();
        let console = ConsoleSpans::start(
            &io,
            Arc::clone(&ledger),
            id,
            "test".to_owned(),
            Box::new(terminal),
        );
        Rig {
            io,
            console,
            ledger,
            texts,
            leave,
        }
    }

    impl Rig {
        fn submit(&self, span: SpanData) {
            self.ledger.created(1);
            self.ledger.handed_over(1);
            self.console.submit(vec![span]);
        }

        /// What was printed and dropped, after everything is let through.
        fn end(self) -> oc_otlp::Counts {
            drop(self.leave);
            let console = self.console.clone();
            let drained = async move { console.drained().await };
            assert!(self.io.wait(PATIENCE, drained).is_some());
            self.ledger.snapshot().remove(0)
        }
    }

    /// A span of a trace of its own.
    fn span(number: u64, parent: SpanId, bytes: usize) -> SpanData {
        SpanData {
            parent_span_id: parent,
            ..test_span(number, "chat", bytes)
        }
    }

    /// A stalled terminal: what waits for it is bounded by bytes, and what does not fit is counted.
    #[test]
    fn a_stalled_terminal_is_bounded_by_bytes() {
        let rig = rig();
        rig.submit(span(1, SpanId::INVALID, 1));
        rig.texts.recv_timeout(PATIENCE).unwrap();
        for number in 2..=6 {
            rig.submit(span(number, SpanId::INVALID, 12 * MIB));
        }
        let counts = rig.end();
        assert_eq!(counts.dropped, [(DropReason::BytesFull, 3)]);
        assert_eq!(counts.exported, 3);
    }

    /// Spans whose root does not come are bounded by bytes: the oldest are printed as they are.
    #[test]
    fn waiting_spans_are_bounded_by_bytes() {
        let rig = rig();
        for number in 1..=3 {
            rig.submit(span(number, SpanId::from(99), 6 * MIB));
        }
        assert!(rig.texts.recv_timeout(PATIENCE).is_ok(), "without a flush");
        let counts = rig.end();
        assert_eq!((counts.exported, counts.dropped_total()), (3, 0));
    }
}
