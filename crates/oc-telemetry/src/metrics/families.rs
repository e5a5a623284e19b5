use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use oc_semconv::{
    metrics::{
        self, MetricDefinition,
        label::{AGENT, ERROR_TYPE, KIND, MODEL, ODDITY, OUTCOME, PROVIDER, STATUS, TOOL, TYPE},
    },
    openclaw::{SessionKind, ToolStatus},
};
use opentelemetry::{
    KeyValue, StringValue,
    metrics::{Counter, Histogram, Meter, UpDownCounter},
};

use super::{
    labels::{MessageOutcome, ModelLabels, TokenDetail, TokenType, arm, label},
    prefix::MetricPrefix,
};
use crate::{agent::Identity, model_body::Oddity};

/// The most tokens that a call is believed to have used; sixteen million such calls fit a counter.
pub(crate) const MOST_TOKENS: u64 = 1 << 40;

/// The metric families of an agent gateway.
///
/// | Prometheus name | instrument, unit | labels |
/// |---|---|---|
/// | `openclaw_session_duration_seconds` | `openclaw.session.duration`, s | agent, model, kind |
/// | `openclaw_session_tokens_total` | `openclaw.session.tokens`, {token} | agent, model, provider, type |
/// | `openclaw_session_token_details_total` | `openclaw.session.token_details`, {token} | agent, model, provider, type |
/// | `openclaw_session_cost_usd` | `openclaw.session.cost_usd`, {USD} | agent, model, provider |
/// | `openclaw_model_response_oddities_total` | `openclaw.model.response_oddities`, {oddity} | oddity |
/// | `openclaw_cost_unpriced_total` | `openclaw.cost.unpriced`, {call} | model, provider |
/// | `openclaw_tool_calls_total` | `openclaw.tool.calls`, {call} | tool, status, agent |
/// | `openclaw_model_errors_total` | `openclaw.model.errors`, {error} | model, `error_type`, agent |
/// | `openclaw_agent_active_sessions` | `openclaw.agent.active_sessions`, {session} | agent |
/// | `openclaw_message_duration_seconds` | `openclaw.message.duration`, s | agent, outcome |
/// | `gen_ai_client_operation_duration_seconds` | `gen_ai.client.operation.duration`, s | those of the conventions |
/// | `gen_ai_client_operation_time_to_first_chunk_seconds` | `gen_ai.client.operation.time_to_first_chunk`, s | those of the conventions |
/// | `gen_ai_client_operation_time_per_output_chunk_seconds` | `gen_ai.client.operation.time_per_output_chunk`, s | those of the conventions |
///
/// Label values are cheapest as `&'static str` or `Arc<str>`. They must come from small sets: no
/// session, trace or user id is ever a label. An empty value is written as `none`, because
/// Prometheus takes an empty label for an absent one.
///
/// Clones record into the same instruments.
#[derive(Clone)]
pub struct AgentMetrics {
    inner: Arc<Instruments>,
}

impl AgentMetrics {
    /// Creates the instruments on `meter`.
    ///
    /// Take one for a meter provider and clone it: two with different prefixes are different
    /// metrics.
    pub fn new(meter: &Meter, prefix: &MetricPrefix) -> Self {
        Self {
            inner: Arc::new(Instruments::new(meter, prefix)),
        }
    }

    /// A session has ended after `duration`.
    ///
    /// `model` is the model of its first call, empty if it made none.
    pub fn session_ended(
        &self,
        agent: impl Into<StringValue>,
        model: impl Into<StringValue>,
        kind: SessionKind,
        duration: Duration,
    ) {
        self.inner.session_duration.record(
            duration.as_secs_f64(),
            &[
                label(AGENT, agent),
                label(MODEL, model),
                KeyValue::new(KIND, kind.as_str()),
            ],
        );
    }

    /// A model call has used `count` tokens.
    ///
    /// Input and output together are what is billed; parts of them go to
    /// [`token_details`](Self::token_details).
    ///
    /// A count above 2^40 is [not recorded](Self::refused_values): it would spoil the sum for as
    /// long as the process lives.
    pub fn tokens(&self, labels: &ModelLabels, token_type: TokenType, count: u64) {
        if self.accepts(count) {
            self.inner
                .session_tokens
                .add(count, &labels.with(TYPE, token_type.as_str()));
        }
    }

    /// Of the tokens of a model call, `count` were of this sort. They are counted in
    /// [`tokens`](Self::tokens) as well, and the same limit holds.
    pub fn token_details(&self, labels: &ModelLabels, detail: TokenDetail, count: u64) {
        if self.accepts(count) {
            self.inner
                .session_token_details
                .add(count, &labels.with(TYPE, detail.as_str()));
        }
    }

