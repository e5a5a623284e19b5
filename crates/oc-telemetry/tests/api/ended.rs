//! Support: spans that a test looks at when they have ended.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use oc_telemetry::Recorder;
use opentelemetry::{Context, KeyValue, trace::TracerProvider};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, Span, SpanData, SpanProcessor},
};

/// A tracer provider that keeps what has ended.
#[derive(Debug)]
pub(crate) struct EndedSpans {
    provider: SdkTracerProvider,
    ended: Collector,
}

impl EndedSpans {
    pub(crate) fn new() -> Self {
        let ended = Collector::default();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(ended.clone())
            .build();
        Self { provider, ended }
    }

    pub(crate) fn recorder(&self) -> Recorder {
        Recorder::new(self.provider.tracer("test"))
    }

    pub(crate) fn provider(&self) -> &SdkTracerProvider {
        &self.provider
    }

    /// The spans that have ended so far, in that order.
    pub(crate) fn ended(&self) -> Vec<SpanData> {
        self.ended.0.lock().unwrap().clone()
    }

    /// The one span that has ended.
    #[track_caller]
    pub(crate) fn one(&self) -> SpanData {
        let mut ended = self.ended();
        assert_eq!(ended.len(), 1, "{ended:#?}");
        ended.remove(0)
    }
}

/// The value of an attribute as text, `None` where it is absent. It must not be there twice.
#[track_caller]
pub(crate) fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let mut found = attributes.iter().filter(|kv| kv.key.as_str() == key);
    let value = found.next().map(|kv| kv.value.to_string());
    assert!(found.next().is_none(), "{key} is there twice");
    value
}

#[derive(Clone, Debug, Default)]
struct Collector(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Collector {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
