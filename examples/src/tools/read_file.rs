use std::path::{Component, Path};

use super::ToolError;

/// The largest file that is handed to a model.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads a file below the sandbox folder.
pub(super) async fn run(sandbox: &Path, path: &str) -> Result<String, ToolError> {
    let relative = Path::new(path);
    let is_plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if path.is_empty() || !is_plain {
        return Err(ToolError::Denied("a path outside of the sandbox"));
    }
    let (sandbox, file) = (sandbox.to_owned(), sandbox.join(relative));
    // Files have no asynchronous interface; the runtime keeps threads for that.
    let read = tokio::task::spawn_blocking(move || {
        let (sandbox, file) = (sandbox.canonicalize()?, file.canonicalize()?);
        if !file.starts_with(sandbox) {
            return Err(ToolError::Denied("a link out of the sandbox"));
        }
        if file.metadata()?.len() > MAX_BYTES {
            return Err(ToolError::Denied("a file of more than 64 KiB"));
        }
        Ok(std::fs::read_to_string(file)?)
    });
    read.await
        .unwrap_or_else(|error| Err(ToolError::Failed(error.to_string())))
}
