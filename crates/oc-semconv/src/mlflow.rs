//! `mlflow.*`: span attributes that MLflow 3.18 reads from OTLP.
//!
//! An explicit `mlflow.*` attribute wins over what MLflow derives from `gen_ai.*`. Session and user
//! are read from [`crate::session::ID`] and [`crate::user::ID`]: MLflow ignores attributes named
//! `mlflow.trace.session`, `mlflow.trace.user`, `mlflow.trace.tokenUsage` and `mlflow.trace.cost`,
//! which are keys of its search filters, so there are no constants for them.

/// The kind of span. Always sent: MLflow fills its `span.type` column from this key alone.
///
/// - Type: string: `AGENT`, `CHAT_MODEL`, `TOOL`, `CHAIN`, …
/// - Example: `CHAT_MODEL`
/// - Stability: MLflow 3.18
pub const SPAN_TYPE: &str = "mlflow.spanType";

/// The inputs. On the root they give the preview, in this shape only. Content: opt-in.
///
/// - Type: JSON text
/// - Example: `{"messages":[{"role":"user","content":"Hello"}]}`
/// - Stability: MLflow 3.18
pub const SPAN_INPUTS: &str = "mlflow.spanInputs";

/// The outputs. On the root they give the preview, in this shape only. Content: opt-in.
///
/// - Type: JSON text
/// - Example: `{"messages":[{"role":"assistant","content":"Hi"}]}`
/// - Stability: MLflow 3.18
pub const SPAN_OUTPUTS: &str = "mlflow.spanOutputs";

/// The name of the trace. Read from the root only; without it the column stays empty.
///
/// - Type: string
/// - Example: `message.process`
/// - Stability: MLflow 3.18
pub const TRACE_NAME: &str = "mlflow.traceTag.mlflow.traceName";

/// The model. On model calls only.
///
/// - Type: string
/// - Example: `claude-sonnet-4.5`
/// - Stability: MLflow 3.18
pub const LLM_MODEL: &str = "mlflow.llm.model";

/// The provider. On model calls only.
///
/// - Type: string
/// - Example: `anthropic`
/// - Stability: MLflow 3.18
pub const LLM_PROVIDER: &str = "mlflow.llm.provider";

/// Token counts. On model calls only: on a span above them they would hide theirs.
///
/// - Type: JSON text
/// - Example: `{"input_tokens":10,"output_tokens":5,"total_tokens":15}`
/// - Stability: MLflow 3.18
pub const CHAT_TOKEN_USAGE: &str = "mlflow.chat.tokenUsage";

/// The cost. On model calls only, for the same reason. Keeps the server from its own look-up.
///
/// - Type: JSON text, US dollars
/// - Example: `{"input_cost":0.1,"output_cost":0.2,"total_cost":0.3}`
/// - Stability: MLflow 3.18
pub const LLM_COST: &str = "mlflow.llm.cost";
