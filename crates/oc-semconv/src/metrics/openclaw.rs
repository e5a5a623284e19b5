//! Our own families: `openclaw.*`.

use super::{InstrumentKind, MetricDefinition, label};

/// How long sessions last, from start to end. In Prometheus `openclaw_session_duration_seconds`.
///
/// The model is that of the session's first call, [`label::MODEL_NONE`] if it made none.
pub const SESSION_DURATION: MetricDefinition = MetricDefinition {
    name: "openclaw.session.duration",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Duration of sessions",
    attributes: &[label::AGENT, label::MODEL, label::KIND],
    conditional_attributes: &[],
    boundaries: SESSION_SECONDS,
};

/// Tokens of model calls. In Prometheus `openclaw_session_tokens_total`.
///
/// `type` is [`label::TYPE_INPUT`] or [`label::TYPE_OUTPUT`], both with all their parts, so that
/// a plain sum is the total.
pub const SESSION_TOKENS: MetricDefinition = MetricDefinition {
    name: "openclaw.session.tokens",
    unit: "{token}",
    kind: InstrumentKind::Counter,
    description: "Tokens of model calls, by side",
    attributes: &[label::AGENT, label::MODEL, label::PROVIDER, label::TYPE],
    conditional_attributes: EXPERIMENT,
    boundaries: &[],
};

/// Parts of the token total. In Prometheus `openclaw_session_token_details_total`.
///
/// `type` is [`label::TYPE_CACHE_READ`], [`label::TYPE_CACHE_WRITE`] or
/// [`label::TYPE_REASONING`]. A family of its own, because these tokens are already counted in
/// [`SESSION_TOKENS`].
pub const SESSION_TOKEN_DETAILS: MetricDefinition = MetricDefinition {
    name: "openclaw.session.token_details",
    unit: "{token}",
    kind: InstrumentKind::Counter,
    description: "Cached and reasoning tokens, which the token total contains",
    attributes: &[label::AGENT, label::MODEL, label::PROVIDER, label::TYPE],
    conditional_attributes: EXPERIMENT,
    boundaries: &[],
};

/// Cost of model calls in US dollars. In Prometheus `openclaw_session_cost_usd`.
///
/// One observation a priced model call, so that the sum rises while a session runs. The unit is in
/// braces: a plain `USD` would become a second suffix of the Prometheus name.
pub const SESSION_COST_USD: MetricDefinition = MetricDefinition {
    name: "openclaw.session.cost_usd",
    unit: "{USD}",
    kind: InstrumentKind::Histogram,
    description: "Cost of priced model calls in US dollars",
    attributes: &[label::AGENT, label::MODEL, label::PROVIDER],
    conditional_attributes: EXPERIMENT,
    boundaries: CALL_COST_USD,
};

/// Model calls without a price. In Prometheus `openclaw_cost_unpriced_total`.
pub const COST_UNPRICED: MetricDefinition = MetricDefinition {
    name: "openclaw.cost.unpriced",
    unit: "{call}",
    kind: InstrumentKind::Counter,
    description: "Model calls for which no price is known",
    attributes: &[label::MODEL, label::PROVIDER],
    conditional_attributes: &[],
    boundaries: &[],
};

/// Tool calls. In Prometheus `openclaw_tool_calls_total`.
///
/// `status` takes the values of [`ToolStatus`](crate::openclaw::ToolStatus).
pub const TOOL_CALLS: MetricDefinition = MetricDefinition {
    name: "openclaw.tool.calls",
    unit: "{call}",
    kind: InstrumentKind::Counter,
    description: "Tool calls, by outcome",
    attributes: &[label::TOOL, label::STATUS, label::AGENT],
    conditional_attributes: EXPERIMENT,
    boundaries: &[],
};

/// Failed model calls. In Prometheus `openclaw_model_errors_total`.
pub const MODEL_ERRORS: MetricDefinition = MetricDefinition {
    name: "openclaw.model.errors",
    unit: "{error}",
    kind: InstrumentKind::Counter,
    description: "Failed model calls, by kind of error",
    attributes: &[label::MODEL, label::ERROR_TYPE, label::AGENT],
    conditional_attributes: EXPERIMENT,
    boundaries: &[],
};

/// Sessions that are open now. In Prometheus `openclaw_agent_active_sessions`.
pub const AGENT_ACTIVE_SESSIONS: MetricDefinition = MetricDefinition {
    name: "openclaw.agent.active_sessions",
    unit: "{session}",
    kind: InstrumentKind::UpDownCounter,
    description: "Sessions that have started and not ended",
    attributes: &[label::AGENT],
    conditional_attributes: &[],
    boundaries: &[],
};

/// On what belongs to a turn, while that turn has an active experiment.
const EXPERIMENT: &[&str] = &[label::EXPERIMENT_ID, label::VARIANT];

/// From a tenth of a second to an hour: sessions of agents are long.
const SESSION_SECONDS: &[f64] = &[
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0,
];

/// From a hundredth of a cent to ten dollars a call.
const CALL_COST_USD: &[f64] = &[
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
