//! MLflow: a Python package.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use super::server::{Folder, Server, free_addr};
use crate::cargo;
use crate::printer::Printer;

/// What the test is run against.
const VERSION: &str = "3.18.0";

pub(super) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    let folder = super::installation("mlflow", VERSION)?;
    if installed(&folder).as_deref() != Some(VERSION) {
        out.line(format!("installs MLflow {VERSION} in {}", folder.display()));
        install(&folder)?;
    }
    let addr = free_addr()?;
    let data = Folder::new("mlflow")?;
    let database = format!("sqlite:///{}", data.path().join("mlflow.db").display());
    let mut command = Command::new(folder.join("bin").join("mlflow"));
    command
        .args(["server", "--backend-store-uri", &database, "--workers", "1"])
        .args(["--host", &addr.ip().to_string()])
        .args(["--port", &addr.port().to_string()])
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        // Two processes instead of seven.
        .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
        // Without a network the look-up of a price holds each request for seconds.
        .env("MLFLOW_MODEL_CATALOG_URI", "");
    let mut server = Server::start(command, data)?;
    server.wait(addr, "/health")?;
    let url = format!("http://{addr}");
    out.line(format!("MLflow {VERSION} at {url}"));
    super::test("mlflow", ("OC_E2E_MLFLOW_URL", &url), args)
}

/// The version in `folder`, if there is a usable one.
fn installed(folder: &Path) -> Option<String> {
    let script = "import importlib.metadata as m; print(m.version('mlflow'))";
    let output = Command::new(folder.join("bin").join("python"))
        .args(["-c", script])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| version.trim().to_owned())
}

fn install(folder: &Path) -> Result<()> {
    let folder_arg = folder.as_os_str().to_owned();
    cargo::run(
        "python3",
        &["-m".into(), "venv".into(), "--clear".into(), folder_arg],
    )?;
    // An older release where the parts of this one cannot be found: it brings what is needed.
    pip(folder, &["install", &format!("mlflow<={VERSION}")])?;
    if installed(folder).as_deref() != Some(VERSION) {
        let parts = ["mlflow", "mlflow-skinny", "mlflow-tracing"];
        pip(
            folder,
            &["uninstall", "--yes", parts[0], parts[1], parts[2]],
        )?;
        // The whole package has everything that the parts have.
        let whole = format!("mlflow=={VERSION}");
        pip(folder, &["install", "--no-deps", &whole])?;
    }
    match installed(folder) {
        Some(version) if version == VERSION => Ok(()),
        _ => bail!("MLflow {VERSION} cannot be installed"),
    }
}

fn pip(folder: &Path, args: &[&str]) -> Result<()> {
    let python = folder.join("bin").join("python");
    let mut all: Vec<OsString> = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
        .into_iter()
        .map(Into::into)
        .collect();
    all.extend(args.iter().map(Into::into));
    cargo::run(&python.to_string_lossy(), &all)
}
