//! The sub-agent's process.
//!
//! The gateway starts its own program again with [`FLAG`]. The task comes on standard input, the
//! answer goes to standard output, and the trace comes in `TRACEPARENT`: the spans below are part
//! of the gateway's trace.

use std::{io::Read, path::PathBuf};

use anyhow::{Context as _, ensure};
use oc_telemetry::{Destination, Telemetry, opentelemetry::context::FutureExt as _};

use crate::{gateway::turn, model::Model, names::SUB_AGENT, tools::Tools};

/// The first argument of a sub-agent's process.
pub const FLAG: &str = "--sub-agent";

/// The arguments after [`FLAG`], as text: the model server, the collector, the folder of the logs.
pub(crate) fn arguments(model: &str, collector: &str, logs: PathBuf) -> Vec<std::ffi::OsString> {
    vec![FLAG.into(), model.into(), collector.into(), logs.into()]
}

/// Does one task and ends.
///
/// # Errors
///
/// Arguments are missing, or the model cannot be reached.
pub fn main(arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let arguments: Vec<String> = arguments.collect();
    ensure!(
        arguments.len() == 3,
        "{FLAG} needs a model, a collector and a log folder"
    );
    let telemetry = Telemetry::builder(SUB_AGENT)
        .with_service_name(SUB_AGENT)
        .with_destination(Destination::otlp("collector", &arguments[1]))
        .without_prometheus()
        .with_log_dir(&arguments[2])
        .install()?;
    let mut task = String::new();
    std::io::stdin()
        .read_to_string(&mut task)
        .context("the task on standard input")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(work(&telemetry, &arguments[0], task));
    // Before the answer: who reads it may look for the spans at once.
    let _ = telemetry.shutdown();
    println!("{}", answer?);
    Ok(())
}

async fn work(telemetry: &Telemetry, model: &str, task: String) -> anyhow::Result<String> {
    let model = Model::new(telemetry.clone(), model);
    let tools = Tools::new(PathBuf::new(), None);
    // The span `invoke_agent` is the gateway's; what this process does belongs below it, and session
    // and user come along.
    let work = turn::run(&model, &tools, task);
    let inherited = telemetry.inherited_context().clone();
    Ok(work.with_context(inherited).await?)
}
