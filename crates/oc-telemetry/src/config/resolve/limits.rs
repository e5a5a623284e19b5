//! What one span or log record may hold.

use super::Resolver;
use crate::config::{LogLimits, SpanLimits, parse};

const COUNT: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
const LENGTH: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";

pub(super) fn spans(r: &mut Resolver<'_>) -> SpanLimits {
    let code = r.code.span_limits;
    let mut get = |topic, code, own, general| limit(r, topic, code, own, general);
    SpanLimits {
        attributes: get(
            "traces.limits.attributes",
            code.attributes,
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
            Some(COUNT),
        )
        .unwrap_or(DEFAULT),
        events: get(
            "traces.limits.events",
            code.events,
            "OTEL_SPAN_EVENT_COUNT_LIMIT",
            None,
        )
        .unwrap_or(DEFAULT),
        links: get(
            "traces.limits.links",
            code.links,
            "OTEL_SPAN_LINK_COUNT_LIMIT",
            None,
        )
        .unwrap_or(DEFAULT),
        attributes_per_event: get(
            "traces.limits.attributes_per_event",
            code.attributes_per_event,
            "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
            None,
        )
        .unwrap_or(DEFAULT),
        attributes_per_link: get(
            "traces.limits.attributes_per_link",
            code.attributes_per_link,
            "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
            None,
        )
        .unwrap_or(DEFAULT),
        value_length: get(
            "traces.limits.value_length",
            code.value_length,
            "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            Some(LENGTH),
        ),
    }
}

pub(super) fn logs(r: &mut Resolver<'_>) -> LogLimits {
    let code = r.code.log_limits;
    LogLimits {
        attributes: limit(
            r,
            "logs.limits.attributes",
            code.attributes,
            "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
            Some(COUNT),
        )
        .unwrap_or(DEFAULT),
        value_length: limit(
            r,
            "logs.limits.value_length",
            code.value_length,
            "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            Some(LENGTH),
        ),
    }
}

/// Zero is a limit like any other: none of the thing.
fn limit(
    r: &mut Resolver<'_>,
    topic: &'static str,
    code: Option<u32>,
    own: &'static str,
    general: Option<&'static str>,
) -> Option<u32> {
    let parse = parse::number(0, MAX);
    let candidates = [
        r.in_code(own, code),
        r.in_env(own, &parse),
        general.and_then(|general| r.in_env(general, &parse)),
    ];
    r.pick(topic, candidates).map(|limit| limit.value)
}

/// Common specification, "Attribute Limits"; trace SDK specification, "Span Limits".
const DEFAULT: u32 = 128;
const MAX: u32 = i32::MAX.cast_unsigned();