    /// A model call has cost `usd` dollars. One observation a priced call.
    ///
    /// A negative, infinite or NaN cost is [not recorded](Self::refused_values): it would break
    /// the sum for as long as the process lives.
    pub fn cost(&self, labels: &ModelLabels, usd: f64) {
        if usd.is_finite() && usd >= 0.0 {
            self.inner.session_cost.record(usd, &labels.all());
        } else {
            self.inner.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A model call has no known price.
    pub fn unpriced(&self, model: impl Into<StringValue>, provider: impl Into<StringValue>) {
        self.inner
            .unpriced
            .add(1, &[label(MODEL, model), label(PROVIDER, provider)]);
    }

    /// A tool call has ended.
    pub fn tool_call(
        &self,
        tool: impl Into<StringValue>,
        status: ToolStatus,
        agent: impl Into<StringValue>,
    ) {
        self.inner.tool_calls.add(
            1,
            &[
                label(TOOL, tool),
                KeyValue::new(STATUS, status.as_str()),
                label(AGENT, agent),
            ],
        );
    }

    /// A model call has failed. `error_type` is the span's `error.type`: a status code or the
    /// name of an error, never its text.
    pub fn model_error(
        &self,
        model: impl Into<StringValue>,
        error_type: impl Into<StringValue>,
        agent: impl Into<StringValue>,
    ) {
        self.inner.model_errors.add(
            1,
            &[
                label(MODEL, model),
                label(ERROR_TYPE, error_type),
                label(AGENT, agent),
            ],
        );
    }

    /// A tool call within a turn has ended.
    pub(crate) fn tool_call_of(&self, identity: &Identity, tool: String, status: ToolStatus) {
        let mut labels = vec![
            label(TOOL, tool),
            KeyValue::new(STATUS, status.as_str()),
            label(AGENT, identity.agent_label()),
        ];
        labels.extend(arm(identity));
        self.inner.tool_calls.add(1, &labels);
    }

    /// A model call within a turn has failed.
    pub(crate) fn model_error_of(
        &self,
        identity: &Identity,
        model: StringValue,
        error_type: String,
    ) {
        let mut labels = vec![
            label(MODEL, model),
            label(ERROR_TYPE, error_type),
            label(AGENT, identity.agent_label()),
        ];
        labels.extend(arm(identity));
        self.inner.model_errors.add(1, &labels);
    }

    /// Something about a model's response was not as its format says.
    pub(crate) fn odd_response(&self, oddity: Oddity) {
        self.inner.odd.fetch_add(1, Ordering::Relaxed);
        let labels = [KeyValue::new(ODDITY, oddity.as_str())];
        self.inner.response_oddities.add(1, &labels);
    }

    /// How many things about the responses of models were not as their formats say: usage that came
    /// twice, a broken event, a count that is no number.
    pub fn odd_values(&self) -> u64 {
        self.inner.odd.load(Ordering::Relaxed)
    }

    /// A turn has ended `duration` after it began: a message of a user was answered, or was not.
    pub fn message_ended(
        &self,
        agent: impl Into<StringValue>,
        outcome: MessageOutcome,
        duration: Duration,
    ) {
        self.inner.message_duration.record(
            duration.as_secs_f64(),
            &[
                label(AGENT, agent),
                KeyValue::new(OUTCOME, outcome.as_str()),
            ],
        );
    }

    /// A model call has ended after `duration`, retries included. `operation` is the value of
    /// `gen_ai.operation.name`; `error_type` is that of the span, of a call that failed.
    pub fn operation_ended(
        &self,
        labels: &ModelLabels,
        operation: impl Into<StringValue>,
        error_type: Option<String>,
        duration: Duration,
    ) {
        let labels = labels.of_operation(operation.into(), error_type);
        let duration = duration.as_secs_f64();
        self.inner.operation_duration.record(duration, &labels);
    }

    /// Of a model call whose answer was streamed: the time to the first chunk, unless that was
    /// recorded before, and the times between chunks.
    pub(crate) fn chunks(
        &self,
        labels: &ModelLabels,
        operation: StringValue,
        first: Option<Duration>,
        gaps: &[Duration],
    ) {
        if first.is_none() && gaps.is_empty() {
            return;
        }
        let labels = labels.of_operation(operation, None);
        if let Some(first) = first {
            let first = first.as_secs_f64();
            self.inner.time_to_first_chunk.record(first, &labels);
        }
        for gap in gaps {
            let gap = gap.as_secs_f64();
            self.inner.time_per_output_chunk.record(gap, &labels);
        }
    }

    /// A session has begun. It counts as active until the returned value is dropped.
    pub fn session_started(&self, agent: impl Into<StringValue>) -> ActiveSession {
        let labels = [label(AGENT, agent)];
        self.inner.active_sessions.add(1, &labels);
        ActiveSession {
            instruments: Arc::clone(&self.inner),
            labels,
        }
    }

    fn accepts(&self, tokens: u64) -> bool {
        let accepts = tokens <= MOST_TOKENS;
        if !accepts {
            self.inner.refused.fetch_add(1, Ordering::Relaxed);
        }
        accepts
    }

    /// How many values were not recorded because they were negative, infinite, NaN or no plausible
    /// count of tokens.
    pub fn refused_values(&self) -> u64 {
        self.inner.refused.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for AgentMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentMetrics")
            .field("refused_values", &self.refused_values())
            .finish_non_exhaustive()
    }
}

/// A session that counts as active; it ends when this is dropped.
#[must_use = "the session ends when this is dropped"]
pub struct ActiveSession {
    instruments: Arc<Instruments>,
    labels: [KeyValue; 1],
}

impl Drop for ActiveSession {
    fn drop(&mut self) {
        self.instruments.active_sessions.add(-1, &self.labels);
    }
}

impl fmt::Debug for ActiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveSession").finish_non_exhaustive()
    }
}

