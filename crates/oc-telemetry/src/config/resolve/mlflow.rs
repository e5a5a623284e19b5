//! Whether and how telemetry goes to MLflow.

use std::time::Duration;

use http::{HeaderValue, Uri};

use super::{Resolver, Sourced};
use crate::{
    config::parse::{self, Problem},
    mlflow::{Experiment, MlflowConfig, MlflowSettings},
    warning::Origin,
};

/// `None` where no tracking URI is known, where it is of no use, and where somebody switched it off.
pub(super) fn mlflow(r: &mut Resolver<'_>) -> Option<MlflowConfig> {
    if r.file.enabled == Some(("diagnostics.enabled", false)) {
        r.file.mlflow = crate::config::file::FileMlflow::default();
    }
    let enabled = enabled(r);
    let uri = uri(r);
    let experiment = experiment(r);
    let authorization = authorization(r);
    let workspace = text(r, ("mlflow.workspace", "MLFLOW_WORKSPACE"), |settings| {
        settings.workspace.clone()
    });
    let (traces, token_usage, costs, latency) = tracked(r);
    let batch_size = batch_size(r);
    let flush_interval = flush_interval(r);
    if let Some(Sourced { value: false, .. }) = enabled {
        return None;
    }
    let Some(uri) = uri else {
        if let Some(enabled) = enabled {
            let message =
                "MLflow is off all the same, because no tracking URI is known; set trackingUri";
            r.warnings.push(enabled.warning(message));
        }
        return None;
    };
    let uri = match usable(&uri.value) {
        Ok((usable, remark)) => {
            if let Some(remark) = remark {
                r.warnings.push(uri.warning(remark));
            }
            usable
        }
        Err(why) => {
            let message = format!("{why}; nothing is sent to MLflow");
            r.warnings.push(uri.warning(message));
            return None;
        }
    };
    r.mentions_exporters = true;
    Some(MlflowConfig {
        uri,
        experiment,
        authorization,
        workspace,
        traces,
        token_usage,
        costs,
        latency,
        batch_size,
        flush_interval,
    })
}

fn enabled(r: &mut Resolver<'_>) -> Option<Sourced<bool>> {
    const KEY: &str = "diagnostics.mlflow.enabled";
    // Whoever names a server in code wants it, whatever the file says.
    let in_code = match &r.code.mlflow {
        _ if r.code.mlflow_off => Some(false),
        Some(settings) if settings.tracking_uri.is_some() => Some(true),
        _ => None,
    };
    let candidates = [
        r.in_code(KEY, in_code),
        r.in_file(KEY, r.file.mlflow.enabled),
    ];
    r.pick("mlflow.enabled", candidates)
}

fn uri(r: &mut Resolver<'_>) -> Option<Sourced<String>> {
    const VARIABLE: &str = "MLFLOW_TRACKING_URI";
    let code = r.code.mlflow.as_ref();
    let candidates = [
        r.in_code(VARIABLE, code.and_then(|code| code.tracking_uri.clone())),
        r.in_env(VARIABLE, parse::text),
        r.in_file(
            "diagnostics.mlflow.trackingUri",
            r.file.mlflow.tracking_uri.clone(),
        ),
    ];
    r.pick("mlflow.uri", candidates)
}

