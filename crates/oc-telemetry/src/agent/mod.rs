//! The spans that make an agent gateway legible.
//!
//! ```text
//! openclaw.session                    Session    a trace of its own, linked with its turns
//! message.process                     Turn       one per message of a user
//! └─ invoke_agent shadowman           AgentSpan
//!    ├─ chat claude-sonnet-4.5        LlmCall    usage and cost live here and nowhere above
//!    ├─ execute_tool read_file        ToolCall
//!    └─ invoke_agent researcher       SubAgent   in the process, or a child process
//! ```
//!
//! Each records what the GenAI conventions ask for by construction: what they require is an argument
//! or an enum, the rest a setter. Each feeds the metrics of the agent by itself. Each ends when it is
//! dropped, and honestly: without an outcome it is `cancelled`, in a panic it is `panic`, and only
//! [`ok`](LlmCall::ok) is not a failure.
//!
//! What an error says is content: it quotes what it choked on. `run` and streams, which take the outcome
//! from an error, therefore record its type, and its text only where all content of messages and tools
//! is captured on spans. What `fail` is given is the program's own statement and stands as it is; make it
//! of text that quotes nothing.
//!
//! They record to the telemetry of the current context, as `with_span!` does: the installed one, or
//! the one whose [`scope`](crate::Telemetry::scope) or server span they run below.
//!
//! ```
//! use oc_telemetry::{Telemetry, agent::{AgentSpan, LlmCall, ToolCall, Usage}, config::Lookup};
//! use oc_telemetry::semconv::gen_ai::ProviderName;
//!
//! let telemetry = Telemetry::builder("gateway")
//! #   .with_environment(Lookup::empty()).without_prometheus().without_log_files()
//!     .build()?;
//! let session = telemetry.session("demo").with_agent("shadowman").with_user("ada").start();
//! let turn = session.turn().start();
//! turn.scope(|| {
//!     let agent = AgentSpan::new("shadowman").start();
//!     agent.scope(|| {
//!         let call = LlmCall::chat(ProviderName::Anthropic, "claude-sonnet-4.5").start();
//!         call.usage(&Usage::new(120, 40));
//!         call.finish_reason("tool_calls");
//!         call.ok();
//!
//!         let tool = ToolCall::new("read_file").with_call_id("call_1").start();
//!         tool.ok();
//!     });
//!     agent.ok();
//! });
//! turn.ok();
//! session.end();
//! # Ok::<(), oc_telemetry::InitError>(())
//! ```

mod agent_span;
mod identity;
mod llm;
pub(crate) mod local_root;
mod open;
mod runtime;
mod session;
mod sub_agent;
mod tool;
mod turn;

pub use crate::model_body::Usage;
pub use agent_span::{AgentSpan, AgentSpanBuilder};
pub use identity::{Experiment, Identity};
pub use llm::{Chunk, Cost, LlmCall, LlmCallBuilder, LlmItems, LlmStream};
pub(crate) use runtime::{AgentSettings, Agents};
pub use runtime::{Dialect, SpanNaming};
pub use session::{Session, SessionBuilder};
pub use sub_agent::{SubAgent, SubAgentBuilder};
pub use tool::{ToolCall, ToolCallBuilder, ToolPhase};
pub use turn::{Turn, TurnBuilder};
