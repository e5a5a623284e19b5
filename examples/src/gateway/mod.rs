//! The gateway: an HTTP server in front of an agent.

mod collector;
mod conventions;
mod http;
mod once;
mod sessions;
pub(crate) mod turn;

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context as _;
use oc_telemetry::{Destination, Telemetry, TelemetryBuilder, TelemetryGuard};

use crate::model::ModelServer;
use collector::Collector;
use http::{Gateway, Parts};
use sessions::Sessions;

/// The service that stands in for a model server, with spans of its own.
const MODEL_SERVER: &str = "model-server";

/// Where the gateway listens unless the port is taken.
const ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8787);

/// Serves until Ctrl-C and prints every trace as a tree.
///
/// # Errors
///
/// No socket, no thread, no folder for the sandbox.
pub fn serve() -> anyhow::Result<()> {
    let sandbox = sandbox()?;
    let collector = Collector::start()?;
    let telemetry = telemetry(&collector).install()?;
    for warning in telemetry.warnings() {
        eprintln!("{warning}");
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let gateway = start(&telemetry, &collector, sandbox.path(), Some(ADDR)).await?;
        println!("gateway   http://{}/v1/messages", gateway.addr());
        match telemetry.metrics_addr() {
            Some(addr) => println!("metrics   http://{addr}/metrics"),
            None => println!("metrics   not served yet, the port is taken"),
        }
        if let Some(file) = telemetry.log_file() {
            println!("logs      {}", file.display());
        }
        println!(
            "traces    printed here as they end; all processes send to a collector in this one"
        );
        println!("\ntry       {}\n", gateway.curl("Read the notes."));
        let printing = collector.print_traces(vec![
            Telemetry::clone(&telemetry),
            gateway.model_telemetry(),
        ]);
        stop_requested().await?;
        printing.abort();
        gateway.close();
        anyhow::Ok(())
    })?;
    let report = telemetry.shutdown();
    collector.print_rest();
    println!("{report}");
    Ok(())
}

/// Sends three messages to itself, prints what came of them, and ends.
///
/// # Errors
///
/// Something does not start, a message is not answered as it should be, or a trace is not whole.
pub fn once() -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("oc-gateway-").tempdir()?;
    let sandbox = sandbox()?;
    let collector = Collector::start()?;
    let telemetry = telemetry(&collector)
        .with_prometheus_addr(SocketAddr::from(([127, 0, 0, 1], 0)))
        .with_log_dir(folder.path().join("logs"))
        .install()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(once::run(&telemetry, &collector, sandbox.path()))?;
    drop(runtime);
    once::finish(telemetry, &collector)?;
    // The lines stay readable for whoever wants to look at them.
    println!("\nlogs in {}", folder.keep().join("logs").display());
    Ok(())
}

fn telemetry(collector: &Collector) -> TelemetryBuilder {
    Telemetry::builder("openclaw-gateway")
        .with_destination(Destination::otlp("collector", collector.endpoint()))
        .with_shutdown_timeout(Duration::from_secs(5))
}

/// Starts the model server and the gateway in front of it.
async fn start(
    telemetry: &TelemetryGuard,
    collector: &Collector,
    sandbox: &Path,
    addr: Option<SocketAddr>,
) -> anyhow::Result<Gateway> {
    let model_telemetry = Telemetry::builder(MODEL_SERVER)
        .with_service_name(MODEL_SERVER)
        .with_destination(Destination::otlp("collector", collector.endpoint()))
        .without_prometheus()
        .without_log_files()
        .build()?;
    let model = ModelServer::start(model_telemetry.clone()).await?;
    let telemetry: &Telemetry = telemetry;
    let parts = Parts {
        telemetry: telemetry.clone(),
        model,
        model_telemetry,
        collector: collector.endpoint(),
        sandbox: sandbox.to_owned(),
        sessions: Sessions::new(telemetry.clone()),
    };
    Gateway::listen(parts, addr).await
}

/// Completes at Ctrl-C, and where there is such a thing at SIGTERM, which is how services are ended.
async fn stop_requested() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.context("waiting for Ctrl-C"),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")
}

/// A folder with the one file that the agent may read.
fn sandbox() -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::write(
        folder.path().join("notes.txt"),
        "The lighthouse at Cape Aster was lit in 1861 and burns oil no more.\n",
    )?;
    Ok(folder)
}
