//! Reading messages from JSON as the conventions and as model vendors write them.

use serde_json::{Map, Value};

use super::content::{Message, Part, ToolDefinition};

impl Message {
    /// Reads messages: a list of them, one, an object with the member `messages`, `input` or
    /// `choices`, or a text, which `role` is said to have spoken. Never fails: what is not
    /// understood is kept as [`Part::Generic`].
    ///
    /// Understood are the shapes of the conventions, of OpenAI chat (`content`, `tool_calls`,
    /// `tool_call_id`) and of Anthropic messages (`text`, `thinking`, `tool_use`, `tool_result`).
    ///
    /// ```
    /// use oc_telemetry::privacy::{Message, messages_json};
    /// use serde_json::json;
    ///
    /// let request = json!({"messages": [{"role": "user", "content": "hello"}]});
    /// assert_eq!(Message::list_from_json(request, "user"), [Message::user("hello")]);
    /// ```
    pub fn list_from_json(value: Value, role: &str) -> Vec<Self> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(items) => items
                .into_iter()
                .map(|item| Self::from_json(item, role))
                .collect(),
            Value::Object(mut members) => {
                for key in ["messages", "input", "choices"] {
                    if let Some(list @ (Value::Array(_) | Value::String(_))) = members.remove(key) {
                        return Self::list_from_json(list, role);
                    }
                }
                vec![Self::from_json(Value::Object(members), role)]
            }
            other => vec![Self::from_json(other, role)],
        }
    }

    /// Reads one message; `role` counts where it names none.
    pub fn from_json(value: Value, role: &str) -> Self {
        let mut members = match value {
            Value::Object(members) => members,
            other => return Self::new(role).with_parts(parts(other)),
        };
        if let Some(choice @ Value::Object(_)) = members.remove("message") {
            let message = Self::from_json(choice, role);
            return match take_text(&mut members, "finish_reason") {
                Some(reason) => message.with_finish_reason(reason),
                None => message,
            };
        }
        let spoken = take_text(&mut members, "role");
        if spoken.is_none() && members.contains_key("type") {
            return Self::new(role).with_parts(vec![part(members)]);
        }
        let mut message = Self::new(spoken.unwrap_or_else(|| role.to_owned()));
        if let Some(name) = take_text(&mut members, "name") {
            message = message.with_name(name);
        }
        if let Some(reason) = take_text(&mut members, "finish_reason") {
            message = message.with_finish_reason(reason);
        }
        for key in ["reasoning_content", "reasoning"] {
            if let Some(text) = take_text(&mut members, key) {
                message = message.with_part(Part::Reasoning(text));
            }
        }
        let content = members
            .remove("parts")
            .or_else(|| members.remove("content"));
        message = match (take_text(&mut members, "tool_call_id"), content) {
            (Some(id), content) => message.with_part(Part::ToolCallResponse {
                id: Some(id),
                response: content.unwrap_or_default(),
            }),
            (None, Some(content)) => message.with_parts(parts(content)),
            (None, None) => message,
        };
        if let Some(Value::Array(calls)) = members.remove("tool_calls") {
            message = message.with_parts(calls.into_iter().map(tool_call).collect());
        }
        message
    }

    fn with_parts(self, parts: Vec<Part>) -> Self {
        parts.into_iter().fold(self, Self::with_part)
    }
}

impl Part {
    /// Reads parts, such as those of a system prompt: a text, one part or a list of parts. Never
    /// fails: what is not understood is kept as [`Part::Generic`].
    pub fn list_from_json(value: Value) -> Vec<Self> {
        parts(value)
    }
}

impl ToolDefinition {
    /// Reads the tools of a request to OpenAI or Anthropic. Items without a name are left out, and
    /// so are description and schema unless `complete`: the conventions want them on request only.
    pub fn list_from_json(value: Value, complete: bool) -> Vec<Self> {
        let Value::Array(items) = value else {
            return Vec::new();
        };
        items
            .into_iter()
            .filter_map(|item| Self::from_json(item, complete))
            .collect()
    }

    fn from_json(value: Value, complete: bool) -> Option<Self> {
        let Value::Object(mut members) = value else {
            return None;
        };
        let kind = take_text(&mut members, "type");
        if let Some(Value::Object(function)) = members.remove("function") {
            members = function;
        }
        let name = take_text(&mut members, "name")?;
        let kind = kind
            .filter(|kind| kind != "custom")
            .unwrap_or_else(|| "function".to_owned());
        let mut tool = Self::new(kind, name);
        if complete {
            if let Some(description) = take_text(&mut members, "description") {
                tool = tool.with_description(description);
            }
            let schema = members
                .remove("parameters")
                .or_else(|| members.remove("input_schema"));
            if let Some(schema) = schema {
                tool = tool.with_parameters(schema);
            }
        }
        Some(tool)
    }
}

fn parts(value: Value) -> Vec<Part> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![Part::Text(text)],
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Part::Text(text),
                Value::Object(members) => part(members),
                other => Part::Generic(other),
            })
            .collect(),
        Value::Object(members) => vec![part(members)],
        other => vec![Part::Generic(other)],
    }
}

fn part(mut members: Map<String, Value>) -> Part {
    let kind = members
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let read = match kind.as_str() {
        "text" | "input_text" | "output_text" => take_text(&mut members, "content")
            .or_else(|| take_text(&mut members, "text"))
            .map(Part::Text),
        "reasoning" | "thinking" => take_text(&mut members, "content")
            .or_else(|| take_text(&mut members, "thinking"))
            .or_else(|| take_text(&mut members, "text"))
            .map(Part::Reasoning),
        "tool_call" | "tool_use" | "function_call" => call(&mut members),
        "tool_call_response" | "tool_result" | "function_call_output" => Some(answer(&mut members)),
        _ => None,
    };
    read.unwrap_or(Part::Generic(Value::Object(members)))
}

/// A member of `tool_calls`, which has the call in the member `function`.
fn tool_call(value: Value) -> Part {
    let Value::Object(mut members) = value else {
        return Part::Generic(value);
    };
    if let Some(Value::Object(mut function)) = members.remove("function") {
        if let Some(id) = members.remove("id") {
            function.insert("id".to_owned(), id);
        }
        members = function;
    }
    call(&mut members).unwrap_or(Part::Generic(Value::Object(members)))
}

fn call(members: &mut Map<String, Value>) -> Option<Part> {
    let name = take_text(members, "name")?;
    let arguments = members
        .remove("arguments")
        .or_else(|| members.remove("input"))
        .map(parsed);
    Some(Part::ToolCall {
        id: take_text(members, "call_id").or_else(|| take_text(members, "id")),
        name,
        arguments,
    })
}

fn answer(members: &mut Map<String, Value>) -> Part {
    let id = ["tool_use_id", "call_id", "id"]
        .iter()
        .find_map(|key| take_text(members, key));
    let response = ["response", "output", "result", "content"]
        .iter()
        .find_map(|key| members.remove(*key))
        .unwrap_or_default();
    Part::ToolCallResponse { id, response }
}

/// Arguments that are JSON text, parsed; a model may also have written no JSON.
fn parsed(value: Value) -> Value {
    match value {
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(parsed @ (Value::Object(_) | Value::Array(_))) => parsed,
            _ => Value::String(text),
        },
        other => other,
    }
}

fn take_text(members: &mut Map<String, Value>, key: &str) -> Option<String> {
    match members.get_mut(key)? {
        Value::String(text) => Some(std::mem::take(text)),
        _ => None,
    }
}
