//! Content and what is around it: messages, prompts, retrieval, memory, evaluation.
//!
//! Messages and instructions are content: they leave the process only when somebody asks for it.

/// The instructions given apart from the conversation. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `[{"type":"text","content":"Be brief."}]`
/// - Stability: development
pub const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";

/// The messages sent to the model. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]`
/// - Stability: development
pub const INPUT_MESSAGES: &str = "gen_ai.input.messages";

/// The messages the model returned, one a choice. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `[{"role":"assistant","parts":[{"type":"text","content":"Hi"}]}]`
/// - Stability: development
pub const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";

/// The name of a prompt template.
///
/// - Type: string
/// - Example: `triage`
/// - Stability: development
pub const PROMPT_NAME: &str = "gen_ai.prompt.name";

/// The version of a prompt template.
///
/// - Type: string
/// - Example: `12`
/// - Stability: development
pub const PROMPT_VERSION: &str = "gen_ai.prompt.version";

/// The prefix of a prompt template's variables; a dot and the name follow. Content: opt-in.
///
/// - Type: template, string
/// - Example: `gen_ai.prompt.variable.city` = `Oslo`
/// - Stability: development
pub const PROMPT_VARIABLE: &str = "gen_ai.prompt.variable";

/// The data source a retrieval or an agent reads.
///
/// - Type: string
/// - Example: `kb-3`
/// - Stability: development
pub const DATA_SOURCE_ID: &str = "gen_ai.data_source.id";

/// The number of dimensions of the embeddings.
///
/// - Type: int
/// - Example: `1536`
/// - Stability: development
pub const EMBEDDINGS_DIMENSION_COUNT: &str = "gen_ai.embeddings.dimension.count";

/// The text that was searched for. Content: opt-in.
///
/// - Type: string
/// - Example: `opening hours`
/// - Stability: development
pub const RETRIEVAL_QUERY_TEXT: &str = "gen_ai.retrieval.query.text";

/// The number of documents asked for.
///
/// - Type: int
/// - Example: `5`
/// - Stability: development
pub const RETRIEVAL_TOP_K: &str = "gen_ai.retrieval.top_k";

/// The documents found. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `[{"id":"d1","score":0.8}]`
/// - Stability: development
pub const RETRIEVAL_DOCUMENTS: &str = "gen_ai.retrieval.documents";

/// The memory store.
///
/// - Type: string
/// - Example: `store-1`
/// - Stability: development
pub const MEMORY_STORE_ID: &str = "gen_ai.memory.store.id";

/// The memory record.
///
/// - Type: string
/// - Example: `rec-9`
/// - Stability: development
pub const MEMORY_RECORD_ID: &str = "gen_ai.memory.record.id";

/// The number of records read or written.
///
/// - Type: int
/// - Example: `3`
/// - Stability: development
pub const MEMORY_RECORD_COUNT: &str = "gen_ai.memory.record.count";

/// The text that was searched for. Content: opt-in.
///
/// - Type: string
/// - Example: `favourite colour`
/// - Stability: development
pub const MEMORY_QUERY_TEXT: &str = "gen_ai.memory.query.text";

/// The records. Content: opt-in.
///
/// - Type: any, JSON text on spans
/// - Example: `[{"id":"rec-9"}]`
/// - Stability: development
pub const MEMORY_RECORDS: &str = "gen_ai.memory.records";

/// The name of an evaluation metric.
///
/// - Type: string
/// - Example: `relevance`
/// - Stability: development
pub const EVALUATION_NAME: &str = "gen_ai.evaluation.name";

/// The score.
///
/// - Type: double
/// - Example: `0.8`
/// - Stability: development
pub const EVALUATION_SCORE_VALUE: &str = "gen_ai.evaluation.score.value";

/// The score in words, of low cardinality.
///
/// - Type: string
/// - Example: `pass`
/// - Stability: development
pub const EVALUATION_SCORE_LABEL: &str = "gen_ai.evaluation.score.label";

/// Why the score was given.
///
/// - Type: string
/// - Example: `names the order`
/// - Stability: development
pub const EVALUATION_EXPLANATION: &str = "gen_ai.evaluation.explanation";
