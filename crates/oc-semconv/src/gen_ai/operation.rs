use std::fmt;

/// The values of [`OPERATION_NAME`](super::OPERATION_NAME).
///
/// ```
/// use oc_semconv::gen_ai::OperationName;
///
/// assert_eq!(OperationName::InvokeAgent.to_string(), "invoke_agent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationName {
    /// `chat`: A chat completion.
    Chat,
    /// `generate_content`: Multimodal generation of content.
    GenerateContent,
    /// `text_completion`: A text completion of the older kind.
    TextCompletion,
    /// `embeddings`: Embeddings of texts.
    Embeddings,
    /// `retrieval`: A search in a data source.
    Retrieval,
    /// `fetch_response`: Fetching a stored response.
    FetchResponse,
    /// `create_agent`: Creation of a hosted agent.
    CreateAgent,
    /// `invoke_agent`: A run of an agent.
    InvokeAgent,
    /// `execute_tool`: A run of a tool.
    ExecuteTool,
    /// `invoke_workflow`: A run of a workflow.
    InvokeWorkflow,
    /// `plan`: An agent's planning step.
    Plan,
    /// `search_memory`: A search in a memory store.
    SearchMemory,
    /// `create_memory`: Creation of a memory record.
    CreateMemory,
    /// `update_memory`: Change of a memory record.
    UpdateMemory,
    /// `upsert_memory`: Creation or change of a memory record.
    UpsertMemory,
    /// `delete_memory`: Removal of a memory record.
    DeleteMemory,
    /// `create_memory_store`: Creation of a memory store.
    CreateMemoryStore,
    /// `delete_memory_store`: Removal of a memory store.
    DeleteMemoryStore,
}

impl OperationName {
    /// Every value, in the order of their definition.
    pub const ALL: &[OperationName] = &[
        OperationName::Chat,
        OperationName::GenerateContent,
        OperationName::TextCompletion,
        OperationName::Embeddings,
        OperationName::Retrieval,
        OperationName::FetchResponse,
        OperationName::CreateAgent,
        OperationName::InvokeAgent,
        OperationName::ExecuteTool,
        OperationName::InvokeWorkflow,
        OperationName::Plan,
        OperationName::SearchMemory,
        OperationName::CreateMemory,
        OperationName::UpdateMemory,
        OperationName::UpsertMemory,
        OperationName::DeleteMemory,
        OperationName::CreateMemoryStore,
        OperationName::DeleteMemoryStore,
    ];

    /// The value as it is recorded.
    pub const fn as_str(self) -> &'static str {
        match self {
            OperationName::Chat => "chat",
            OperationName::GenerateContent => "generate_content",
            OperationName::TextCompletion => "text_completion",
            OperationName::Embeddings => "embeddings",
            OperationName::Retrieval => "retrieval",
            OperationName::FetchResponse => "fetch_response",
            OperationName::CreateAgent => "create_agent",
            OperationName::InvokeAgent => "invoke_agent",
            OperationName::ExecuteTool => "execute_tool",
            OperationName::InvokeWorkflow => "invoke_workflow",
            OperationName::Plan => "plan",
            OperationName::SearchMemory => "search_memory",
            OperationName::CreateMemory => "create_memory",
            OperationName::UpdateMemory => "update_memory",
            OperationName::UpsertMemory => "upsert_memory",
            OperationName::DeleteMemory => "delete_memory",
            OperationName::CreateMemoryStore => "create_memory_store",
            OperationName::DeleteMemoryStore => "delete_memory_store",
        }
    }
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
