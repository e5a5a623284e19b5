use std::{collections::HashMap, sync::Arc, time::Duration};

use oc_otlp::{
    Delivery, DeliveryConfig, DeliveryEvent, IoRuntime, Ledger, OnDeliveryEvent, Signal, Throttle,
    transport::{Endpoint, EndpointError, EndpointErrorKind, Transport},
};

use super::{chain, mlflow::MlflowTraces};
use crate::{
    Origin, Warning,
    config::{Config, DestinationConfig, OtlpConfig, Protocol, Temporality},
    diagnostics::{Diagnostics, emit},
    pipeline::{metrics::MetricSink, mlflow_view::MlflowSpans},
};

/// The destinations of one signal, ready to take payloads.
pub(super) struct SignalDeliveries {
    pub(super) ledger: Arc<Ledger>,
    pub(super) deliveries: Vec<Delivery>,
    /// Where console output is counted, if there is any.
    pub(super) console: Option<oc_otlp::DestinationId>,
    /// MLflow, for spans.
    pub(super) mlflow: Option<MlflowSpans>,
    /// Where metrics go beside the destinations.
    pub(super) sinks: Vec<Box<dyn MetricSink>>,
}

impl SignalDeliveries {
    /// No destination at all.
    pub(super) fn none(signal: Signal) -> Self {
        Self {
            ledger: Arc::new(Ledger::new(signal, std::iter::empty::<String>())),
            deliveries: Vec::new(),
            console: None,
            mlflow: None,
            sinks: Vec::new(),
        }
    }

    /// Whether the signal goes anywhere at all.
    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
            && self.console.is_none()
            && self.mlflow.is_none()
            && self.sinks.is_empty()
    }
}

/// Builds the transports of a signal and starts their deliveries on the I/O thread.
///
/// A destination that cannot be built (a malformed URL, an unreadable certificate) is left out
/// with a warning that names its setting; the others go on. `in_code` are those that the program
/// named itself.
pub(super) fn start(
    signal: Signal,
    config: &mut Config,
    in_code: &[DestinationConfig],
    io: &IoRuntime,
    diagnostics: &Arc<Diagnostics>,
    throttles: &mut Throttles,
    mlflow: Option<MlflowTraces>,
) -> SignalDeliveries {
    let destinations = match signal {
        Signal::Traces => config.traces.destinations.clone(),
        Signal::Logs => config.logs.destinations.clone(),
        Signal::Metrics => config.metrics.destinations.clone(),
    };
    // A later cumulative point says all that an earlier one said; deltas add up.
    let newest_only =
        signal == Signal::Metrics && config.metrics.temporality == Temporality::Cumulative;
    let delivery_config = DeliveryConfig::default().with_newest_only(newest_only);
    let longest_attempt = longest_attempt(signal, config);
    let mut names: Vec<String> = Vec::new();
    let mut transports = Vec::new();
    let mut console = None;
    for destination in destinations {
        match destination {
            // There is one standard output: a second console would print everything twice.
            DestinationConfig::Console if console.is_some() => {}
            DestinationConfig::Console if signal == Signal::Traces => {
                console = Some(names.len());
                names.push(unique(&names, "console"));
            }
            DestinationConfig::Console => config.warn(
                &format!("{signal}.destinations"),
                "the console takes traces only; this signal is not printed",
            ),
            DestinationConfig::Otlp(otlp) => match transport(&otlp, longest_attempt, config) {
                Ok(transport) => {
                    let name = unique(&names, &otlp.name);
                    transports.push((names.len(), name.clone(), otlp, transport));
                    names.push(name);
                }
                Err(Problem { topic, message }) => {
                    let name = &otlp.name;
                    let message =
                        format!("{message}; {signal} are not sent to the destination \"{name}\"");
                    if topic == ROOTS {
                        config.warn(ROOTS, message);
                    } else if in_code.contains(&DestinationConfig::Otlp(otlp)) {
                        let warning = Warning::new("with_destination", Origin::Code, message);
                        config.warnings.push(warning);
                    } else {
                        config.warn(&format!("{signal}.{topic}"), message);
                    }
                }
            },
        }
    }
    let mlflow = mlflow.map(|mlflow| {
        let name = unique(&names, MLFLOW);
        names.push(name.clone());
        (names.len() - 1, name, mlflow)
    });
    let ledger = Arc::new(Ledger::new(signal, names));
    let ids: Vec<_> = ledger.destinations().collect();
    let deliveries = transports
        .into_iter()
        .filter_map(|(index, name, otlp, transport)| {
            let throttle = throttles.entry(server(signal, &otlp)).or_default();
            let delivery = Delivery::new(
                transport,
                Arc::clone(&ledger),
                *ids.get(index)?,
                Arc::clone(throttle),
                delivery_config.clone(),
                on_event(signal, name, Arc::clone(diagnostics)),
            );
            io.spawn(delivery.clone().run());
            Some(delivery)
        })
        .collect();
    let mlflow = mlflow.and_then(|(index, name, mlflow)| {
        let id = *ids.get(index)?;
        let delivery = Delivery::new(
            mlflow.transport,
            Arc::clone(&ledger),
            id,
            Arc::default(),
            delivery_config.clone(),
            on_event(signal, name, Arc::clone(diagnostics)),
        );
        io.spawn(delivery.clone().run());
        Some(MlflowSpans {
            delivery,
            id,
            ledger: Arc::clone(&ledger),
            view: mlflow.view,
            batch_size: mlflow.batch_size,
        })
    });
    SignalDeliveries {
        console: console.and_then(|index| ids.get(index).copied()),
        ledger,
        deliveries,
        mlflow,
        sinks: Vec::new(),
    }
}

