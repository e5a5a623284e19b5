//! `cargo xtask package`: what would go to the registry is complete and builds by itself.

use anyhow::{Result, bail, ensure};

use crate::cargo;
use crate::layout::manifests::PUBLISHED_FILES;
use crate::printer::Printer;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    if let Some(arg) = args.iter().find(|arg| **arg != "--allow-dirty") {
        bail!("`package` takes `--allow-dirty`, not `{arg}`");
    }
    let members = cargo::members()?;
    let published: Vec<&str> = members
        .iter()
        .filter(|member| member.published)
        .map(|member| member.name.as_str())
        .collect();
    ensure!(!published.is_empty(), "the workspace publishes no crate");

    let mut missing = Vec::new();
    for name in &published {
        let mut list = vec!["package", "--list", "--package", name];
        list.extend_from_slice(args);
        let files = cargo::output("cargo", &list)?;
        for file in PUBLISHED_FILES {
            if !files.lines().any(|line| line == *file) {
                missing.push(format!("{name}: {file}"));
            }
        }
    }
    ensure!(
        missing.is_empty(),
        "files missing from the packages: {}",
        missing.join(", ")
    );

    // All at once: cargo then resolves each crate's path dependencies to the packages of this very run.
    let mut package = vec!["package", "--quiet", "--locked"];
    for name in &published {
        package.extend(["--package", name]);
    }
    package.extend_from_slice(args);
    cargo::run("cargo", &package)?;
    out.line(format!("packaged {}", published.join(", ")));
    Ok(())
}
