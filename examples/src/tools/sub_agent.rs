use std::{ffi::OsString, path::PathBuf, process::Stdio, time::Duration};

use oc_telemetry::agent::SubAgent;
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::{ToolError, Tools};
use crate::names::SUB_AGENT;

/// How a sub-agent's process is started.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubAgentCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl SubAgentCommand {
    /// A program with arguments.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self { program, arguments }
    }
}

/// The longest a sub-agent may think.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks a sub-agent: a process of its own, which continues the trace from its environment.
pub(super) async fn run(tools: &Tools, task: &str) -> Result<String, ToolError> {
    let Some(program) = &tools.sub_agent else {
        return Err(ToolError::Denied("a sub-agent of a sub-agent"));
    };
    let mut command = Command::new(&program.program);
    command
        .args(&program.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let sub_agent = SubAgent::new(SUB_AGENT).start();
    // Trace, session and user; the environment of this process stays as it is.
    sub_agent.inject(command.as_std_mut());
    sub_agent.run(async |_| ask(command, task).await).await
}

async fn ask(mut command: Command, task: &str) -> Result<String, ToolError> {
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(task.as_bytes()).await?;
    }
    let output = timeout(PATIENCE, child.wait_with_output())
        .await
        .map_err(|_| ToolError::Timeout)??;
    if !output.status.success() {
        return Err(ToolError::Failed(output.status.to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