struct Instruments {
    session_duration: Histogram<f64>,
    session_tokens: Counter<u64>,
    session_token_details: Counter<u64>,
    session_cost: Histogram<f64>,
    unpriced: Counter<u64>,
    tool_calls: Counter<u64>,
    model_errors: Counter<u64>,
    active_sessions: UpDownCounter<i64>,
    message_duration: Histogram<f64>,
    operation_duration: Histogram<f64>,
    time_to_first_chunk: Histogram<f64>,
    time_per_output_chunk: Histogram<f64>,
    response_oddities: Counter<u64>,
    refused: AtomicU64,
    odd: AtomicU64,
}

impl Instruments {
    fn new(meter: &Meter, prefix: &MetricPrefix) -> Self {
        Self {
            session_duration: histogram(meter, prefix, &metrics::SESSION_DURATION),
            session_tokens: counter(meter, prefix, &metrics::SESSION_TOKENS),
            session_token_details: counter(meter, prefix, &metrics::SESSION_TOKEN_DETAILS),
            session_cost: histogram(meter, prefix, &metrics::SESSION_COST_USD),
            unpriced: counter(meter, prefix, &metrics::COST_UNPRICED),
            tool_calls: counter(meter, prefix, &metrics::TOOL_CALLS),
            model_errors: counter(meter, prefix, &metrics::MODEL_ERRORS),
            active_sessions: up_down_counter(meter, prefix, &metrics::AGENT_ACTIVE_SESSIONS),
            message_duration: histogram(meter, prefix, &metrics::MESSAGE_DURATION),
            operation_duration: conventional(meter, &metrics::GEN_AI_CLIENT_OPERATION_DURATION),
            time_to_first_chunk: conventional(
                meter,
                &metrics::GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
            ),
            time_per_output_chunk: conventional(
                meter,
                &metrics::GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK,
            ),
            response_oddities: counter(meter, prefix, &metrics::MODEL_RESPONSE_ODDITIES),
            refused: AtomicU64::new(0),
            odd: AtomicU64::new(0),
        }
    }
}

fn counter(meter: &Meter, prefix: &MetricPrefix, metric: &MetricDefinition) -> Counter<u64> {
    meter
        .u64_counter(prefix.apply(metric.name))
        .with_unit(metric.unit)
        .with_description(metric.description)
        .build()
}

fn up_down_counter(
    meter: &Meter,
    prefix: &MetricPrefix,
    metric: &MetricDefinition,
) -> UpDownCounter<i64> {
    meter
        .i64_up_down_counter(prefix.apply(metric.name))
        .with_unit(metric.unit)
        .with_description(metric.description)
        .build()
}

fn histogram(meter: &Meter, prefix: &MetricPrefix, metric: &MetricDefinition) -> Histogram<f64> {
    histogram_named(meter, prefix.apply(metric.name), metric)
}

/// A family of the conventions: its name is theirs and takes no prefix.
fn conventional(meter: &Meter, metric: &MetricDefinition) -> Histogram<f64> {
    histogram_named(meter, metric.name.to_owned(), metric)
}

fn histogram_named(meter: &Meter, name: String, metric: &MetricDefinition) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit(metric.unit)
        .with_description(metric.description)
        // The SDK's default boundaries are meant for milliseconds.
        .with_boundaries(metric.boundaries.to_vec())
        .build()
}
