//! Every setting there is: one documented table, from which `docs/configuration.md` is made.

mod mlflow;
mod table;

/// Every setting, by topic.
pub const SETTINGS: &[Setting] =
    &join::<{ table::GENERAL.len() + mlflow::MLFLOW.len() }>(table::GENERAL, mlflow::MLFLOW);

/// One setting: a variable, a key of `openclaw.json`, or both for the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Under which heading it is documented.
    pub topic: Topic,
    /// The environment variable. For a setting that exists for each signal, the general one.
    pub variable: Option<&'static str>,
    /// Whether the variable also exists for each signal: `OTEL_EXPORTER_OTLP_ENDPOINT` and
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
    pub per_signal: bool,
    /// The key of `openclaw.json`.
    pub key: Option<&'static str>,
    /// Type, range and unit.
    pub syntax: &'static str,
    /// What counts when nobody sets it.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What becomes of a malformed value.
    pub malformed: &'static str,
}

impl Setting {
    /// The names of all its variables, the general one first.
    pub fn variables(&self) -> Vec<String> {
        let Some(general) = self.variable else {
            return Vec::new();
        };
        let mut names = vec![general.to_owned()];
        if let (true, Some(suffix)) = (self.per_signal, general.strip_prefix(OTLP_PREFIX)) {
            names.extend(
                ["TRACES", "METRICS", "LOGS"]
                    .map(|signal| format!("{OTLP_PREFIX}{signal}_{suffix}")),
            );
        }
        names
    }

    const fn variable(
        topic: Topic,
        variable: &'static str,
        syntax: &'static str,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            topic,
            variable: Some(variable),
            per_signal: false,
            key: None,
            syntax,
            default,
            about,
            malformed: "warning, then unset",
        }
    }

    const fn key(
        topic: Topic,
        key: &'static str,
        syntax: &'static str,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            variable: None,
            key: Some(key),
            ..Self::variable(topic, "", syntax, default, about)
        }
    }

    const fn for_each_signal(self) -> Self {
        Self {
            per_signal: true,
            ..self
        }
    }

    const fn or_key(self, key: &'static str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    const fn if_malformed(self, malformed: &'static str) -> Self {
        Self { malformed, ..self }
    }
}

/// The heading under which a [`Setting`] is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topic {
    /// Switches for everything, and where settings come from.
    General,
    /// Who is speaking: service name and resource attributes.
    Resource,
    /// Which exporters a signal has.
    Exporters,
    /// How OTLP reaches its receiver.
    Otlp,
    /// How context crosses process boundaries.
    Propagation,
    /// Which traces are recorded.
    Sampling,
    /// What one span or record may hold.
    Limits,
    /// How spans and log records are batched.
    Batching,
    /// How metrics are pushed and pulled.
    Metrics,
    /// Files of log lines and their filter.
    Logs,
    /// Which content may leave the process.
    Privacy,
    /// What goes to MLflow, and where that is.
    Mlflow,
}

impl Topic {
    /// All topics in the order of the page.
    pub const ALL: [Self; 12] = [
        Self::General,
        Self::Resource,
        Self::Exporters,
        Self::Otlp,
        Self::Propagation,
        Self::Sampling,
        Self::Limits,
        Self::Batching,
        Self::Metrics,
        Self::Logs,
        Self::Privacy,
        Self::Mlflow,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::Resource => "Resource",
            Self::Exporters => "Exporters",
            Self::Otlp => "OTLP",
            Self::Propagation => "Propagation",
            Self::Sampling => "Sampling",
            Self::Limits => "Limits",
            Self::Batching => "Batching",
            Self::Metrics => "Metrics",
            Self::Logs => "Logs",
            Self::Privacy => "Privacy",
            Self::Mlflow => "MLflow",
        }
    }
}

/// `first` and then `second`; `N` is the number of both together.
const fn join<const N: usize>(first: &[Setting], second: &[Setting]) -> [Setting; N] {
    let mut all = [first[0]; N];
    let mut index = 0;
    while index < N {
        all[index] = if index < first.len() {
            first[index]
        } else {
            second[index - first.len()]
        };
        index += 1;
    }
    all
}

pub(super) const OTLP_PREFIX: &str = "OTEL_EXPORTER_OTLP_";
