//! What a body's value says about its span, for values of any type.

use std::{borrow::Cow, error::Error, fmt, io, num::ParseIntError};

use oc_telemetry::{
    span::{ErrorType, Failure, span},
    with_span,
};
use opentelemetry::trace::Status;

use super::collect::{Collected, attribute, recorder};

/// An error that names its own type.
#[derive(Debug)]
struct Coded(&'static str);

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.0)
    }
}

impl ErrorType for Coded {
    fn error_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0)
    }
}

impl From<ParseIntError> for Coded {
    fn from(_: ParseIntError) -> Self {
        Self("parse")
    }
}

/// An error that can only be shown.
#[derive(Debug)]
struct Shown;

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shown")
    }
}

/// An error that cannot even be shown.
struct Mute<T>(T);

fn failure(spans: &Collected) -> (Option<String>, Status) {
    let span = spans.only();
    (attribute(&span, "error.type"), span.status)
}

fn failed(error_type: &str, description: &str) -> (Option<String>, Status) {
    (
        Some(error_type.to_owned()),
        Status::error(description.to_owned()),
    )
}

const FINE: (Option<String>, Status) = (None, Status::Unset);

/// Each way to fail, in the synchronous form: the error's own type, its type's name, `_OTHER`.
#[test]
fn each_kind_of_error_synchronous() {
    let (recorder, spans) = recorder();
    let _entered = recorder.enter();

    let _ = with_span!("s", { Err::<(), _>(Coded("quota")) });
    assert_eq!(failure(&spans), failed("quota", "code quota"));
    let _ = with_span!("s", { Err::<(), _>(Shown) });
    assert_eq!(
        failure(&spans),
        failed("api::spans::outcome::Shown", "shown")
    );
    let _ = with_span!("s", { Err::<(), _>(Mute(1)) });
    assert_eq!(failure(&spans), failed("api::spans::outcome::Mute", ""));
    let _ = with_span!("s", { Err::<(), Box<dyn Error>>("boxed".into()) });
    assert_eq!(failure(&spans), failed("_OTHER", "boxed"));
    let _ = with_span!("s", { Err::<(), _>(String::from("text")) });
    assert_eq!(failure(&spans), failed("_OTHER", "text"));
    let _ = with_span!("s", { Err::<(), _>(io::Error::other("io")) });
    assert_eq!(failure(&spans), failed("std::io::error::Error", "io"));

    let _ = with_span!("s", { Ok::<_, Coded>(1) });
    assert_eq!(failure(&spans), FINE);
    let _ = with_span!("s", { Ok::<_, Mute<u8>>(1) });
    assert_eq!(failure(&spans), FINE);
    let _ = with_span!("s", { Some(1) });
    assert_eq!(failure(&spans), FINE);
    with_span!("s", {});
    assert_eq!(failure(&spans), FINE);
    assert_eq!(Mute(1).0, 1);
}

/// The same in the asynchronous form.
#[tokio::test]
async fn each_kind_of_error_asynchronous() {
    let (recorder, spans) = recorder();

    let _ = with_span!("s", recorder = &recorder, async {
        Err::<(), _>(Coded("quota"))
    })
    .await;
    assert_eq!(failure(&spans), failed("quota", "code quota"));
    let _ = with_span!("s", recorder = &recorder, async { Err::<(), _>(Shown) }).await;
    assert_eq!(
        failure(&spans),
        failed("api::spans::outcome::Shown", "shown")
    );
    let _ = with_span!("s", recorder = &recorder, async { Err::<(), _>(Mute(1)) }).await;
    assert_eq!(failure(&spans), failed("api::spans::outcome::Mute", ""));
    let _ = with_span!("s", recorder = &recorder, async { Ok::<_, Coded>(1) }).await;
    assert_eq!(failure(&spans), FINE);
    let _ = with_span!("s", recorder = &recorder, async { "value" }).await;
    assert_eq!(failure(&spans), FINE);
}

