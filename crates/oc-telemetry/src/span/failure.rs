//! How a span fails: its `error.type` and what it says, from any error type.

use std::{
    borrow::Cow,
    error::Error,
    fmt::{self, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::privacy::Redactor;

/// The `error.type` of an error: one of a small, fixed set of names, fit for grouping and for metric labels.
///
/// Implement it for an error that knows better than its Rust type name, such as an enum whose variants matter. An empty
/// implementation gives the type's name. It must never contain what varies from call to call: no ids, paths or texts.
///
/// ```
/// use std::{borrow::Cow, fmt};
///
/// use oc_telemetry::span::ErrorType;
///
/// enum ToolError {
///     Denied,
///     Timeout,
/// }
///
/// impl fmt::Display for ToolError {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("the tool did not run")
///     }
/// }
///
/// impl ErrorType for ToolError {
///     fn error_type(&self) -> Cow<'static, str> {
///         match self {
///             Self::Denied => "denied".into(),
///             Self::Timeout => "timeout".into(),
///         }
///     }
/// }
/// assert_eq!(ToolError::Denied.error_type(), "denied");
/// ```
#[diagnostic::on_unimplemented(
    message = "the span around this body needs to know the body's error type, here `{Self}`",
    label = "the error type was not known yet at the end of this body",
    note = "name it in the body, as in `Ok::<_, {Self}>(value)`",
    note = "or say what its errors are called: `impl oc_telemetry::span::ErrorType for {Self} {{}}`"
)]
pub trait ErrorType: fmt::Display {
    /// The error's type. Default: the name of the Rust type, as [`Failure::from_display`] gives it.
    fn error_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(type_name::<Self>())
    }
}

macro_rules! named_by_type {
    ($($error:ty,)+) => { $(impl ErrorType for $error {})+ };
}

named_by_type! {
    String, &str, Box<str>, Cow<'_, str>,
    Box<dyn Error + '_>, Box<dyn Error + Send + '_>, Box<dyn Error + Send + Sync + '_>,
    fmt::Error, std::io::Error, std::convert::Infallible, std::time::SystemTimeError,
    std::num::ParseIntError, std::num::ParseFloatError, std::num::TryFromIntError,
    std::str::Utf8Error, std::string::FromUtf8Error, std::str::ParseBoolError,
    std::net::AddrParseError, std::sync::mpsc::RecvError,
    http::Error, hyper::Error, serde_json::Error, tokio::task::JoinError,
}

/// Why a span failed: the status description and the `error.type` attribute of the semantic conventions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    error_type: Cow<'static, str>,
    description: Cow<'static, str>,
}

impl Failure {
    /// A failure with the given `error.type` and description. A longer description than 1 KiB is cut
    /// when its secrets have been taken out.
    pub fn new(
        error_type: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        let description = match description.into() {
            Cow::Borrowed(text) => Cow::Borrowed(cut(text, KEPT)),
            Cow::Owned(mut text) => {
                text.truncate(cut(&text, KEPT).len());
                Cow::Owned(text)
            }
        };
        Self {
            error_type: error_type.into(),
            description,
        }
    }

    /// A failure from an error that names its own type.
    pub fn from_error<E: ErrorType + ?Sized>(error: &E) -> Self {
        Self::new(error.error_type(), describe(error))
    }

    /// A failure from any error that can be shown. `error.type` is the name of its Rust type without generic
    /// arguments, or `_OTHER` where that says nothing (`Box<dyn Error>`, strings, tuples).
    pub fn from_display<E: fmt::Display + ?Sized>(error: &E) -> Self {
        Self::new(type_name::<E>(), describe(error))
    }

    /// A failure from an error of which nothing is known but its type.
    pub fn from_type<E: ?Sized>() -> Self {
        Self::new(type_name::<E>(), "")
    }

    /// The value of `error.type`.
    pub fn error_type(&self) -> &str {
        &self.error_type
    }

    /// The status description, at most 1 KiB.
    pub fn description(&self) -> &str {
        cut_description(&self.description)
    }

    /// The description without secrets, at most 1 KiB.
    pub(crate) fn redacted(&self, redactor: &Redactor) -> String {
        cut_description(&redactor.redact(&self.description)).to_owned()
    }

    /// The body panicked.
    pub(crate) const fn panic() -> Self {
        Self {
            error_type: Cow::Borrowed("panic"),
            description: Cow::Borrowed("panic"),
        }
    }

    /// The future was dropped before it was done.
    pub(crate) const fn cancelled() -> Self {
        Self {
            error_type: Cow::Borrowed("cancelled"),
            description: Cow::Borrowed("cancelled"),
        }
    }

