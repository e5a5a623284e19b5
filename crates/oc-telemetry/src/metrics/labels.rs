use oc_semconv::metrics::label::{
    AGENT, MODEL, MODEL_NONE, PROVIDER, TYPE_CACHE_READ, TYPE_CACHE_WRITE, TYPE_INPUT, TYPE_OUTPUT,
    TYPE_REASONING,
};
use opentelemetry::{KeyValue, StringValue};

/// Who made a model call: the labels of tokens and cost.
#[derive(Clone, Debug)]
pub struct ModelLabels {
    agent: StringValue,
    model: StringValue,
    provider: StringValue,
}

impl ModelLabels {
    /// The agent that called, the model as it was asked for, and the provider that served it
    /// (`gen_ai.provider.name`).
    pub fn new(
        agent: impl Into<StringValue>,
        model: impl Into<StringValue>,
        provider: impl Into<StringValue>,
    ) -> Self {
        Self {
            agent: agent.into(),
            model: model.into(),
            provider: provider.into(),
        }
    }

    pub(super) fn all(&self) -> [KeyValue; 3] {
        [
            label(AGENT, self.agent.clone()),
            label(MODEL, self.model.clone()),
            label(PROVIDER, self.provider.clone()),
        ]
    }

    pub(super) fn with(&self, key: &'static str, value: &'static str) -> [KeyValue; 4] {
        let [agent, model, provider] = self.all();
        [agent, model, provider, KeyValue::new(key, value)]
    }
}

/// Which side of a model call tokens are on: the label `type` of the token total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a model call has two sides")]
pub enum TokenType {
    /// What was sent to the model, cached parts included.
    Input,
    /// What the model made, reasoning included.
    Output,
}

impl TokenType {
    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => TYPE_INPUT,
            Self::Output => TYPE_OUTPUT,
        }
    }
}

/// A part of the token total: the label `type` of the token details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenDetail {
    /// Input tokens read from the provider's cache.
    CacheRead,
    /// Input tokens written to the provider's cache.
    CacheWrite,
    /// Output tokens of reasoning that the user does not see.
    Reasoning,
}

impl TokenDetail {
    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CacheRead => TYPE_CACHE_READ,
            Self::CacheWrite => TYPE_CACHE_WRITE,
            Self::Reasoning => TYPE_REASONING,
        }
    }
}

/// A label; an empty value becomes `none`.
pub(super) fn label(key: &'static str, value: impl Into<StringValue>) -> KeyValue {
    let value = value.into();
    if value.as_str().is_empty() {
        KeyValue::new(key, MODEL_NONE)
    } else {
        KeyValue::new(key, value)
    }
}
