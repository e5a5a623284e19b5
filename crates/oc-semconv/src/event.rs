//! Names of events: log records with an `event_name`.

/// The details of one model call, with the attributes of its span; severity DEBUG.
///
/// - Stability: development
pub const GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS: &str =
    "gen_ai.client.inference.operation.details";

/// The result of an evaluation; its parent is the evaluated span.
///
/// - Stability: development
pub const GEN_AI_EVALUATION_RESULT: &str = "gen_ai.evaluation.result";

/// An error of a GenAI operation, with the attributes `exception.*`; severity WARN.
///
/// - Stability: development
pub const GEN_AI_CLIENT_OPERATION_EXCEPTION: &str = "gen_ai.client.operation.exception";

/// An error, recorded on a span or as a log record with the attributes `exception.*`.
///
/// - Stability: stable
pub const EXCEPTION: &str = "exception";
