//! Anthropic messages.

use super::{Case, Format, Oddity, Usage, read};

pub(super) static CASES: &[Case] = &[
    Case {
        name: "whole",
        format: Format::AnthropicMessages,
        body: r#"{"id":"msg_013Zva","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"thinking","thinking":"Let me see","signature":"EqQB"},{"type":"text","text":"Hi, "},{"type":"text","text":"Claude."},{"type":"tool_use","id":"toolu_1","name":"weather","input":{"text":"not this","type":"nor this"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":30,"cache_read_input_tokens":2048,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":0},"output_tokens":503,"service_tier":"standard"}}"#,
        usage: || Some(Usage::anthropic(20, 503, 2048, 30)),
        finish: &["tool_use"],
        id: Some("msg_013Zva"),
        model: Some("claude-sonnet-4-5-20250929"),
        tools: &[("weather", Some("toolu_1"))],
        texts: &["Hi, Claude."],
        ..Case::NONE
    },
    Case {
        name: "stream",
        format: Format::AnthropicMessages,
        body: r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":1000,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"!"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

"#,
        usage: || Some(Usage::anthropic(25, 15, 1000, 0)),
        finish: &["end_turn"],
        id: Some("msg_1"),
        model: Some("claude-sonnet-4-5"),
        texts: &["Hello!"],
        chunks: 2,
        ..Case::NONE
    },
    Case {
        name: "stream with thinking and a tool, the input repeated at the end",
        format: Format::AnthropicMessages,
        body: r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_2","type":"message","role":"assistant","model":"claude-opus-4-1","content":[],"stop_reason":null,"usage":{"input_tokens":400,"output_tokens":3}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"The user"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBCgIYAhIM"}}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_01T1","name":"get_weather","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"location\":"}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":420,"cache_creation_input_tokens":null,"cache_read_input_tokens":7,"output_tokens":89}}

event: message_stop
data: {"type":"message_stop"}

"#,
        usage: || Some(Usage::new(427, 89).with_cache_read(7)),
        finish: &["tool_use"],
        id: Some("msg_2"),
        model: Some("claude-opus-4-1"),
        tools: &[("get_weather", Some("toolu_01T1"))],
        chunks: 2,
        ..Case::NONE
    },
    Case {
        name: "error",
        format: Format::AnthropicMessages,
        body: r#"{"type":"error","error":{"type":"not_found_error","message":"no such model"},"request_id":"req_1"}"#,
        error: Some("not_found_error"),
        ..Case::NONE
    },
    Case {
        name: "overloaded half-way",
        format: Format::AnthropicMessages,
        body: r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_3","model":"claude-sonnet-4-5","usage":{"input_tokens":25,"output_tokens":1}}}

event: error
data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}

"#,
        usage: || Some(Usage::new(25, 1)),
        id: Some("msg_3"),
        model: Some("claude-sonnet-4-5"),
        error: Some("overloaded_error"),
        ..Case::NONE
    },
];

#[test]
fn bodies_are_read() {
    CASES.iter().for_each(Case::check);
}

/// Scenario: a proxy reports progress with a second `message_delta`; the last one counts.
#[test]
fn usage_that_comes_again_is_flagged() {
    let body =
        br#"data: {"type":"message_start","message":{"usage":{"input_tokens":1,"output_tokens":1}}}

data: {"type":"message_delta","delta":{},"usage":{"output_tokens":5}}

data: {"type":"message_delta","delta":{},"usage":{"output_tokens":9}}

data: {"type":"message_stop"}
"#;
    let reading = read(Format::AnthropicMessages, body);
    assert_eq!(reading.usage(), Some(&Usage::new(1, 9)));
    assert_eq!(reading.odd(), [Oddity::UsageRepeated]);
}

/// Scenario: the client went away. What had been reported is there, and the cut shows.
#[test]
fn a_stream_that_is_cut_gives_what_it_had() {
    let body = b"data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n";
    let reading = read(Format::AnthropicMessages, body);
    assert_eq!(reading.usage(), Some(&Usage::new(25, 1)));
    assert_eq!(reading.odd(), [Oddity::CutShort]);
    assert!(!reading.is_complete());
}
