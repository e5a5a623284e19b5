//! oc-propagate.
