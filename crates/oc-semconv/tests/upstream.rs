//! The names against those of the crate `opentelemetry-semantic-conventions`, where the two overlap.
//!
//! Constants cannot be listed at run time: the tables here name those of the other crate, and the compiler complains
//! when one of them is gone.
#![allow(
    deprecated,
    reason = "the other crate deprecates every GenAI name, since they moved to a repository of their own"
)]

use std::collections::BTreeSet;

use oc_semconv::{Generation, attributes, metrics};
use opentelemetry_semantic_conventions as upstream;

// Scenario: every attribute that both crates have.
// Guarantee: the keys are the same, and the overlap does not shrink.
#[test]
fn attributes_are_called_the_same() {
    for (name, key) in ATTRIBUTES {
        assert!(
            attributes::find(key).is_some_and(|known| known.key == *key),
            "{name}: {key}"
        );
    }
    assert_eq!(ATTRIBUTES.len(), 119);
}

// Scenario: every metric that both crates have.
// Guarantee: the names are the same, and the overlap does not shrink.
#[test]
fn metrics_are_called_the_same() {
    for (name, key) in METRICS {
        assert!(
            metrics::ALL.iter().any(|known| known.name == *key),
            "{name}: {key}"
        );
    }
    assert_eq!(METRICS.len(), 12);
}

// Scenario: every attribute of ours in a namespace that the other crate has too.
// Guarantee: what the other crate lacks is what the list below says, no more and no less.
#[test]
fn differences_are_intended() {
    let theirs: BTreeSet<&str> = ATTRIBUTES.iter().map(|(_, key)| *key).collect();
    let namespaces: BTreeSet<&str> = theirs
        .iter()
        .filter_map(|key| key.split('.').next())
        .collect();
    let missing: BTreeSet<&str> = attributes::ALL
        .iter()
        .map(|known| known.key)
        .filter(|key| {
            key.split('.')
                .next()
                .is_some_and(|namespace| namespaces.contains(namespace))
        })
        .filter(|key| !theirs.contains(key))
        .collect();
    let listed: BTreeSet<&str> = OURS_ONLY
        .iter()
        .flat_map(|(_, keys)| keys.iter().copied())
        .collect();
    assert_eq!(missing, listed);

    // The reason given for them holds.
    for key in listed {
        let known = attributes::find(key).expect("it is one of ours");
        assert_eq!(known.generation, Generation::V2026_10, "{key}");
    }
}

// Scenario: constants of the other crate that we leave out on purpose.
// Guarantee: we leave them out, so the list stays true.
#[test]
fn what_is_left_out_is_left_out() {
    for (reason, keys) in THEIRS_ONLY {
        for key in *keys {
            assert_eq!(attributes::find(key), None, "{key}: {reason}");
        }
    }
}

// Scenario: the schema URLs.
// Guarantee: they differ as they should: the other crate is generated from an older version.
#[test]
fn the_schema_is_newer() {
    assert_eq!(
        upstream::SCHEMA_URL,
        "https://opentelemetry.io/schemas/1.42.0"
    );
    assert_eq!(
        oc_semconv::SCHEMA_URL,
        "https://opentelemetry.io/schemas/1.44.0"
    );
}

