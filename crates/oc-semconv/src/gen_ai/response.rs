//! What a model call returned: `gen_ai.response.*`.

/// The provider's id of the answer.
///
/// - Type: string
/// - Example: `msg_01`
/// - Stability: development
pub const RESPONSE_ID: &str = "gen_ai.response.id";

/// The model that answered, which may be more exact than the one asked for.
///
/// - Type: string
/// - Example: `claude-sonnet-4.5-20260301`
/// - Stability: development
pub const RESPONSE_MODEL: &str = "gen_ai.response.model";

/// One reason for each choice, in the provider's order; `error` where one was expected and is
/// missing.
///
/// - Type: string[]
/// - Example: `["stop"]`
/// - Stability: development
pub const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";

/// The time from the request to the first chunk of a streamed answer.
///
/// - Type: double, seconds
/// - Example: `0.42`
/// - Stability: development
pub const RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";

/// The state of a response that is fetched later.
///
/// - Type: enum: `queued`, `in_progress`, `completed`, `incomplete`, `failed`, `cancelled`
/// - Example: `completed`
/// - Stability: development
pub const RESPONSE_STATUS: &str = "gen_ai.response.status";
