//! Environment variables: the vectors, and real child processes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::process::Command;

use oc_propagate::carrier::{CommandInjector, EnvExtractor, InjectContext, env_name};
use oc_propagate::{BaggagePropagator, TraceContextPropagator};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{
    Extractor, Injector, TextMapCompositePropagator, TextMapPropagator,
};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use serde_json::Value;

use crate::vectors::{list, pairs, text};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn file() -> Value {
    serde_json::from_str(include_str!("../data/env_carrier_vectors.json")).unwrap()
}

fn propagator() -> TextMapCompositePropagator {
    TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ])
}

// Scenario: names of fields with their variables. Guarantee: exactly these, and idempotent.
#[test]
fn normalize_vectors() {
    let file = file();
    for vector in list(&file, "normalize") {
        let input = text(vector, "input");
        let name = env_name(input);
        assert_eq!(name, text(vector, "expected"), "{vector}");
        assert_eq!(env_name(&name), name, "{vector}");
        assert_eq!(
            name == input,
            vector["input_is_normalized"].as_bool().unwrap(),
            "{vector}"
        );
    }
}

// Scenario: an environment and a request. Guarantee: only the normalised name is read, as it is.
#[test]
#[cfg(not(windows))]
fn get_vectors() {
    let file = file();
    for vector in list(&file, "get") {
        let extractor = EnvExtractor::from_vars(pairs(&vector["env"]));
        let request = text(vector, "request");
        assert_eq!(
            extractor.get(request),
            vector["expected"].as_str(),
            "{vector}"
        );
    }
}

// Scenario: an environment with names of all kinds. Guarantee: only normalised ones are listed.
#[test]
#[cfg(not(windows))]
fn keys_vectors() {
    let file = file();
    for vector in list(&file, "keys") {
        let extractor = EnvExtractor::from_vars(pairs(&vector["env"]));
        let expected = vector["expected"].as_array().unwrap().iter();
        let expected: BTreeSet<_> = expected.map(|name| name.as_str().unwrap()).collect();
        assert_eq!(
            extractor.keys().into_iter().collect::<BTreeSet<_>>(),
            expected,
            "{vector}"
        );
    }
}

// Scenario: fields that are written. Guarantee: the normalised name, the value unchanged.
#[test]
fn set_vectors() {
    let file = file();
    for vector in list(&file, "set") {
        let mut command = Command::new("child");
        CommandInjector::new(&mut command).set(text(vector, "key"), text(vector, "value").into());
        let expected = (
            text(vector, "expected_name"),
            text(vector, "expected_value"),
        );
        let variables: Vec<_> = variables(&command).into_iter().collect();
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        assert_eq!(variables, [expected], "{vector}");
    }
}

// Scenario: a child's environment before and after. Guarantee: no stale field reaches the child.
#[test]
#[cfg(not(windows))]
fn child_env_vectors() {
    let file = file();
    for vector in list(&file, "child_env") {
        let mut command = Command::new("child");
        command.env_clear().envs(pairs(&vector["base_env"]));
        let injected = Fixed(pairs(&vector["injected"]));
        command.inject_context(&Context::new(), &injected);
        let expected: BTreeMap<_, _> = pairs(&vector["expected_env"]).into_iter().collect();
        assert_eq!(variables(&command), expected, "{vector}");
    }
}

// Scenario: environments with what is extracted. Guarantee: exactly this.
#[test]
fn extract_vectors() {
    let file = file();
    for vector in list(&file, "extract") {
        let env: HashMap<_, _> = pairs(&vector["env"]).into_iter().collect();
        let propagator = propagator();
        let extractor = EnvExtractor::from_lookup(&propagator, |name| env.get(name).cloned());
        let cx = propagator.extract_with_context(&Context::new(), &extractor);
        let span = cx.span();
        let span_context = span.span_context();
        let expected = &vector["expected"];
        assert_eq!(span_context.is_valid(), !expected.is_null(), "{vector}");
        if expected.is_null() {
            continue;
        }
        assert_eq!(
            span_context.trace_id().to_string(),
            text(expected, "trace_id")
        );
        assert_eq!(
            span_context.span_id().to_string(),
            text(expected, "span_id")
        );
        let flags = format!("{:02x}", span_context.trace_flags());
        assert_eq!(flags, text(expected, "trace_flags"));
        let state = span_context.trace_state().header();
        assert_eq!(state, text(expected, "tracestate"), "{vector}");
    }
}

