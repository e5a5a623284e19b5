//! `cargo xtask e2e <engine>`: installs an engine, starts it, runs its test of oc-e2e, stops it.
//!
//! What is installed lies in a folder of the user's, by version, so that it is installed once; nothing of it lies in the
//! checkout.

mod mlflow;
mod server;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::printer::Printer;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    match args {
        ["mlflow", rest @ ..] => mlflow::run(rest, out),
        [] => bail!("`e2e` needs an engine: mlflow"),
        [other, ..] => bail!("`e2e` knows the engine mlflow, not `{other}`"),
    }
}

/// Where an engine of this version is installed.
fn installation(engine: &str, version: &str) -> Result<PathBuf> {
    let cache = match variable("XDG_CACHE_HOME") {
        Some(folder) => folder,
        None => variable("HOME").context("HOME is not set")?.join(".cache"),
    };
    Ok(cache.join("oc-e2e").join(format!("{engine}-{version}")))
}

/// Runs the test of this name against the server at `url`; `args` go to the test.
fn test(name: &str, url: (&str, &str), args: &[&str]) -> Result<()> {
    let mut command = vec![
        "test",
        "--package=oc-e2e",
        "--features=e2e",
        "--test",
        name,
        "--",
    ];
    command.extend(args);
    cargo::run_with("cargo", &command, &[url])
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folder of the user's caches; this program is no library"
)]
fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name)?;
    (!value.is_empty()).then(|| PathBuf::from(value))
}
