//! OpenAI chat completions and servers that speak the same.

use super::{Case, Format, Oddity, Usage, read};

pub(super) static CASES: &[Case] = &[
    Case {
        name: "whole",
        body: r#"{
  "id": "chatcmpl-B9MBs8",
  "object": "chat.completion",
  "created": 1741569952,
  "model": "gpt-4.1-2025-04-14",
  "choices": [
    {
      "index": 0,
      "message": {
        "role": "assistant",
        "content": "Hello! \"caf\u00e9\" \ud83d\ude00",
        "refusal": null,
        "annotations": []
      },
      "logprobs": null,
      "finish_reason": "stop"
    }
  ],
  "usage": {
    "prompt_tokens": 1900,
    "completion_tokens": 310,
    "total_tokens": 2210,
    "prompt_tokens_details": {"cached_tokens": 1792, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 256, "audio_tokens": 0}
  },
  "service_tier": "default",
  "system_fingerprint": null
}
"#,
        usage: || {
            Some(
                Usage::new(1900, 310)
                    .with_cache_read(1792)
                    .with_reasoning(256),
            )
        },
        finish: &["stop"],
        id: Some("chatcmpl-B9MBs8"),
        model: Some("gpt-4.1-2025-04-14"),
        texts: &["Hello! \"café\" 😀"],
        ..Case::NONE
    },
    Case {
        name: "stream with usage",
        body: r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hé"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"length"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":2,"total_tokens":14}}

data: [DONE]

"#,
        usage: || Some(Usage::new(12, 2)),
        finish: &["length"],
        id: Some("chatcmpl-1"),
        model: Some("gpt-4o-mini"),
        texts: &["Héllo"],
        chunks: 2,
        ..Case::NONE
    },
    Case {
        name: "two choices out of order, the filter's chunk first",
        body: r#"data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}

data: {"id":"c","model":"gpt-4o","choices":[{"delta":{"content":"b"},"index":1,"finish_reason":null}]}

data: {"id":"c","model":"gpt-4o","choices":[{"delta":{"content":"a"},"index":0,"finish_reason":null}]}

data: {"id":"c","model":"gpt-4o","choices":[{"delta":{},"index":1,"finish_reason":"content_filter"}]}

data: {"id":"c","model":"gpt-4o","choices":[{"delta":{},"index":0,"finish_reason":"stop"}]}

data: [DONE]

"#,
        finish: &["stop", "content_filter"],
        id: Some("c"),
        model: Some("gpt-4o"),
        texts: &["a", "b"],
        chunks: 2,
        odd: &[Oddity::UsageMissing],
        ..Case::NONE
    },
    Case {
        name: "tool calls in pieces",
        body: r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]}

data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}

data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":"{}"}}]},"finish_reason":null}]}

data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5,"completion_tokens":6}}

data: [DONE]

"#,
        usage: || Some(Usage::new(5, 6)),
        finish: &["tool_calls"],
        id: Some("c"),
        model: Some("m"),
        tools: &[("weather", Some("call_a")), ("time", Some("call_b"))],
        chunks: 2,
        ..Case::NONE
    },
    Case {
        name: "reasoning counted apart (xAI)",
        body: r#"{"id":"x","model":"grok-3-mini","choices":[{"index":0,"message":{"role":"assistant","content":"4","reasoning_content":"2+2"},"finish_reason":"stop"}],"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}}"#,
        usage: || Some(Usage::new(32, 103).with_reasoning(94)),
        finish: &["stop"],
        id: Some("x"),
        model: Some("grok-3-mini"),
        texts: &["4"],
        ..Case::NONE
    },
    Case {
        name: "thinking and content in parts (DeepSeek's cache, Mistral's parts)",
        body: r#"data: {"id":"d","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}

data: {"id":"d","model":"m","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"no"}]},{"type":"text","text":"yes"}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}}

data: [DONE]
"#,
        usage: || Some(Usage::new(10, 3).with_cache_read(8)),
        finish: &["stop"],
        id: Some("d"),
        model: Some("m"),
        texts: &["yes"],
        chunks: 2,
        ..Case::NONE
    },
    Case {
        name: "text completion",
        body: r#"{"id":"cmpl-1","object":"text_completion","model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":"stop"},{"text":"b","index":1,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#,
        usage: || Some(Usage::new(1, 2)),
        finish: &["stop", "length"],
        id: Some("cmpl-1"),
        model: Some("m"),
        texts: &["a", "b"],
        ..Case::NONE
    },
    Case {
        name: "error",
        body: r#"{"error":{"message":"Rate limit reached for gpt-4o","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
        error: Some("rate_limit_exceeded"),
        ..Case::NONE
    },
    Case {
        name: "error with a number for a code",
        body: r#"{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}"#,
        error: Some("BadRequestError"),
        ..Case::NONE
    },
    Case {
        name: "error within a stream, usage unknown",
        body: r#": processing

data: {"id":"g","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}

data: {"id":"g","error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}

"#,
        finish: &["error"],
        id: Some("g"),
        model: Some("m"),
        error: Some("502"),
        texts: &["Hi"],
        chunks: 1,
        ..Case::NONE
    },
];

#[test]
fn bodies_are_read() {
    CASES.iter().for_each(Case::check);
}

/// Scenario: a server sends usage with every chunk, counting up. The last one counts, and it shows.
#[test]
fn the_last_of_several_usages_counts() {
    let body =
        b"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n\
        data: [DONE]\n\n";
    let reading = read(Format::OpenAiChat, body);
    assert_eq!(reading.usage(), Some(&Usage::new(5, 2)));
    assert_eq!(reading.odd(), [Oddity::UsageRepeated]);
}

/// Scenario: one of two choices never says why it ended.
#[test]
fn a_missing_reason_is_an_error() {
    let body = br#"{"choices":[{"index":1,"finish_reason":"stop"},{"index":0}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let reading = read(Format::OpenAiChat, body);
    assert_eq!(reading.finish_reasons(), ["error", "stop"]);
}

/// Scenario: a server gives every parallel call the index 0, and another forgets the id.
#[test]
fn parallel_calls_stay_apart() {
    let body = br#"{"choices":[{"index":0,"finish_reason":"tool_calls","message":{"tool_calls":[
        {"index":0,"id":"a","function":{"name":"one"}},
        {"index":0,"id":"b","function":{"name":"two"}},
        {"index":1,"function":{"name":"three"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let reading = read(Format::OpenAiChat, body);
    let names: Vec<_> = reading
        .tool_calls()
        .iter()
        .map(|call| call.name())
        .collect();
    assert_eq!(names, [Some("one"), Some("two"), Some("three")]);
    assert_eq!(reading.odd(), [Oddity::ToolCallWithoutId]);
}
