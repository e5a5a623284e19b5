//! The pieces that the examples share.
//!
//! * [`gateway`]: the HTTP server, its sessions, the turn of an agent.
//! * [`model`]: a stand-in model server that speaks the OpenAI chat-completions format with
//!   server-sent events, and the client for it.
//! * [`tools`]: reading a file below a sandbox folder, running a fixed program, asking a sub-agent.
//! * [`sub_agent`]: the sub-agent's process.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to the person who runs it"
)]

pub mod gateway;
pub mod mlflow_server;
pub mod model;
pub mod offline;
pub mod sub_agent;
pub mod tools;

/// The names that stand in spans and metric labels.
pub mod names {
    /// The agent that answers messages.
    pub const AGENT: &str = "shadowman";
    /// The agent that it asks for research.
    pub const SUB_AGENT: &str = "researcher";
    /// The model both use.
    pub const MODEL: &str = "claude-sonnet-4.5";
}
