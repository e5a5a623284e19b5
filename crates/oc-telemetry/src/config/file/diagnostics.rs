//! The keys of `diagnostics` and `diagnostics.otel`.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use super::{FileMlflow, FileSettings, LogsExporter, section::Section};
use crate::{
    config::{
        CaptureContent, SETTINGS,
        collect::Warnings,
        parse::MAX_MILLIS,
        text::{echo, nearest},
    },
    warning::Origin,
};

pub(super) fn settings(root: &Value, path: PathBuf, warnings: &Warnings) -> FileSettings {
    let origin = Origin::File(path.clone());
    let mut settings = FileSettings {
        path,
        ..FileSettings::default()
    };
    let Some(map) = root.as_object() else {
        warnings.warn("openclaw.json", &origin, "expected an object; ignored");
        return settings;
    };
    let root = Section {
        path: "openclaw.json",
        map,
        origin: &origin,
        warnings,
    };
    let Some(diagnostics) = diagnostics(&root) else {
        return settings;
    };
    if let Some(enabled) = diagnostics.boolean("enabled") {
        settings.enabled = Some(("diagnostics.enabled", enabled));
    }
    if let Some(otel) = diagnostics.section("otel", OTEL) {
        read_otel(&otel, &mut settings);
    }
    if let Some(mlflow) = diagnostics.section("mlflow", MLFLOW) {
        settings.mlflow = read_mlflow(&mlflow);
    }
    settings
}

/// The object `diagnostics`. Its other keys are upstream's, whose number grows: only a likely
/// slip of one of ours is worth a warning.
fn diagnostics<'a>(root: &Section<'a>) -> Option<Section<'a>> {
    // The path of a top-level key is the key itself.
    let value = root.map.get(DIAGNOSTICS).filter(|value| !value.is_null())?;
    let here = Section {
        path: DIAGNOSTICS,
        ..*root
    };
    let Some(map) = value.as_object() else {
        here.warn_here("expected an object; ignored");
        return None;
    };
    let here = Section { map, ..here };
    for key in map.keys().filter(|key| !OURS.contains(&key.as_str())) {
        if UPSTREAM.contains(&key.as_str()) {
            continue;
        }
        if let Some(nearest) = nearest(key, OURS) {
            here.warn_here(format!(
                "unknown key {} is ignored; did you mean diagnostics.{nearest}?",
                echo(key)
            ));
        }
    }
    Some(here)
}

fn read_otel(otel: &Section<'_>, settings: &mut FileSettings) {
    otel.reject_unknown(&known_keys(OTEL));
    if let Some(enabled) = otel.boolean("enabled")
        && settings.enabled.is_none_or(|(_, all)| all)
    {
        settings.enabled = Some(("diagnostics.otel.enabled", enabled));
    }
    settings.endpoint = otel.string("endpoint");
    settings.traces_endpoint = otel.string("tracesEndpoint");
    settings.metrics_endpoint = otel.string("metricsEndpoint");
    settings.logs_endpoint = otel.string("logsEndpoint");
    settings.protocol = otel.string("protocol");
    settings.service_name = otel.string("serviceName");
    settings.metric_name_prefix = otel.string("metricNamePrefix").filter(|prefix| {
        let fits = prefix.chars().count() <= MAX_PREFIX;
        if !fits {
            let message = format!("longer than {MAX_PREFIX} characters; ignored");
            otel.warn("metricNamePrefix", message);
        }
        fits
    });
    settings.headers = headers(otel);
    settings.traces = otel.boolean("traces");
    settings.metrics = otel.boolean("metrics");
    settings.logs = otel.boolean("logs");
    settings.logs_exporter = otel.value(
        "logsExporter",
        "otlp, stdout or both",
        |value| match value.as_str()? {
            "otlp" => Some(LogsExporter::Otlp),
            "stdout" => Some(LogsExporter::Stdout),
            "both" => Some(LogsExporter::Both),
            _ => None,
        },
    );
    settings.sample_rate = otel.value("sampleRate", "a number from 0 to 1", |value| {
        value.as_f64().filter(|rate| (0.0..=1.0).contains(rate))
    });
    settings.flush_interval = flush_interval(otel);
    settings.capture_content = capture_content(otel);
}

