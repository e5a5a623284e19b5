//! Tools and skills: `gen_ai.{tool,skill}.*`.

/// The name of the tool. Set it when the span is created.
///
/// - Type: string
/// - Example: `read_file`
/// - Stability: development
pub const TOOL_NAME: &str = "gen_ai.tool.name";

/// Where the tool runs: in the client, in the agent's platform, or as a store that is queried.
///
/// - Type: string: `function`, `extension`, `datastore`
/// - Example: `function`
/// - Stability: development
pub const TOOL_TYPE: &str = "gen_ai.tool.type";

/// The id by which the model refers to this call.
///
/// - Type: string
/// - Example: `call_7`
/// - Stability: development
pub const TOOL_CALL_ID: &str = "gen_ai.tool.call.id";

/// What the tool does, as the model was told.
///
/// - Type: string
/// - Example: `reads a file below the sandbox`
/// - Stability: development
pub const TOOL_DESCRIPTION: &str = "gen_ai.tool.description";

/// What the tool was called with. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `{"path":"notes.txt"}`
/// - Stability: development
pub const TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";

/// What the tool returned. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `{"size":12}`
/// - Stability: development
pub const TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";

/// The tools the model could choose from. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `[{"type":"function","name":"read_file"}]`
/// - Stability: development
pub const TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";

/// The name of a skill.
///
/// - Type: string
/// - Example: `release-notes`
/// - Stability: development
pub const SKILL_NAME: &str = "gen_ai.skill.name";

/// What the skill is for.
///
/// - Type: string
/// - Example: `writes release notes`
/// - Stability: development
pub const SKILL_DESCRIPTION: &str = "gen_ai.skill.description";

/// Where the skill was loaded from.
///
/// - Type: string
/// - Example: `file:///skills/release-notes`
/// - Stability: development
pub const SKILL_SOURCE_URI: &str = "gen_ai.skill.source.uri";

/// The resource of a skill that was read.
///
/// - Type: string
/// - Example: `template.md`
/// - Stability: development
pub const SKILL_RESOURCE_NAME: &str = "gen_ai.skill.resource.name";
