//! What a model call asks for: `gen_ai.request.*` and the operation it belongs to.

/// The operation. Decides the span's name and kind; set it when the span is created.
///
/// - Type: enum, see [`OperationName`](super::OperationName)
/// - Example: `chat`
/// - Stability: development
pub const OPERATION_NAME: &str = "gen_ai.operation.name";

/// The provider as the client sees it. Set it when the span is created.
///
/// - Type: enum, open, see [`ProviderName`](super::ProviderName)
/// - Example: `anthropic`
/// - Stability: development
pub const PROVIDER_NAME: &str = "gen_ai.provider.name";

/// The content type the request asks for.
///
/// - Type: enum: `text`, `json`, `image`, `speech`
/// - Example: `json`
/// - Stability: development
pub const OUTPUT_TYPE: &str = "gen_ai.output.type";

/// The model the request names. Set it when the span is created.
///
/// - Type: string
/// - Example: `claude-sonnet-4.5`
/// - Stability: development
pub const REQUEST_MODEL: &str = "gen_ai.request.model";

/// The largest number of tokens the model may generate.
///
/// - Type: int
/// - Example: `4096`
/// - Stability: development
pub const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";

/// The number of choices asked for; recorded only where it is not 1.
///
/// - Type: int
/// - Example: `3`
/// - Stability: development
pub const REQUEST_CHOICE_COUNT: &str = "gen_ai.request.choice.count";

/// The sampling temperature.
///
/// - Type: double
/// - Example: `0.2`
/// - Stability: development
pub const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";

/// The nucleus sampling setting.
///
/// - Type: double
/// - Example: `0.95`
/// - Stability: development
pub const REQUEST_TOP_P: &str = "gen_ai.request.top_p";

/// The top-k sampling setting. Older generations of the conventions had a double.
///
/// - Type: int
/// - Example: `40`
/// - Stability: development
pub const REQUEST_TOP_K: &str = "gen_ai.request.top_k";

/// The sequences at which the model stops.
///
/// - Type: string[]
/// - Example: `["END"]`
/// - Stability: development
pub const REQUEST_STOP_SEQUENCES: &str = "gen_ai.request.stop_sequences";

/// The frequency penalty.
///
/// - Type: double
/// - Example: `0.1`
/// - Stability: development
pub const REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";

/// The presence penalty.
///
/// - Type: double
/// - Example: `0.1`
/// - Stability: development
pub const REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";

/// The seed of a request that asks for repeatable output.
///
/// - Type: int
/// - Example: `42`
/// - Stability: development
pub const REQUEST_SEED: &str = "gen_ai.request.seed";

/// Whether the answer is streamed; recorded only where it is `true`.
///
/// - Type: boolean
/// - Example: `true`
/// - Stability: development
pub const REQUEST_STREAM: &str = "gen_ai.request.stream";

/// The encoding formats an embeddings request asks for.
///
/// - Type: string[]
/// - Example: `["float"]`
/// - Stability: development
pub const REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";

/// The reasoning effort, exactly as it was sent.
///
/// - Type: string
/// - Example: `high`
/// - Stability: development
pub const REQUEST_REASONING_LEVEL: &str = "gen_ai.request.reasoning.level";

/// The response this request continues.
///
/// - Type: string
/// - Example: `resp_1`
/// - Stability: development
pub const REQUEST_PREVIOUS_RESPONSE_ID: &str = "gen_ai.request.previous_response.id";

/// The position from which a stored response is fetched.
///
/// - Type: string
/// - Example: `17`
/// - Stability: development
pub const REQUEST_STREAM_CURSOR: &str = "gen_ai.request.stream_cursor";
