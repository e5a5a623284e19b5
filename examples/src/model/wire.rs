//! The part of the OpenAI chat-completions format that the example speaks.

use serde::{Deserialize, Serialize};

/// One message of a conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// `user`, `assistant` or `tool`.
    pub role: String,
    /// The text.
    #[serde(default)]
    pub content: String,
    /// The call that a `tool` message answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

impl Message {
    /// What the user says.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new("user", content)
    }

    /// What a tool answered.
    pub fn tool(call_id: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            tool_call_id: Some(call_id.into()),
            ..Self::new("tool", content)
        }
    }

    fn new(role: &str, content: impl Into<String>) -> Self {
        Self {
            role: role.to_owned(),
            content: content.into(),
            tool_call_id: None,
        }
    }
}

/// What the model wants a tool to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolRequest {
    /// The id that the answer must carry.
    pub call_id: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments, as JSON text.
    pub arguments: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChatRequest {
    pub(super) model: String,
    pub(super) messages: Vec<Message>,
    pub(super) stream: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Chunk {
    pub(super) id: String,
    pub(super) model: String,
    #[serde(default)]
    pub(super) choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<Usage>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Choice {
    pub(super) index: u32,
    pub(super) delta: Delta,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Delta {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_calls: Vec<ToolCallDelta>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ToolCallDelta {
    pub(super) id: String,
    pub(super) function: FunctionDelta,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FunctionDelta {
    pub(super) name: String,
    pub(super) arguments: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Usage {
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
}
