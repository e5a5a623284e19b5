//! From settings to a running [`Telemetry`]: the one place where the parts are put together.

mod deliveries;
#[cfg(feature = "jaeger-remote-sampler")]
mod jaeger;
mod logs;
mod metrics;
mod mlflow;
#[cfg(feature = "prometheus")]
pub(crate) mod pull;
mod sampler;
mod traces;

use std::sync::Arc;

use oc_otlp::{IoRuntime, Ledger, Signal};
use oc_propagate::carrier::EnvExtractor;
use opentelemetry::{
    Context,
    logs::LoggerProvider as _,
    propagation::{TextMapCompositePropagator, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_sdk::trace::SdkTracerProvider;

use self::{
    deliveries::SignalDeliveries,
    mlflow::{MlflowMetrics, MlflowTraces},
};
use crate::{
    InitError, InitErrorKind, Origin, Telemetry, TelemetryBuilder, Warning,
    agent::{AgentSettings, Agents, Dialect, Identity, local_root::LocalRoots},
    config::{self, CodeSettings, Config, Lookup, Propagator},
    diagnostics::{Diagnostics, emit},
    metrics::{AgentMetrics, MetricPrefix, guarded::Collections},
    pipeline::mlflow_view::MlflowView,
    privacy::SessionHash,
    recorder::{self, Recorder},
    resource,
    running::{End, Flushers, Running},
};

/// The name of the library's own scope in all three signals.
pub(crate) const SCOPE: &str = env!("CARGO_PKG_NAME");

#[expect(
    clippy::too_many_lines,
    reason = "the list of the parts, each of which is put together elsewhere"
)]
pub(crate) fn telemetry(builder: TelemetryBuilder) -> Result<Telemetry, InitError> {
    let named = builder.settings.default_service_name.as_deref();
    if named.is_none_or(|name| name.trim().is_empty()) {
        return Err(InitError::new(InitErrorKind::EmptyServiceName));
    }
    let mut config = config::resolve(builder.settings.clone(), &builder.environment);
    let diagnostics = Diagnostics::new(Vec::new());
    let io = io_runtime(&mut config);
    let collections = collections(io.as_ref(), &diagnostics);
    let resource = resource::build(&config.resource);

    let propagator = propagator(&config.propagators);
    let inherited_context = inherited_context(
        &*propagator,
        &builder.environment,
        builder.agents.session_hash.as_ref(),
    );
    let prefix = metric_prefix(&mut config);
    let mlflow = mlflow::start(
        &mut config,
        MlflowView::new(&inherited_context, builder.agents.turns_below_session),
        &prefix,
        &builder.clock,
        io.as_ref(),
        &diagnostics,
    );

    let has_mlflow = mlflow.traces.is_some();
    let destinations = destinations(
        &mut config,
        &builder.settings,
        io.as_ref(),
        &diagnostics,
        (mlflow.traces, mlflow.metrics),
    );

    let log_file = if builder.log_files {
        logs::open_file(&mut config, builder.redactor.clone())
    } else {
        None
    };
    let levels = logs::levels(&mut config);
    // The SDK's own generator; of one that was given it is not known.
    let ids_are_random = builder.id_generator.is_none();
    let roots = Arc::<LocalRoots>::default();
    let traces = traces::start(
        &mut config,
        &resource,
        io.as_ref(),
        destinations.traces,
        &roots,
        &builder.redactor,
        builder.id_generator,
    );
    let logs = logs::start(
        &mut config,
        &resource,
        io.as_ref(),
        destinations.logs,
        &builder.redactor,
    );
    #[cfg(feature = "prometheus")]
    let pull = pull::open(&config, builder.registry, io.as_ref())?;
    let metrics = metrics::start(
        &mut config,
        &resource,
        io.as_ref(),
        destinations.metrics,
        &diagnostics,
        &collections,
        #[cfg(feature = "prometheus")]
        &pull,
    );

    let recorder = recorder(&config, traces.provider.as_ref(), ids_are_random);
    let meter = metrics.meter(SCOPE);
    let agent_metrics = AgentMetrics::new(&meter, &prefix);
    for warning in std::mem::take(&mut config.warnings) {
        diagnostics.keep(warning);
    }
    #[cfg(feature = "prometheus")]
    let pull = pull::Pull {
        server: pull::serve(&config, io.as_ref(), pull.page.as_ref(), &diagnostics).into(),
        ..pull
    };

    if let Some(recorder) = &recorder {
        let mut settings = AgentSettings {
            capture: config.capture_content,
            redactor: builder.redactor,
            ..builder.agents
        };
        if has_mlflow {
            settings.dialects.switch_on(Dialect::Mlflow);
        }
        let logger = logs.provider.as_ref();
        let logger = logger.map(|provider| provider.logger_with_scope(recorder::scope()));
        let propagator = Arc::clone(&propagator);
        let metrics = agent_metrics.clone();
        recorder.set_agents(Agents::new(metrics, settings, roots, propagator, logger));
    }
    Ok(Telemetry::from_inner(Running {
        host_owns_sdk: config.host_owns_sdk,
        inherited_context,
        propagator,
        capture_content: config.capture_content,
        recorder,
        tracer_provider: traces.provider,
        span_processor: traces.processor,
        open_spans: traces.open,
        logger_provider: logs.provider,
        log_processor: logs.processor,
        log_file,
        levels,
        clock: builder.clock,
        meter_provider: metrics.provider,
        metric_reader: metrics.reader,
        agent_metrics,
        collections,
        #[cfg(feature = "prometheus")]
        pull,
        flushers: Flushers {
            traces: traces.flush,
            logs: logs.flush,
            metrics: metrics.flush,
        },
        ledgers: destinations.ledgers,
        diagnostics,
        io,
        #[cfg(feature = "otlp-http")]
        mlflow: mlflow.project,
        shutdown_timeout: builder.shutdown_timeout,
        end: End::default(),
    }))
}

