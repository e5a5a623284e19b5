//! The shapes of messages.

use serde_json::{Value, json};

use crate::{
    config::CaptureContent,
    privacy::{
        ContentClass, ContentSignal, Message, Part, ToolDefinition, messages_json, preview_json,
        system_instructions_json, tool_definitions_json,
    },
};

/// Guarantee: the shape of the conventions, to the member.
#[test]
fn conventions() {
    let messages = [
        Message::user("Is it raining in Oslo?").with_name("ada"),
        Message::new("assistant")
            .with_part(Part::ToolCall {
                id: Some("call_7".into()),
                name: "weather".into(),
                arguments: Some(json!({"city": "Oslo"})),
            })
            .with_finish_reason("tool_call"),
        Message::tool(Some("call_7".into()), "light rain, 9C"),
        Message::new("assistant")
            .with_part(Part::Generic(json!({"type": "blob", "modality": "image"}))),
    ];
    assert_eq!(
        messages_json(&messages),
        json!([
            {"role": "user", "name": "ada", "parts": [{"type": "text", "content": "Is it raining in Oslo?"}]},
            {"role": "assistant", "finish_reason": "tool_call", "parts": [
                {"type": "tool_call", "id": "call_7", "name": "weather", "arguments": {"city": "Oslo"}}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_7", "response": "light rain, 9C"}]},
            {"role": "assistant", "parts": [{"type": "blob", "modality": "image"}]},
        ])
    );
    assert_eq!(
        system_instructions_json(&[Part::text("be brief")]),
        json!([{"type": "text", "content": "be brief"}])
    );
    let written = Message::list_from_json(messages_json(&messages), "user");
    assert_eq!(written, messages);
}

/// Guarantee: the requests and answers of OpenAI and Anthropic become the same messages.
#[test]
fn vendors() {
    let expected = [
        Message::user("hi"),
        Message::new("assistant").with_part(Part::ToolCall {
            id: Some("c1".into()),
            name: "f".into(),
            arguments: Some(json!({"x": 1})),
        }),
    ];
    let openai = json!({"model": "m", "messages": [
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}]},
    ]});
    let anthropic = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1}}]},
    ]);
    assert_eq!(Message::list_from_json(openai, "user"), expected);
    assert_eq!(Message::list_from_json(anthropic, "user"), expected);

    let answer = json!({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}]});
    assert_eq!(
        Message::list_from_json(answer, "assistant"),
        [Message::assistant("ok").with_finish_reason("stop")]
    );
    let results = json!([
        {"role": "tool", "tool_call_id": "c1", "content": "done"},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "done"}]},
    ]);
    for message in Message::list_from_json(results, "user") {
        assert_eq!(
            message.parts(),
            [Part::ToolCallResponse {
                id: Some("c1".into()),
                response: json!("done")
            }]
        );
    }
}

/// Guarantee: nothing that is handed in panics, and every part that is written has a type.
#[test]
fn odd_input() {
    for value in [
        json!(null),
        json!(1),
        json!("text"),
        json!([]),
        json!({}),
        json!([null, 1, "a", [], {}]),
        json!({"role": 1, "content": 2}),
        json!({"messages": null}),
        json!([{"role": "assistant", "tool_calls": [1, {}, {"function": 2}, {"function": {}}]}]),
        json!([{"content": [{"type": "tool_use"}, {"type": 7}, {"text": "no type"}, null]}]),
        json!([{"role": "tool", "tool_call_id": null, "content": {"a": 1}}]),
    ] {
        let written = messages_json(&Message::list_from_json(value.clone(), "user"));
        for message in written.as_array().unwrap() {
            assert!(message["role"].is_string(), "{value}");
            let parts = message["parts"].as_array().unwrap();
            assert!(
                parts.iter().all(|part| !part["type"].is_null()),
                "{value}: {written}"
            );
        }
        preview_json(&Message::list_from_json(value, "user"));
    }
}

/// Guarantee: previews hold text alone.
#[test]
fn previews() {
    let messages = [
        Message::user("one").with_part(Part::text("two")),
        Message::new("assistant").with_part(Part::Reasoning("hidden".into())),
        Message::tool(None, "hidden"),
    ];
    assert_eq!(
        preview_json(&messages),
        json!({"messages": [{"role": "user", "content": "one\ntwo"}]})
    );
    assert_eq!(
        preview_json(&[]),
        json!({"messages": Value::Array(Vec::new())})
    );
}

/// Guarantee: of tools, the name and the type, and the rest on request only.
#[test]
fn tools() {
    let tools = json!([
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}},
        {"name": "g", "description": "d", "input_schema": {"type": "object"}},
        {"type": "web_search", "name": "web"},
        {"no": "name"},
    ]);
    assert_eq!(
        tool_definitions_json(&ToolDefinition::list_from_json(tools.clone(), false)),
        json!([
            {"type": "function", "name": "f"},
            {"type": "function", "name": "g"},
            {"type": "web_search", "name": "web"},
        ])
    );
    let complete = tool_definitions_json(&ToolDefinition::list_from_json(tools, true));
    for tool in [&complete[0], &complete[1]] {
        assert_eq!(tool["description"], "d");
        assert_eq!(tool["parameters"], json!({"type": "object"}));
    }
}

/// Guarantee: class and signal must both be on; each switch opens its class alone.
#[test]
fn capture() {
    use ContentClass::{Input, Output, SystemPrompt, ToolArguments, ToolDefinitions, ToolResults};
    type Switch = fn(&mut CaptureContent) -> &mut bool;
    let classes: [(ContentClass, Switch); 6] = [
        (SystemPrompt, |c| &mut c.system_prompt),
        (Input, |c| &mut c.input_messages),
        (Output, |c| &mut c.output_messages),
        (ToolArguments, |c| &mut c.tool_inputs),
        (ToolResults, |c| &mut c.tool_outputs),
        (ToolDefinitions, |c| &mut c.tool_definitions),
    ];
    for (class, switch) in classes {
        let mut capture = CaptureContent::default();
        *switch(&mut capture) = true;
        assert!(!capture.allows(class, ContentSignal::Spans));
        capture.on_spans = true;
        for (other, _) in classes {
            assert_eq!(capture.allows(other, ContentSignal::Spans), other == class);
            assert!(!capture.allows(other, ContentSignal::Events));
        }
        capture.in_events = true;
        assert!(capture.allows(class, ContentSignal::Events));
    }
}
