//! The attributes that other receivers read, beside those of the conventions.

use oc_semconv::{langfuse, openinference};
use opentelemetry::{KeyValue, Value};

use super::{Cost, usage};
use crate::{
    agent::{Agents, Usage, open::Open},
    privacy::{ContentClass, Message},
    value::IntoValue,
};

/// What a span is to a receiver.
#[derive(Debug, Clone, Copy)]
pub(in crate::agent) enum Kind {
    Agent,
    Llm,
    Tool,
}

/// Says what kind of span it is.
pub(in crate::agent) fn kind(open: &Open, kind: Kind) {
    let Some(agents) = open.agents() else { return };
    if agents.dialects().openinference {
        let kind = match kind {
            Kind::Agent => "AGENT",
            Kind::Llm => "LLM",
            Kind::Tool => "TOOL",
        };
        open.set(openinference::SPAN_KIND, kind);
    }
    if agents.dialects().langfuse {
        let kind = match kind {
            Kind::Agent => "agent",
            Kind::Llm => "generation",
            Kind::Tool => "tool",
        };
        open.set(langfuse::OBSERVATION_TYPE, kind);
    }
}

/// Says which model is called.
pub(super) fn model(open: &Open, model: &str, provider: &str) {
    if open
        .agents()
        .is_some_and(|agents| agents.dialects().openinference)
    {
        open.set(openinference::LLM_MODEL_NAME, model);
        open.set(openinference::LLM_PROVIDER, provider);
    }
}

/// Usage and cost of a model call.
pub(super) fn numbers(agents: &Agents, open: &Open, usage: Option<&Usage>, cost: Option<Cost>) {
    if agents.dialects().openinference {
        if let Some(usage) = usage {
            set_counts(
                open,
                [
                    (
                        openinference::LLM_TOKEN_COUNT_PROMPT,
                        usage.known_input_tokens(),
                    ),
                    (
                        openinference::LLM_TOKEN_COUNT_COMPLETION,
                        usage.known_output_tokens(),
                    ),
                    (
                        openinference::LLM_TOKEN_COUNT_TOTAL,
                        usage.known_total_tokens(),
                    ),
                    (
                        openinference::LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ,
                        usage.cache_read(),
                    ),
                    (
                        openinference::LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE,
                        usage.cache_write(),
                    ),
                ],
            );
        }
        if let Some(cost) = cost {
            let (input, output) = cost.parts();
            open.set(openinference::LLM_COST_PROMPT, input);
            open.set(openinference::LLM_COST_COMPLETION, output);
            open.set(openinference::LLM_COST_TOTAL, cost.usd());
        }
    }
    if agents.dialects().langfuse {
        if let Some(details) = usage.and_then(usage::to_langfuse) {
            open.set(langfuse::OBSERVATION_USAGE_DETAILS, details);
        }
        if let Some(cost) = cost {
            let details = serde_json::json!({ "total": cost.usd() });
            open.set(langfuse::OBSERVATION_COST_DETAILS, details.to_string());
        }
    }
}

/// The content of a turn.
pub(in crate::agent) fn turn_content(
    agents: &Agents,
    open: &Open,
    class: ContentClass,
    message: &Message,
) {
    let text = agents.text(&message.text());
    io(agents, open, class, &text.into());
}

/// The content of a model call.
pub(super) fn call_content(agents: &Agents, open: &Open, class: ContentClass, json: &str) {
    io(agents, open, class, &json.to_owned().into());
}

/// The content of a tool call.
pub(in crate::agent) fn tool_content(
    agents: &Agents,
    open: &Open,
    class: ContentClass,
    value: &Value,
) {
    io(agents, open, class, value);
}

fn io(agents: &Agents, open: &Open, class: ContentClass, value: &Value) {
    let is_output = matches!(class, ContentClass::Output | ContentClass::ToolResults);
    if agents.dialects().openinference {
        let key = if is_output {
            openinference::OUTPUT_VALUE
        } else {
            openinference::INPUT_VALUE
        };
        open.set_all([KeyValue::new(key, value.clone())]);
    }
    if agents.dialects().langfuse {
        let key = if is_output {
            langfuse::OBSERVATION_OUTPUT
        } else {
            langfuse::OBSERVATION_INPUT
        };
        open.set_all([KeyValue::new(key, value.clone())]);
    }
}

fn set_counts<const N: usize>(open: &Open, counts: [(&'static str, Option<u64>); N]) {
    for (key, count) in counts {
        if let Some(value) = count.and_then(IntoValue::into_value) {
            open.set(key, value);
        }
    }
}
