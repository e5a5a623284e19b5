//! oc-e2e.
