//! What the server says, in JSON: `SamplingStrategyResponse` of Jaeger's `sampling.proto`.

use std::{collections::HashMap, error::Error, fmt};

use serde::Deserialize;

use super::{
    limiter::Limiter,
    strategy::{Operation, PerOperation, Strategy},
};

/// Reads an answer. An answer with anything wrong in it is refused as a whole.
///
/// Which strategy it holds shows by the fields alone, operations first, as Jaeger advises; its
/// `strategyType` knows two of the three, and is not read. The upper bound of operations is not
/// either: Jaeger's own clients do without.
pub(super) fn parse(body: &[u8]) -> Result<Strategy, AnswerError> {
    let answer: Answer = serde_json::from_slice(body).map_err(AnswerError::Json)?;
    if let Some(sampling) = answer.operation_sampling {
        return per_operation(sampling).map(Strategy::PerOperation);
    }
    if let Some(sampling) = answer.rate_limiting_sampling {
        let limit = rate("maxTracesPerSecond", sampling.max_traces_per_second)?;
        return Ok(Strategy::Limited(Limiter::new(limit)));
    }
    if let Some(sampling) = answer.probabilistic_sampling {
        return share("samplingRate", sampling.sampling_rate).map(Strategy::Share);
    }
    Err(AnswerError::Empty)
}

/// Why an answer is no sampling strategy.
#[derive(Debug)]
pub(super) enum AnswerError {
    Json(serde_json::Error),
    Empty,
    OutOfRange(&'static str),
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // serde's own text may repeat the whole answer.
            Self::Json(error) => write!(
                f,
                "the answer is not a sampling strategy in JSON, see its line {}, column {}",
                error.line(),
                error.column()
            ),
            Self::Empty => f.write_str("the answer holds no sampling strategy"),
            Self::OutOfRange(field) => write!(f, "{field} of the answer is out of range"),
        }
    }
}

impl Error for AnswerError {}

fn per_operation(sampling: OperationSampling) -> Result<PerOperation, AnswerError> {
    let lower_bound = rate(
        "defaultLowerBoundTracesPerSecond",
        sampling
            .default_lower_bound_traces_per_second
            .unwrap_or_default(),
    )?;
    let operation = |share| Operation {
        share,
        at_least: Limiter::new(lower_bound),
    };
    let others = share(
        "defaultSamplingProbability",
        sampling.default_sampling_probability,
    )?;
    let mut listed = HashMap::new();
    for strategy in sampling.per_operation_strategies.unwrap_or_default() {
        let share = share(
            "samplingRate",
            strategy.probabilistic_sampling.sampling_rate,
        )?;
        listed.insert(strategy.operation, operation(share));
    }
    Ok(PerOperation {
        others: operation(others),
        listed,
    })
}

fn share(field: &'static str, value: f64) -> Result<f64, AnswerError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(AnswerError::OutOfRange(field))
    }
}

fn rate(field: &'static str, value: f64) -> Result<f64, AnswerError> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(AnswerError::OutOfRange(field))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "they are the names on the wire")]
struct Answer {
    probabilistic_sampling: Option<ProbabilisticSampling>,
    rate_limiting_sampling: Option<RateLimitingSampling>,
    operation_sampling: Option<OperationSampling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProbabilisticSampling {
    sampling_rate: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RateLimitingSampling {
    max_traces_per_second: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperationSampling {
    default_sampling_probability: f64,
    default_lower_bound_traces_per_second: Option<f64>,
    per_operation_strategies: Option<Vec<OperationStrategy>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperationStrategy {
    operation: String,
    probabilistic_sampling: ProbabilisticSampling,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry::trace::TraceId;

    use super::*;

    /// Of nine traces that no share but 1 holds, so many are recorded.
    fn recorded(strategy: &Strategy, name: &str) -> usize {
        let id = TraceId::from_bytes([0xff; 16]);
        let decide = |_: &i32| strategy.decide(id, name, || Duration::ZERO);
        (0..9).filter(decide).count()
    }

    /// Answers as Jaeger writes them, and as older and stricter servers do.
    #[test]
    fn strategies() {
        for (answer, a, b) in [
            (
                r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}"#,
                9,
                9,
            ),
            (
                r#"{"probabilisticSampling":{"samplingRate":0.5},"operationSampling":null}"#,
                0,
                0,
            ),
            (
                r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":2}}"#,
                2,
                0,
            ),
            (
                r#"{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":2147483647}}"#,
                9,
                9,
            ),
            (
                r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0},
                    "operationSampling":{"defaultSamplingProbability":0,
                        "defaultLowerBoundTracesPerSecond":2,
                        "perOperationStrategies":[
                            {"operation":"a","probabilisticSampling":{"samplingRate":1.0}}],
                        "defaultUpperBoundTracesPerSecond":0}}"#,
                9,
                2,
            ),
            (
                r#"{"operationSampling":{"defaultSamplingProbability":1,
                    "perOperationStrategies":null},"later":{"x":[]}}"#,
                9,
                9,
            ),
        ] {
            let strategy = parse(answer.as_bytes()).unwrap();
            assert_eq!(recorded(&strategy, "a"), a, "{answer}");
            assert_eq!(recorded(&strategy, "b"), b, "{answer}");
        }
    }

    /// What is no strategy is refused, and its text does not come back in the error.
    #[test]
    fn refused() {
        let deep = "[".repeat(1 << 20);
        let secret = r#"{"probabilisticSampling":{"samplingRate":"secret"}}"#;
        for answer in [
            "",
            "secret",
            "null",
            "{}",
            "{",
            "[]",
            deep.as_str(),
            secret,
            r#"{"probabilisticSampling":{}}"#,
            r#"{"probabilisticSampling":{"samplingRate":-0.1}}"#,
            r#"{"probabilisticSampling":{"samplingRate":1.1}}"#,
            r#"{"probabilisticSampling":{"samplingRate":1e999}}"#,
            r#"{"probabilisticSampling":{"samplingRate":NaN}}"#,
            r#"{"rateLimitingSampling":{"maxTracesPerSecond":-1}}"#,
            r#"{"operationSampling":{"defaultSamplingProbability":7}}"#,
            r#"{"operationSampling":{"defaultSamplingProbability":0,
                "defaultLowerBoundTracesPerSecond":-1}}"#,
            r#"{"operationSampling":{"defaultSamplingProbability":0,"perOperationStrategies":[
                {"operation":"a","probabilisticSampling":{"samplingRate":2}}]}}"#,
            r#"{"operationSampling":{"defaultSamplingProbability":0,"perOperationStrategies":[
                {"operation":"a","probabilisticSampling":null}]}}"#,
        ] {
            let error = parse(answer.as_bytes()).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
            assert!(error.len() < 100, "{error}");
        }
    }
}
