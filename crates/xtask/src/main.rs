//! Workspace chores that plain cargo cannot do. `cargo xtask` without arguments lists them.

mod cargo;
mod duplicates;
mod e2e;
mod env_docs;
mod examples;
mod features;
mod layout;
mod package;
mod printer;
mod semconv;
mod tree;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::printer::Printer;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut out = Printer::new();
    match run(&args, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out.error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String], out: &mut Printer) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some((command, rest)) = args.split_first() else {
        bail!("no command given\n{USAGE}");
    };
    match *command {
        "layout" => layout::run(rest, out),
        "env-docs" => env_docs::run(rest, out),
        "semconv" => semconv::run(rest, out),
        "package" => package::run(rest, out),
        "duplicates" => duplicates::run(rest, out),
        "features" => features::run(rest, out),
        "examples" => examples::run(rest, out),
        "e2e" => e2e::run(rest, out),
        other => bail!("unknown command `{other}`\n{USAGE}"),
    }
}

const USAGE: &str = "\
usage: cargo xtask <command>
  layout                  check the shape of the tree: files, manifests, dependencies, indexes
  env-docs [--check]      write docs/configuration.md from the table in oc-telemetry, or compare the two
  semconv [--check]       write the names of oc-semconv from the tables in its model/, or compare the two
  duplicates [--list]     check that every crate in the tree twice has its reason in docs/architecture.md
  features [--list]       lint each published crate with no feature and with each alone
  features --covered      check that `cargo test --workspace` builds every feature of the published crates
  examples                print the names of the examples that examples/README.md lists
  e2e mlflow [args]       start an engine, run its test of oc-e2e against it; what follows goes to the test
  package [--allow-dirty] package and build every published crate, licences included";
