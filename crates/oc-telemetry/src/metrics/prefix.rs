use std::{error::Error, fmt};

/// What the names of the families begin with; `openclaw.` by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricPrefix(String);

impl MetricPrefix {
    /// Reads a prefix as a setting gives it (`diagnostics.otel.metricNamePrefix`). A dot is added
    /// where it ends in a letter or digit: `acme` and `acme.` are the same.
    ///
    /// # Errors
    ///
    /// It does not begin with an ASCII letter, has a character other than ASCII letters, digits,
    /// `_`, `.`, `-` and `/`, or is longer than 128 characters.
    pub fn parse(prefix: &str) -> Result<Self, InvalidMetricPrefix> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-' | b'/');
        let bytes = prefix.as_bytes();
        let starts_well = bytes.first().is_some_and(u8::is_ascii_alphabetic);
        if !starts_well || bytes.len() > MAX_PREFIX || !bytes.iter().copied().all(allowed) {
            return Err(InvalidMetricPrefix);
        }
        let mut prefix = prefix.to_owned();
        if prefix.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            prefix.push('.');
        }
        Ok(Self(prefix))
    }

    /// The prefix, with the character that separates it from the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under this prefix of a metric that is defined under the default one.
    pub(crate) fn apply(&self, name: &str) -> String {
        let rest = name.strip_prefix(DEFAULT_PREFIX).unwrap_or(name);
        format!("{}{rest}", self.0)
    }
}

impl Default for MetricPrefix {
    fn default() -> Self {
        Self(DEFAULT_PREFIX.to_owned())
    }
}

/// A prefix that no metric name can begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidMetricPrefix;

impl fmt::Display for InvalidMetricPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "metricNamePrefix must begin with a letter, have at most 128 characters, and consist \
             of ASCII letters, digits, `_`, `.`, `-` and `/`",
        )
    }
}

impl Error for InvalidMetricPrefix {}

const DEFAULT_PREFIX: &str = "openclaw.";
const MAX_PREFIX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    /// A setting's prefix is taken with or without its dot; what would make an invalid metric
    /// name is refused.
    #[test]
    fn prefixes_are_checked() {
        assert_eq!(MetricPrefix::parse("acme").unwrap().as_str(), "acme.");
        assert_eq!(MetricPrefix::parse("acme.").unwrap().as_str(), "acme.");
        assert_eq!(MetricPrefix::parse("acme_").unwrap().as_str(), "acme_");
        let longest = "a".repeat(128);
        assert!(MetricPrefix::parse(&longest).is_ok());
        for bad in ["", ".", "1a", "a b", "a\n", "é", &format!("{longest}a")] {
            assert_eq!(
                MetricPrefix::parse(bad),
                Err(InvalidMetricPrefix),
                "{bad:?}"
            );
        }
    }
}
