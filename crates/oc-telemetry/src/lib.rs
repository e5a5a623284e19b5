//! oc-telemetry.
