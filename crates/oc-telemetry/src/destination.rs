use std::{path::PathBuf, time::Duration};

use oc_otlp::{
    Signal,
    transport::{Compression, RESERVED_HEADERS},
};

use crate::{
    Origin, Warning,
    config::{CodeSettings, DestinationConfig, OtlpConfig, Protocol},
};

/// One place that telemetry goes to, beside those that the environment and `openclaw.json` name.
///
/// Every destination has a queue, retries and counts of its own, so that a dead one holds up
/// nobody else.
///
/// ```
/// use std::time::Duration;
/// use oc_telemetry::{Destination, Signal, Telemetry, config::{Lookup, Protocol}};
///
/// let jaeger = Destination::otlp("jaeger", "http://127.0.0.1:4317")
///     .with_protocol(Protocol::Grpc)
///     .with_signals([Signal::Traces])
///     .with_timeout(Duration::from_secs(5));
/// let telemetry = Telemetry::builder("gateway")
///     .with_destination(jaeger)
///     .with_destination(Destination::console())
/// #   .with_environment(Lookup::empty()).without_prometheus().without_log_files()
///     .build()?;
/// # telemetry.shutdown_within(Duration::ZERO);
/// # Ok::<(), oc_telemetry::InitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Destination {
    kind: Kind,
    signals: Vec<Signal>,
    /// What was asked of it and cannot be done.
    without_effect: Vec<String>,
}

#[derive(Debug, Clone)]
enum Kind {
    Otlp(Box<OtlpConfig>),
    Console,
}

impl Destination {
    /// An OTLP receiver. `name` stands in reports and in the ledger.
    ///
    /// `endpoint` is a base such as `http://127.0.0.1:4318`: for HTTP the signal's path
    /// (`/v1/traces`) is appended. Speaks `http/protobuf` unless told otherwise, for all signals.
    pub fn otlp(name: impl Into<String>, endpoint: impl Into<String>) -> Self {
        Self {
            kind: Kind::Otlp(Box::new(OtlpConfig {
                name: name.into(),
                protocol: Protocol::HttpProtobuf,
                url: endpoint.into(),
                headers: Vec::new(),
                compression: Compression::None,
                timeout: Duration::from_secs(10),
                ca_file: None,
                client_cert: None,
                client_key: None,
            })),
            signals: Signal::ALL.to_vec(),
            without_effect: Vec::new(),
        }
    }

    /// The program's standard output: each finished trace is printed as a tree. Traces only.
    ///
    /// It is no OTLP receiver: headers, timeouts and the like have no effect, which is a
    /// [warning](crate::Telemetry::warnings).
    pub fn console() -> Self {
        Self {
            kind: Kind::Console,
            signals: vec![Signal::Traces],
            without_effect: Vec::new(),
        }
    }

    /// Only these signals go there. Default: all that the kind of destination can take.
    #[must_use]
    pub fn with_signals(mut self, signals: impl IntoIterator<Item = Signal>) -> Self {
        self.signals = signals.into_iter().collect();
        self
    }

    /// The protocol. Default [`Protocol::HttpProtobuf`].
    #[must_use]
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        self.otlp_with("protocol", |otlp| otlp.protocol = protocol)
    }

    /// A header (HTTP) or metadata entry (gRPC) sent with every request. Its value is a secret: it
    /// is in no message and no `Debug` output. A header that describes the body or the connection
    /// is the exporter's own: it is left out, with a [warning](crate::Telemetry::warnings).
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into().to_ascii_lowercase();
        if let Kind::Otlp(otlp) = &self.kind
            && RESERVED_HEADERS.contains(&name.as_str())
        {
            self.without_effect.push(format!(
                "header \"{name}\" is set by the exporter itself; it is not sent to the \
                 destination \"{}\"",
                otlp.name
            ));
            return self;
        }
        self.otlp_with("header", |otlp| otlp.headers.push((name, value.into())))
    }

    /// How bodies are compressed. Default: not at all.
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Self {
        self.otlp_with("compression", |otlp| otlp.compression = compression)
    }

    /// How long one attempt may take. Default 10 s.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.otlp_with("timeout", |otlp| otlp.timeout = timeout)
    }

    /// A PEM file with the certificates that are trusted instead of the system's.
    #[must_use]
    pub fn with_ca_file(self, file: impl Into<PathBuf>) -> Self {
        self.otlp_with("CA file", |otlp| otlp.ca_file = Some(file.into()))
    }

    /// PEM files with the client's certificate chain and its private key.
    #[must_use]
    pub fn with_client_identity(
        self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.otlp_with("client identity", |otlp| {
            otlp.client_cert = Some(certificate.into());
            otlp.client_key = Some(key.into());
        })
    }

    /// Adds the destination to the settings of its signals.
    pub(crate) fn add_to(self, settings: &mut CodeSettings) {
        let mut without_effect = self.without_effect;
        if matches!(self.kind, Kind::Console) {
            for signal in self
                .signals
                .iter()
                .filter(|signal| **signal != Signal::Traces)
            {
                let message = format!("the console takes traces only; {signal} are not printed");
                without_effect.insert(0, message);
            }
        }
        settings.warnings.extend(
            without_effect
                .into_iter()
                .map(|message| Warning::new("with_destination", Origin::Code, message)),
        );
        for signal in self.signals {
            let destination = match &self.kind {
                Kind::Console if signal != Signal::Traces => continue,
                Kind::Console => DestinationConfig::Console,
                Kind::Otlp(otlp) => {
                    let mut otlp = (**otlp).clone();
                    if otlp.protocol == Protocol::HttpProtobuf {
                        let base = otlp.url.trim_end_matches('/');
                        otlp.url = format!("{base}{}", signal.http_path());
                    }
                    DestinationConfig::Otlp(otlp)
                }
            };
            settings
                .signal_mut(signal)
                .more_destinations
                .push(destination);
        }
    }

    fn otlp_with(mut self, what: &str, change: impl FnOnce(&mut OtlpConfig)) -> Self {
        match &mut self.kind {
            Kind::Otlp(otlp) => change(otlp),
            Kind::Console => self.without_effect.push(format!(
                "the console is no OTLP receiver; its {what} has no effect"
            )),
        }
        self
    }
}
