//! oc-telemetry-macros.
