use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{Targets, dynamic_filter_fn},
    layer::{Filter, Identity},
    registry::LookupSpan,
};

use super::jsonl::JsonLines;
use crate::{context, running::Running};

/// A layer for any subscriber.
pub(crate) type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// The layers that join a host's `tracing` to the telemetry: spans become OpenTelemetry spans in
/// the same tree as ours, events become log records and lines of the log file.
pub(crate) fn layers<S>(inner: &Running) -> Vec<BoxedLayer<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let mut layers: Vec<BoxedLayer<S>> = Vec::new();
    if let Some(provider) = &inner.tracer_provider {
        use opentelemetry::trace::TracerProvider;
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("tracing"))
            // An event is a log record, correlated by its ids; as a span event it would be sent
            // twice. What is left for this layer are spans.
            .with_filter(filter(&inner.levels, Wanted::Spans));
        layers.push(Box::new(layer));
    }
    if let Some(provider) = &inner.logger_provider {
        let layer = OpenTelemetryTracingBridge::new(provider)
            .with_filter(filter(&inner.levels, Wanted::Events));
        layers.push(Box::new(layer));
    }
    if let Some(file) = &inner.log_file {
        let lines = JsonLines::new(file.writer(), inner.clock.clone());
        layers.push(Box::new(lines.with_filter(inner.levels.clone())));
    }
    if layers.is_empty() {
        // A list without layers switches everything off, for the host's other layers too.
        layers.push(Box::new(Identity::new()));
    }
    layers
}

/// By target and level, and never what happens under an export, nor where there is no current context.
///
/// Spans and events of hyper, h2, tonic or rustls that the library's own requests cause would be
/// exported and cause the next ones. They come from the I/O thread, where telemetry is
/// suppressed. The answer changes from call to call, so that the filter must not be cached per
/// call site: hence a dynamic one.
///
/// What the API itself reports goes to the log file only: the layers filtered here ask for the
/// current context, which it may have locked.
fn filter<S>(levels: &Targets, wanted: Wanted) -> impl Filter<S> + Send + Sync + 'static
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let levels = levels.clone();
    let max_level = Filter::<S>::max_level_hint(&levels);
    let filter = dynamic_filter_fn(move |metadata, _| {
        wanted.includes(metadata)
            && levels.would_enable(metadata.target(), metadata.level())
            && metadata.target() != context::API_TARGET
            && !context::is_suppressed()
    });
    match max_level {
        Some(level) => filter.with_max_level_hint(level),
        None => filter,
    }
}

/// What a layer takes of all that `tracing` tells it.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Spans,
    Events,
}

impl Wanted {
    fn includes(self, metadata: &Metadata<'_>) -> bool {
        match self {
            Self::Spans => metadata.is_span(),
            Self::Events => metadata.is_event(),
        }
    }
}
