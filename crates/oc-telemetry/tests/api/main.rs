//! Public behaviour, one module a topic. What installs globals has a test binary of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the support functions of a test fail by panicking, as the test does"
)]

mod agent;
mod bad_input;
mod destinations;
mod duplicates;
mod ended;
mod environment;
mod host_sdk;
mod identity;
mod jaeger_sampler;
mod llm;
mod local_roots;
mod logs;
mod macro_hygiene;
mod metric_callbacks;
mod metrics;
mod metrics_page;
mod middleware;
mod mlflow;
mod privacy;
mod random_flag;
mod readers;
mod runtimes;
mod shutdown;
mod spans;
mod support;
mod telemetry;
