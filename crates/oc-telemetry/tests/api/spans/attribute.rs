//! `#[with_span]` on functions of all shapes.

use std::{fmt::Display, future::Future, sync::Arc};

use oc_telemetry::{attributes::*, with_span};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status},
};

use super::collect::{attribute, recorder};

struct Store {
    name: String,
    reads: usize,
}

impl Store {
    #[with_span("store.read", "store.name" => &self.name, "literal" => 1)]
    fn read(&mut self, _secret: &str) -> &str {
        self.reads += 1;
        &self.name
    }

    #[with_span("store.take")]
    fn take(self) -> String {
        self.name
    }

    #[with_span("store.len", "store.reads" => self.reads)]
    async fn len(&self) -> &usize {
        tokio::task::yield_now().await;
        &self.reads
    }
}

trait Handler {
    #[with_span]
    fn handle(&self) -> u8 {
        1
    }
}

impl Handler for Store {}

#[with_span]
fn plain() -> u8 {
    7
}

#[with_span(kind = Server, "path" => path)]
fn early(path: &str) -> Result<u8, std::num::ParseIntError> {
    if path.is_empty() {
        return Ok(0);
    }
    let number = path.parse::<u8>()?;
    Ok(number)
}

#[with_span(format!("shown.{suffix}"), kind = SpanKind::Client)]
async fn shown<T>(value: T, suffix: &'static str) -> String
where
    T: Display + Send,
{
    value.to_string()
}

#[with_span("anything")]
async fn anything(values: impl Iterator<Item = u8>) -> Result<impl Iterator<Item = u8>, NotShown> {
    let all: Vec<_> = values.collect();
    let first = all.first().copied().ok_or(NotShown)?;
    Ok(std::iter::once(first))
}

#[with_span("iterate")]
fn iterate<'a>(text: &'a str, also: &'a str) -> impl Iterator<Item = char> + 'a {
    text.chars().chain(also.chars())
}

#[with_span("future")]
fn future(value: u8) -> impl Future<Output = u8> {
    async move { value }
}

#[with_span(parent = parent)]
fn r#continue(parent: Context) {}

#[with_span]
async fn nothing() {}

struct NotShown;

/// A plain function keeps its value and gives its name to the span; parameters are not recorded by themselves.
#[test]
fn functions_and_methods() {
    let (recorder, spans) = recorder();
    let _entered = recorder.enter();

    assert_eq!(plain(), 7);
    let span = spans.only();
    assert_eq!(span.name, "plain");
    assert_eq!(span.span_kind, SpanKind::Internal);

    let mut store = Store {
        name: "s".to_owned(),
        reads: 0,
    };
    assert_eq!(store.read("secret"), "s");
    let span = spans.only();
    assert_eq!(span.name, "store.read");
    assert_eq!(
        span.attributes,
        [
            KeyValue::new("store.name", "s"),
            KeyValue::new("literal", 1)
        ]
    );
    assert_eq!(store.handle(), 1);
    assert_eq!(store.take(), "s");
    assert_eq!(spans.names(), ["handle", "store.take"]);
}

/// `?` and `return` leave the function as before, and an error ends the span with it.
#[test]
fn results() {
    let (recorder, spans) = recorder();
    let _entered = recorder.enter();
    assert_eq!(early(""), Ok(0));
    assert_eq!(spans.only().status, Status::Unset);
    assert!(early("x").is_err());
    let span = spans.only();
    assert_eq!(span.span_kind, SpanKind::Server);
    assert_eq!(attribute(&span, "path").as_deref(), Some("x"));
    assert_eq!(
        attribute(&span, "error.type").as_deref(),
        Some("core::num::error::ParseIntError")
    );
}

/// Asynchronous functions: generic, with `impl Trait`, with borrowed results.
#[tokio::test]
async fn asynchronous_functions() {
    let (recorder, spans) = recorder();
    let context = recorder.in_context(&Context::new());
    with_span!("root", parent = context, async {
        assert_eq!(shown(Arc::new(5), "x").await, "5");
        assert!(anything([].into_iter()).await.is_err());
        assert_eq!(
            anything([1, 2].into_iter()).await.ok().unwrap().next(),
            Some(1)
        );
        let store = Store {
            name: String::new(),
            reads: 2,
        };
        assert_eq!(*store.len().await, 2);
        nothing().await;
    })
    .await;
    let [shown, failed, fine, len, nothing, root] = spans.take();
    assert_eq!(shown.name, "shown.x");
    assert_eq!(shown.span_kind, SpanKind::Client);
    assert_eq!(
        attribute(&failed, "error.type").as_deref(),
        Some("api::spans::attribute::NotShown")
    );
    assert_eq!(fine.status, Status::Unset);
    assert_eq!(len.attributes, [KeyValue::new("store.reads", 2)]);
    for span in [shown, failed, fine, len, nothing] {
        assert_eq!(span.parent_span_id, root.span_context.span_id());
    }
}

/// Functions that return `impl Trait` keep their types, also where nobody records.
#[tokio::test]
async fn opaque_results() {
    assert_eq!(iterate("a", "b").collect::<String>(), "ab");
    assert_eq!(future(3).await, 3);
}

/// The parent may be a parameter, and a raw name loses its prefix.
#[test]
fn parent_from_a_parameter() {
    let (recorder, spans) = recorder();
    r#continue(recorder.in_context(&Context::new()));
    assert_eq!(spans.names(), ["continue"]);
}

/// The future of an asynchronous function can be sent between threads as without the attribute.
#[test]
fn futures_stay_send() {
    const fn send<T: Send>(_: &T) {}
    send(&shown(1, "x"));
    send(&nothing());
}