/// Where each signal goes, and what counts it.
struct Destinations {
    traces: SignalDeliveries,
    logs: SignalDeliveries,
    metrics: SignalDeliveries,
    ledgers: Vec<Arc<Ledger>>,
}

/// Starts the deliveries of all signals; `mlflow` is what goes there.
fn destinations(
    config: &mut Config,
    settings: &CodeSettings,
    io: Option<&IoRuntime>,
    diagnostics: &Arc<Diagnostics>,
    (mlflow_traces, mlflow_metrics): (Option<MlflowTraces>, Option<MlflowMetrics>),
) -> Destinations {
    let mut throttles = deliveries::Throttles::new();
    let mut start = |signal, mlflow| match io {
        Some(io) if !config.sdk_disabled => {
            let in_code = &settings.signal(signal).more_destinations;
            let throttles = &mut throttles;
            deliveries::start(signal, config, in_code, io, diagnostics, throttles, mlflow)
        }
        _ => SignalDeliveries::none(signal),
    };
    let traces = start(Signal::Traces, mlflow_traces);
    let logs = start(Signal::Logs, None);
    let mut metrics = start(Signal::Metrics, None);
    let mut ledgers: Vec<Arc<Ledger>> = [&traces, &logs, &metrics]
        .into_iter()
        .map(|deliveries| Arc::clone(&deliveries.ledger))
        .collect();
    if let Some((sink, ledger)) = mlflow_metrics {
        metrics.sinks.push(sink);
        ledgers.push(ledger);
    }
    Destinations {
        traces,
        logs,
        metrics,
        ledgers,
    }
}

/// Without its thread the library records nothing; the host runs.
fn io_runtime(config: &mut Config) -> Option<IoRuntime> {
    match IoRuntime::start("oc-telemetry-io") {
        Ok(io) => Some(io),
        Err(error) => {
            config.warnings.push(Warning::new(
                "telemetry",
                Origin::Default,
                format!(
                    "{}; nothing is exported and /metrics is not served",
                    chain(&error)
                ),
            ));
            None
        }
    }
}

/// Panics of callbacks are logged apart from the collection that they happen in.
fn collections(io: Option<&IoRuntime>, diagnostics: &Arc<Diagnostics>) -> Arc<Collections> {
    let Some(io) = io.map(|io| io.handle().clone()) else {
        return Arc::default();
    };
    let diagnostics = Arc::clone(diagnostics);
    Collections::new(move || {
        if diagnostics.permits("metrics/callback") {
            io.spawn(async {
                emit(|| {
                    tracing::warn!(
                        target: "oc_telemetry",
                        "a metric callback panicked; what it observes is missing"
                    );
                });
            });
        }
    })
}

/// The error with its causes, since a warning is all that a user gets to see.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Records to our provider, or to the host's.
fn recorder(
    config: &Config,
    provider: Option<&SdkTracerProvider>,
    ids_are_random: bool,
) -> Option<Recorder> {
    match provider {
        Some(provider) => {
            let tracer = provider.tracer_with_scope(recorder::scope());
            Some(if ids_are_random {
                Recorder::with_random_ids(tracer)
            } else {
                Recorder::new(tracer)
            })
        }
        None if config.host_owns_sdk && !config.sdk_disabled => Some(Recorder::global()),
        None => None,
    }
}

fn propagator(propagators: &[Propagator]) -> Arc<dyn TextMapPropagator + Send + Sync> {
    let propagators = propagators
        .iter()
        .map(|propagator| -> Box<dyn TextMapPropagator + Send + Sync> {
            match propagator {
                Propagator::TraceContext => {
                    Box::new(oc_propagate::TraceContextPropagator::default())
                }
                Propagator::Baggage => Box::new(oc_propagate::BaggagePropagator::default()),
            }
        })
        .collect();
    Arc::new(TextMapCompositePropagator::new(propagators))
}

/// What the parent process handed over. A session id that it did not hash is hashed here, in the
/// baggage as well: further children get that.
fn inherited_context(
    propagator: &dyn TextMapPropagator,
    environment: &Lookup,
    session_hash: Option<&SessionHash>,
) -> Context {
    let variables = EnvExtractor::from_lookup(propagator, |name| environment.get(name));
    let cx = propagator.extract_with_context(&Context::new(), &variables);
    // The parent process is trusted: it started this one.
    let identity = Identity::from_baggage(&cx);
    if identity.is_empty() {
        return cx;
    }
    let hashed = session_hash.zip(identity.session());
    match hashed.map(|(hash, id)| hash.hash(id)) {
        Some(hashed) => {
            let identity = identity.with_session(hashed);
            identity.to_baggage(&cx).with_value(identity)
        }
        None => cx.with_value(identity),
    }
}

fn metric_prefix(config: &mut Config) -> MetricPrefix {
    let Some(text) = config.metrics.name_prefix.clone() else {
        return MetricPrefix::default();
    };
    match MetricPrefix::parse(&text) {
        Ok(prefix) => prefix,
        Err(error) => {
            config.warn("metrics.name_prefix", error.to_string());
            MetricPrefix::default()
        }
    }
}
