//! The attribute macro of oc-telemetry. Use it through `oc_telemetry::attributes`.

use proc_macro::TokenStream;

mod args;
mod expand;
mod validate;

/// Runs the body of a function in a span.
///
/// ```text
/// #[with_span]
/// #[with_span(NAME, kind = KIND, recorder = RECORDER, parent = CONTEXT, KEY => VALUE, …)]
/// ```
///
/// The arguments are those of the macro `with_span!`, each optional:
///
/// - `NAME`: anything `Into<Cow<'static, str>>`. Default: the function's name.
/// - `kind`: `Internal` (the default), `Client`, `Server`, `Producer`, `Consumer`, or an expression.
/// - `recorder`: a `&Recorder`. Default: the one of the context, else the installed one.
/// - `parent`: the `Context` to continue. Default: the current one.
/// - `KEY => VALUE`: attributes.
/// - `crate = PATH`: where `oc_telemetry` is, if not at `::oc_telemetry`.
///
/// Expressions may use the function's parameters; those that the body still needs are to be borrowed. No parameter is
/// recorded by itself, because parameters hold what users wrote.
///
/// It works on functions and methods, synchronous and `async`, generic or not. The span of an `async fn` starts at the
/// first poll and ends as `cancelled` when the future is dropped before it is done. An `Err` that the function
/// returns sets the span's status and `error.type`; so does a panic.
///
/// Not for `const fn`, for `extern` functions and for functions without a body. A function that returns a boxed future
/// is synchronous: its span ends when the future is made.
#[proc_macro_attribute]
pub fn with_span(args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let expanded = validate::function(item.clone()).and_then(|function| {
        let args = syn::parse(args)?;
        let args = validate::arguments(args)?;
        Ok(expand::expand(&args, &function))
    });
    match expanded {
        Ok(tokens) => tokens.into(),
        Err(error) => {
            // The function stays as it was, so that a mistake here is one error and not one at each of its uses.
            let mut tokens = error.into_compile_error();
            tokens.extend(item);
            tokens.into()
        }
    }
}
