//! The macros mean the same wherever they stand: without a prelude, beside names that hide the standard ones, and
//! under strict lints.

use super::spans::collect::recorder;

/// A crate without a prelude, with names of its own for everything that an expansion could lean on.
#[deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    reason = "an expansion must not bring lints of its own"
)]
#[expect(
    dead_code,
    non_camel_case_types,
    reason = "the names are there to be in the way"
)]
mod hostile {
    use ::oc_telemetry::{attributes::*, with_span};

    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Future;
    pub(super) struct Clone;
    pub(super) struct SpanKind;
    pub(super) struct Recorder;
    pub(super) struct u64;
    pub(super) struct bool;
    mod std {}
    mod core {}
    mod alloc {}
    mod opentelemetry {}
    mod oc_telemetry {}

    /// A trait whose method has the name of the one that looks at outcomes.
    trait Failure {
        fn failure(&self) -> i32 {
            9
        }
    }
    impl<T> Failure for T {}

    type Outcome = ::std::result::Result<i32, ::std::num::ParseIntError>;

    pub(super) fn value(witness: i32) -> i32 {
        let (span, draft, value) = (1, 2, 3);
        with_span!("value", kind = Client, "key" => draft, "literal" => "x", {
            witness.failure() + witness + span + draft + value
        })
    }

    pub(super) fn question_mark(text: &str) -> Outcome {
        with_span!("question_mark", {
            let number: i32 = text.parse()?;
            ::std::result::Result::Ok(number)
        })
    }

    pub(super) fn break_out() -> i32 {
        'with_span: {
            let inner = with_span!("break_out", { 4 });
            if inner == 4 {
                break 'with_span inner;
            }
            0
        }
    }

    pub(super) async fn future(witness: i32) -> i32 {
        with_span!("future", async move { witness }).await
    }

    #[with_span(kind = Server, "key" => witness)]
    pub(super) fn function(witness: i32) -> i32 {
        witness
    }

    #[with_span("method", "literal" => true)]
    pub(super) async fn asynchronous(text: &str) -> Outcome {
        let value: i32 = text.parse()?;
        if value == 0 {
            return ::std::result::Result::Ok(1);
        }
        ::std::result::Result::Ok(value)
    }

    #[with_span]
    pub(super) async fn unit(_unused: &str) {}
}

/// A library that hands oc-telemetry on under a name of its own.
mod renamed {
    pub(super) mod library {
        pub(crate) use ::oc_telemetry as telemetry;
    }

    #[library::telemetry::attributes::with_span(crate = library::telemetry)]
    pub(super) fn function() -> u8 {
        library::telemetry::with_span!("inner", { 1 })
    }
}

/// All of it records and returns what it should.
#[tokio::test]
async fn everything_is_found() {
    let (recorder, spans) = recorder();
    let _entered = recorder.enter();
    assert_eq!(hostile::value(1), 16);
    assert_eq!(hostile::question_mark("5"), Ok(5));
    assert!(hostile::question_mark("x").is_err());
    assert_eq!(hostile::break_out(), 4);
    assert_eq!(hostile::future(6).await, 6);
    assert_eq!(hostile::function(7), 7);
    assert_eq!(hostile::asynchronous("8").await, Ok(8));
    assert_eq!(hostile::asynchronous("0").await, Ok(1));
    hostile::unit("").await;
    assert_eq!(renamed::function(), 1);
    assert_eq!(
        spans.names(),
        [
            "value",
            "question_mark",
            "question_mark",
            "break_out",
            "future",
            "function",
            "method",
            "method",
            "unit",
            "inner",
            "function"
        ]
    );
}

/// Each misuse is an error that says what is wrong and how to write it.
///
/// Where the text is not only ours it is compared on one compiler version, because the rest is that compiler's.
#[test]
fn misuse_is_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    let version = std::process::Command::new("rustc")
        .arg("--version")
        .output();
    if version.unwrap().stdout.starts_with(b"rustc 1.95.") {
        cases.compile_fail("tests/ui/pinned/*.rs");
    }
}
