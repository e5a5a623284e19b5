//! Public behaviour, one module a topic. What installs globals has a test binary of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the support functions of a test fail by panicking, as the test does"
)]

mod ended;
mod macro_hygiene;
mod metrics_page;
mod metrics_server;
mod middleware;
mod readers;
mod spans;
mod telemetry;
