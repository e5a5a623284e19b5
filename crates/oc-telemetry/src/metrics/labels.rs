use oc_semconv::{
    gen_ai,
    metrics::label::{
        AGENT, EXPERIMENT_ID, MODEL, MODEL_NONE, OUTCOME_CANCELLED, OUTCOME_ERROR, OUTCOME_OK,
        PROVIDER, TYPE_CACHE_READ, TYPE_CACHE_WRITE, TYPE_INPUT, TYPE_OUTPUT, TYPE_REASONING,
        VARIANT,
    },
};
use opentelemetry::{KeyValue, StringValue};

use crate::agent::Identity;

/// Who made a model call: the labels of tokens and cost.
#[derive(Clone, Debug)]
pub struct ModelLabels {
    agent: StringValue,
    model: StringValue,
    provider: StringValue,
    /// The model that answered; empty if it is not known or not wanted.
    response_model: StringValue,
    /// `experiment_id` and `variant`, while an experiment is active.
    arm: Vec<KeyValue>,
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
            response_model: "".into(),
            arm: Vec::new(),
        }
    }

    /// With the arm of the experiment that the identity names.
    pub(crate) fn with_identity(mut self, identity: &Identity) -> Self {
        self.arm = arm(identity);
        self
    }

    /// With the model that answered, for metrics of the conventions.
    pub(crate) fn with_response_model(mut self, model: StringValue) -> Self {
        self.response_model = model;
        self
    }

    pub(super) fn all(&self) -> Vec<KeyValue> {
        let mut labels = vec![
            label(AGENT, self.agent.clone()),
            label(MODEL, self.model.clone()),
            label(PROVIDER, self.provider.clone()),
        ];
        labels.extend_from_slice(&self.arm);
        labels
    }

    /// The attributes that the GenAI conventions want on the metrics of an operation.
    pub(super) fn of_operation(
        &self,
        operation: StringValue,
        error_type: Option<String>,
    ) -> Vec<KeyValue> {
        let known = |key: &'static str, value: &StringValue| {
            (!value.as_str().is_empty()).then(|| KeyValue::new(key, value.clone()))
        };
        let mut labels = vec![
            KeyValue::new(gen_ai::OPERATION_NAME, operation),
            label(gen_ai::PROVIDER_NAME, self.provider.clone()),
        ];
        labels.extend(known(gen_ai::REQUEST_MODEL, &self.model));
        labels.extend(known(gen_ai::RESPONSE_MODEL, &self.response_model));
        labels.extend(known(gen_ai::AGENT_NAME, &self.agent));
        labels.extend(error_type.map(|kind| label(oc_semconv::error::TYPE, kind)));
        labels.extend_from_slice(&self.arm);
        labels
    }

    pub(super) fn with(&self, key: &'static str, value: &'static str) -> Vec<KeyValue> {
        let mut labels = self.all();
        labels.push(KeyValue::new(key, value));
        labels
    }
}

/// The labels of the arm of an experiment; none outside of one.
pub(super) fn arm(identity: &Identity) -> Vec<KeyValue> {
    match identity.experiment() {
        Some(arm) => vec![
            label(EXPERIMENT_ID, arm.id().to_owned()),
            label(VARIANT, arm.variant().to_owned()),
        ],
        None => Vec::new(),
    }
}

/// How a turn ended: the label `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageOutcome {
    /// The message was answered.
    Ok,
    /// The turn failed.
    Error,
    /// The turn was given up.
    Cancelled,
}

impl MessageOutcome {
    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => OUTCOME_OK,
            Self::Error => OUTCOME_ERROR,
            Self::Cancelled => OUTCOME_CANCELLED,
        }
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
