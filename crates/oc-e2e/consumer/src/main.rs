//! The quick start, as a program that depends on nothing but oc-telemetry.

use std::process::ExitCode;

use oc_telemetry::opentelemetry::{KeyValue, global};
use oc_telemetry::{Destination, InitError, Telemetry, with_span};

fn main() -> Result<ExitCode, InitError> {
    // Leaves nothing behind: no log files, and `/metrics` on a free port. A gateway keeps both defaults.
    let telemetry = Telemetry::builder("consumer")
        .with_destination(Destination::console())
        .with_prometheus_addr(([127, 0, 0, 1], 0).into())
        .without_log_files()
        .install()?;

    let words = with_span!("message.process", "message.text" => "one two three", {
        // The API of OpenTelemetry itself, at the version that oc-telemetry speaks.
        let messages = global::meter("consumer").u64_counter("messages").build();
        messages.add(1, &[KeyValue::new("kind", "text")]);
        with_span!("words.count", { "one two three".split(' ').count() })
    });

    let report = telemetry.shutdown();
    println!(
        "{words} words; everything delivered: {}",
        report.is_complete()
    );
    Ok(if report.is_complete() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
