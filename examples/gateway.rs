//! The main job: a gateway that takes messages, runs an agent, and shows what it did.
//!
//! ```text
//! cargo run --example gateway             # serves until Ctrl-C; prints a curl line to try
//! cargo run --example gateway -- --once   # three messages, their traces, the metrics; then ends
//! ```
//!
//! The model server, the tools and the sub-agent are stand-ins, but everything between them is
//! real: HTTP over loopback, files, programs, a child process. With `OTEL_EXPORTER_OTLP_ENDPOINT`
//! set, everything is sent there as well.

#![allow(
    clippy::print_stderr,
    reason = "a program tells its user what went wrong"
)]

use std::process::ExitCode;

use examples::{gateway, sub_agent};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next().as_deref() {
        None => gateway::serve(),
        Some("--once") => gateway::once(),
        // The gateway starts itself again as the sub-agent's process.
        Some(sub_agent::FLAG) => sub_agent::main(arguments),
        Some(other) => {
            eprintln!("unknown argument {other}; the only one is --once");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
