//! Whatever stands in the environment and in the file, something usable comes out.

use proptest::{collection::vec, option, prelude::*};

use super::*;

/// Text that is nothing in particular, or nearly right.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z%=,;:/?#@\\[\\]0-9. \u{0}\n-]{0,40}",
        "(http|https|grpc)://[a-z0-9.:@/?%-]{0,30}",
        "[a-zA-Z0-9-]{1,8}=[a-z%0-9]{0,6}(,[a-z]{1,4}=[a-z%0-9]{0,6}){0,4}",
        "-?[0-9]{1,25}",
        Just("otlp,console,prometheus".to_owned()),
        Just("parentbased_jaeger_remote".to_owned()),
        Just("grpc".to_owned()),
    ]
}

/// A file that is valid JSON5 and has our keys with values of every kind.
fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        any::<f64>().prop_map(|number| format!("{number:?}").replace("inf", "Infinity")),
        any::<bool>().prop_map(|value| value.to_string()),
        value().prop_map(|text| serde_json::Value::String(text).to_string()),
        Just("null".to_owned()),
        Just("{}".to_owned()),
        Just("[[1]]".to_owned()),
        Just("{enabled: true, inputMessages: 1}".to_owned()),
    ];
    let keys: Vec<&str> = SETTINGS
        .iter()
        .filter_map(|setting| setting.key?.rsplit('.').next())
        .chain(["endpont", "x"])
        .collect();
    vec((proptest::sample::select(keys), scalar), 0..12).prop_map(|pairs| {
        let body: Vec<String> = pairs
            .iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        format!("{{diagnostics: {{otel: {{{}}}}}}}", body.join(", "))
    })
}

fn check(config: &Config) -> Result<(), TestCaseError> {
    for batch in [config.traces.batch, config.logs.batch] {
        prop_assert!(batch.max_queue_size > 0);
        prop_assert!((1..=batch.max_queue_size).contains(&batch.max_export_batch_size));
        prop_assert!(
            !batch.schedule_delay.is_zero()
                && batch
                    .export_timeout
                    .is_none_or(|timeout| !timeout.is_zero())
        );
    }
    for signal in Signal::ALL {
        if let Some(otlp) = otlp(config, signal) {
            prop_assert!(otlp.url.parse::<http::Uri>().is_ok(), "{}", otlp.url);
            prop_assert!(!otlp.timeout.is_zero());
            for (name, value) in &otlp.headers {
                prop_assert!(http::HeaderName::from_bytes(name.as_bytes()).is_ok());
                prop_assert!(http::HeaderValue::from_str(value).is_ok());
            }
        }
    }
    prop_assert!(!config.resource.service_name.is_empty());
    prop_assert!(config.warnings.len() <= 64);
    for warning in &config.warnings {
        let text = warning.to_string();
        prop_assert!(text.len() < 1024, "{}", text);
        prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_environment(values in vec(option::of(value()), variables().len())) {
        let set = variables()
            .into_iter()
            .zip(values)
            // A path could name anything on this machine.
            .filter(|(name, _)| name != "OPENCLAW_CONFIG")
            .filter_map(|(name, value)| Some((name, value?)));
        check(&resolve(CodeSettings::default(), &Lookup::from_map(set)))?;
    }

    #[test]
    fn any_file(text in prop_oneof![any::<String>(), document(), "[\\[{'\"/*,:a\n}\\]]{0,60}"]) {
        check(&file(&text))?;
    }

    #[test]
    fn any_string_is_parsed_alone(value in value()) {
        for name in variables().into_iter().filter(|name| name != "OPENCLAW_CONFIG") {
            let variables = [
                (name.as_str(), value.as_str()),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
            ];
            check(&resolve(CodeSettings::default(), &Lookup::from_map(variables)))?;
        }
    }
}

fn variables() -> Vec<String> {
    SETTINGS.iter().flat_map(Setting::variables).collect()
}