/// What servers have asked for, by [server].
pub(super) type Throttles = HashMap<(String, String), Arc<Throttle>>;

/// Why there is no transport, and which of the signal's settings is to blame.
struct Problem {
    topic: &'static str,
    message: String,
}

impl Problem {
    fn new(topic: &'static str, message: impl Into<String>) -> Self {
        Self {
            topic,
            message: message.into(),
        }
    }
}

impl From<EndpointError> for Problem {
    fn from(error: EndpointError) -> Self {
        let topic = match error.kind() {
            EndpointErrorKind::Header => "headers",
            EndpointErrorKind::CaFile => "certificate",
            EndpointErrorKind::ClientCertificate => "client_certificate",
            EndpointErrorKind::ClientKey => "client_key",
            EndpointErrorKind::Tls => ROOTS,
            _ => "endpoint",
        };
        Self::new(topic, chain(&error))
    }
}

fn transport(
    otlp: &OtlpConfig,
    longest_attempt: Duration,
    config: &Config,
) -> Result<Box<dyn Transport>, Problem> {
    let endpoint = Endpoint::new(otlp.url.clone())
        .with_headers(otlp.headers.clone())
        .with_compression(otlp.compression)
        .with_timeout(otlp.timeout.min(longest_attempt));
    let mut endpoint = config.system_roots.apply(endpoint);
    if let Some(file) = &otlp.ca_file {
        endpoint = endpoint.with_ca_file(file);
    }
    match (&otlp.client_cert, &otlp.client_key) {
        (Some(certificate), Some(key)) => {
            endpoint = endpoint.with_client_identity(certificate, key);
        }
        (None, None) => {}
        _ => {
            return Err(Problem::new(
                "client_certificate",
                "a client certificate needs its key, and a key its certificate",
            ));
        }
    }
    match otlp.protocol {
        Protocol::HttpProtobuf => http(&endpoint),
        Protocol::Grpc => grpc(&endpoint),
    }
}

/// What bounds an attempt beside the timeout of its destination: the export timeout of the signal's
/// processor, where somebody set one.
fn longest_attempt(signal: Signal, config: &Config) -> Duration {
    let export_timeout = match signal {
        Signal::Traces => config.traces.batch.export_timeout,
        Signal::Logs => config.logs.batch.export_timeout,
        Signal::Metrics => config
            .source("metrics.timeout")
            .map(|_| config.metrics.timeout),
    };
    export_timeout.unwrap_or(Duration::MAX)
}

#[cfg(feature = "otlp-http")]
fn http(endpoint: &Endpoint) -> Result<Box<dyn Transport>, Problem> {
    Ok(Box::new(oc_otlp::transport::HttpTransport::new(endpoint)?))
}

