//! `with_span!` and its grammar.

/// Runs a body in a span.
///
/// ```text
/// with_span!(NAME, [kind = KIND,] [recorder = RECORDER,] [parent = CONTEXT,] [KEY => VALUE,]… BODY)
/// ```
///
/// - `NAME`: anything `Into<Cow<'static, str>>`.
/// - `KIND`: `Internal` (the default), `Client`, `Server`, `Producer`, `Consumer`, or an expression of type
///   [`SpanKind`](opentelemetry::trace::SpanKind).
/// - `RECORDER`: a [`&Recorder`](crate::Recorder). Default: the one of the context, else the installed one.
/// - `CONTEXT`: the [`Context`](opentelemetry::Context) to continue. Default: the current one.
/// - `KEY => VALUE`: attributes; values by [`IntoValue`](crate::value::IntoValue).
/// - `BODY`: a block `{ … }`, which runs at once and whose value is the macro's; or `async { … }` or
///   `async move { … }`, which makes the macro's value a future, [`WithSpan`](crate::span::WithSpan).
///
/// The span ends with the body, also where that panics (`error.type` is `panic`) or where its future is dropped half
/// way (`cancelled`). If the body's value is an `Err`, the span's status is an error with the error's text, cut to 1 KiB,
/// and `error.type` is what its [`ErrorType`](crate::span::ErrorType) says, else the name of its Rust type. Any other
/// value leaves the status unset.
///
/// `?` and `return` in a body leave the body, not the function around it.
///
/// Where nobody records, the body runs all the same, and name and attributes are not even evaluated.
///
/// ```
/// # use oc_telemetry::with_span;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let total: Result<i64, std::num::ParseIntError> = with_span!("order.sum", "order.lines" => 2, {
///     Ok("40".parse::<i64>()? + "2".parse::<i64>()?)
/// });
/// assert_eq!(total, Ok(42));
///
/// let answer = with_span!("model.ask", kind = Client, async move { total.unwrap_or(0) }).await;
/// assert_eq!(answer, 42);
/// # });
/// ```
///
/// A future that leaves its error type open needs it said, as in plain Rust: `Ok::<_, MyError>(value)`.
#[macro_export]
macro_rules! with_span {
    () => {
        $crate::__with_span!(@usage "a span needs a name and a body")
    };
    ($name:ident = $($rest:tt)*) => {
        $crate::__with_span!(@usage "the first argument is the name of the span")
    };
    ($body:block) => {
        $crate::__with_span!(@usage "the first argument is the name of the span")
    };
    ($name:expr $(,)?) => {
        $crate::__with_span!(@usage "the body is missing")
    };
    ($name:expr, $($rest:tt)+) => {
        $crate::__with_span!(@arguments [$name] [] [] [] [] $($rest)+)
    };
    ($($rest:tt)+) => {
        $crate::__with_span!(@usage "the first argument is the name of the span")
    };
}

