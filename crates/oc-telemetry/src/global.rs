//! The only place that sets anything global.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::propagation::{
    Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter,
};
use tracing_subscriber::{Registry, layer::SubscriberExt};

use crate::{
    InitError, InitErrorKind, Origin, Telemetry, Warning, metrics::guarded::GuardedMeterProvider,
    recorder,
};

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Makes `telemetry` the one of the process; see [`Telemetry::install`].
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that sets globals"
)]
pub(crate) fn install(telemetry: &Telemetry) -> Result<(), InitError> {
    if INSTALLED.swap(true, Ordering::AcqRel) {
        return Err(InitError::new(InitErrorKind::AlreadyInstalled));
    }
    let inner = telemetry.inner();
    if let Some(recorder) = &inner.recorder {
        // It fails only if one is set, and nothing else sets one.
        let _ = recorder::set_installed(recorder.clone());
    }
    if inner.host_owns_sdk {
        inner.diagnostics.log_all();
        return Ok(());
    }
    // Propagation stays on where the SDK is disabled (specification, `OTEL_SDK_DISABLED`).
    opentelemetry::global::set_text_map_propagator(Shared(inner.propagator.clone()));
    if let Some(provider) = &inner.meter_provider {
        let provider = GuardedMeterProvider::new(provider.clone(), inner.collections.clone());
        opentelemetry::global::set_meter_provider(provider);
    }
    let subscriber = Registry::default().with(telemetry.tracing_layer());
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        inner.diagnostics.keep(Warning::new(
            "install",
            Origin::Code,
            "a tracing subscriber is set already; its spans and events are not recorded unless \
             Telemetry::tracing_layer() is added to it",
        ));
    }
    if let Some(provider) = &inner.tracer_provider {
        opentelemetry::global::set_tracer_provider(provider.clone());
    }
    inner.diagnostics.log_all();
    Ok(())
}

/// The propagator is shared with the handle; the API wants to own one.
#[derive(Debug)]
struct Shared(std::sync::Arc<dyn TextMapPropagator + Send + Sync>);

impl TextMapPropagator for Shared {
    fn inject_context(&self, cx: &opentelemetry::Context, injector: &mut dyn Injector) {
        self.0.inject_context(cx, injector);
    }

    fn extract_with_context(
        &self,
        cx: &opentelemetry::Context,
        extractor: &dyn Extractor,
    ) -> opentelemetry::Context {
        self.0.extract_with_context(cx, extractor)
    }

    fn fields(&self) -> FieldIter<'_> {
        self.0.fields()
    }
}
