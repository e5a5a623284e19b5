//! Token counts: `gen_ai.usage.*`. Every detail is a subset of its total.

/// Tokens of the input, cached ones included.
///
/// - Type: int
/// - Example: `1200`
/// - Stability: development
pub const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";

/// Tokens of the output, reasoning included; the billed count where a provider reports two.
///
/// - Type: int
/// - Example: `310`
/// - Stability: development
pub const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";

/// Input tokens read from the provider's cache. A part of [`USAGE_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `800`
/// - Stability: development
pub const USAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";

/// Input tokens written to the provider's cache. A part of [`USAGE_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `200`
/// - Stability: development
pub const USAGE_CACHE_WRITE_INPUT_TOKENS: &str = "gen_ai.usage.cache_write.input_tokens";

/// Output tokens spent on reasoning. A part of [`USAGE_OUTPUT_TOKENS`].
///
/// - Type: int
/// - Example: `90`
/// - Stability: development
pub const USAGE_REASONING_OUTPUT_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";

/// Text tokens of the input. A part of [`USAGE_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_TEXT_INPUT_TOKENS: &str = "gen_ai.usage.text.input_tokens";

/// Text tokens of the output. A part of [`USAGE_OUTPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_TEXT_OUTPUT_TOKENS: &str = "gen_ai.usage.text.output_tokens";

/// Text tokens of the input that came from the cache. A part of [`USAGE_CACHE_READ_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_TEXT_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.text.cache_read.input_tokens";

/// Image tokens of the input. A part of [`USAGE_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_IMAGE_INPUT_TOKENS: &str = "gen_ai.usage.image.input_tokens";

/// Image tokens of the output. A part of [`USAGE_OUTPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_IMAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.image.output_tokens";

/// Image tokens of the input that came from the cache. A part of [`USAGE_CACHE_READ_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_IMAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.image.cache_read.input_tokens";

/// Audio tokens of the input. A part of [`USAGE_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_AUDIO_INPUT_TOKENS: &str = "gen_ai.usage.audio.input_tokens";

/// Audio tokens of the output. A part of [`USAGE_OUTPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_AUDIO_OUTPUT_TOKENS: &str = "gen_ai.usage.audio.output_tokens";

/// Audio tokens of the input that came from the cache. A part of [`USAGE_CACHE_READ_INPUT_TOKENS`].
///
/// - Type: int
/// - Example: `12`
/// - Stability: development
pub const USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.audio.cache_read.input_tokens";

/// The modality of counted tokens. On metrics only.
///
/// - Type: enum: `text`, `image`, `audio`, `unknown`
/// - Example: `text`
/// - Stability: development
pub const TOKEN_MODALITY: &str = "gen_ai.token.modality";
