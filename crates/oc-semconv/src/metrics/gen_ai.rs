//! The conventions' GenAI families, in both generations of names.
//!
//! The generation of version 1.41 is the default; that of October 2026 goes by
//! `gen_ai.client.inference.*`. Agent and tool durations have one name in both.

use super::{InstrumentKind, MetricDefinition, label};
use crate::{error, gen_ai, server};

/// How long GenAI operations take.
///
/// Up to version 1.41 every operation; since October 2026 all but inference.
pub const GEN_AI_CLIENT_OPERATION_DURATION: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.operation.duration",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Duration of GenAI operations",
    attributes: OPERATION,
    conditional_attributes: CALL_WITH_ERROR,
    boundaries: CALL_SECONDS,
};

/// Tokens of model calls, up to version 1.41; the side is in `gen_ai.token.type`.
pub const GEN_AI_CLIENT_TOKEN_USAGE: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.token.usage",
    unit: "{token}",
    kind: InstrumentKind::Histogram,
    description: "Input and output tokens of model calls",
    attributes: &[
        gen_ai::OPERATION_NAME,
        gen_ai::PROVIDER_NAME,
        gen_ai::TOKEN_TYPE,
    ],
    conditional_attributes: CALL,
    boundaries: TOKENS,
};

/// The time to the first chunk of a streamed answer, up to version 1.41.
pub const GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.operation.time_to_first_chunk",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Time to the first chunk of streamed answers",
    attributes: OPERATION,
    conditional_attributes: CALL,
    boundaries: CALL_SECONDS,
};

/// The time between chunks of a streamed answer, up to version 1.41; one value a chunk after the
/// first.
pub const GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.operation.time_per_output_chunk",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Time between the chunks of streamed answers",
    attributes: OPERATION,
    conditional_attributes: CALL,
    boundaries: CALL_SECONDS,
};

/// How long model calls take, since October 2026. Equal to the duration of the span.
pub const GEN_AI_CLIENT_INFERENCE_DURATION: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.inference.duration",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Duration of model calls",
    attributes: OPERATION,
    conditional_attributes: CALL_WITH_ERROR,
    boundaries: CALL_SECONDS,
};

/// The time to the first chunk of a streamed answer, since October 2026.
pub const GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.inference.time_to_first_chunk",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Time to the first chunk of streamed answers",
    attributes: OPERATION,
    conditional_attributes: CALL,
    boundaries: CALL_SECONDS,
};

/// The time between chunks of a streamed answer, since October 2026; one value a chunk after the
/// first.
pub const GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.inference.time_per_output_chunk",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Time between the chunks of streamed answers",
    attributes: OPERATION,
    conditional_attributes: CALL,
    boundaries: CALL_SECONDS,
};

/// Input tokens, since October 2026. A failed call records 0 with the modality `unknown`.
pub const GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.inference.usage.input_tokens",
    unit: "{token}",
    kind: InstrumentKind::Counter,
    description: "Input tokens of model calls",
    attributes: INFERENCE_USAGE,
    conditional_attributes: CALL,
    boundaries: &[],
};

/// Output tokens, since October 2026. A failed call records 0 with the modality `unknown`.
pub const GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS: MetricDefinition = MetricDefinition {
    name: "gen_ai.client.inference.usage.output_tokens",
    unit: "{token}",
    kind: InstrumentKind::Counter,
    description: "Output tokens of model calls",
    attributes: INFERENCE_USAGE,
    conditional_attributes: CALL,
    boundaries: &[],
};

/// Input tokens read from a cache, since October 2026. A failed call records 0 with the modality
/// `unknown`.
pub const GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS: MetricDefinition =
    MetricDefinition {
        name: "gen_ai.client.inference.usage.cache_read.input_tokens",
        unit: "{token}",
        kind: InstrumentKind::Counter,
        description: "Input tokens read from a cache of model calls",
        attributes: INFERENCE_USAGE,
        conditional_attributes: CALL,
        boundaries: &[],
    };

/// Input tokens written to a cache, since October 2026. A failed call records 0 with the modality
/// `unknown`.
pub const GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS: MetricDefinition =
    MetricDefinition {
        name: "gen_ai.client.inference.usage.cache_write.input_tokens",
        unit: "{token}",
        kind: InstrumentKind::Counter,
        description: "Input tokens written to a cache of model calls",
        attributes: INFERENCE_USAGE,
        conditional_attributes: CALL,
        boundaries: &[],
    };

/// Output tokens spent on reasoning, since October 2026. A failed call records 0 with the modality
/// `unknown`.
pub const GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS: MetricDefinition =
    MetricDefinition {
        name: "gen_ai.client.inference.usage.reasoning.output_tokens",
        unit: "{token}",
        kind: InstrumentKind::Counter,
        description: "Output tokens spent on reasoning of model calls",
        attributes: INFERENCE_USAGE,
        conditional_attributes: CALL,
        boundaries: &[],
    };

/// How long agents run, sub-agents included.
///
/// The buckets of the conventions' own tools, and two more up to an hour.
pub const GEN_AI_INVOKE_AGENT_DURATION: MetricDefinition = MetricDefinition {
    name: "gen_ai.invoke_agent.duration",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Duration of agent runs",
    attributes: &[gen_ai::AGENT_NAME],
    conditional_attributes: &[
        gen_ai::REQUEST_MODEL,
        error::TYPE,
        label::EXPERIMENT_ID,
        label::VARIANT,
    ],
    boundaries: AGENT_SECONDS,
};

/// How long tools run.
pub const GEN_AI_EXECUTE_TOOL_DURATION: MetricDefinition = MetricDefinition {
    name: "gen_ai.execute_tool.duration",
    unit: "s",
    kind: InstrumentKind::Histogram,
    description: "Duration of tool calls",
    attributes: &[gen_ai::TOOL_NAME],
    conditional_attributes: &[
        gen_ai::TOOL_TYPE,
        gen_ai::AGENT_NAME,
        error::TYPE,
        label::EXPERIMENT_ID,
        label::VARIANT,
    ],
    boundaries: CALL_SECONDS,
};

/// Required by every operation.
const OPERATION: &[&str] = &[gen_ai::OPERATION_NAME, gen_ai::PROVIDER_NAME];

/// Required by the counters of tokens.
const INFERENCE_USAGE: &[&str] = &[
    gen_ai::OPERATION_NAME,
    gen_ai::PROVIDER_NAME,
    gen_ai::TOKEN_MODALITY,
];

/// On every operation where it is known, with the agent and the experiment as ours.
const CALL: &[&str] = &[
    gen_ai::REQUEST_MODEL,
    gen_ai::RESPONSE_MODEL,
    gen_ai::AGENT_NAME,
    server::ADDRESS,
    server::PORT,
    label::EXPERIMENT_ID,
    label::VARIANT,
];

/// The same, on metrics that count failures too.
const CALL_WITH_ERROR: &[&str] = &[
    gen_ai::REQUEST_MODEL,
    gen_ai::RESPONSE_MODEL,
    gen_ai::AGENT_NAME,
    server::ADDRESS,
    server::PORT,
    error::TYPE,
    label::EXPERIMENT_ID,
    label::VARIANT,
];

const CALL_SECONDS: &[f64] = &[
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

const AGENT_SECONDS: &[f64] = &[
    0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6, 1200.0, 3600.0,
];
