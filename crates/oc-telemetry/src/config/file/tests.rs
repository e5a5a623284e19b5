use std::{fs, path::Path};

use super::*;
use crate::{
    config::{Config, resolve},
    warning::Warning,
};

/// Resolves with `text` in the default file of a temporary home folder.
fn at_home(text: &[u8]) -> (Config, String) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".openclaw");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("openclaw.json");
    fs::write(&path, text).unwrap();
    let lookup = Lookup::from_map([("HOME", home.path())]);
    let config = resolve(CodeSettings::default(), &lookup);
    (config, path.display().to_string())
}

fn text(text: &str) -> Config {
    let code = CodeSettings {
        config_text: Some(text.to_owned()),
        ..CodeSettings::default()
    };
    resolve(code, &Lookup::empty())
}

/// The warnings, but not the notice that OTLP is off.
fn warnings(config: &Config) -> Vec<String> {
    let all = config.warnings.iter();
    all.filter(|warning| warning.severity() == crate::Severity::Warning)
        .map(Warning::to_string)
        .collect()
}

#[test]
fn the_default_file_is_read_from_the_home_folder() {
    let (config, path) = at_home(b"{/*x*/ diagnostics: {otel: {serviceName: 'here',}}}");
    assert_eq!(config.resource.service_name, "here");
    let source = config.source("service_name").unwrap();
    assert_eq!(source.origin.to_string(), path);
}

#[test]
fn only_a_file_that_somebody_named_has_to_be_there() {
    let home = tempfile::tempdir().unwrap();
    let lookup = Lookup::from_map([("HOME", home.path())]);
    assert_eq!(
        warnings(&resolve(CodeSettings::default(), &lookup)),
        [""; 0]
    );

    let home = home.path().to_str().unwrap();
    let lookup = Lookup::from_map([("HOME", home), ("OPENCLAW_CONFIG", "~/mine.json")]);
    let found = warnings(&resolve(CodeSettings::default(), &lookup));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("OPENCLAW_CONFIG (environment): "),
        "{found:?}"
    );
    assert!(found[0].contains("mine.json cannot be read"), "{found:?}");

    let code = CodeSettings {
        config_path: Some(Path::new(home).to_owned()),
        ..CodeSettings::default()
    };
    let found = warnings(&resolve(code, &lookup));
    assert!(
        found[0].starts_with("OPENCLAW_CONFIG (code): "),
        "{found:?}"
    );
    assert!(found[0].contains("not a regular file"), "{found:?}");
}

#[test]
fn broken_json5_is_one_warning_with_line_and_column_and_no_content() {
    let (config, path) = at_home(b"{\n  diagnostics: {\n    s3cret s3cret\n");
    let found = warnings(&config);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with(&format!("openclaw.json ({path}): ")),
        "{found:?}"
    );
    assert!(found[0].contains("line 3, column 12"), "{found:?}");
    assert!(!found[0].contains("s3cret"), "{found:?}");
}

#[test]
fn files_that_cannot_be_read_are_one_warning() {
    let deep = "[".repeat(1_000_000);
    let large = " ".repeat(1024 * 1024 + 1);
    for (bytes, reason) in [
        (&b"\xFF\xFE"[..], "not UTF-8"),
        (large.as_bytes(), "larger than 1 MiB"),
        (deep.as_bytes(), "nested deeper"),
        (b"[]", "expected an object"),
    ] {
        let (config, _) = at_home(bytes);
        let found = warnings(&config);
        assert_eq!(found.len(), 1, "{reason}");
        assert!(found[0].contains(reason), "{found:?}");
    }
    let (config, _) = at_home(b" \n");
    assert_eq!(warnings(&config), [""; 0]);
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    let config = text("{diagnostics: {otel: {endpont: 'http://h', colour: 1}}}");
    let found = warnings(&config);
    assert_eq!(found.len(), 2);
    assert!(
        found[0].contains("unknown key \"endpont\"")
            || found[1].contains("unknown key \"endpont\"")
    );
    assert!(
        found
            .iter()
            .any(|text| text.ends_with("did you mean diagnostics.otel.endpoint?"))
    );
    let config = text("{diagnostics: {otle: {}}}");
    assert!(warnings(&config)[0].contains("did you mean diagnostics.otel?"));
    let config = text("{diagnostics: {otel: {captureContent: {enabled: true, toolInput: true}}}}");
    let found = warnings(&config);
    assert!(found[0].ends_with("did you mean diagnostics.otel.captureContent.toolInputs?"));
}

#[test]
fn keys_of_others_are_left_alone() {
    let config = text(
        "{gateway: {port: 1}, diagnostics: {flags: ['*'], stuckSessionWarnMs: 1, \
         stuckSessionAbortMs: 2, somethingNew: {}}}",
    );
    assert_eq!(warnings(&config), [""; 0]);
}

#[test]
fn a_wrong_type_is_a_warning_and_the_others_still_count() {
    for (bad, expected) in [
        (
            "protocol: 5",
            "protocol (openclaw.json): expected a string, found 5",
        ),
        (
            "enabled: 'yes'",
            "enabled (openclaw.json): expected true or false, found \"yes\"",
        ),
        (
            "sampleRate: 2",
            "sampleRate (openclaw.json): expected a number from 0 to 1, found 2",
        ),
        (
            "flushIntervalMs: 999",
            "flushIntervalMs (openclaw.json): expected milliseconds",
        ),
        (
            "flushIntervalMs: 1e99",
            "flushIntervalMs (openclaw.json): expected milliseconds",
        ),
        (
            "logsExporter: 'file'",
            "logsExporter (openclaw.json): expected otlp, stdout or both",
        ),
        (
            "captureContent: 'all'",
            "captureContent (openclaw.json): expected true, false or",
        ),
        (
            "headers: 's3cret'",
            "headers (openclaw.json): expected an object of strings",
        ),
        (
            "headers: {a: ['s3cret']}",
            "headers (openclaw.json): header \"a\" is not a string",
        ),
        (
            "traces: {}",
            "traces (openclaw.json): expected true or false, found an object",
        ),
    ] {
        let config = text(&format!(
            "{{diagnostics: {{otel: {{serviceName: 'x', {bad}}}}}}}"
        ));
        let found = warnings(&config);
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(
            found[0].starts_with(&format!("diagnostics.otel.{expected}")),
            "{found:?}"
        );
        assert!(!found[0].contains("s3cret"), "{found:?}");
        assert_eq!(config.resource.service_name, "x");
    }
    for bad in ["{diagnostics: 1}", "{diagnostics: {otel: true}}"] {
        assert_eq!(warnings(&text(bad)).len(), 1, "{bad}");
    }
}

#[test]
fn a_long_metric_prefix_is_refused() {
    for (length, fits) in [(128, true), (129, false)] {
        let prefix = "x".repeat(length);
        let config = text(&format!(
            "{{diagnostics: {{otel: {{metricNamePrefix: '{prefix}'}}}}}}"
        ));
        assert_eq!(config.metrics.name_prefix.is_some(), fits);
        assert_eq!(warnings(&config).is_empty(), fits);
    }
}

#[test]
fn logs_endpoint_alone_does_not_switch_logs_on() {
    let config = text("{diagnostics: {otel: {logsEndpoint: 'http://h/l'}}}");
    assert!(config.logs.destinations.is_empty());
    let found = warnings(&config);
    assert!(
        found[0].contains("diagnostics.otel.logs is true"),
        "{found:?}"
    );
}
