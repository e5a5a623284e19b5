use std::{collections::HashSet, sync::Arc, time::Duration};

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

    /// Prints every trace whose root has arrived, once a second.
    pub(super) fn print_traces(&self, telemetry: Telemetry) -> JoinHandle<()> {
        let receiver = Arc::clone(&self.receiver);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1));
            loop {
                ticks.tick().await;
                let telemetry = telemetry.clone();
                let flushed = tokio::task::spawn_blocking(move || {
                    let _ = telemetry.flush(Duration::from_secs(1));
                });
                let _ = flushed.await;
                let spans = receiver.spans();
                let finished: HashSet<&str> = spans
                    .iter()
                    .filter(|span| span.parent_span_id.is_none())
                    .map(|span| &*span.trace_id)
                    .collect();
                if finished.is_empty() {
                    continue;
                }
                for tree in TraceTree::from_spans(&spans) {
                    println!("{}", tree.render());
                }
                // What arrives later of the same traces is printed by itself.
                receiver.clear();
            }
        })
    }
}