// Scenario: a context with a span, a state and baggage, handed to a child and read there.
// Guarantee: the child has the same context; nothing else of the command is touched.
#[test]
fn parent_to_child() {
    let propagator = propagator();
    let env = HashMap::from([
        ("TRACEPARENT", PARENT.to_owned()),
        ("TRACESTATE", "a@@b=1,c=2".to_owned()),
    ]);
    let extractor = EnvExtractor::from_lookup(&propagator, |name| env.get(name).cloned());
    let cx = propagator.extract_with_context(&Context::new(), &extractor);
    let cx = cx.with_baggage([KeyValue::new("session.id", "agent: 5%")]);

    let mut command = Command::new("child");
    command
        .env("OTHER", "kept")
        .inject_context(&cx, &propagator);
    let expected = BTreeMap::from([
        ("BAGGAGE".to_owned(), "session.id=agent:%205%25".to_owned()),
        ("OTHER".to_owned(), "kept".to_owned()),
        ("TRACEPARENT".to_owned(), PARENT.to_owned()),
        ("TRACESTATE".to_owned(), "a@@b=1,c=2".to_owned()),
    ]);
    assert_eq!(variables(&command), expected);

    let child = EnvExtractor::from_vars(variables(&command));
    let cx = propagator.extract_with_context(&Context::new(), &child);
    assert_eq!(
        cx.baggage().get("session.id").unwrap().as_str(),
        "agent: 5%"
    );
}

// Scenario: a command that is injected again, now without a span.
// Guarantee: the fields of the first time are gone.
#[test]
fn injected_again() {
    let propagator = propagator();
    let env = |name: &str| (name == "TRACEPARENT").then(|| PARENT.to_owned());
    let extractor = EnvExtractor::from_lookup(&propagator, env);
    let cx = propagator.extract_with_context(&Context::new(), &extractor);
    let mut command = Command::new("child");
    command.inject_context(&cx, &propagator);
    assert_eq!(variables(&command)["TRACEPARENT"], PARENT);
    command.inject_context(&Context::new(), &propagator);
    assert_eq!(variables(&command), BTreeMap::new());
}

// Scenario: a command whose environment names an older trace, run outside any span and below one.
// Guarantee: the process that starts has only the fields of the context.
#[test]
#[cfg(unix)]
fn a_real_child_sees_no_stale_parent() {
    let run = |cx: &Context| {
        let mut command = Command::new("env");
        command
            .env("TRACEPARENT", PARENT)
            .env("TRACESTATE", "stale=1")
            .env("BAGGAGE", "stale=1")
            .inject_context(cx, &propagator());
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let is_ours = |line: &&str| {
        ["TRACEPARENT=", "TRACESTATE=", "BAGGAGE="]
            .iter()
            .any(|name| line.starts_with(name))
    };
    assert_eq!(run(&Context::new()).lines().filter(is_ours).count(), 0);

    let carrier = HashMap::from([("traceparent".to_owned(), PARENT.replace("-01", "-00"))]);
    let cx = propagator().extract_with_context(&Context::new(), &carrier);
    let output = run(&cx);
    let ours: Vec<_> = output.lines().filter(is_ours).collect();
    assert_eq!(ours, [format!("TRACEPARENT={}", carrier["traceparent"])]);
}

// Scenario: a value with a NUL, and an environment with a secret.
// Guarantee: the first cannot keep the child from starting; the second is not in the debug text.
#[test]
fn odd_values() {
    let mut command = Command::new("child");
    CommandInjector::new(&mut command).set("baggage", "a\0b".to_owned());
    assert_eq!(variables(&command), BTreeMap::new());

    let secret = ("API_KEY".to_owned(), "sk-secret".to_owned());
    let debug = format!("{:?}", EnvExtractor::from_vars([secret]));
    assert!(
        debug.contains("API_KEY") && !debug.contains("secret"),
        "{debug}"
    );
}

/// The variables that are set on a command.
fn variables(command: &Command) -> BTreeMap<String, String> {
    command
        .get_envs()
        .filter_map(|(name, value)| {
            let value = value?.to_str().unwrap().to_owned();
            Some((name.to_str().unwrap().to_owned(), value))
        })
        .collect()
}

/// A propagator that writes what it is told.
#[derive(Debug)]
struct Fixed(Vec<(String, String)>);

impl TextMapPropagator for Fixed {
    fn inject_context(&self, _: &Context, injector: &mut dyn Injector) {
        for (key, value) in &self.0 {
            injector.set(key, value.clone());
        }
    }

    fn extract_with_context(&self, cx: &Context, _: &dyn Extractor) -> Context {
        cx.clone()
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&[])
    }
}
