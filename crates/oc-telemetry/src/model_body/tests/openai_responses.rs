//! OpenAI responses.

use super::{Case, Format, Oddity, Usage, read};

pub(super) static CASES: &[Case] = &[
    Case {
        name: "whole",
        format: Format::OpenAiResponses,
        body: r#"{
  "id": "resp_67ccd2", "object": "response", "created_at": 1741476542, "status": "completed",
  "error": null, "incomplete_details": null, "instructions": null, "max_output_tokens": null,
  "model": "gpt-4.1-2025-04-14",
  "output": [
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "thoughts"}]},
    {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [
      {"type": "output_text", "text": "In a peaceful grove", "annotations": []}
    ]}
  ],
  "parallel_tool_calls": true, "reasoning": {"effort": null, "summary": null},
  "text": {"format": {"type": "text"}}, "tools": [], "user": null, "metadata": {},
  "usage": {
    "input_tokens": 36, "input_tokens_details": {"cached_tokens": 16},
    "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 64}, "total_tokens": 123
  }
}"#,
        usage: || Some(Usage::new(36, 87).with_cache_read(16).with_reasoning(64)),
        finish: &["stop"],
        id: Some("resp_67ccd2"),
        model: Some("gpt-4.1-2025-04-14"),
        texts: &["In a peaceful grove"],
        ..Case::NONE
    },
    Case {
        name: "stream",
        format: Format::OpenAiResponses,
        body: r#"event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"incomplete_details":null,"model":"gpt-5","output":[],"usage":null}}

event: response.output_item.added
data: {"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}

event: response.content_part.added
data: {"type":"response.content_part.added","item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hi"}

event: response.output_text.delta
data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":" there"}

event: response.output_text.done
data: {"type":"response.output_text.done","item_id":"msg_1","output_index":0,"content_index":0,"text":"Hi there"}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"gpt-5","output":[{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi there","annotations":[]}]}],"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":0},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":48}}}

"#,
        usage: || Some(Usage::new(37, 11).with_cache_read(0).with_reasoning(0)),
        finish: &["stop"],
        id: Some("resp_1"),
        model: Some("gpt-5"),
        texts: &["Hi there"],
        chunks: 2,
        ..Case::NONE
    },
    Case {
        name: "stream with a tool call",
        format: Format::OpenAiResponses,
        body: r#"event: response.output_item.added
data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"weather","arguments":""}}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":0,"delta":"{\"city\":\"Oslo\"}"}

event: response.output_item.done
data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"weather","arguments":"{\"city\":\"Oslo\"}"}}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_2","status":"completed","model":"gpt-5","output":[{"type":"function_call","id":"fc_1","call_id":"call_1","name":"weather","arguments":"{}"}],"usage":{"input_tokens":7,"output_tokens":8}}}

"#,
        usage: || Some(Usage::new(7, 8)),
        finish: &["tool_calls"],
        id: Some("resp_2"),
        model: Some("gpt-5"),
        tools: &[("weather", Some("call_1"))],
        chunks: 1,
        ..Case::NONE
    },
    Case {
        name: "incomplete",
        format: Format::OpenAiResponses,
        body: r#"event: response.incomplete
data: {"type":"response.incomplete","response":{"id":"resp_3","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"model":"gpt-5","output":[],"usage":{"input_tokens":7,"output_tokens":16}}}

"#,
        usage: || Some(Usage::new(7, 16)),
        finish: &["max_output_tokens"],
        id: Some("resp_3"),
        model: Some("gpt-5"),
        ..Case::NONE
    },
    Case {
        name: "failed",
        format: Format::OpenAiResponses,
        body: r#"event: response.failed
data: {"type":"response.failed","response":{"id":"resp_4","status":"failed","error":{"code":"server_error","message":"The model failed"},"model":"gpt-5","output":[],"usage":null}}

"#,
        finish: &["error"],
        id: Some("resp_4"),
        model: Some("gpt-5"),
        error: Some("server_error"),
        ..Case::NONE
    },
    Case {
        name: "error event",
        format: Format::OpenAiResponses,
        body: r#"event: error
data: {"type":"error","code":"rate_limit_exceeded","message":"slow down","param":null}

"#,
        error: Some("rate_limit_exceeded"),
        ..Case::NONE
    },
];

#[test]
fn bodies_are_read() {
    CASES.iter().for_each(Case::check);
}

/// Scenario: a client joins late and sees the last event only. The text is in it as well.
#[test]
fn text_of_the_last_event_counts_where_there_were_no_deltas() {
    let body = br#"data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"all"}]}]}}"#;
    let reading = read(Format::OpenAiResponses, body);
    assert_eq!(reading.texts(), ["all"]);
    assert_eq!(reading.status(), Some("completed"));
    assert_eq!(reading.odd(), [Oddity::UsageMissing]);
}

/// Scenario: a proxy drops the `type` of the data; the event's name says the same.
#[test]
fn the_name_of_the_event_stands_in_for_the_type() {
    let body = b"event: response.completed\ndata: {\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n";
    let reading = read(Format::OpenAiResponses, body);
    assert_eq!(reading.usage(), Some(&Usage::new(1, 2)));
    assert_eq!(reading.finish_reasons(), ["stop"]);
    assert!(reading.is_complete());
}
