use std::{fmt, time::Duration};

/// What a program says about MLflow; see
/// [`TelemetryBuilder::with_mlflow`](crate::TelemetryBuilder::with_mlflow).
///
/// What is not said here is taken from the environment, then from `openclaw.json`, then from the
/// defaults. `Debug` shows no credential.
#[derive(Clone, Default)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct MlflowSettings {
    pub(crate) tracking_uri: Option<String>,
    pub(crate) experiment_name: Option<String>,
    pub(crate) experiment_id: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) workspace: Option<String>,
    pub(crate) traces: Option<bool>,
    pub(crate) token_usage: Option<bool>,
    pub(crate) costs: Option<bool>,
    pub(crate) latency: Option<bool>,
    pub(crate) batch_size: Option<usize>,
    pub(crate) flush_interval: Option<Duration>,
}

impl MlflowSettings {
    /// The server at `tracking_uri`, such as `http://127.0.0.1:5000`; with the server's
    /// `--static-prefix` at its end if it has one. Variable `MLFLOW_TRACKING_URI`.
    pub fn new(tracking_uri: impl Into<String>) -> Self {
        Self {
            tracking_uri: Some(tracking_uri.into()),
            ..Self::default()
        }
    }

    /// The server that environment or file name.
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// The experiment by its name; it is made if there is none. Default `openclaw`; variable
    /// `MLFLOW_EXPERIMENT_NAME`.
    pub fn with_experiment(mut self, name: impl Into<String>) -> Self {
        self.experiment_name = Some(name.into());
        self
    }

    /// The experiment by its id, which must exist; wins over a name. Variable
    /// `MLFLOW_EXPERIMENT_ID`.
    pub fn with_experiment_id(mut self, id: impl Into<String>) -> Self {
        self.experiment_id = Some(id.into());
        self
    }

    /// The bearer token. Variable `MLFLOW_TRACKING_TOKEN`. Default none.
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// User name and password, which win over a token, as in MLflow's own client. Variables
    /// `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`. Default none.
    pub fn with_basic_auth(
        mut self,
        username: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        self.username = Some(username.into());
        self.password = Some(password.into());
        self
    }

    /// The workspace, on a server that has workspaces; on another one it has no effect, with a
    /// warning. Variable `MLFLOW_WORKSPACE`. Default the server's.
    pub fn with_workspace(mut self, name: impl Into<String>) -> Self {
        self.workspace = Some(name.into());
        self
    }

    /// Whether spans are sent. Default yes; key `trackTraces`.
    pub fn with_traces(mut self, on: bool) -> Self {
        self.traces = Some(on);
        self
    }

    /// Whether the run gets the metrics `tokens.*` and `model.*`. Default yes; key
    /// `trackTokenUsage`. The counts on spans stay.
    pub fn with_token_usage(mut self, on: bool) -> Self {
        self.token_usage = Some(on);
        self
    }

    /// Whether the run gets the metric `cost.usd`. Default yes; key `trackCosts`. The cost on spans
    /// stays.
    pub fn with_costs(mut self, on: bool) -> Self {
        self.costs = Some(on);
        self
    }

    /// Whether the run gets the metrics `latency.*` and `message.*`. Default yes; key
    /// `trackLatency`. Spans keep their durations.
    pub fn with_latency(mut self, on: bool) -> Self {
        self.latency = Some(on);
        self
    }

    /// How many spans a request to MLflow holds at most. Default 512; key `batchSize`.
    ///
    /// MLflow takes or refuses a request as a whole: smaller ones cost more and lose less.
    pub fn with_batch_size(mut self, spans: usize) -> Self {
        self.batch_size = Some(spans);
        self
    }

    /// How often metrics are logged. Default 60 s; key `flushIntervalMs`.
    ///
    /// Where metrics are pushed over OTLP as well it is not more often than they are
    /// (`OTEL_METRIC_EXPORT_INTERVAL`), for there is one collection for all. Spans wait no longer
    /// than for the other destinations (`OTEL_BSP_SCHEDULE_DELAY`).
    pub fn with_flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = Some(interval);
        self
    }
}

impl fmt::Debug for MlflowSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlflowSettings")
            .field("experiment_name", &self.experiment_name)
            .field("experiment_id", &self.experiment_id)
            .field("workspace", &self.workspace)
            .field("traces", &self.traces)
            .field("token_usage", &self.token_usage)
            .field("costs", &self.costs)
            .field("latency", &self.latency)
            .field("batch_size", &self.batch_size)
            .field("flush_interval", &self.flush_interval)
            .finish_non_exhaustive()
    }
}

/// Everything about MLflow, decided. Its `Debug` shows no credential.
#[expect(
    clippy::struct_excessive_bools,
    reason = "one independent switch for each of the `track…` keys"
)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MlflowConfig {
    /// `http` or `https`, without a slash at its end.
    pub(crate) uri: String,
    pub(crate) experiment: Experiment,
    /// The value of the header `authorization`. A secret.
    pub(crate) authorization: Option<String>,
    pub(crate) workspace: Option<String>,
    pub(crate) traces: bool,
    pub(crate) token_usage: bool,
    pub(crate) costs: bool,
    pub(crate) latency: bool,
    /// Spans in a request, at least one.
    pub(crate) batch_size: usize,
    pub(crate) flush_interval: Duration,
}

/// Which experiment everything belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Experiment {
    /// Of this id. Digits.
    Id(String),
    /// Of this name; made if there is none.
    Name(String),
}

impl MlflowConfig {
    /// Whether there is anything to log to a run.
    #[cfg(feature = "otlp-http")]
    pub(crate) const fn has_metrics(&self) -> bool {
        self.token_usage || self.costs || self.latency
    }

    /// Bearer, or user name and password, which win.
    pub(crate) fn authorization(
        token: Option<&str>,
        username: Option<&str>,
        password: Option<&str>,
    ) -> Option<String> {
        match (username, password, token) {
            (Some(username), Some(password), _) => {
                let pair = format!("{username}:{password}");
                Some(format!("Basic {}", base64(pair.as_bytes())))
            }
            (_, _, Some(token)) => Some(format!("Bearer {token}")),
            _ => None,
        }
    }
}

impl fmt::Debug for MlflowConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlflowConfig")
            .field("uri", &self.uri.split('?').next().unwrap_or_default())
            .field("experiment", &self.experiment)
            .field("workspace", &self.workspace)
            .field("traces", &self.traces)
            .field("token_usage", &self.token_usage)
            .field("costs", &self.costs)
            .field("latency", &self.latency)
            .field("batch_size", &self.batch_size)
            .field("flush_interval", &self.flush_interval)
            .finish_non_exhaustive()
    }
}

/// RFC 4648, section 4, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= group.len() {
                let index = (bits >> (18 - 6 * digit)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn base64_of_the_rfc() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xFB, 0xFF, 0xFE]), "+//+");
    }

    /// User name and password win over a token; half of them is none.
    #[test]
    fn authorization() {
        let of = MlflowConfig::authorization;
        assert_eq!(of(None, None, None), None);
        assert_eq!(of(None, Some("u"), None), None);
        assert_eq!(of(Some("t"), Some("u"), None).unwrap(), "Bearer t");
        assert_eq!(of(Some("t"), Some("u"), Some("p")).unwrap(), "Basic dTpw");
    }

    /// No credential in a debug output.
    #[test]
    fn debug_hides_secrets() {
        let settings = MlflowSettings::new("http://h")
            .with_token("s3cret")
            .with_basic_auth("ada", "s3cret");
        assert!(!format!("{settings:?}").contains("s3cret"));
    }
}
