//! Definitions of events: log records with an event name. The names alone are in [`crate::event`].
//!
//! ```
//! use oc_semconv::events;
//!
//! let details = &events::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS;
//! assert_eq!(details.severity_number, Some(5));
//! assert!(details.is_opt_in);
//! ```

use crate::attributes::{Requirement, Stability};
pub use crate::generated::events::*;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventDefinition {
    /// The name.
    pub name: &'static str,
    /// The severity number it is recorded with, where the conventions set one.
    pub severity_number: Option<u8>,
    /// Whether it is recorded only where somebody asks for it.
    pub is_opt_in: bool,
    /// The [id](crate::spans::SpanDefinition::id) of the span whose attributes it carries.
    pub same_as_span: Option<&'static str>,
    /// What it carries, the most asked-for first.
    pub attributes: &'static [Requirement],
    /// How far one may rely on it.
    pub stability: Stability,
}
