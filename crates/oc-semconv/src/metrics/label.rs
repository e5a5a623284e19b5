//! Labels of our own families, and the values of those with a closed set.

/// The agent.
pub const AGENT: &str = "agent";

/// The model; [`MODEL_NONE`] for a session without a model call.
pub const MODEL: &str = "model";

/// The provider of the model.
pub const PROVIDER: &str = "provider";

/// The kind of session: the values of [`SessionKind`](crate::openclaw::SessionKind).
pub const KIND: &str = "kind";

/// What tokens were counted: [`TYPE_INPUT`] and [`TYPE_OUTPUT`], or the details.
pub const TYPE: &str = "type";

/// The tool.
pub const TOOL: &str = "tool";

/// How a tool call ended: the values of [`ToolStatus`](crate::openclaw::ToolStatus).
pub const STATUS: &str = "status";

/// Why a model call failed: the value of [`crate::error::TYPE`].
pub const ERROR_TYPE: &str = "error_type";

/// The active experiment of a turn.
pub const EXPERIMENT_ID: &str = "experiment_id";

/// The variant of the active experiment.
pub const VARIANT: &str = "variant";

/// The value of [`MODEL`] for a session that made no model call.
pub const MODEL_NONE: &str = "none";

/// [`TYPE`] of input tokens.
pub const TYPE_INPUT: &str = "input";

/// [`TYPE`] of output tokens.
pub const TYPE_OUTPUT: &str = "output";

/// [`TYPE`] of input tokens that were read from a cache.
pub const TYPE_CACHE_READ: &str = "cache_read";

/// [`TYPE`] of input tokens that were written to a cache.
pub const TYPE_CACHE_WRITE: &str = "cache_write";

/// [`TYPE`] of output tokens that were spent on reasoning.
pub const TYPE_REASONING: &str = "reasoning";
