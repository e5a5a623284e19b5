use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use oc_otlp::{
    Delivery,
    encode::{Bounded, DEFAULT_MAX_PAYLOAD_BYTES, SpanEncoder, encode_bounded},
};
use opentelemetry::{
    Context,
    trace::{Span as _, TraceContextExt as _},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use super::{
    duplicates,
    host_resource::HostResource,
    limits::ValueLimit,
    mlflow_view::{Entries, MlflowSpans},
    queue::Queue,
    redact,
    waiting::Waiting,
    worker::Outlet,
};
use crate::{
    agent::{Identity, local_root::LocalRoots},
    console::ConsoleSpans,
    privacy::Redactor,
};

/// Takes every span that ends and queues it for the destinations.
///
/// [`Telemetry`](crate::Telemetry) registers one with its own tracer provider. A host that owns
/// its SDK adds [`Telemetry::span_processor`](crate::Telemetry::span_processor) to its provider
/// instead. `on_end` never blocks. `force_flush` and `shutdown` do nothing here: they belong to
/// the [`Telemetry`](crate::Telemetry), which has one deadline for all signals.
#[derive(Debug, Clone)]
pub struct OcSpanProcessor {
    queue: Arc<Queue<SpanData>>,
    open: Arc<OpenSpans>,
    host_resource: HostResource,
    roots: Arc<LocalRoots>,
    /// For MLflow, where there is one.
    entries: Option<Arc<Entries>>,
}

/// How many recorded spans were started and ended.
#[derive(Debug, Default)]
pub(crate) struct OpenSpans {
    started: AtomicU64,
    ended: AtomicU64,
}

impl OpenSpans {
    pub(crate) fn count(&self) -> u64 {
        let ended = self.ended.load(Ordering::Acquire);
        self.started.load(Ordering::Acquire).saturating_sub(ended)
    }
}

impl OcSpanProcessor {
    pub(crate) fn new(
        queue: Arc<Queue<SpanData>>,
        open: Arc<OpenSpans>,
        host_resource: HostResource,
        roots: Arc<LocalRoots>,
    ) -> Self {
        Self {
            queue,
            open,
            host_resource,
            roots,
            entries: None,
        }
    }

    /// Keeps account of the spans with which traces enter the process.
    pub(crate) fn with_entries(mut self, entries: Option<Arc<Entries>>) -> Self {
        self.entries = entries;
        self
    }

    /// From now on whatever arrives is dropped and counted.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

impl SpanProcessor for OcSpanProcessor {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.open.started.fetch_add(1, Ordering::AcqRel);
        // Whoever made the span: it is part of the turn that its context belongs to.
        if let Some(identity) = Identity::of(cx)
            && !Identity::is_stated(cx)
        {
            span.set_attributes(identity.attributes());
        }
        let parent = cx.span();
        let parent = parent.span_context();
        if self.roots.started(span.span_context(), parent)
            && let Some(entries) = &self.entries
        {
            entries.started(span.span_context(), parent);
        }
    }

    fn on_end(&self, mut span: SpanData) {
        self.open.ended.fetch_add(1, Ordering::AcqRel);
        self.roots.ended(&mut span);
        // A sampler may record without sampling, for other processors; such a span is not
        // exported (trace SDK specification, "Sampling").
        if span.span_context.is_sampled() {
            self.queue.push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.host_resource.set(resource);
    }
}

/// Encodes batches of spans and hands them to every destination of traces.
pub(crate) struct SpanOutlet {
    pub(crate) encoder: SpanEncoder,
    pub(crate) host_resource: HostResource,
    pub(crate) limit: ValueLimit,
    pub(crate) redactor: Redactor,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) mlflow: Option<MlflowSpans>,
    pub(crate) console: Option<ConsoleSpans>,
}

impl Outlet<SpanData> for SpanOutlet {
    fn consume(&mut self, mut batch: Vec<SpanData>, waiting: &mut Waiting<'_>) {
        if let Some(resource) = self.host_resource.take() {
            self.encoder = SpanEncoder::new(&resource);
        }
        for span in &mut batch {
            duplicates::remove_from_span(span);
            redact::span(&self.redactor, span);
            self.limit.apply(span);
        }
        if self.deliveries.is_empty() {
            waiting.handed_over(waiting.items());
        } else {
            let parts = encode_bounded(&batch, DEFAULT_MAX_PAYLOAD_BYTES, |spans| {
                Ok::<_, Infallible>(Some(self.encoder.encode(spans)))
            });
            if self.console.is_some() || self.mlflow.is_some() {
                keep_sent(&mut batch, &parts);
            }
            super::hand_over(waiting, &self.deliveries, parts);
        }
        match (&self.console, &self.mlflow) {
            (Some(console), None) => console.submit(batch),
            (None, Some(mlflow)) => mlflow.submit(batch, &self.encoder),
            (Some(console), Some(mlflow)) => {
                console.submit(batch.clone());
                mlflow.submit(batch, &self.encoder);
            }
            (None, None) => {}
        }
    }

    fn drained(&self) -> BoxFuture<'static, ()> {
        let deliveries = super::drained(&self.deliveries);
        let console = self.console.clone();
        let mlflow = self.mlflow.as_ref().map(|mlflow| mlflow.delivery.drained());
        Box::pin(async move {
            deliveries.await;
            if let Some(mlflow) = mlflow {
                mlflow.await;
            }
            if let Some(console) = console {
                console.drained().await;
            }
        })
    }
}

