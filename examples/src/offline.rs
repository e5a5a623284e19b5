//! What the small examples share: a telemetry that sends to a collector in this process.

use std::time::Duration;

use anyhow::ensure;
use oc_telemetry::{
    Destination, Telemetry,
    testing::{OtlpReceiver, TraceTree, check_whole},
};

/// A telemetry of its own without log files and without `/metrics`, and where it sends to. What the
/// environment names as destinations gets everything as well.
///
/// # Errors
///
/// No socket or no thread.
pub fn start(service: &str) -> anyhow::Result<(Telemetry, OtlpReceiver)> {
    let collector = OtlpReceiver::start()?;
    let telemetry = Telemetry::builder(service)
        .with_destination(Destination::otlp("collector", collector.http_endpoint()))
        .without_prometheus()
        .without_log_files()
        .build()?;
    Ok((telemetry, collector))
}

/// Ends the telemetry and prints the traces as they arrived.
///
/// # Errors
///
/// A trace is not whole, there are not as many as expected, or something was lost on the way.
pub fn finish(
    telemetry: &Telemetry,
    collector: &OtlpReceiver,
    traces: usize,
) -> anyhow::Result<()> {
    let report = telemetry.shutdown_within(Duration::from_secs(5));
    let spans = collector.spans();
    let trees = TraceTree::from_spans(&spans);
    for tree in &trees {
        println!("{}", tree.render());
    }
    println!("{report}");
    ensure!(check_whole(&spans).is_ok(), "a trace is not whole");
    ensure!(
        trees.len() == traces,
        "{} traces, not {traces}",
        trees.len()
    );
    Ok(())
}
