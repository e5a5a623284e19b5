//! The tools of the example's agents. They do real work.

mod read_file;
mod run_program;
mod sub_agent;

use std::{borrow::Cow, fmt, path::PathBuf};

use oc_telemetry::{agent::ToolCall, span::ErrorType};

use crate::model::ToolRequest;

/// What an agent may use, and what the tools need for it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tools {
    /// The folder that files are read from.
    pub sandbox: PathBuf,
    /// How a sub-agent's process is started; `None` for agents that must not have any.
    pub sub_agent: Option<SubAgentCommand>,
}

impl Tools {
    /// The tools of an agent.
    pub fn new(sandbox: PathBuf, sub_agent: Option<SubAgentCommand>) -> Self {
        Self { sandbox, sub_agent }
    }

    /// Runs one tool in a span of its own. An error is an answer too: the model gets to read it.
    pub async fn run(&self, request: &ToolRequest) -> String {
        let call = ToolCall::new(request.name.clone())
            .with_call_id(request.call_id.clone())
            .with_type("function")
            .start();
        match call.run(async |_| self.call(request).await).await {
            Ok(answer) => answer,
            Err(error) => format!("the tool failed: {error}"),
        }
    }

    async fn call(&self, request: &ToolRequest) -> Result<String, ToolError> {
        let arguments: serde_json::Value = serde_json::from_str(&request.arguments)
            .map_err(|_| ToolError::Denied("arguments that are not JSON"))?;
        let text = |key: &str| arguments[key].as_str().unwrap_or_default().to_owned();
        match request.name.as_str() {
            "read_file" => read_file::run(&self.sandbox, &text("path")).await,
            "system_name" => run_program::run().await,
            "ask_researcher" => sub_agent::run(self, &text("task")).await,
            _ => Err(ToolError::Denied("a tool that does not exist")),
        }
    }
}

pub use sub_agent::SubAgentCommand;

/// Why a tool did not do its work.
#[derive(Debug)]
#[non_exhaustive]
pub enum ToolError {
    /// The agent asked for something that it must not have.
    Denied(&'static str),
    /// It took too long.
    Timeout,
    /// The operating system refused.
    Io(std::io::Error),
    /// The program or the sub-agent ended with an error.
    Failed(String),
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(what) => write!(f, "denied: {what}"),
            Self::Timeout => f.write_str("it took too long"),
            Self::Io(error) => write!(f, "{error}"),
            Self::Failed(status) => write!(f, "it ended with {status}"),
        }
    }
}

impl std::error::Error for ToolError {}

impl From<std::io::Error> for ToolError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl ErrorType for ToolError {
    fn error_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Denied(_) => "denied",
            Self::Timeout => "timeout",
            Self::Io(_) => "io",
            Self::Failed(_) => "exit_status",
        })
    }
}
