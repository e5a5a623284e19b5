//! The table of settings against what is really read.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    sync::{Arc, Mutex},
};

use super::*;

#[test]
fn exactly_the_variables_of_the_table_are_read() {
    let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let record = Arc::clone(&seen);
    // Values that make every reader ask for all it could want.
    let lookup = Lookup::from_fn(move |name| {
        record.lock().unwrap().insert(name.to_owned());
        let value = match name {
            "OTEL_TRACES_EXPORTER" | "OTEL_METRICS_EXPORTER" | "OTEL_LOGS_EXPORTER" => "otlp",
            _ => return None,
        };
        Some(OsString::from(value))
    });
    drop(resolve(CodeSettings::default(), &lookup));

    let mut seen = seen.lock().unwrap().clone();
    for home in ["HOME", "USERPROFILE"] {
        assert!(seen.remove(home), "{home}");
    }
    let table: BTreeSet<String> = SETTINGS.iter().flat_map(Setting::variables).collect();
    assert_eq!(seen, table);
}

#[test]
fn no_setting_is_in_the_table_twice() {
    let mut names = BTreeSet::new();
    for setting in SETTINGS {
        for name in setting.variables() {
            assert!(names.insert(name.clone()), "{name}");
        }
        if let Some(key) = setting.key {
            assert!(names.insert(key.to_owned()), "{key}");
        }
        assert!(setting.variable.is_some() || setting.key.is_some());
    }
}

#[test]
fn every_key_of_the_table_is_accepted_by_the_file() {
    for key in SETTINGS.iter().filter_map(|setting| setting.key) {
        // A value of no right type: the complaint must be about the type, not about the key.
        let mut text = "[]".to_owned();
        for part in key.rsplit('.') {
            text = format!("{{{part}: {text}}}");
        }
        let config = file(&text);
        let warnings = warnings(&config);
        assert_eq!(warnings.len(), 1, "{key}: {warnings:?}");
        let start = format!("{key} (openclaw.json): expected ");
        assert!(warnings[0].starts_with(&start), "{key}: {warnings:?}");
    }
}

#[test]
fn the_defaults_of_the_table_are_the_real_ones() {
    let config = env([("OTEL_TRACES_EXPORTER", "otlp")]);
    let otlp = otlp(&config, Signal::Traces).unwrap();
    let (spans, logs) = (config.traces.batch, config.logs.batch);
    let limits = config.traces.limits;
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_TIMEOUT", otlp.timeout.as_millis()),
        ("OTEL_BSP_SCHEDULE_DELAY", spans.schedule_delay.as_millis()),
        ("OTEL_BSP_MAX_QUEUE_SIZE", spans.max_queue_size as u128),
        (
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            spans.max_export_batch_size as u128,
        ),
        ("OTEL_BLRP_SCHEDULE_DELAY", logs.schedule_delay.as_millis()),
        ("OTEL_BLRP_MAX_QUEUE_SIZE", logs.max_queue_size as u128),
        (
            "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
            logs.max_export_batch_size as u128,
        ),
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            config.metrics.interval.as_millis(),
        ),
        (
            "OTEL_METRIC_EXPORT_TIMEOUT",
            config.metrics.timeout.as_millis(),
        ),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", u128::from(limits.attributes)),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", u128::from(limits.events)),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", u128::from(limits.links)),
        (
            "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
            u128::from(limits.attributes_per_event),
        ),
        (
            "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
            u128::from(limits.attributes_per_link),
        ),
    ] {
        let setting = SETTINGS
            .iter()
            .find(|setting| setting.variable == Some(name));
        assert_eq!(
            setting.map(|setting| setting.default),
            Some(&*format!("`{value}`")),
            "{name}"
        );
    }
}
