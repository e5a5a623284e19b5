//! Names of older generations that receivers still read.
//!
//! They are emitted beside their successors, or read from what others send; nothing else needs
//! them.

/// The provider, before version 1.37 of the conventions.
///
/// - Type: string
/// - Example: `anthropic`
/// - Stability: deprecated
/// - Successor: [`PROVIDER_NAME`](super::PROVIDER_NAME)
pub const SYSTEM: &str = "gen_ai.system";

/// Tokens of the input.
///
/// - Type: int
/// - Example: `1200`
/// - Stability: deprecated
/// - Successor: [`USAGE_INPUT_TOKENS`](super::USAGE_INPUT_TOKENS)
pub const USAGE_PROMPT_TOKENS: &str = "gen_ai.usage.prompt_tokens";

/// Tokens of the output.
///
/// - Type: int
/// - Example: `310`
/// - Stability: deprecated
/// - Successor: [`USAGE_OUTPUT_TOKENS`](super::USAGE_OUTPUT_TOKENS)
pub const USAGE_COMPLETION_TOKENS: &str = "gen_ai.usage.completion_tokens";

/// Input tokens written to the provider's cache, in versions 1.40 to 1.42.
///
/// - Type: int
/// - Example: `200`
/// - Stability: deprecated
/// - Successor: [`USAGE_CACHE_WRITE_INPUT_TOKENS`](super::USAGE_CACHE_WRITE_INPUT_TOKENS)
pub const USAGE_CACHE_CREATION_INPUT_TOKENS: &str = "gen_ai.usage.cache_creation.input_tokens";

/// The side of the tokens in `gen_ai.client.token.usage`.
///
/// - Type: enum: `input`, `output`
/// - Example: `input`
/// - Stability: deprecated
/// - Successor: one metric a side, see [`crate::metrics`]
pub const TOKEN_TYPE: &str = "gen_ai.token.type";

/// The prompt as flat text.
///
/// - Type: string
/// - Example: `Hello`
/// - Stability: deprecated
/// - Successor: [`INPUT_MESSAGES`](super::INPUT_MESSAGES), of another shape
pub const PROMPT: &str = "gen_ai.prompt";

/// The completion as flat text.
///
/// - Type: string
/// - Example: `Hi`
/// - Stability: deprecated
/// - Successor: [`OUTPUT_MESSAGES`](super::OUTPUT_MESSAGES), of another shape
pub const COMPLETION: &str = "gen_ai.completion";
