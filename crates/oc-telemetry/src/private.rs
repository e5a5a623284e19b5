//! What the macros expand to. Not part of the API: it changes with the macros, which are pinned to it.

use std::fmt;

pub use std::{
    clone::Clone,
    option::Option::{self, None, Some},
};

pub use opentelemetry::trace::SpanKind;

use crate::{
    Recorder,
    span::{ErrorType, Failure, Span, WithSpan},
    value::Literal,
};

pub use crate::span::draft::Draft;

/// A literal of the source text.
#[inline]
pub fn literal<T>(value: T) -> Literal<T> {
    Literal(value)
}

/// Checks that `recorder = …` is a reference to a recorder.
#[inline]
pub fn recorder(recorder: &Recorder) -> Recorder {
    recorder.clone()
}

/// Stands for the type of a body's value before there is a value.
///
/// `with_span!` breaks out of a labelled block with [`value`](Witness::value), which never happens. The compiler thereby
/// learns the type that is expected of the macro before it looks at the body, as it would for a plain block, and a
/// body that ends with `Ok(())` knows its error type in time for [`Probe`].
#[derive(Debug)]
pub struct Witness<R>(Option<R>);

#[inline]
pub fn witness<R>() -> Witness<R> {
    Witness(None)
}

impl<R> Witness<R> {
    #[inline]
    pub fn value(&mut self) -> Option<R> {
        self.0.take()
    }
}

/// Runs a synchronous body.
#[inline]
pub fn run<R>(
    span: Span,
    _witness: Witness<R>,
    body: impl FnOnce() -> R,
    outcome: impl FnOnce(&R) -> Option<Failure>,
) -> R {
    span.in_scope_with(body, outcome)
}

/// Wraps an asynchronous body.
#[inline]
pub fn wrap<F: Future>(
    span: Span,
    future: F,
    outcome: fn(&F::Output) -> Option<Failure>,
) -> WithSpan<F> {
    span.wrap_with(future, outcome)
}

/// Finds out what a body's value says about its success, for a value of any type.
///
/// There is one trait for each case, implemented for a different number of references. A method call on three references
/// tries them in that order, so that the first that fits is taken: an error that names its type, one that can be
/// shown, any other, and a value that is no `Result`. The method's name is one that no trait in the user's scope has.
#[derive(Debug)]
pub struct Probe<'a, R>(&'a R);

#[inline]
pub fn probe<R>(value: &R) -> Probe<'_, R> {
    Probe(value)
}

pub trait ViaErrorType {
    fn __oc_failure(&self) -> Option<Failure>;
}

impl<T, E: ErrorType> ViaErrorType for &&&Probe<'_, Result<T, E>> {
    #[inline]
    fn __oc_failure(&self) -> Option<Failure> {
        self.0.as_ref().err().map(Failure::from_error)
    }
}

/// A body that never ends has no type yet when the methods are looked up, and gets this one later.
impl ViaErrorType for &&&Probe<'_, ()> {
    #[inline]
    fn __oc_failure(&self) -> Option<Failure> {
        None
    }
}

impl ViaErrorType for &&&Probe<'_, Never> {
    #[inline]
    fn __oc_failure(&self) -> Option<Failure> {
        None
    }
}

pub trait ViaDisplay {
    fn __oc_failure(&self) -> Option<Failure>;
}

impl<T, E: fmt::Display> ViaDisplay for &&Probe<'_, Result<T, E>> {
    #[inline]
    fn __oc_failure(&self) -> Option<Failure> {
        self.0.as_ref().err().map(Failure::from_display)
    }
}

pub trait ViaResult {
    fn __oc_failure(&self) -> Option<Failure>;
}

impl<T, E> ViaResult for &Probe<'_, Result<T, E>> {
    #[inline]
    fn __oc_failure(&self) -> Option<Failure> {
        self.0.as_ref().err().map(|_| Failure::from_type::<E>())
    }
}

pub trait ViaNothing {
    fn __oc_failure(&self) -> Option<Failure>;
}

impl<R> ViaNothing for Probe<'_, R> {
    #[inline]
    fn __oc_failure(&self) -> Option<Failure> {
        None
    }
}

/// The type `!`, which has no name of its own outside of return types.
type Never = <fn() -> ! as Returns>::Value;

pub trait Returns {
    type Value;
}

impl<R> Returns for fn() -> R {
    type Value = R;
}
