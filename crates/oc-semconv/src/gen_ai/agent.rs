//! Agents, conversations, workflows: `gen_ai.{agent,main_agent,conversation,workflow}.*`.

/// The conversation. Left out where there is no real one: never a fresh UUID, a trace id or a hash.
///
/// - Type: string
/// - Example: `agent:shadowman:main`
/// - Stability: development
pub const CONVERSATION_ID: &str = "gen_ai.conversation.id";

/// Whether the conversation's history was compacted; recorded only where it is `true`.
///
/// - Type: boolean
/// - Example: `true`
/// - Stability: development
pub const CONVERSATION_COMPACTED: &str = "gen_ai.conversation.compacted";

/// The stable id of a hosted agent; not for objects in memory.
///
/// - Type: string
/// - Example: `asst_5`
/// - Stability: development
pub const AGENT_ID: &str = "gen_ai.agent.id";

/// The name of the agent. Set it when the span is created.
///
/// - Type: string
/// - Example: `shadowman`
/// - Stability: development
pub const AGENT_NAME: &str = "gen_ai.agent.name";

/// What the agent is for, as its author wrote it.
///
/// - Type: string
/// - Example: `answers questions about orders`
/// - Stability: development
pub const AGENT_DESCRIPTION: &str = "gen_ai.agent.description";

/// The version of the agent.
///
/// - Type: string
/// - Example: `1.3.0`
/// - Stability: development
pub const AGENT_VERSION: &str = "gen_ai.agent.version";

/// The stable id of the agent a process exists for. On the resource.
///
/// - Type: string
/// - Example: `asst_5`
/// - Stability: development
pub const MAIN_AGENT_ID: &str = "gen_ai.main_agent.id";

/// The name of the agent a process exists for. On the resource.
///
/// - Type: string
/// - Example: `shadowman`
/// - Stability: development
pub const MAIN_AGENT_NAME: &str = "gen_ai.main_agent.name";

/// What that agent is for. On the resource.
///
/// - Type: string
/// - Example: `answers questions about orders`
/// - Stability: development
pub const MAIN_AGENT_DESCRIPTION: &str = "gen_ai.main_agent.description";

/// The name of a workflow, of low cardinality.
///
/// - Type: string
/// - Example: `triage`
/// - Stability: development
pub const WORKFLOW_NAME: &str = "gen_ai.workflow.name";
