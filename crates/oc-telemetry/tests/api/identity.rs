//! Where the identity of a typed span is seen: by samplers, and in a provider that is not ours.

use std::sync::{Arc, Mutex};

use oc_telemetry::{
    Recorder,
    agent::AgentSpan,
    config::Protocol,
    opentelemetry::{
        Context, KeyValue, TraceId,
        trace::{Link, SpanKind, TracerProvider as _},
    },
    opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{
            Sampler, SamplingResult, SdkTracerProvider, ShouldSample, Span, SpanData, SpanProcessor,
        },
    },
    testing::OtlpReceiver,
    with_span,
};

use crate::support::to;

const AGENT: &str = "gen_ai.agent.name";

/// Notes the agents named at the start of each span, and samples all.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<Vec<String>>>>);

impl Seen {
    fn note(&self, attributes: &[KeyValue]) {
        let agents = attributes
            .iter()
            .filter(|known| known.key.as_str() == AGENT);
        let agents = agents.map(|agent| agent.value.to_string()).collect();
        self.0.lock().unwrap().push(agents);
    }

    fn taken(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl ShouldSample for Seen {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        self.note(attributes);
        Sampler::AlwaysOn.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

/// The same of spans that end.
impl SpanProcessor for Seen {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.note(&span.attributes);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// A sampler of the host's sees the agent when the span starts. With the library's processor the
/// attribute stands there once all the same, and on plain spans below, too.
#[test]
fn identity_at_the_start() {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf)
        .with_host_sdk()
        .build()
        .unwrap();
    for with_processor in [false, true] {
        let (sampler, ended) = (Seen::default(), Seen::default());
        let mut builder = SdkTracerProvider::builder().with_sampler(sampler.clone());
        if with_processor {
            builder = builder.with_span_processor(telemetry.span_processor().unwrap());
        }
        let provider = builder.with_span_processor(ended.clone()).build();
        Recorder::new(provider.tracer("host")).scope(|| {
            let agent = AgentSpan::new("shadowman").start();
            agent.scope(|| with_span!("plain", {}));
            agent.ok();
        });
        let shadowman = vec!["shadowman".to_owned()];
        let plain = if with_processor {
            shadowman.clone()
        } else {
            Vec::new()
        };
        assert_eq!(sampler.taken(), [shadowman.clone(), Vec::new()]);
        assert_eq!(ended.taken(), [plain, shadowman]);
    }
    assert!(telemetry.shutdown().is_complete());
}
