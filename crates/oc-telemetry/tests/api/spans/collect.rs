//! A recorder whose ended spans a test can look at.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use oc_telemetry::{Recorder, testing::SequentialIds};
use opentelemetry::{Context, Value, trace::TracerProvider as _};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor, TracerProviderBuilder},
};

/// The spans that ended, in the order of their ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collected(Arc<Mutex<Vec<SpanData>>>);

impl Collected {
    pub(crate) fn all(&self) -> Vec<SpanData> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.all().iter().map(|s| s.name.to_string()).collect()
    }

    pub(crate) fn take<const N: usize>(&self) -> [SpanData; N] {
        std::mem::take(&mut *self.0.lock().unwrap())
            .try_into()
            .expect("this many spans ended")
    }

    pub(crate) fn only(&self) -> SpanData {
        let [span] = self.take();
        span
    }
}

impl SpanProcessor for Collected {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// A recorder with ids that count up.
pub(crate) fn recorder() -> (Recorder, Collected) {
    recorder_of(SdkTracerProvider::builder())
}

pub(crate) fn recorder_of(builder: TracerProviderBuilder) -> (Recorder, Collected) {
    let (tracer, spans) = tracer_of(builder);
    (Recorder::new(tracer), spans)
}

pub(crate) fn tracer_of(builder: TracerProviderBuilder) -> (SdkTracer, Collected) {
    let spans = Collected::default();
    let provider = builder
        .with_id_generator(SequentialIds::new())
        .with_span_processor(spans.clone())
        .build();
    (provider.tracer("test"), spans)
}

/// The value of an attribute as text.
pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let of_key = |kv: &&opentelemetry::KeyValue| kv.key.as_str() == key;
    let found = span.attributes.iter().find(of_key)?;
    Some(Value::as_str(&found.value).into_owned())
}