/// Leaves the spans of a batch that are sent: the others count as dropped, for the console too.
fn keep_sent<E>(batch: &mut Vec<SpanData>, parts: &[Bounded<E>]) {
    let mut fates = parts.iter().flat_map(|part| {
        let items = usize::try_from(part.items()).unwrap_or(usize::MAX);
        std::iter::repeat_n(super::is_sent(part), items)
    });
    batch.retain(|_| fates.next().unwrap_or(false));
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::Mutex,
    };

    use oc_otlp::{
        DeliveryConfig, DropReason, IoRuntime, Ledger, Payload, Signal,
        transport::{Accepted, SendFuture, Transport},
    };

    use super::*;
    use crate::pipeline::test_span::test_span;
    use crate::sync::lock;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Takes everything.
    #[derive(Debug)]
    struct Taker;

    impl Transport for Taker {
        fn send<'a>(&'a self, _: &'a Payload) -> SendFuture<'a> {
            Box::pin(async { Ok(Accepted::default()) })
        }
    }

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Screen {
        fn text(&self) -> String {
            String::from_utf8_lossy(&lock(&self.0)).into_owned()
        }
    }

    impl Write for Screen {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A span that no request can hold counts as dropped everywhere: the console does not print it
    /// either, and every other span reaches both.
    #[test]
    fn what_is_dropped_is_not_printed() {
        let io = IoRuntime::start("test-io").unwrap();
        let ledger = Arc::new(Ledger::new(Signal::Traces, ["otlp", "console"]));
        let ids: Vec<_> = ledger.destinations().collect();
        let delivery = Delivery::new(
            Taker,
            Arc::clone(&ledger),
            ids[0],
            Arc::default(),
            DeliveryConfig::default(),
            Arc::new(|_| {}),
        );
        io.spawn(delivery.clone().run());
        let screen = Screen::default();
        let console = ConsoleSpans::start(
            &io,
            Arc::clone(&ledger),
            ids[1],
            "test".to_owned(),
            Box::new(screen.clone()),
        );
        let mut outlet = SpanOutlet {
            encoder: SpanEncoder::new(&Resource::builder_empty().build()),
            host_resource: HostResource::new(false),
            limit: ValueLimit::default(),
            redactor: Redactor::new(),
            deliveries: vec![delivery],
            mlflow: None,
            console: Some(console),
        };
        ledger.created(3);
        let batch = vec![
            test_span(1, "first", 1),
            test_span(2, "giant", 65 * 1024 * 1024),
            test_span(3, "last", 1),
        ];
        outlet.consume(batch, &mut Waiting::new(&ledger, 3));
        assert!(io.wait(PATIENCE, outlet.drained()).is_some());
        for counts in ledger.snapshot() {
            assert_eq!(counts.dropped, [(DropReason::TooLarge, 1)], "{counts:?}");
            assert_eq!(counts.exported, 2, "{counts:?}");
        }
        let text = screen.text();
        assert!(text.contains("first") && text.contains("last"), "{text}");
        assert!(!text.contains("giant"));
    }
}