/// `?` ends the span with the error, and the body's error type is found from where the macro stands: a function's
/// last expression, a binding with a type, an argument.
#[test]
fn question_mark() {
    fn last(text: &str) -> Result<i32, Coded> {
        with_span!("s", {
            let number = text.parse::<i32>()?;
            Ok(number + 1)
        })
    }
    fn shown(text: &str) -> Result<i32, Box<dyn Error + Send + Sync>> {
        with_span!("s", { Ok(text.parse::<i32>()? + 1) })
    }
    let (recorder, spans) = recorder();
    let _entered = recorder.enter();

    assert_eq!(last("1").unwrap(), 2);
    assert_eq!(failure(&spans), FINE);
    assert!(last("x").is_err());
    assert_eq!(failure(&spans), failed("parse", "code parse"));
    assert!(shown("x").is_err());
    assert_eq!(
        failure(&spans),
        failed("_OTHER", "invalid digit found in string")
    );
    let bound: Result<i32, ParseIntError> = with_span!("s", { Ok("y".parse::<i32>()? + 1) });
    assert!(bound.is_err());
    assert_eq!(
        failure(&spans),
        failed(
            "core::num::error::ParseIntError",
            "invalid digit found in string"
        )
    );
}

/// A future whose error type only its surroundings tell, for errors that name their type.
#[tokio::test]
async fn question_mark_in_a_future() {
    async fn last(text: &str) -> Result<i32, Coded> {
        with_span!("s", async {
            let number = text.parse::<i32>()?;
            Ok(number + 1)
        })
        .await
    }
    let (recorder, spans) = recorder();
    let _entered = recorder.enter();
    assert!(last("x").await.is_err());
    assert_eq!(failure(&spans), failed("parse", "code parse"));
}

/// Bodies that never come to a value are bodies too.
#[tokio::test]
async fn bodies_without_end() {
    #[expect(clippy::unused_async, reason = "only its type matters")]
    async fn serve() {
        let _forever = with_span!("s", async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        let _typed = with_span!("s", async move { std::future::pending::<u8>().await });
    }
    serve().await;
    let stop =
        std::panic::catch_unwind(|| with_span!("s", { std::panic::resume_unwind(Box::new(1)) }));
    assert!(stop.is_err());
    let unwritten = || -> u8 { with_span!("s", { unreachable!() }) };
    assert!(size_of_val(&unwritten) == 0);
}

/// The text of an error is cut, between characters: to what the redaction before the export needs.
#[test]
fn long_errors_are_cut() {
    let (recorder, spans) = recorder();
    // 1 KiB is exported; 4 KiB more are kept until secrets are taken out.
    let text = "é".repeat(3000);
    let _ = with_span!("s", recorder = &recorder, { Err::<(), _>(text) });
    let (_, status) = failure(&spans);
    assert_eq!(status, Status::error("é".repeat(512 + 2048)));
}

/// An error whose own code panics does not turn the body's result into a panic.
#[test]
fn a_panicking_error_type() {
    struct Hostile;
    impl fmt::Display for Hostile {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            std::panic::resume_unwind(Box::new("display"))
        }
    }
    impl ErrorType for Hostile {
        fn error_type(&self) -> Cow<'static, str> {
            std::panic::resume_unwind(Box::new("type"))
        }
    }
    let (recorder, spans) = recorder();
    assert!(with_span!("s", recorder = &recorder, { Err::<(), _>(Hostile) }).is_err());
    assert_eq!(spans.names(), ["s"]);
}

/// A status that the body set to OK stands, as the specification demands.
#[test]
fn ok_is_final() {
    use opentelemetry::{Context, trace::TraceContextExt};

    let (recorder, spans) = recorder();
    let _ = with_span!("s", recorder = &recorder, {
        Context::current().span().set_status(Status::Ok);
        Err::<(), _>(Shown)
    });
    assert_eq!(spans.only().status, Status::Ok);
}

/// The same without macros: the caller says what is a failure.
#[tokio::test]
async fn outcomes_by_hand() {
    fn outcome(result: &Result<(), Shown>) -> Option<Failure> {
        result.as_ref().err().map(Failure::from_display)
    }
    let (recorder, spans) = recorder();
    let expected = failed("api::spans::outcome::Shown", "shown");
    let sync = span("s").recorder(&recorder).start();
    let _ = sync.in_scope_with(|| Err(Shown), outcome);
    assert_eq!(failure(&spans), expected);
    let asynchronous = span("s").recorder(&recorder).start();
    let _ = asynchronous.wrap_with(async { Err(Shown) }, outcome).await;
    assert_eq!(failure(&spans), expected);
    span("s")
        .recorder(&recorder)
        .in_scope(|| Err::<(), _>(Shown))
        .unwrap_err();
    assert_eq!(failure(&spans), FINE);
}
