use std::{sync::Arc, time::Duration};

use oc_telemetry::{
    Telemetry,
    testing::{OtlpReceiver, ReceivedSpan, TraceTree},
};
use tokio::task::JoinHandle;

/// A stand-in for a collector: gateway, model server and sub-agents send to it over real OTLP, so
/// that a trace can be seen as a whole.
#[derive(Debug, Clone)]
pub(super) struct Collector {
    receiver: Arc<OtlpReceiver>,
}

impl Collector {
    pub(super) fn start() -> anyhow::Result<Self> {
        Ok(Self {
            receiver: Arc::new(OtlpReceiver::start()?),
        })
    }

    pub(super) fn endpoint(&self) -> String {
        self.receiver.http_endpoint()
    }

    pub(super) fn spans(&self) -> Vec<ReceivedSpan> {
        self.receiver.spans()
    }

    /// Prints the traces that have ended, once a second.
    pub(super) fn print_traces(&self, sources: Vec<Telemetry>) -> JoinHandle<()> {
        let collector = self.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1));
            loop {
                ticks.tick().await;
                let sources = sources.clone();
                let flushed = tokio::task::spawn_blocking(move || {
                    for source in sources {
                        let _ = source.flush(Duration::from_secs(1));
                    }
                });
                let _ = flushed.await;
                let has_root = |span: &ReceivedSpan| span.parent_span_id.is_none();
                if collector.spans().iter().any(has_root) {
                    collector.print_rest();
                }
            }
        })
    }

    /// Prints whatever has arrived since the last time.
    pub(super) fn print_rest(&self) {
        let spans = self.receiver.spans();
        // What arrives later of the same traces is printed by itself.
        self.receiver.clear();
        for tree in TraceTree::from_spans(&spans) {
            println!("{}", tree.render());
        }
    }
}
