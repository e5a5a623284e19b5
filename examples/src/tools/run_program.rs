use std::time::Duration;

use tokio::{process::Command, time::timeout};

use super::ToolError;

/// Runs the one program that the agents may run: it names the operating system.
pub(super) async fn run() -> Result<String, ToolError> {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "ver"]);
        command
    } else {
        Command::new("uname")
    };
    command.kill_on_drop(true);
    let output = timeout(Duration::from_secs(5), command.output())
        .await
        .map_err(|_| ToolError::Timeout)??;
    if !output.status.success() {
        return Err(ToolError::Failed(output.status.to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
