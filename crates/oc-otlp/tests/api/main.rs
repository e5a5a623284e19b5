//! The public behaviour of the crate, from payload to receiver.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail as tests do"
)]

mod sample;
mod tls;
mod transport;
