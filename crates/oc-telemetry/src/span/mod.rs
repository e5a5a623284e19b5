//! Spans of our own: from the SDK, active through the OpenTelemetry [`Context`](opentelemetry::Context), nothing else.
//!
//! Most code uses [`with_span!`](crate::with_span) or the attribute [`#[with_span]`](crate::attributes::with_span).
//! [`span`] is the same without a macro, for spans that end elsewhere than where they start:
//!
//! ```
//! use oc_telemetry::span::{Failure, span};
//!
//! let call = span("tool.read_file").attribute("gen_ai.tool.name", "read_file").start();
//! let read = call.scope(|| std::fs::read_to_string("/does/not/exist"));
//! if let Err(error) = &read {
//!     call.fail(Failure::from_error(error));
//! }
//! call.end();
//! ```
//!
//! These spans do not go through the `tracing` crate, but they nest with its spans in both directions wherever
//! tracing-opentelemetry is installed with its context activation, which is its default.
//!
//! Without a [`Recorder`](crate::Recorder), bodies and futures run as if there was no span.

use std::borrow::Cow;

pub use self::{
    builder::SpanBuilder,
    failure::{ErrorType, Failure},
    future::WithSpan,
    handle::Span,
};

pub(crate) use self::failure::cut_description;

mod builder;
pub(crate) mod draft;
mod failure;
mod future;
mod handle;
pub(crate) mod random;

/// A span named `name`, to be described further and then started.
///
/// The name is one of few: it says what kind of work this is. What varies belongs into attributes.
pub fn span(name: impl Into<Cow<'static, str>>) -> SpanBuilder {
    SpanBuilder::new(name.into())
}
