//! oc-semconv.