/// The parts of [`with_span!`]: collects the arguments as `[name] [kind] [recorder] [parent] [attributes]`, then
/// builds. `#[with_span]`, which has its own parser, comes in at `@value` and `@future`.
#[doc(hidden)]
#[macro_export]
macro_rules! __with_span {
    // The body, which is last.
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt async move $body:block $(,)?) => {
        $crate::__with_span!(@future $n $k $r $p $a (async move $body))
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt async $body:block $(,)?) => {
        $crate::__with_span!(@future $n $k $r $p $a (async $body))
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt $body:block $(,)?) => {
        $crate::__with_span!(@value $n $k $r $p $a (|| $body))
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt) => {
        $crate::__with_span!(@usage "the body is missing")
    };

    // Arguments by name.
    (@arguments $n:tt [] $r:tt $p:tt $a:tt kind = $kind:ident, $($rest:tt)*) => {
        $crate::__with_span!(
            @arguments $n [$crate::__with_span!(@kind $kind)] $r $p $a $($rest)*
        )
    };
    (@arguments $n:tt [] $r:tt $p:tt $a:tt kind = $kind:expr, $($rest:tt)*) => {
        $crate::__with_span!(@arguments $n [$kind] $r $p $a $($rest)*)
    };
    (@arguments $n:tt $k:tt [] $p:tt $a:tt recorder = $recorder:expr, $($rest:tt)*) => {
        $crate::__with_span!(@arguments $n $k [$recorder] $p $a $($rest)*)
    };
    (@arguments $n:tt $k:tt $r:tt [] $a:tt parent = $parent:expr, $($rest:tt)*) => {
        $crate::__with_span!(@arguments $n $k $r [$parent] $a $($rest)*)
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt kind = $($rest:tt)*) => {
        $crate::__with_span!(@argument "`kind`" $($rest)*)
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt recorder = $($rest:tt)*) => {
        $crate::__with_span!(@argument "`recorder`" $($rest)*)
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt parent = $($rest:tt)*) => {
        $crate::__with_span!(@argument "`parent`" $($rest)*)
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt $unknown:ident = $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "with_span!: unknown argument `",
            ::core::stringify!($unknown),
            "`: expected `kind`, `recorder` or `parent`, or an attribute as `\"key\" => value`",
        ))
    };

    // Attributes. A literal needs no copy.
    (@arguments $n:tt $k:tt $r:tt $p:tt [$($a:tt)*] $key:expr => $value:literal, $($rest:tt)*) => {
        $crate::__with_span!(
            @arguments $n $k $r $p [$($a)* ($key, $crate::__private::literal($value))] $($rest)*
        )
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt [$($a:tt)*] $key:expr => $value:expr, $($rest:tt)*) => {
        $crate::__with_span!(@arguments $n $k $r $p [$($a)* ($key, $value)] $($rest)*)
    };
    (@arguments $n:tt $k:tt $r:tt $p:tt $a:tt $key:expr => $value:expr) => {
        $crate::__with_span!(@usage "the body is missing")
    };
    (@arguments $($rest:tt)*) => {
        $crate::__with_span!(@usage "this is neither an argument, nor an attribute, nor a body")
    };

    (@argument $argument:literal $value:expr) => {
        $crate::__with_span!(@usage "the body is missing")
    };
    (@argument $argument:literal $value:expr, $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!("with_span!: ", $argument, " is given twice"))
    };
    (@argument $argument:literal $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!("with_span!: ", $argument, " needs a value"))
    };

    (@kind Internal) => { $crate::__private::SpanKind::Internal };
    (@kind Client) => { $crate::__private::SpanKind::Client };
    (@kind Server) => { $crate::__private::SpanKind::Server };
    (@kind Producer) => { $crate::__private::SpanKind::Producer };
    (@kind Consumer) => { $crate::__private::SpanKind::Consumer };
    (@kind $unknown:ident) => {
        ::core::compile_error!(::core::concat!(
            "with_span!: unknown kind `",
            ::core::stringify!($unknown),
            "`: expected Internal, Client, Server, Producer or Consumer",
        ))
    };

    // What all comes to.
    (@value $n:tt $k:tt $r:tt $p:tt $a:tt ($body:expr)) => {
        'with_span: {
            let mut witness = $crate::__private::witness();
            if let $crate::__private::Some(value) = witness.value() {
                break 'with_span value;
            }
            let span = $crate::__with_span!(@span $n $k $r $p $a);
            $crate::__private::run(span, witness, $body, $crate::__with_span!(@outcome))
        }
    };
    (@future $n:tt $k:tt $r:tt $p:tt $a:tt ($body:expr)) => {{
        let span = $crate::__with_span!(@span $n $k $r $p $a);
        $crate::__private::wrap(span, $body, $crate::__with_span!(@outcome))
    }};
    (@span [$name:expr] [$($kind:expr)?] $r:tt $p:tt [$(($key:expr, $value:expr))*]) => {{
        let mut draft = $crate::__private::Draft::new(
            $crate::__with_span!(@recorder $r),
            $crate::__with_span!(@parent $p),
        );
        if draft.is_on() {
            draft.name($name);
            $(draft.kind($kind);)?
            $(draft.attribute($key, $value);)*
        }
        draft.start()
    }};
    (@recorder []) => { $crate::__private::None };
    (@recorder [$recorder:expr]) => {
        $crate::__private::Some($crate::__private::recorder($recorder))
    };
    (@parent []) => { $crate::__private::None };
    (@parent [$parent:expr]) => { $crate::__private::Some($parent) };
    (@outcome) => {
        |value| {
            use $crate::__private::{
                ViaDisplay as _, ViaErrorType as _, ViaNothing as _, ViaResult as _,
            };
            (&&&&$crate::__private::probe(value)).__oc_failure()
        }
    };

    (@usage $problem:literal) => {
        ::core::compile_error!(::core::concat!(
            "with_span!: ",
            $problem,
            "; write with_span!(\"name\", kind = Client, \"key\" => value, { body }), \
             where all but name and body may be absent and the body may be `async { .. }`",
        ))
    };
}