/// The URI without a slash at its end, and what is odd about it; or why it is of no use. Never quotes
/// it: it may hold a password.
fn usable(written: &str) -> Result<(String, Option<&'static str>), &'static str> {
    let written = written.trim();
    if !written.contains("://") {
        return Err("is no address of a server; write it like http://127.0.0.1:5000");
    }
    let uri: Uri = written.parse().map_err(|_| "is not a valid URL")?;
    let scheme = uri.scheme_str().unwrap_or_default();
    if !matches!(scheme, "http" | "https") {
        return Err("has a scheme other than http and https: spans need a server");
    }
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let authority = authority.unwrap_or_default();
    if authority.contains('@') {
        return Err(
            "has a user name in it; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
        );
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err("has no host");
    }
    if uri.query().is_some() {
        return Err("has a query, which belongs to no server's address");
    }
    let path = uri.path().trim_end_matches('/');
    let (path, remark) = match path.strip_suffix("/v1/traces") {
        Some(base) => (
            base.trim_end_matches('/'),
            Some("ends in /v1/traces; the part before it is used"),
        ),
        None => (path, None),
    };
    Ok((format!("{scheme}://{authority}{path}"), remark))
}

/// An id wins over a name from the same place, and a place over those below it.
fn experiment(r: &mut Resolver<'_>) -> Experiment {
    let id = |text: &str| {
        let is_id =
            !text.is_empty() && text.len() <= 32 && text.bytes().all(|b| b.is_ascii_digit());
        let problem = || Problem::expected("an experiment id, which is a whole number");
        is_id
            .then(|| Experiment::Id(text.to_owned()))
            .ok_or_else(problem)
    };
    let name = |text: &str| {
        let fits = text.chars().count() <= MAX_NAME;
        let problem = || Problem::hidden(format!("longer than {MAX_NAME} characters"));
        fits.then(|| Experiment::Name(text.to_owned()))
            .ok_or_else(problem)
    };
    let code = r.code.mlflow.clone().unwrap_or_default();
    let file = &r.file.mlflow;
    let candidates = [
        checked(r, r.in_code("MLFLOW_EXPERIMENT_ID", code.experiment_id), id),
        checked(
            r,
            r.in_code("MLFLOW_EXPERIMENT_NAME", code.experiment_name),
            name,
        ),
        r.in_env("MLFLOW_EXPERIMENT_ID", id),
        r.in_env("MLFLOW_EXPERIMENT_NAME", name),
        checked(
            r,
            r.in_file(
                "diagnostics.mlflow.experimentId",
                file.experiment_id.clone(),
            ),
            id,
        ),
        checked(
            r,
            r.in_file(
                "diagnostics.mlflow.experimentName",
                file.experiment_name.clone(),
            ),
            name,
        ),
    ];
    r.pick("mlflow.experiment", candidates)
        .map_or_else(default_experiment, |experiment| experiment.value)
}

/// Fixed, not the service's name: a gateway and its sub-agents must agree, for the server refuses a
/// trace that comes from two experiments.
fn default_experiment() -> Experiment {
    Experiment::Name("openclaw".to_owned())
}

/// The value as `parse` reads it, or a warning.
fn checked<T>(
    r: &Resolver<'_>,
    text: Option<Sourced<String>>,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Option<Sourced<T>> {
    let text = text.filter(|text| !text.value.trim().is_empty())?;
    match parse(text.value.trim()) {
        Ok(value) => Some(text.map(|_| value)),
        Err(problem) => {
            let message = problem.describe(text.value.trim());
            r.warnings.push(text.warning(message));
            None
        }
    }
}

/// Never from the file: it is no place for secrets.
fn authorization(r: &mut Resolver<'_>) -> Option<String> {
    let token = text(r, ("mlflow.token", "MLFLOW_TRACKING_TOKEN"), |settings| {
        settings.token.clone()
    });
    let username = text(
        r,
        ("mlflow.username", "MLFLOW_TRACKING_USERNAME"),
        |settings| settings.username.clone(),
    );
    let password = text(
        r,
        ("mlflow.password", "MLFLOW_TRACKING_PASSWORD"),
        |settings| settings.password.clone(),
    );
    if username.is_some() != password.is_some() {
        let (given, missing) = if username.is_some() {
            ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
        } else {
            ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_USERNAME")
        };
        let message = format!("has no effect without {missing}");
        r.warnings.warn(given, &Origin::Environment, message);
    }
    let value =
        MlflowConfig::authorization(token.as_deref(), username.as_deref(), password.as_deref())?;
    if HeaderValue::from_str(&value).is_err() {
        r.warnings.warn(
            "MLFLOW_TRACKING_TOKEN",
            &Origin::Environment,
            "has characters that HTTP does not allow, such as a line break; ignored",
        );
        return None;
    }
    Some(value)
}

/// A text of code or environment.
fn text(
    r: &mut Resolver<'_>,
    (topic, variable): (&'static str, &'static str),
    code: impl FnOnce(&MlflowSettings) -> Option<String>,
) -> Option<String> {
    let candidates = [
        r.in_code(variable, r.code.mlflow.as_ref().and_then(code)),
        r.in_env(variable, parse::text),
    ];
    r.pick(topic, candidates).map(|text| text.value)
}

fn tracked(r: &mut Resolver<'_>) -> (bool, bool, bool, bool) {
    let code = r.code.mlflow.clone().unwrap_or_default();
    let file = &r.file.mlflow;
    let (traces, token_usage) = (file.traces, file.token_usage);
    let (costs, latency) = (file.costs, file.latency);
    let mut on = |topic: &'static str, key: &'static str, code, file| {
        let candidates = [r.in_code(key, code), r.in_file(key, file)];
        r.pick(topic, candidates).is_none_or(|on| on.value)
    };
    (
        on(
            "mlflow.traces",
            "diagnostics.mlflow.trackTraces",
            code.traces,
            traces,
        ),
        on(
            "mlflow.token_usage",
            "diagnostics.mlflow.trackTokenUsage",
            code.token_usage,
            token_usage,
        ),
        on(
            "mlflow.costs",
            "diagnostics.mlflow.trackCosts",
            code.costs,
            costs,
        ),
        on(
            "mlflow.latency",
            "diagnostics.mlflow.trackLatency",
            code.latency,
            latency,
        ),
    )
}

fn batch_size(r: &mut Resolver<'_>) -> usize {
    const KEY: &str = "diagnostics.mlflow.batchSize";
    let code = r.code.mlflow.as_ref().and_then(|code| code.batch_size);
    let code = r.in_code(KEY, code).filter(|size| {
        let fits = size.value > 0;
        if !fits {
            r.warnings
                .push(size.warning("expected more than zero; ignored"));
        }
        fits
    });
    let candidates = [code, r.in_file(KEY, r.file.mlflow.batch_size)];
    r.pick("mlflow.batch_size", candidates)
        .map_or(BATCH_SIZE, |size| size.value)
}

fn flush_interval(r: &mut Resolver<'_>) -> Duration {
    const KEY: &str = "diagnostics.mlflow.flushIntervalMs";
    let code = r.code.mlflow.as_ref();
    let candidates = [
        r.duration_in_code(KEY, code.and_then(|code| code.flush_interval)),
        r.in_file(KEY, r.file.mlflow.flush_interval),
    ];
    r.pick("mlflow.flush_interval", candidates)
        .map_or(FLUSH_INTERVAL, |interval| interval.value)
}

/// As many as the span processor puts into a batch by default.
const BATCH_SIZE: usize = 512;
/// As often as metrics are pushed by default.
const FLUSH_INTERVAL: Duration = Duration::from_mins(1);
/// The longest name of an experiment, as MLflow has it.
const MAX_NAME: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    /// A server's prefix stays, a slash at the end and a path that slipped in do not.
    #[test]
    fn addresses() {
        for (written, used) in [
            ("http://h:5000", "http://h:5000"),
            (" http://h:5000/ ", "http://h:5000"),
            ("https://h/prefix/", "https://h/prefix"),
            ("http://h/v1/traces", "http://h"),
            ("http://h/p/v1/traces/", "http://h/p"),
            ("http://h/#/experiments/1", "http://h"),
        ] {
            assert_eq!(usable(written).unwrap().0, used, "{written}");
        }
        for written in [
            "databricks",
            "sqlite:///mlflow.db",
            "file:///tmp/mlruns",
            "./mlruns",
            "http://u:p@h",
            "http://h?x=y",
            "http://",
            "http://a b",
        ] {
            assert!(usable(written).is_err(), "{written}");
        }
    }
}
