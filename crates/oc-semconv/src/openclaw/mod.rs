//! `openclaw.*`: what the conventions have no name for.
//!
//! Kept few on purpose: where a convention exists, its name is used.

mod kind;

pub use kind::{SessionKind, ToolStatus};

/// How the session came to be. Also the label `kind` of `openclaw.session.duration`.
///
/// - Type: enum, see [`SessionKind`]
/// - Example: `sub_agent`
/// - Stability: development
pub const SESSION_KIND: &str = "openclaw.session.kind";

/// The agent that started this sub-agent. On the span of the sub-agent.
///
/// - Type: string
/// - Example: `shadowman`
/// - Stability: development
pub const PARENT_AGENT_NAME: &str = "openclaw.parent_agent.name";

/// How a tool call ended. Also the label `status` of `openclaw.tool.calls`.
///
/// - Type: enum, see [`ToolStatus`]
/// - Example: `denied`
/// - Stability: development
pub const TOOL_STATUS: &str = "openclaw.tool.status";

/// The cost of one model call. On model calls only; absent when the model has no price.
///
/// - Type: double, US dollars
/// - Example: `0.0123`
/// - Stability: development
pub const COST_USD: &str = "openclaw.cost.usd";