#[cfg(not(feature = "otlp-http"))]
fn http(_endpoint: &Endpoint) -> Result<Box<dyn Transport>, Problem> {
    Err(Problem::new(
        "protocol",
        "the protocol http/protobuf needs oc-telemetry's feature otlp-http",
    ))
}

#[cfg(feature = "otlp-grpc")]
fn grpc(endpoint: &Endpoint) -> Result<Box<dyn Transport>, Problem> {
    Ok(Box::new(oc_otlp::transport::GrpcTransport::new(endpoint)?))
}

#[cfg(not(feature = "otlp-grpc"))]
fn grpc(_endpoint: &Endpoint) -> Result<Box<dyn Transport>, Problem> {
    Err(Problem::new(
        "protocol",
        "the protocol grpc needs oc-telemetry's feature otlp-grpc",
    ))
}

/// Tells destinations of the same name apart: `otlp`, `otlp-2`.
fn unique(names: &[String], name: &str) -> String {
    let taken = |candidate: &str| names.iter().any(|other| other == candidate);
    if !taken(name) {
        return name.to_owned();
    }
    // Among one more candidate than there are names, one is free.
    (2..names.len() + 2)
        .map(|number| format!("{name}-{number}"))
        .find(|candidate| !taken(candidate))
        .unwrap_or_default()
}

/// Who is left alone where one asks for it: the signals of a destination share a server. Two
/// destinations do not, be it at one host, where an ingress may have several servers behind it.
fn server(signal: Signal, otlp: &OtlpConfig) -> (String, String) {
    let base = otlp.url.split('?').next().unwrap_or_default();
    let base = base.strip_suffix(signal.http_path()).unwrap_or(base);
    (otlp.name.clone(), base.to_owned())
}

pub(super) fn on_event(
    signal: Signal,
    name: String,
    diagnostics: Arc<Diagnostics>,
) -> OnDeliveryEvent {
    let permits = {
        let name = name.clone();
        move |what: &str| diagnostics.permits(&format!("{signal}/{name}/{what}"))
    };
    Arc::new(move |event| match event {
        DeliveryEvent::Retry { error, delay } if permits("retry") => {
            let error = chain(*error);
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    %signal, destination = %name, error, retry_in = ?delay,
                    "export failed, it is tried again"
                );
            });
        }
        DeliveryEvent::Dropped {
            items,
            reason,
            error,
        } if permits(reason.as_str()) => {
            let error = error.map(|error| chain(error)).unwrap_or_default();
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    %signal, destination = %name, items, %reason, error,
                    "items dropped"
                );
            });
        }
        DeliveryEvent::Accepted { accepted } if permits("remark") => {
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    %signal, destination = %name, rejected = accepted.rejected,
                    message = accepted.message.as_deref().unwrap_or_default(),
                    "the destination answered with a remark"
                );
            });
        }
        _ => {}
    })
}

/// MLflow's name in the ledger and in reports.
const MLFLOW: &str = "mlflow";
/// The topic of the system's roots.
const ROOTS: &str = "system_roots";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Destination, config::CodeSettings};

    #[test]
    fn names_are_told_apart() {
        let names = ["otlp".to_owned(), "otlp-2".to_owned()];
        assert_eq!(unique(&names, "otlp"), "otlp-3");
        assert_eq!(unique(&names, "jaeger"), "jaeger");
    }

    /// The signals of a destination share what its server asks for, and nobody else does.
    #[test]
    fn signals_share_a_server() {
        let server = |signal, name: &str, url: &str| {
            let mut settings = CodeSettings::default();
            let destination = Destination::otlp(name, url).with_signals([signal]);
            destination.add_to(&mut settings);
            let config = settings.signal(signal).more_destinations.first().cloned();
            match config {
                Some(DestinationConfig::Otlp(otlp)) => server(signal, &otlp),
                _ => panic!("not OTLP"),
            }
        };
        let jaeger = server(Signal::Traces, "jaeger", "http://a/jaeger");
        assert_eq!(jaeger, server(Signal::Logs, "jaeger", "http://a/jaeger/"));
        assert_ne!(jaeger, server(Signal::Logs, "mlflow", "http://a/jaeger"));
        assert_ne!(jaeger, server(Signal::Logs, "jaeger", "http://a/mlflow"));
    }
}
