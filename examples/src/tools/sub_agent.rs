use std::{ffi::OsString, path::PathBuf, process::Stdio, time::Duration};

use oc_telemetry::{
    opentelemetry::{Context, KeyValue, baggage::BaggageExt},
    semconv::session,
};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::{ToolError, Tools};

/// How a sub-agent's process is started.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubAgentCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The session that asks.
    pub session: String,
}

impl SubAgentCommand {
    /// A program with arguments, on behalf of a session.
    pub fn new(program: PathBuf, arguments: Vec<OsString>, session: String) -> Self {
        Self {
            program,
            arguments,
            session,
        }
    }
}

/// The longest a sub-agent may think.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks a sub-agent: a process of its own, which continues the trace from its environment.
pub(super) async fn run(tools: &Tools, task: &str) -> Result<String, ToolError> {
    let Some(sub_agent) = &tools.sub_agent else {
        return Err(ToolError::Denied("a sub-agent of a sub-agent"));
    };
    let mut command = Command::new(&sub_agent.program);
    command
        .args(&sub_agent.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    // The child learns the trace and, by baggage, the session. Baggage is added here and not for
    // the whole turn: other servers have no business with it.
    let with_session =
        Context::current().with_baggage([KeyValue::new(session::ID, sub_agent.session.clone())]);
    {
        let _attached = with_session.attach();
        tools.telemetry.inject_command(command.as_std_mut());
    }
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
