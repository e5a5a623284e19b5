use std::{
    collections::{HashMap, VecDeque},
    fmt,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use oc_otlp::{DestinationId, DropReason, IoRuntime, Ledger};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::SpanData;
use tokio::sync::{mpsc, oneshot};

use super::{TraceTree, TreeSpan};

/// Prints each trace as a tree as soon as its local root has ended.
///
/// A stalled terminal holds up nobody: the writing is done on a thread for blocking work, and
/// what the bounded queue cannot take is dropped and counted.
#[derive(Clone)]
pub(crate) struct ConsoleSpans {
    sender: mpsc::Sender<Message>,
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
/// Spans that may wait for the end of their local root; beyond it the oldest trace is printed as
/// it is.
const WAITING_SPANS: usize = 4096;

impl ConsoleSpans {
    pub(crate) fn start(
        io: &IoRuntime,
        ledger: Arc<Ledger>,
        id: DestinationId,
        service: String,
        output: Box<dyn Write + Send>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUED_BATCHES);
        let printer = Printer {
            service,
            traces: Traces::default(),
            output: Arc::new(Mutex::new(output)),
            ledger: Arc::clone(&ledger),
            id,
        };
        io.spawn(printer.run(receiver));
        Self { sender, ledger, id }
    }

    /// Takes spans that the ledger has as queued here.
    pub(crate) fn submit(&self, spans: Vec<SpanData>) {
        let items = spans.len() as u64;
        if self.sender.try_send(Message::Spans(spans)).is_err() {
            self.ledger
                .dropped_queued(self.id, items, DropReason::QueueFull);
        }
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
    output: Arc<Mutex<Box<dyn Write + Send>>>,
    ledger: Arc<Ledger>,
    id: DestinationId,
}

impl Printer {
    async fn run(mut self, mut receiver: mpsc::Receiver<Message>) {
        while let Some(message) = receiver.recv().await {
            match message {
                Message::Spans(spans) => {
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
            let text = render(&spans, &self.service);
            let output = Arc::clone(&self.output);
            let written = tokio::task::spawn_blocking(move || {
                let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
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
}

impl Traces {
    /// Adds spans and takes the traces that are finished by them, or that no longer fit.
    fn add(&mut self, spans: Vec<SpanData>) -> Vec<Vec<SpanData>> {
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
        let mut finished: Vec<_> = roots
            .into_iter()
            .filter_map(|root| self.take(root))
            .collect();
        while self.count > WAITING_SPANS {
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
        self.count -= spans.len();
        Some(spans)
    }

    fn take_all(&mut self) -> Vec<Vec<SpanData>> {
        let order = std::mem::take(&mut self.order);
        self.count = 0;
        order
            .into_iter()
            .filter_map(|trace| self.spans.remove(&trace))
            .collect()
    }
}
