use std::{
    fmt::{self, Write as _},
    sync::Arc,
    time::SystemTime,
};

use opentelemetry::trace::TraceContextExt;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    layer::{Context as LayerContext, Layer},
    registry::LookupSpan,
};

use super::{file::Offering, timestamp};
use crate::{
    agent::{Experiment, Identity},
    clock::Clock,
    context,
};

/// Writes every event as one line of JSON.
///
/// The caller's thread serialises and hands the line to the non-blocking writer; the disk is
/// touched on the writer's thread only.
pub(crate) struct JsonLines {
    writer: Offering,
    clock: Arc<dyn Clock>,
}

impl JsonLines {
    pub(crate) fn new(writer: Offering, clock: Arc<dyn Clock>) -> Self {
        Self { writer, clock }
    }
}

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_event(&self, event: &Event<'_>, _cx: LayerContext<'_, S>) {
        let mut line = line(event, self.clock.now());
        line.push('\n');
        self.writer.line(line.as_bytes());
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}

/// One object, in this order: `ts`, `level`, `target`, `msg`, and where they are known `agent`,
/// `session`, `trace_id`, `span_id`, `experiment`, `variant` and `fields`. JSON escapes line breaks
/// and control characters, so that no message can forge a second line.
fn line(event: &Event<'_>, now: SystemTime) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let metadata = event.metadata();
    let mut object = Object::default();
    object.text("ts", &timestamp::rfc3339(now));
    object.text("level", metadata.level().as_str());
    object.text("target", metadata.target());
    object.text("msg", &fields.message);
    if metadata.target() != context::API_TARGET {
        context::map_current(|cx| {
            let identity = Identity::of(cx);
            let arm = identity.and_then(Identity::experiment);
            object.known("agent", identity.and_then(Identity::agent));
            object.known("session", identity.and_then(Identity::session));
            let span = cx.span();
            let span_context = span.span_context();
            if span_context.is_valid() {
                object.text("trace_id", &span_context.trace_id().to_string());
                object.text("span_id", &span_context.span_id().to_string());
            }
            object.known("experiment", arm.map(Experiment::id));
            object.known("variant", arm.map(Experiment::variant));
        });
    }
    if !fields.others.is_empty() {
        object.value("fields", &Value::Object(fields.others));
    }
    object.finish()
}

/// A JSON object whose members keep their order: people read these lines.
#[derive(Default)]
struct Object {
    text: String,
}

impl Object {
    /// `key` is a plain word.
    fn value(&mut self, key: &str, value: &Value) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        let _ = write!(self.text, "\"{key}\":{value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.value(key, &text.into());
    }

    fn known(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message.clear();
            let _ = write!(self.message, "{value:?}");
        } else {
            self.put(field, format!("{value:?}").into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.put(field, value.into());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no NaN and no infinities; their names are better than nothing.
        let number = serde_json::Number::from_f64(value);
        let value = number.map_or_else(|| value.to_string().into(), Value::Number);
        self.put(field, value);
    }
}