fn read_mlflow(mlflow: &Section<'_>) -> FileMlflow {
    mlflow.reject_unknown(&known_keys(MLFLOW));
    let expected = format!("a whole number from 1 to {MAX_BATCH}");
    FileMlflow {
        enabled: mlflow.boolean("enabled"),
        tracking_uri: mlflow.string("trackingUri"),
        experiment_name: mlflow.string("experimentName"),
        experiment_id: mlflow.value(
            "experimentId",
            "a number or a string",
            |value| match value {
                Value::String(id) => Some(id.clone()),
                value => whole_number(value).map(|id| id.to_string()),
            },
        ),
        token_usage: mlflow.boolean("trackTokenUsage"),
        costs: mlflow.boolean("trackCosts"),
        latency: mlflow.boolean("trackLatency"),
        traces: mlflow.boolean("trackTraces"),
        batch_size: mlflow.value("batchSize", &expected, |value| {
            let size = usize::try_from(whole_number(value)?).ok()?;
            (1..=MAX_BATCH).contains(&size).then_some(size)
        }),
        flush_interval: flush_interval(mlflow),
    }
}

fn flush_interval(section: &Section<'_>) -> Option<Duration> {
    let expected = format!("milliseconds, a whole number from 1000 to {MAX_MILLIS}");
    section.value("flushIntervalMs", &expected, |value| {
        whole_number(value)
            .filter(|millis| (1000..=u64::from(MAX_MILLIS)).contains(millis))
            .map(Duration::from_millis)
    })
}

/// `headers`: names and string values. Values are never shown.
fn headers(otel: &Section<'_>) -> Vec<(String, String)> {
    // Read without the generic warning, which would show a string that stands in its place.
    match otel.map.get("headers") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(map)) => map
            .iter()
            .filter_map(|(name, value)| {
                let text = value.as_str().map(str::to_owned);
                if text.is_none() {
                    let name = echo(name);
                    otel.warn("headers", format!("header {name} is not a string; ignored"));
                }
                Some((name.clone(), text?))
            })
            .collect(),
        Some(_) => {
            otel.warn("headers", "expected an object of strings; ignored");
            Vec::new()
        }
    }
}

/// `captureContent`: a boolean, or the earlier object with a switch for each class.
fn capture_content(otel: &Section<'_>) -> Option<CaptureContent> {
    match otel.map.get("captureContent") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(false)) => Some(CaptureContent::default()),
        Some(Value::Bool(true)) => Some(CaptureContent::all_but_system_prompt()),
        Some(Value::Object(_)) => {
            let classes = otel.section("captureContent", CAPTURE)?;
            classes.reject_unknown(&known_keys(CAPTURE));
            let on = |key| classes.boolean(key).unwrap_or(false);
            // All are read, so that a mistake is seen before content is switched on.
            let content = CaptureContent {
                on_spans: true,
                // Upstream sends log bodies only with the boolean form.
                in_events: false,
                input_messages: on("inputMessages"),
                output_messages: on("outputMessages"),
                tool_inputs: on("toolInputs"),
                tool_outputs: on("toolOutputs"),
                system_prompt: on("systemPrompt"),
                tool_definitions: on("toolDefinitions"),
            };
            Some(if on("enabled") {
                content
            } else {
                CaptureContent::default()
            })
        }
        Some(_) => {
            otel.warn(
                "captureContent",
                "expected true, false or an object; ignored",
            );
            None
        }
    }
}

/// A whole number, also written as `60000.0` or `6e4`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole, not negative and below 2^53"
)]
fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number))
            .map(|number| number as u64)
    })
}

/// The keys directly below `section` that the table of settings names.
fn known_keys(section: &str) -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = SETTINGS
        .iter()
        .filter_map(|setting| setting.key?.strip_prefix(section)?.strip_prefix('.'))
        .map(|key| key.split('.').next().unwrap_or(key))
        .collect();
    keys.dedup();
    keys
}

const DIAGNOSTICS: &str = "diagnostics";
const OTEL: &str = "diagnostics.otel";
const MLFLOW: &str = "diagnostics.mlflow";
const CAPTURE: &str = "diagnostics.otel.captureContent";
const OURS: [&str; 3] = ["enabled", "otel", "mlflow"];
/// Keys that upstream knows and that would otherwise look like a slip.
const UPSTREAM: [&str; 3] = ["flags", "stuckSessionWarnMs", "stuckSessionAbortMs"];
/// Spans in a request to MLflow; as many as a queue can hold.
const MAX_BATCH: usize = 1_048_576;
/// Characters in `metricNamePrefix`, as upstream has it.
const MAX_PREFIX: usize = 128;
