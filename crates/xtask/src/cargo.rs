//! Running cargo and git at the top of the workspace, and what `cargo metadata` tells about the members.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) published: bool,
    /// The names of its features, `default` among them.
    pub(crate) features: Vec<String>,
}

/// The folder that holds the workspace manifest.
pub(crate) fn root() -> PathBuf {
    let mut here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.pop();
    here.pop();
    here
}

/// Runs a program at the top of the workspace and returns what it writes to the standard output.
pub(crate) fn output<S: AsRef<OsStr>>(program: &str, args: &[S]) -> Result<String> {
    let shown = shown(program, args);
    let output = command(program, args, &root())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(
        output.status.success(),
        "`{shown}` ended with {}",
        output.status
    );
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{shown}` wrote something other than UTF-8"))
}

/// Runs a program at the top of the workspace with its output going where ours goes.
pub(crate) fn run<S: AsRef<OsStr>>(program: &str, args: &[S]) -> Result<()> {
    run_with(program, args, &[])
}

/// The same with variables beside those of this process.
pub(crate) fn run_with<S: AsRef<OsStr>>(
    program: &str,
    args: &[S],
    variables: &[(&str, &str)],
) -> Result<()> {
    let shown = shown(program, args);
    let status = command(program, args, &root())
        .envs(variables.iter().copied())
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(status.success(), "`{shown}` ended with {status}");
    Ok(())
}

/// The members of the workspace, in the order of their names.
pub(crate) fn members() -> Result<Vec<Member>> {
    let text = output("cargo", &["metadata", "--format-version=1", "--no-deps"])?;
    let metadata: Value =
        serde_json::from_str(&text).context("`cargo metadata` wrote something other than JSON")?;
    let Some(packages) = metadata["packages"].as_array() else {
        bail!("`cargo metadata` named no packages");
    };
    let mut members = packages.iter().map(member).collect::<Result<Vec<_>>>()?;
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

fn member(package: &Value) -> Result<Member> {
    let name = package["name"]
        .as_str()
        .context("a package without a name")?;
    let features = package["features"]
        .as_object()
        .context("a package without features")?;
    Ok(Member {
        name: name.to_owned(),
        // `publish = false` is an empty list of registries.
        published: package["publish"]
            .as_array()
            .is_none_or(|registries| !registries.is_empty()),
        features: features.keys().cloned().collect(),
    })
}

fn command<S: AsRef<OsStr>>(program: &str, args: &[S], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command
}

fn shown<S: AsRef<OsStr>>(program: &str, args: &[S]) -> String {
    let mut shown = program.to_owned();
    for arg in args {
        shown.push(' ');
        shown.push_str(&arg.as_ref().to_string_lossy());
    }
    shown
}
