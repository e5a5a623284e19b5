//! Ollama's chat and generate.

use super::{Case, Format, Oddity, Usage, read};

pub(super) static CASES: &[Case] = &[
    Case {
        name: "chat, whole",
        format: Format::Ollama,
        body: r#"{"model":"llama3.2","created_at":"2023-12-12T14:13:43.416799Z","message":{"role":"assistant","content":"Hello!"},"done":true,"done_reason":"stop","total_duration":5191566416,"load_duration":2154458,"prompt_eval_count":26,"prompt_eval_duration":383809000,"eval_count":298,"eval_duration":4799921000}"#,
        usage: || Some(Usage::new(26, 298)),
        finish: &["stop"],
        model: Some("llama3.2"),
        texts: &["Hello!"],
        ..Case::NONE
    },
    Case {
        name: "chat, streamed, with thinking and tools",
        format: Format::Ollama,
        body: r#"{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"","thinking":"Okay"},"done":false}
{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"The"},"done":false}
{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":" sky"},"done":false}
{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"weather","arguments":{"city":"Oslo"}}}]},"done":false}
{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_2","function":{"index":1,"name":"time","arguments":{}}}]},"done":false}
{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":""},"done":true,"done_reason":"length","total_duration":1,"prompt_eval_count":11,"eval_count":22}
"#,
        usage: || Some(Usage::new(11, 22)),
        finish: &["length"],
        model: Some("qwen3"),
        tools: &[("weather", None), ("time", Some("call_2"))],
        texts: &["The sky"],
        chunks: 5,
        ..Case::NONE
    },
    Case {
        name: "generate, streamed, prompt from the cache",
        format: Format::Ollama,
        body: "{\"model\":\"m\",\"response\":\"a\",\"done\":false}\n{\"model\":\"m\",\"response\":\"\",\"done\":true,\"done_reason\":\"stop\",\"context\":[1,2,3],\"eval_count\":1}\n",
        usage: || Some(Usage::default().with_output(1)),
        finish: &["stop"],
        model: Some("m"),
        texts: &["a"],
        chunks: 1,
        odd: &[Oddity::UsagePartial],
        ..Case::NONE
    },
    Case {
        name: "error",
        format: Format::Ollama,
        body: r#"{"error":"model 'nope' not found"}"#,
        error: Some("_OTHER"),
        ..Case::NONE
    },
];

#[test]
fn bodies_are_read() {
    CASES.iter().for_each(Case::check);
}

/// Scenario: a line is cut in its middle and the next one is whole.
#[test]
fn a_broken_line_costs_only_itself() {
    for broken in [
        "{\"model\":\"m\",\"response\":\"a",
        "{\"model\":\"m\",\"response\":",
        "{\"model\":\"m\",",
        "{\"model\"",
        "{\"model\":\"m\"]",
        "oops",
    ] {
        let body = format!(
            "{{\"model\":\"m\",\"response\":\"1\",\"done\":false}}\n{broken}\n{{\"response\":\"2\",\"done\":true,\"prompt_eval_count\":3,\"eval_count\":4}}\n"
        );
        let reading = read(Format::Ollama, body.as_bytes());
        // Where a value is due, the next line is that value; nothing tells it from a pretty print.
        if broken.ends_with(':') {
            assert!(reading.odd().contains(&Oddity::CutShort), "{broken}");
            continue;
        }
        assert_eq!(reading.usage(), Some(&Usage::new(3, 4)), "{broken}");
        assert_eq!(reading.texts(), ["12"], "{broken}");
        assert_eq!(reading.odd(), [Oddity::MalformedJson], "{broken}");
    }
}
