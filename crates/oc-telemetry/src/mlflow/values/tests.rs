use std::{sync::Arc, time::Duration};

use opentelemetry::{KeyValue, metrics::MeterProvider};
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider, reader::MetricReader};

use super::*;
use crate::{
    metrics::{AgentMetrics, MessageOutcome, ModelLabels, TokenDetail, TokenType},
    mlflow::Experiment,
};

#[derive(Debug, Clone)]
struct Reader(Arc<ManualReader>);

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: std::sync::Weak<opentelemetry_sdk::metrics::Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> opentelemetry_sdk::error::OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn temporality(&self, kind: opentelemetry_sdk::metrics::InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

struct Rig {
    metrics: AgentMetrics,
    totals: Totals,
    reader: Reader,
    provider: SdkMeterProvider,
}

impl Rig {
    fn new(temporality: Temporality, config: &MlflowConfig) -> Self {
        let reader = ManualReader::builder().with_temporality(temporality);
        let reader = Reader(Arc::new(reader.build()));
        let provider = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .build();
        let prefix = MetricPrefix::parse("acme").unwrap();
        Self {
            metrics: AgentMetrics::new(&provider.meter("test"), &prefix),
            totals: Totals::new(config, &prefix),
            reader,
            provider,
        }
    }

    fn call(&self, model: &'static str) {
        let labels = ModelLabels::new("a", model, "p");
        let metrics = &self.metrics;
        metrics.tokens(&labels, TokenType::Input, 10);
        metrics.tokens(&labels, TokenType::Output, 5);
        metrics.token_details(&labels, TokenDetail::CacheRead, 4);
        metrics.token_details(&labels, TokenDetail::Reasoning, 3);
        metrics.cost(&labels, 0.25);
        metrics.operation_ended(&labels, "chat", None, Duration::from_millis(500));
    }

    fn values(&mut self) -> Vec<(String, f64)> {
        let mut collection = ResourceMetrics::default();
        self.reader.collect(&mut collection).unwrap();
        self.totals.update(&collection);
        self.totals.values().into_iter().collect()
    }
}

fn everything() -> MlflowConfig {
    MlflowConfig {
        uri: String::new(),
        experiment: Experiment::Id("1".to_owned()),
        authorization: None,
        workspace: None,
        traces: true,
        token_usage: true,
        costs: true,
        latency: true,
        batch_size: 1,
        flush_interval: Duration::from_secs(1),
    }
}

fn expected(values: &[(&str, f64)]) -> Vec<(String, f64)> {
    values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), *value))
        .collect()
}

/// Two collections, whatever a point covers: the values are those of the whole run, under any prefix
/// of the metrics.
#[test]
fn totals_of_the_run() {
    for temporality in [Temporality::Cumulative, Temporality::Delta] {
        let mut rig = Rig::new(temporality, &everything());
        assert_eq!(rig.values(), []);
        rig.call("m/1");
        rig.values();
        rig.call("m/1");
        rig.call("m@2");
        let message = |outcome, millis| {
            let duration = Duration::from_millis(millis);
            rig.metrics.message_ended("a", outcome, duration);
        };
        message(MessageOutcome::Ok, 1000);
        message(MessageOutcome::Error, 2000);
        let values = rig.values();
        let expected = expected(&[
            ("cost.usd", 0.75),
            ("latency.message_ms", 1500.0),
            ("latency.model_ms", 500.0),
            ("message.outcome.error", 1.0),
            ("message.outcome.ok", 1.0),
            ("model.m/1.requests", 2.0),
            ("model.m_2.requests", 1.0),
            ("tokens.cache_read", 12.0),
            ("tokens.input", 30.0),
            ("tokens.output", 15.0),
            ("tokens.total", 45.0),
        ]);
        assert_eq!(values, expected, "{temporality:?}");
    }
}

/// What is not tracked is not there.
#[test]
fn switched_off() {
    let config = MlflowConfig {
        token_usage: false,
        latency: false,
        ..everything()
    };
    let mut rig = Rig::new(Temporality::Cumulative, &config);
    rig.call("m");
    rig.metrics
        .message_ended("a", MessageOutcome::Ok, Duration::ZERO);
    assert_eq!(rig.values(), expected(&[("cost.usd", 0.25)]));
}

/// Names of models are anything; keys are what MLflow takes.
#[test]
fn keys() {
    for (name, expected) in [
        ("openai/gpt:4o", "model.openai/gpt:4o.requests"),
        ("a@b#c", "model.a_b_c.requests"),
        ("modèle\n", "model.mod_le_.requests"),
        ("a//b", "model.a__b.requests"),
        ("../x", "model.../x.requests"),
        ("a/../b", "model.a_.._b.requests"),
        ("a/./b", "model.a_._b.requests"),
    ] {
        assert_eq!(key("model.", name, ".requests"), expected);
    }
    let long = key("model.", &"ü".repeat(1000), ".requests");
    assert_eq!(long.len(), 250);
    assert!(long.ends_with(".requests"));
}

/// Another instrument of the same name but another kind is left alone.
#[test]
fn foreign_instruments() {
    let mut rig = Rig::new(Temporality::Cumulative, &everything());
    let meter = rig.provider.meter("other");
    let counter = meter.f64_counter("acme.session.cost_usd").build();
    counter.add(1.0, &[KeyValue::new("type", "input")]);
    assert_eq!(rig.values(), []);
}

/// Tokens of no type, as in the series beyond an instrument's limit, are in no value, and that is known.
#[test]
fn tokens_of_no_type() {
    for temporality in [Temporality::Cumulative, Temporality::Delta] {
        let mut rig = Rig::new(temporality, &everything());
        rig.call("m");
        let before = rig.values();
        assert!(!rig.totals.has_nameless());
        let meter = rig.provider.meter("test");
        let tokens = meter.u64_counter("acme.session.tokens").build();
        tokens.add(7, &[KeyValue::new("otel.metric.overflow", true)]);
        assert_eq!(rig.values(), before);
        rig.values();
        assert!(rig.totals.has_nameless());
    }
}
