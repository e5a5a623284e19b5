//! Public behaviour, one module a topic. What installs globals has a test binary of its own.

mod metrics_page;
mod metrics_server;
mod readers;
