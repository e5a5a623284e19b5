//! Context into and out of this process.

use std::process::Command;

use http::HeaderMap;
use oc_propagate::carrier::{self, InjectContext};
use opentelemetry::{Context, propagation::TextMapPropagator};

use crate::{Telemetry, agent::Identity, context};

impl Telemetry {
    /// Puts the current context into the headers of a request. Headers of the same names that are
    /// there already are replaced.
    ///
    /// Baggage goes along. Call it only for hosts that may see it: the sub-agent, the model server
    /// in the same house, not a third party's API.
    ///
    /// ```
    /// use oc_telemetry::{Telemetry, config::Lookup, with_span};
    ///
    /// let telemetry = Telemetry::builder("gateway")
    /// #   .with_environment(Lookup::empty()).without_prometheus().without_log_files()
    ///     .build()?;
    /// let mut headers = http::HeaderMap::new();
    /// telemetry.scope(|| with_span!("call", { telemetry.inject_headers(&mut headers) }));
    /// assert_eq!(headers["traceparent"].len(), 55);
    /// # Ok::<(), oc_telemetry::InitError>(())
    /// ```
    pub fn inject_headers(&self, headers: &mut HeaderMap) {
        carrier::inject_headers(&context::current(), &**self.propagator(), headers);
    }

    /// Hands the current context to a child process, as `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`.
    ///
    /// The identity of the turn (session, user, agent, experiment) goes along as baggage. Only the child's
    /// environment is touched; what this process inherited under these names is
    /// not passed on. For `tokio::process::Command` pass `command.as_std_mut()`.
    pub fn inject_command(&self, command: &mut Command) {
        inject_command(&context::current(), &**self.propagator(), command);
    }

    /// The context that the parent process handed over in the environment; empty if there is none.
    ///
    /// Read once, when the telemetry was built. Pass it as `parent` of the first span:
    ///
    /// ```
    /// use oc_telemetry::{Telemetry, config::Lookup, with_span};
    ///
    /// let environment = Lookup::from_map([(
    ///     "TRACEPARENT",
    ///     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    /// )]);
    /// let telemetry = Telemetry::builder("sub-agent")
    ///     .with_environment(environment)
    /// #   .without_prometheus().without_log_files()
    ///     .build()?;
    /// telemetry.scope(|| {
    ///     with_span!("invoke_agent", parent = telemetry.inherited_context().clone(), {
    ///         // Part of the parent's trace.
    ///     });
    /// });
    /// # Ok::<(), oc_telemetry::InitError>(())
    /// ```
    pub fn inherited_context(&self) -> &Context {
        &self.inner().inherited_context
    }
}

/// Hands `cx` to a child process, with the identity in it as baggage.
pub(crate) fn inject_command(
    cx: &Context,
    propagator: &dyn TextMapPropagator,
    command: &mut Command,
) {
    match Identity::of(cx) {
        Some(identity) => command.inject_context(&identity.to_baggage(cx), propagator),
        None => command.inject_context(cx, propagator),
    };
}
