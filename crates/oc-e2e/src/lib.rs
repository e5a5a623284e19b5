//! Tests against real engines and foreign clients, kept apart because they need programs that `cargo test` must not.
//!
//! So far it holds `consumer/`, a crate outside the workspace that depends on oc-telemetry as a user's would and on
//! nothing else (`.ci/run consumer` builds and runs it), and the examples of the top README as doc tests.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
