//! Messages, their parts and tool definitions, and how the conventions and MLflow write them.
//!
//! Semantic conventions for generative AI, JSON schemas of `gen_ai.input.messages`,
//! `gen_ai.output.messages`, `gen_ai.system_instructions` and `gen_ai.tool.definitions`.

use serde_json::{Map, Value, json};

/// A message to or from a model.
///
/// ```
/// use oc_telemetry::privacy::{Message, Part, messages_json, preview_json};
/// use serde_json::json;
///
/// let messages = [
///     Message::user("Is it raining in Oslo?"),
///     Message::new("assistant")
///         .with_part(Part::Reasoning("a look at the weather".into()))
///         .with_part(Part::text("Lightly.")),
/// ];
/// assert_eq!(messages_json(&messages)[0], json!({
///     "role": "user",
///     "parts": [{"type": "text", "content": "Is it raining in Oslo?"}],
/// }));
/// assert_eq!(preview_json(&messages), json!({"messages": [
///     {"role": "user", "content": "Is it raining in Oslo?"},
///     {"role": "assistant", "content": "Lightly."},
/// ]}));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    role: String,
    parts: Vec<Part>,
    name: Option<String>,
    finish_reason: Option<String>,
}

impl Message {
    /// A message without parts. Roles are `system`, `user`, `assistant`, `tool` or another.
    pub fn new(role: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            parts: Vec::new(),
            name: None,
            finish_reason: None,
        }
    }

    /// A text of the user.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new("user").with_part(Part::text(text))
    }

    /// A text of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new("assistant").with_part(Part::text(text))
    }

    /// A system text.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new("system").with_part(Part::text(text))
    }

    /// The result of a tool call.
    pub fn tool(id: Option<String>, response: impl Into<Value>) -> Self {
        Self::new("tool").with_part(Part::ToolCallResponse {
            id,
            response: response.into(),
        })
    }

    /// Adds a part.
    pub fn with_part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Sets the name of who speaks.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets why a model stopped: `stop`, `length`, `content_filter`, `tool_call`, `compaction`,
    /// `error`. Only output messages have it.
    pub fn with_finish_reason(mut self, reason: impl Into<String>) -> Self {
        self.finish_reason = Some(reason.into());
        self
    }

    /// Who speaks.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// What is said.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The text parts, one line each; empty where there is none. Reasoning is left out.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }

    /// The message as the conventions write it.
    pub fn to_json(&self) -> Value {
        let mut message = Map::new();
        message.insert("role".to_owned(), Value::from(self.role.as_str()));
        message.insert("parts".to_owned(), parts_json(&self.parts));
        put(&mut message, "name", self.name.as_deref());
        put(&mut message, "finish_reason", self.finish_reason.as_deref());
        Value::Object(message)
    }
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// Text.
    Text(String),
    /// What a model thinks before it answers.
    Reasoning(String),
    /// A model asks for a tool.
    ToolCall {
        /// Which call it is.
        id: Option<String>,
        /// The tool's name.
        name: String,
        /// What the tool is given.
        arguments: Option<Value>,
    },
    /// What a tool answered.
    ToolCallResponse {
        /// Which call it answers.
        id: Option<String>,
        /// The answer.
        response: Value,
    },
    /// Any other part: an object with the member `type`. An object without it gets the type
    /// `unknown`, anything else becomes the member `content` of such an object.
    Generic(Value),
}

impl Part {
    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The part as the conventions write it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!({"type": "text", "content": text}),
            Self::Reasoning(text) => json!({"type": "reasoning", "content": text}),
            Self::ToolCall {
                id,
                name,
                arguments,
            } => {
                let mut part = typed("tool_call");
                put(&mut part, "id", id.as_deref());
                put(&mut part, "name", Some(name));
                if let Some(arguments) = arguments {
                    part.insert("arguments".to_owned(), arguments.clone());
                }
                Value::Object(part)
            }
            Self::ToolCallResponse { id, response } => {
                let mut part = typed("tool_call_response");
                put(&mut part, "id", id.as_deref());
                part.insert("response".to_owned(), response.clone());
                Value::Object(part)
            }
            Self::Generic(Value::Object(members)) => {
                let mut part = typed("unknown");
                part.extend(members.clone());
                Value::Object(part)
            }
            Self::Generic(other) => json!({"type": "unknown", "content": other}),
        }
    }
}

/// A tool offered to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolDefinition {
    kind: String,
    name: String,
    description: Option<String>,
    parameters: Option<Value>,
}

impl ToolDefinition {
    /// A function. Only type and name are required, and recorded unless more is set.
    pub fn function(name: impl Into<String>) -> Self {
        Self::new("function", name)
    }

    /// A tool of another type, such as `web_search`.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            name: name.into(),
            description: None,
            parameters: None,
        }
    }

    /// Sets what the tool is said to do.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the JSON schema of the arguments.
    pub fn with_parameters(mut self, schema: Value) -> Self {
        self.parameters = Some(schema);
        self
    }

    /// The definition as the conventions write it.
    pub fn to_json(&self) -> Value {
        let mut tool = typed(&self.kind);
        put(&mut tool, "name", Some(&self.name));
        put(&mut tool, "description", self.description.as_deref());
        if let Some(parameters) = &self.parameters {
            tool.insert("parameters".to_owned(), parameters.clone());
        }
        Value::Object(tool)
    }
}

/// The value of `gen_ai.input.messages` and `gen_ai.output.messages`.
pub fn messages_json(messages: &[Message]) -> Value {
    messages.iter().map(Message::to_json).collect()
}

/// The value of `gen_ai.system_instructions`.
pub fn system_instructions_json(parts: &[Part]) -> Value {
    parts_json(parts)
}

/// The value of `gen_ai.tool.definitions`.
pub fn tool_definitions_json(tools: &[ToolDefinition]) -> Value {
    tools.iter().map(ToolDefinition::to_json).collect()
}

/// The shape of which MLflow shows the last text as a preview: `{"messages":[{"role","content"}]}`.
/// Messages without a text part are left out, and so is reasoning.
pub fn preview_json(messages: &[Message]) -> Value {
    let shown: Value = messages
        .iter()
        .map(|message| (&message.role, message.text()))
        .filter(|(_, text)| !text.is_empty())
        .map(|(role, text)| json!({"role": role, "content": text}))
        .collect();
    json!({ "messages": shown })
}

fn parts_json(parts: &[Part]) -> Value {
    parts.iter().map(Part::to_json).collect()
}

fn typed(kind: &str) -> Map<String, Value> {
    let mut members = Map::new();
    put(&mut members, "type", Some(kind));
    members
}

fn put(members: &mut Map<String, Value>, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        members.insert(key.to_owned(), Value::from(text));
    }
}
