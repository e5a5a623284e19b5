//! Public behaviour of the crate, one module a topic.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are tests too, which the lints do not see"
)]

mod baggage;
mod env;
mod trace_context;
mod vectors;
mod w3c;
