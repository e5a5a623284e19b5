//! oc-otlp.
