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
    encode::{DEFAULT_MAX_PAYLOAD_BYTES, SpanEncoder, encode_bounded},
};
use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use super::{
    duplicates, host_resource::HostResource, limits::ValueLimit, queue::Queue, waiting::Waiting,
    worker::Outlet,
};
use crate::console::ConsoleSpans;

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
    ) -> Self {
        Self {
            queue,
            open,
            host_resource,
        }
    }

    /// From now on whatever arrives is dropped and counted.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

impl SpanProcessor for OcSpanProcessor {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {
        self.open.started.fetch_add(1, Ordering::AcqRel);
    }

    fn on_end(&self, span: SpanData) {
        self.open.ended.fetch_add(1, Ordering::AcqRel);
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
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) console: Option<ConsoleSpans>,
}

impl Outlet<SpanData> for SpanOutlet {
    fn consume(&mut self, mut batch: Vec<SpanData>, waiting: &mut Waiting<'_>) {
        if let Some(resource) = self.host_resource.take() {
            self.encoder = SpanEncoder::new(&resource);
        }
        for span in &mut batch {
            duplicates::remove_from_span(span);
            self.limit.apply(span);
        }
        if self.deliveries.is_empty() {
            waiting.handed_over(waiting.items());
        } else {
            let parts = encode_bounded(&batch, DEFAULT_MAX_PAYLOAD_BYTES, |spans| {
                Ok::<_, Infallible>(Some(self.encoder.encode(spans)))
            });
            super::hand_over(waiting, &self.deliveries, parts);
        }
        if let Some(console) = &self.console {
            console.submit(batch);
        }
    }

    fn drained(&self) -> BoxFuture<'static, ()> {
        let deliveries = super::drained(&self.deliveries);
        let console = self.console.clone();
        Box::pin(async move {
            deliveries.await;
            if let Some(console) = console {
                console.drained().await;
            }
        })
    }
}