    /// The type, and the description with what stands behind its cut: whoever records it redacts it
    /// first, and then applies [`cut_description`].
    pub(crate) fn into_parts(self) -> (Cow<'static, str>, Cow<'static, str>) {
        (self.error_type, self.description)
    }
}

/// The text of `error`, of which no more than the limit is ever formatted.
///
/// A `Display` that fails or panics costs the rest of its text, not the program.
fn describe<E: fmt::Display + ?Sized>(error: &E) -> String {
    let mut text = Bounded(String::new());
    let _shown = catch_unwind(AssertUnwindSafe(|| write!(text, "{error}")));
    text.0
}

/// A string that takes up to [`KEPT`] bytes and then stops the formatting.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let part = cut(text, KEPT.saturating_sub(self.0.len()));
        self.0.push_str(part);
        if part.len() == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// What of a status description is sent.
pub(crate) fn cut_description(text: &str) -> &str {
    cut(text, DESCRIPTION_LIMIT)
}

/// The longest beginning of `text` that has at most `limit` bytes and ends at a character's end.
fn cut(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// The name of `E` without references, smart pointers and generic arguments.
fn type_name<E: ?Sized>() -> &'static str {
    let mut name = std::any::type_name::<E>();
    while let Some(inner) = POINTERS
        .iter()
        .find_map(|pointer| name.strip_prefix(pointer))
    {
        name = inner;
    }
    let name = name.split(['<', '>', ',']).next().unwrap_or(name);
    let says_something = name.contains("::") && !name.starts_with(['(', '[', '*', '{']);
    if !says_something || OPAQUE.iter().any(|opaque| name.starts_with(opaque)) {
        OTHER
    } else {
        name
    }
}

/// Bytes of a status description.
const DESCRIPTION_LIMIT: usize = 1024;

/// Bytes of a status description that are kept until it is redacted: a secret that the limit cuts is
/// recognised only as a whole.
const KEPT: usize = DESCRIPTION_LIMIT + 4096;

/// The semantic conventions' value where no better one is known.
const OTHER: &str = "_OTHER";

/// What is taken off the front of a type's name.
const POINTERS: [&str; 5] = [
    "&mut ",
    "&",
    "alloc::boxed::Box<",
    "alloc::sync::Arc<",
    "alloc::rc::Rc<",
];

/// Types that hold any error at all, so that their name would group what does not belong together.
const OPAQUE: [&str; 6] = [
    "dyn ",
    "alloc::string::String",
    "alloc::borrow::Cow",
    "anyhow::Error",
    "eyre::Report",
    "fn(",
];

#[cfg(test)]
mod tests {
    use super::*;

    struct Generic<T>(T);

    /// The name of a type groups errors: pointers and generic arguments are left out, and what holds any error is
    /// `_OTHER`.
    #[test]
    fn type_names() {
        assert_eq!(type_name::<std::io::Error>(), "std::io::error::Error");
        assert_eq!(type_name::<Box<fmt::Error>>(), "core::fmt::Error");
        assert_eq!(type_name::<&fmt::Error>(), "core::fmt::Error");
        assert_eq!(
            type_name::<Generic<u8>>(),
            "oc_telemetry::span::failure::tests::Generic"
        );
        assert_eq!(type_name::<Box<dyn Error + Send + Sync>>(), OTHER);
        assert_eq!(type_name::<String>(), OTHER);
        assert_eq!(type_name::<&'static str>(), OTHER);
        assert_eq!(type_name::<(fmt::Error, u8)>(), OTHER);
        assert_eq!(type_name::<u8>(), OTHER);
        assert_eq!(Generic(1).0, 1);
    }

    /// A description ends at a character's end, at the limit at the latest, and a shorter one is whole.
    #[test]
    fn descriptions_are_cut_between_characters() {
        let long = "ä".repeat(DESCRIPTION_LIMIT);
        let odd = format!("x{long}");
        assert_eq!(
            Failure::from_display(&odd).description().len(),
            DESCRIPTION_LIMIT - 1
        );
        assert_eq!(
            Failure::new("t", odd.clone()).description(),
            &odd[..DESCRIPTION_LIMIT - 1]
        );
        assert_eq!(Failure::from_display("short").description(), "short");
    }

    /// An error whose `Display` panics or fails keeps what it wrote before, and nothing is thrown.
    #[test]
    fn a_broken_display_is_harmless() {
        struct Broken;
        impl fmt::Display for Broken {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("before ")?;
                Err(fmt::Error)
            }
        }

        struct Panics;
        impl fmt::Display for Panics {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("before ")?;
                std::panic::resume_unwind(Box::new("on purpose"))
            }
        }

        assert_eq!(Failure::from_display(&Broken).description(), "before ");
        assert_eq!(Failure::from_display(&Panics).description(), "before ");
    }
}
