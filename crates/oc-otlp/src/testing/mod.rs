//! An OTLP server in the test's process.
//!
//! For tests only; outside the semver promise.
