//! `docs/configuration.md`, made from the table of settings.

use super::{SETTINGS, Setting, Topic};

/// The page on configuration, in Markdown: precedence, errors, and every setting by topic.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for topic in Topic::ALL {
        let settings: Vec<&Setting> = SETTINGS
            .iter()
            .filter(|setting| setting.topic == topic)
            .collect();
        if settings.is_empty() {
            continue;
        }
        for part in ["\n## ", topic.title(), "\n\n", HEADER] {
            page.push_str(part);
        }
        for setting in settings {
            page.push_str(&row(setting));
        }
    }
    page
}

fn row(setting: &Setting) -> String {
    let mut names: Vec<String> = setting
        .variables()
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    names.extend(setting.key.map(|key| format!("file: `{key}`")));
    let cells = [
        names.join("<br>"),
        setting.syntax.to_owned(),
        setting.default.to_owned(),
        setting.about.to_owned(),
        setting.malformed.to_owned(),
    ]
    .map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

const HEADER: &str = "| Setting | Value | Default | What it does | If malformed |\n\
                      |---|---|---|---|---|\n";

const INTRODUCTION: &str = "\
<!-- Made from the table in crates/oc-telemetry/src/config/settings/table.rs; do not edit. -->
# Configuration

Nothing needs to be set. Then log files are written, `/metrics` is served on `127.0.0.1:9464`, and
nothing is sent anywhere: OTLP is off until an endpoint is known. This differs from the
OpenTelemetry default, a receiver on `localhost`.

## Where settings come from

Highest first:

1. Code: what the program sets on the builder.
2. The environment variable of the signal, such as `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`.
3. The general environment variable, such as `OTEL_EXPORTER_OTLP_TIMEOUT`.
4. The section `diagnostics` of `openclaw.json`, a JSON5 file.
5. The default.

The environment stands above the file, because it is what whoever runs a deployment set last.
The name given to the builder is the service's name only as long as nobody sets another.

```json5
{
  diagnostics: {
    otel: {
      endpoint: \"http://localhost:4318\", // /v1/traces, /v1/metrics and /v1/logs are appended
      headers: { authorization: \"Bearer …\" },
      logs: true, // traces and metrics are on, logs are off unless switched on
      sampleRate: 0.25,
    },
  },
}
```

## When OTLP is on

A signal is sent by OTLP when an endpoint for it is known and its exporter list, if there is one,
names `otlp`; or when its list names `otlp` and no endpoint is known, to the default one. The
file's switches (`enabled`, `traces`, `metrics`, `logs`) concern the file's own endpoints, not
those of code and environment.

## Mistakes

- A bad setting never stops the program. It leaves a warning, which the telemetry handle keeps,
  and counts as unset; the last column says where more happens.
- A warning names the setting and where it came from. It holds no header value and at most 64
  characters of any other value.
- Empty is unset. In variables, enumerations and booleans are read without regard to upper and
  lower case.
- A value that is not Unicode is a warning and unset.
- An unknown key in `diagnostics.otel` is a warning that names the nearest known key. Keys of
  `diagnostics` that are not listed here belong to others and are left alone.
- A file that is not valid JSON5 is one warning with line and column; nothing of it is used.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_variable_and_every_key() {
        let page = markdown();
        for setting in SETTINGS {
            for name in setting.variables() {
                assert!(page.contains(&format!("`{name}`")), "{name}");
            }
            if let Some(key) = setting.key {
                assert!(page.contains(&format!("`{key}`")), "{key}");
            }
        }
    }

    #[test]
    fn every_row_has_five_cells() {
        for line in markdown().lines().filter(|line| line.starts_with('|')) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert_eq!(cells, 6, "{line}");
        }
    }
}