/// Attributes of ours that the other crate lacks, by reason.
const OURS_ONLY: &[(&str, &[&str])] = &[
    (
        "conversations and prompts: added after the GenAI names left the core conventions",
        &[
            "gen_ai.conversation.compacted",
            "gen_ai.prompt.variable",
            "gen_ai.prompt.version",
        ],
    ),
    (
        "agents, skills and memory: added after the GenAI names left the core conventions",
        &[
            "gen_ai.main_agent.description",
            "gen_ai.main_agent.id",
            "gen_ai.main_agent.name",
            "gen_ai.memory.query.text",
            "gen_ai.memory.record.count",
            "gen_ai.memory.record.id",
            "gen_ai.memory.records",
            "gen_ai.memory.store.id",
            "gen_ai.skill.description",
            "gen_ai.skill.name",
            "gen_ai.skill.resource.name",
            "gen_ai.skill.source.uri",
        ],
    ),
    (
        "requests and responses: added after the GenAI names left the core conventions",
        &[
            "gen_ai.request.previous_response.id",
            "gen_ai.request.reasoning.level",
            "gen_ai.request.stream_cursor",
            "gen_ai.response.status",
            "gen_ai.retrieval.top_k",
        ],
    ),
    (
        "took the place of `gen_ai.usage.cache_creation.input_tokens`, which the other crate has",
        &["gen_ai.usage.cache_write.input_tokens"],
    ),
    (
        "token counts by modality: took the place of `gen_ai.token.type`, which the other crate has",
        &[
            "gen_ai.token.modality",
            "gen_ai.usage.audio.cache_read.input_tokens",
            "gen_ai.usage.audio.input_tokens",
            "gen_ai.usage.audio.output_tokens",
            "gen_ai.usage.image.cache_read.input_tokens",
            "gen_ai.usage.image.input_tokens",
            "gen_ai.usage.image.output_tokens",
            "gen_ai.usage.text.cache_read.input_tokens",
            "gen_ai.usage.text.input_tokens",
            "gen_ai.usage.text.output_tokens",
        ],
    ),
];

/// Attributes of the other crate that we leave out, by reason.
const THEIRS_ONLY: &[(&str, &[&str])] = &[(
    "flags never had these names here, so nobody has to be told of their successors",
    &[
        upstream::attribute::FEATURE_FLAG_EVALUATION_ERROR_MESSAGE,
        upstream::attribute::FEATURE_FLAG_EVALUATION_REASON,
        upstream::attribute::FEATURE_FLAG_VARIANT,
    ],
)];

macro_rules! constants {
    ($module:path; $($name:ident,)*) => {{
        use $module as module;
        &[$((stringify!($name), module::$name)),*]
    }};
}

const METRICS: &[(&str, &str)] = constants![upstream::metric;
    GEN_AI_CLIENT_OPERATION_DURATION,
    GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK,
    GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
    GEN_AI_CLIENT_TOKEN_USAGE,
    GEN_AI_SERVER_REQUEST_DURATION,
    GEN_AI_SERVER_TIME_PER_OUTPUT_TOKEN,
    GEN_AI_SERVER_TIME_TO_FIRST_TOKEN,
    HTTP_SERVER_REQUEST_DURATION,
    MCP_CLIENT_OPERATION_DURATION,
    MCP_CLIENT_SESSION_DURATION,
    MCP_SERVER_OPERATION_DURATION,
    MCP_SERVER_SESSION_DURATION,
];

