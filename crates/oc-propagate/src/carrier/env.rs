use std::collections::HashMap;
use std::fmt;
use std::process::Command;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};

/// The name of the environment variable that carries a field.
///
/// ASCII letters in upper case, an underscore for everything else that is not an ASCII digit or an
/// underscore, another one before a leading digit, and one for an empty name (OpenTelemetry
/// specification, context/env-carriers).
///
/// ```
/// use oc_propagate::carrier::env_name;
///
/// assert_eq!(env_name("traceparent"), "TRACEPARENT");
/// assert_eq!(env_name("X-B3-TraceId"), "X_B3_TRACEID");
/// ```
pub fn env_name(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 1);
    if field.is_empty() || field.starts_with(|first: char| first.is_ascii_digit()) {
        name.push('_');
    }
    name.extend(field.chars().map(|character| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => character.to_ascii_uppercase(),
        _ => '_',
    }));
    name
}

/// Reads fields from the environment of a process.
///
/// This crate never reads the environment itself: the program hands in a lookup function, or the
/// variables. A test hands in a map.
///
/// ```
/// use oc_propagate::TraceContextPropagator;
/// use oc_propagate::carrier::EnvExtractor;
/// use opentelemetry::propagation::TextMapPropagator;
/// use opentelemetry::trace::TraceContextExt;
///
/// let propagator = TraceContextPropagator::new();
/// // In a program: `|name| std::env::var(name).ok()`
/// let lookup = |name: &str| {
///     let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
///     (name == "TRACEPARENT").then(|| parent.to_owned())
/// };
/// let cx = propagator.extract(&EnvExtractor::from_lookup(&propagator, lookup));
/// assert!(cx.span().span_context().is_remote());
/// ```
#[derive(Clone, Default)]
pub struct EnvExtractor {
    /// By normalised name.
    variables: HashMap<String, String>,
}

impl EnvExtractor {
    /// Looks up the variables of a propagator's fields, each once, now.
    ///
    /// A variable whose value is not Unicode does not exist for us; the lookup returns `None`.
    pub fn from_lookup(
        propagator: &dyn TextMapPropagator,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let variables = propagator.fields().filter_map(|field| {
            let name = env_name(field);
            lookup(&name).map(|value| (name, value))
        });
        Self {
            variables: variables.collect(),
        }
    }

    /// Takes the variables whose names are normalised; the others are not read.
    ///
    /// On Windows, where names have no case, they count in upper case.
    pub fn from_vars(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables = variables.into_iter().filter_map(|(name, value)| {
            let name = if cfg!(windows) {
                name.to_ascii_uppercase()
            } else {
                name
            };
            (env_name(&name) == name).then_some((name, value))
        });
        Self {
            variables: variables.collect(),
        }
    }
}

impl Extractor for EnvExtractor {
    fn get(&self, key: &str) -> Option<&str> {
        self.variables.get(&env_name(key)).map(String::as_str)
    }

    fn keys(&self) -> Vec<&str> {
        self.variables.keys().map(String::as_str).collect()
    }
}

/// Names only: an environment holds secrets.
impl fmt::Debug for EnvExtractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Writes fields as variables of a child process.
///
/// A value with a NUL is left out: with it the child could not be started.
#[derive(Debug)]
pub struct CommandInjector<'a>(&'a mut Command);

impl<'a> CommandInjector<'a> {
    /// Writes into the environment of this command.
    pub fn new(command: &'a mut Command) -> Self {
        Self(command)
    }
}

impl Injector for CommandInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        if !value.contains('\0') {
            self.0.env(env_name(key), value);
        }
    }
}

/// Hands the trace to a child process.
///
/// ```
/// use std::process::Command;
///
/// use oc_propagate::TraceContextPropagator;
/// use oc_propagate::carrier::InjectContext as _;
/// use opentelemetry::Context;
///
/// let mut command = Command::new("true");
/// command.inject_context(&Context::current(), &TraceContextPropagator::new());
/// ```
///
/// With tokio: `command.as_std_mut().inject_context(…)`.
///
/// This trait is sealed.
pub trait InjectContext: sealed::Sealed {
    /// Sets the variables of the propagator's fields on the child, and removes those that the
    /// context has no value for.
    ///
    /// `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` are removed in any case before that, so that no
    /// child continues the trace that its parent once inherited. The environment of this process
    /// stays as it is. A command that is spawned again must be injected again.
    fn inject_context(&mut self, cx: &Context, propagator: &dyn TextMapPropagator) -> &mut Self;
}

impl InjectContext for Command {
    fn inject_context(&mut self, cx: &Context, propagator: &dyn TextMapPropagator) -> &mut Self {
        for name in W3C_VARIABLES {
            self.env_remove(name);
        }
        for field in propagator.fields() {
            self.env_remove(env_name(field));
        }
        propagator.inject_context(cx, &mut CommandInjector::new(self));
        self
    }
}

/// Whatever the propagator speaks: the child may speak these.
const W3C_VARIABLES: [&str; 3] = ["TRACEPARENT", "TRACESTATE", "BAGGAGE"];

mod sealed {
    #[expect(unnameable_types, reason = "nobody else may implement `InjectContext`")]
    pub trait Sealed {}

    impl Sealed for std::process::Command {}
}
