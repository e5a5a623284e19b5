//! `diagnostics.mlflow` and the variables of MLflow.

use std::time::Duration;

use super::*;
use crate::mlflow::{Experiment, MlflowSettings};

fn code(settings: MlflowSettings) -> CodeSettings {
    CodeSettings {
        mlflow: Some(settings),
        ..CodeSettings::default()
    }
}

const URI: (&str, &str) = ("MLFLOW_TRACKING_URI", "http://env:5000");

#[test]
fn off_unless_a_server_is_known() {
    assert_eq!(env([]).mlflow, None);
    let config = env([("MLFLOW_EXPERIMENT_NAME", "x")]);
    assert_eq!(config.mlflow, None);
    assert!(warnings(&config).is_empty());

    let config = file("{diagnostics: {mlflow: {enabled: true}}}");
    assert_eq!(config.mlflow, None);
    assert_eq!(warnings(&config).len(), 1, "{:?}", warnings(&config));
}

#[test]
fn defaults() {
    let mlflow = env([URI]).mlflow.unwrap();
    assert_eq!(mlflow.uri, "http://env:5000");
    assert_eq!(mlflow.experiment, Experiment::Name("openclaw".to_owned()));
    assert_eq!((mlflow.authorization, mlflow.workspace), (None, None));
    assert!(mlflow.traces && mlflow.token_usage && mlflow.costs && mlflow.latency);
    assert_eq!(mlflow.batch_size, 512);
    assert_eq!(mlflow.flush_interval, Duration::from_mins(1));
}

#[test]
fn all_keys_of_the_file() {
    let config = file(
        "{diagnostics: {mlflow: {enabled: true, trackingUri: 'https://h/p/', experimentName: 'x', \
         experimentId: 7, trackTokenUsage: false, trackCosts: false, trackLatency: false, \
         trackTraces: false, batchSize: 10, flushIntervalMs: 5000}}}",
    );
    assert!(warnings(&config).is_empty(), "{:?}", warnings(&config));
    let mlflow = config.mlflow.unwrap();
    assert_eq!(mlflow.uri, "https://h/p");
    assert_eq!(mlflow.experiment, Experiment::Id("7".to_owned()));
    assert!(!mlflow.has_metrics() && !mlflow.traces);
    assert_eq!(mlflow.batch_size, 10);
    assert_eq!(mlflow.flush_interval, Duration::from_secs(5));
}

#[test]
fn code_above_environment_above_file() {
    let text = "{diagnostics: {mlflow: {trackingUri: 'http://file', experimentId: '1'}}}";
    let config = both([], text);
    assert_eq!(config.mlflow.unwrap().uri, "http://file");
    let mlflow = both([URI, ("MLFLOW_EXPERIMENT_NAME", "env")], text).mlflow;
    let mlflow = mlflow.unwrap();
    assert_eq!(mlflow.uri, "http://env:5000");
    // A name from above wins over an id from below.
    assert_eq!(mlflow.experiment, Experiment::Name("env".to_owned()));

    let settings = MlflowSettings::new("http://code").with_experiment("code");
    let variables = [
        URI,
        ("MLFLOW_EXPERIMENT_ID", "5"),
        ("MLFLOW_TRACKING_TOKEN", "t"),
    ];
    let mlflow = resolve(code(settings), &Lookup::from_map(variables)).mlflow;
    let mlflow = mlflow.unwrap();
    assert_eq!(mlflow.uri, "http://code");
    assert_eq!(mlflow.experiment, Experiment::Name("code".to_owned()));
    assert_eq!(mlflow.authorization.as_deref(), Some("Bearer t"));
}

#[test]
fn switching_off() {
    let off = "{diagnostics: {mlflow: {enabled: false, trackingUri: 'http://file'}}}";
    assert_eq!(both([URI], off).mlflow, None);
    let all_off =
        "{diagnostics: {enabled: false, mlflow: {enabled: true, trackingUri: 'http://file'}}}";
    assert_eq!(file(all_off).mlflow, None);
    // As with OTLP: what the environment says stays.
    assert_eq!(both([URI], all_off).mlflow.unwrap().uri, "http://env:5000");

    let settings = CodeSettings {
        config_text: Some(off.to_owned()),
        ..code(MlflowSettings::new("http://code"))
    };
    let wanted = resolve(settings.clone(), &Lookup::empty()).mlflow;
    assert_eq!(wanted.unwrap().uri, "http://code");
    let settings = CodeSettings {
        mlflow_off: true,
        ..settings
    };
    assert_eq!(resolve(settings, &Lookup::from_map([URI])).mlflow, None);
}

#[test]
fn mistakes_are_warnings_without_secrets() {
    for (variables, count, is_on) in [
        ([URI, ("MLFLOW_EXPERIMENT_ID", "prod")], 1, true),
        ([URI, ("MLFLOW_TRACKING_TOKEN", "s3cret\nx")], 1, true),
        ([URI, ("MLFLOW_TRACKING_PASSWORD", "s3cret")], 1, true),
        ([("MLFLOW_TRACKING_URI", "databricks"), ("A", "")], 1, false),
        (
            [("MLFLOW_TRACKING_URI", "http://u:s3cret@h"), ("A", "")],
            1,
            false,
        ),
    ] {
        let config = env(variables);
        let warnings = warnings(&config);
        assert_eq!(warnings.len(), count, "{warnings:?}");
        assert_eq!(config.mlflow.is_some(), is_on, "{warnings:?}");
        assert!(!format!("{warnings:?} {config:?}").contains("s3cret"));
    }
    let config = file(
        "{diagnostics: {mlflow: {trackingUri: 'http://h', batchSize: 0, flushIntervalMs: 1, \
         trackCost: false}}}",
    );
    let warnings = warnings(&config);
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    let hint = "did you mean diagnostics.mlflow.trackCosts?";
    assert!(warnings.iter().any(|warning| warning.contains(hint)));
    assert_eq!(config.mlflow.unwrap().batch_size, 512);
}
