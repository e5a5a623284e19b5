//! What was wrong with a setting, and where the setting came from.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    path::PathBuf,
};

/// Something about the configuration that the operator should know.
///
/// A bad setting never stops the host: it is left out, or it switches one signal off, and leaves
/// a warning. Warnings stay readable on the telemetry handle.
///
/// The text never contains the value of a header or another credential, and never more than
/// 64 characters of any other value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    setting: Cow<'static, str>,
    origin: Origin,
    message: String,
    severity: Severity,
}

impl Warning {
    pub(crate) fn new(
        setting: impl Into<Cow<'static, str>>,
        origin: Origin,
        message: impl Into<String>,
    ) -> Self {
        Self {
            setting: setting.into(),
            origin,
            message: message.into(),
            severity: Severity::Warning,
        }
    }

    /// Something worth knowing that is not a mistake.
    pub(crate) fn notice(
        setting: impl Into<Cow<'static, str>>,
        origin: Origin,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Info,
            ..Self::new(setting, origin, message)
        }
    }

    /// The setting as its user wrote it: a variable such as `OTEL_BSP_MAX_QUEUE_SIZE`, or a key of
    /// `openclaw.json` such as `diagnostics.otel.protocol`.
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// Where the setting came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What is wrong and what was done about it. Lower case, no full stop, no secrets.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How serious it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.setting, self.origin, self.message)
    }
}

/// How serious a [`Warning`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Nothing is wrong; something is worth knowing.
    Info,
    /// A setting was ignored or changed, or a signal is off because of it.
    Warning,
}

/// Where a setting's value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The program set it on the builder.
    Code,
    /// A variable of the process environment.
    Environment,
    /// The file `openclaw.json` at this path.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code"),
            Self::Environment => f.write_str("environment"),
            Self::File(path) => {
                for c in path.to_string_lossy().chars() {
                    // A path may hold anything; a line of a log may not.
                    if c.is_control() {
                        write!(f, "{}", c.escape_debug())?;
                    } else {
                        f.write_char(c)?;
                    }
                }
                Ok(())
            }
            Self::Default => f.write_str("default"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_one_line_with_setting_origin_and_message() {
        let origin = Origin::File("/home/u\n/openclaw.json".into());
        let warning = Warning::new("diagnostics.otel.protocol", origin, "not supported");
        assert_eq!(
            warning.to_string(),
            "diagnostics.otel.protocol (/home/u\\n/openclaw.json): not supported"
        );
        assert_eq!(warning.severity(), Severity::Warning);
        let notice = Warning::notice("OTEL_X", Origin::Environment, "known");
        assert_eq!(notice.to_string(), "OTEL_X (environment): known");
        assert_eq!(notice.severity(), Severity::Info);
    }
}