const ATTRIBUTES: &[(&str, &str)] = constants![upstream::attribute;
    AWS_BEDROCK_GUARDRAIL_ID,
    AWS_BEDROCK_KNOWLEDGE_BASE_ID,
    CLIENT_ADDRESS,
    CLIENT_PORT,
    ENDUSER_ID,
    ENDUSER_PSEUDO_ID,
    ERROR_TYPE,
    EXCEPTION_MESSAGE,
    EXCEPTION_STACKTRACE,
    EXCEPTION_TYPE,
    FEATURE_FLAG_CONTEXT_ID,
    FEATURE_FLAG_ERROR_MESSAGE,
    FEATURE_FLAG_KEY,
    FEATURE_FLAG_PROVIDER_NAME,
    FEATURE_FLAG_RESULT_REASON,
    FEATURE_FLAG_RESULT_VALUE,
    FEATURE_FLAG_RESULT_VARIANT,
    FEATURE_FLAG_SET_ID,
    FEATURE_FLAG_VERSION,
    GEN_AI_AGENT_DESCRIPTION,
    GEN_AI_AGENT_ID,
    GEN_AI_AGENT_NAME,
    GEN_AI_AGENT_VERSION,
    GEN_AI_COMPLETION,
    GEN_AI_CONVERSATION_ID,
    GEN_AI_DATA_SOURCE_ID,
    GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
    GEN_AI_EVALUATION_EXPLANATION,
    GEN_AI_EVALUATION_NAME,
    GEN_AI_EVALUATION_SCORE_LABEL,
    GEN_AI_EVALUATION_SCORE_VALUE,
    GEN_AI_INPUT_MESSAGES,
    GEN_AI_OPENAI_REQUEST_RESPONSE_FORMAT,
    GEN_AI_OPENAI_REQUEST_SEED,
    GEN_AI_OPENAI_REQUEST_SERVICE_TIER,
    GEN_AI_OPENAI_RESPONSE_SERVICE_TIER,
    GEN_AI_OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    GEN_AI_OPERATION_NAME,
    GEN_AI_OUTPUT_MESSAGES,
    GEN_AI_OUTPUT_TYPE,
    GEN_AI_PROMPT,
    GEN_AI_PROMPT_NAME,
    GEN_AI_PROVIDER_NAME,
    GEN_AI_REQUEST_CHOICE_COUNT,
    GEN_AI_REQUEST_ENCODING_FORMATS,
    GEN_AI_REQUEST_FREQUENCY_PENALTY,
    GEN_AI_REQUEST_MAX_TOKENS,
    GEN_AI_REQUEST_MODEL,
    GEN_AI_REQUEST_PRESENCE_PENALTY,
    GEN_AI_REQUEST_SEED,
    GEN_AI_REQUEST_STOP_SEQUENCES,
    GEN_AI_REQUEST_STREAM,
    GEN_AI_REQUEST_TEMPERATURE,
    GEN_AI_REQUEST_TOP_K,
    GEN_AI_REQUEST_TOP_P,
    GEN_AI_RESPONSE_FINISH_REASONS,
    GEN_AI_RESPONSE_ID,
    GEN_AI_RESPONSE_MODEL,
    GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    GEN_AI_RETRIEVAL_DOCUMENTS,
    GEN_AI_RETRIEVAL_QUERY_TEXT,
    GEN_AI_SYSTEM,
    GEN_AI_SYSTEM_INSTRUCTIONS,
    GEN_AI_TOKEN_TYPE,
    GEN_AI_TOOL_CALL_ARGUMENTS,
    GEN_AI_TOOL_CALL_ID,
    GEN_AI_TOOL_CALL_RESULT,
    GEN_AI_TOOL_DEFINITIONS,
    GEN_AI_TOOL_DESCRIPTION,
    GEN_AI_TOOL_NAME,
    GEN_AI_TOOL_TYPE,
    GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    GEN_AI_USAGE_COMPLETION_TOKENS,
    GEN_AI_USAGE_INPUT_TOKENS,
    GEN_AI_USAGE_OUTPUT_TOKENS,
    GEN_AI_USAGE_PROMPT_TOKENS,
    GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    GEN_AI_WORKFLOW_NAME,
    HTTP_REQUEST_HEADER,
    HTTP_REQUEST_METHOD,
    HTTP_REQUEST_METHOD_ORIGINAL,
    HTTP_REQUEST_RESEND_COUNT,
    HTTP_RESPONSE_HEADER,
    HTTP_RESPONSE_STATUS_CODE,
    HTTP_ROUTE,
    JSONRPC_PROTOCOL_VERSION,
    JSONRPC_REQUEST_ID,
    MCP_METHOD_NAME,
    MCP_PROTOCOL_VERSION,
    MCP_RESOURCE_URI,
    MCP_SESSION_ID,
    NETWORK_PEER_ADDRESS,
    NETWORK_PEER_PORT,
    NETWORK_PROTOCOL_NAME,
    NETWORK_PROTOCOL_VERSION,
    NETWORK_TRANSPORT,
    OPENAI_API_TYPE,
    OPENAI_REQUEST_SERVICE_TIER,
    OPENAI_RESPONSE_SERVICE_TIER,
    OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    PROCESS_EXECUTABLE_NAME,
    PROCESS_EXECUTABLE_PATH,
    PROCESS_EXIT_CODE,
    RPC_RESPONSE_STATUS_CODE,
    SERVER_ADDRESS,
    SERVER_PORT,
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_NAMESPACE,
    SERVICE_VERSION,
    SESSION_ID,
    SESSION_PREVIOUS_ID,
    URL_FULL,
    URL_PATH,
    URL_QUERY,
    URL_SCHEME,
    USER_AGENT_ORIGINAL,
    USER_ID,
];
