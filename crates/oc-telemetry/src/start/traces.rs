use std::sync::Arc;

use oc_otlp::{IoRuntime, encode::SpanEncoder};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::{
    Resource,
    trace::{IdGenerator, SdkTracerProvider, SpanLimits},
};
use tokio::sync::mpsc;

use super::{deliveries::SignalDeliveries, sampler};
use crate::{
    agent::local_root::LocalRoots,
    config::Config,
    console::ConsoleSpans,
    pipeline::{
        host_resource::HostResource,
        limits::ValueLimit,
        queue::Queue,
        spans::{OcSpanProcessor, OpenSpans, SpanOutlet},
        worker::{self, FLUSH_REQUESTS, FlushRequest},
    },
    privacy::Redactor,
    span::random::RandomRoots,
};

/// The running trace signal.
pub(super) struct Traces {
    /// `None` where the host owns the SDK or nothing is recorded.
    pub(super) provider: Option<SdkTracerProvider>,
    pub(super) processor: Option<OcSpanProcessor>,
    pub(super) open: Arc<OpenSpans>,
    pub(super) flush: Option<mpsc::Sender<FlushRequest>>,
}

pub(super) fn start(
    config: &mut Config,
    resource: &Resource,
    io: Option<&IoRuntime>,
    deliveries: SignalDeliveries,
    roots: &Arc<LocalRoots>,
    redactor: &Redactor,
    ids: Option<Box<dyn IdGenerator>>,
) -> Traces {
    let open = Arc::<OpenSpans>::default();
    let Some(io) = io.filter(|_| !config.sdk_disabled) else {
        return Traces {
            provider: None,
            processor: None,
            open,
            flush: None,
        };
    };
    let (processor, flush) = if deliveries.is_empty() {
        (None, None)
    } else {
        let (processor, flush) = pipeline(config, resource, io, deliveries, &open, roots, redactor);
        (Some(processor), Some(flush))
    };
    let provider = (!config.host_owns_sdk).then(|| {
        let mut builder = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_sampler(sampler::build(config, io))
            .with_span_limits(limits(config));
        let processor = processor.clone();
        if let Some(ids) = ids {
            builder = builder.with_id_generator(AnyIds(ids));
            if let Some(processor) = processor {
                builder = builder.with_span_processor(processor);
            }
        } else if let Some(processor) = processor {
            builder = builder.with_span_processor(RandomRoots(processor));
        }
        builder.build()
    });
    Traces {
        provider,
        processor,
        open,
        flush,
    }
}

fn pipeline(
    config: &Config,
    resource: &Resource,
    io: &IoRuntime,
    destinations: SignalDeliveries,
    open: &Arc<OpenSpans>,
    roots: &Arc<LocalRoots>,
    redactor: &Redactor,
) -> (OcSpanProcessor, mpsc::Sender<FlushRequest>) {
    let batch = config.traces.batch;
    let SignalDeliveries {
        ledger,
        deliveries,
        console,
        mlflow,
        ..
    } = destinations;
    let queue = Arc::new(Queue::new(
        Arc::clone(&ledger),
        batch.max_queue_size,
        batch.max_export_batch_size,
    ));
    let (flush, flushes) = mpsc::channel(FLUSH_REQUESTS);
    let limit = config.traces.limits.value_length;
    let host_resource = HostResource::new(config.host_owns_sdk);
    let entries = mlflow
        .as_ref()
        .map(|mlflow| Arc::clone(&mlflow.view.entries));
    let outlet = SpanOutlet {
        encoder: SpanEncoder::new(resource),
        host_resource: host_resource.clone(),
        redactor: redactor.clone(),
        mlflow,
        limit: ValueLimit(limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))),
        console: console.map(|id| {
            ConsoleSpans::start(
                io,
                Arc::clone(&ledger),
                id,
                config.resource.service_name.clone(),
                Box::new(std::io::stdout()),
            )
        }),
        deliveries,
    };
    io.spawn(worker::run(
        Arc::clone(&queue),
        outlet,
        batch.schedule_delay,
        flushes,
    ));
    let processor = OcSpanProcessor::new(queue, Arc::clone(open), host_resource, Arc::clone(roots));
    (processor.with_entries(entries), flush)
}

fn limits(config: &Config) -> SpanLimits {
    let limits = config.traces.limits;
    SpanLimits {
        max_events_per_span: limits.events,
        max_attributes_per_span: limits.attributes,
        max_links_per_span: limits.links,
        max_attributes_per_event: limits.attributes_per_event,
        max_attributes_per_link: limits.attributes_per_link,
    }
}

/// The SDK takes a generator by type; the builder keeps any.
#[derive(Debug)]
struct AnyIds(Box<dyn IdGenerator>);

impl IdGenerator for AnyIds {
    fn new_trace_id(&self) -> TraceId {
        self.0.new_trace_id()
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}
