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
use crate::{clock::Clock, context};

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

/// One object: `ts`, `level`, `target`, `msg`, `trace_id`, `span_id`, `fields`. JSON escapes line
/// breaks and control characters, so that no message can forge a second line.
fn line(event: &Event<'_>, now: SystemTime) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let metadata = event.metadata();
    let mut object = Map::new();
    object.insert("ts".into(), timestamp::rfc3339(now).into());
    object.insert("level".into(), metadata.level().as_str().into());
    object.insert("target".into(), metadata.target().into());
    object.insert("msg".into(), fields.message.into());
    if metadata.target() != context::API_TARGET {
        context::map_current(|cx| {
            let span = cx.span();
            let span_context = span.span_context();
            if span_context.is_valid() {
                let trace_id = span_context.trace_id().to_string();
                object.insert("trace_id".into(), trace_id.into());
                object.insert("span_id".into(), span_context.span_id().to_string().into());
            }
        });
    }
    object.insert("fields".into(), Value::Object(fields.others));
    Value::Object(object).to_string()
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
