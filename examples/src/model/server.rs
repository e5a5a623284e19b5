use std::net::SocketAddr;

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use bytes::Bytes;
use futures_util::stream;
use oc_telemetry::{
    Telemetry,
    opentelemetry::trace::SpanKind,
    propagate::carrier::HeaderExtractor,
    semconv::gen_ai,
    span::{Failure, Span, span},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::wire::{ChatRequest, Choice, Chunk, Delta, FunctionDelta, ToolCallDelta, Usage};

/// A stand-in for a model server.
///
/// It understands three words in what it is told, which is enough to drive an agent: `read` makes
/// it ask for a file, `research` for a sub-agent, `system` for a program; `fail` makes it fail. Like
/// a real one it continues the caller's trace with one `llm_request` span.
#[derive(Debug)]
pub struct ModelServer {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl ModelServer {
    /// Starts on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// The operating system refused the socket.
    pub async fn start(telemetry: Telemetry) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let app = Router::new()
            .route("/v1/chat/completions", post(chat))
            .with_state(telemetry);
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener.tap_io(no_delay), app).await;
        });
        Ok(Self { addr, task })
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The pieces of a stream leave at once instead of waiting for more.
fn no_delay(connection: &mut TcpStream) {
    let _ = connection.set_nodelay(true);
}

async fn chat(
    State(telemetry): State<Telemetry>,
    headers: HeaderMap,
    Json(request): Json<ChatRequest>,
) -> Response {
    let parent = telemetry
        .propagator()
        .extract(&HeaderExtractor::new(&headers));
    let mut llm_request = span("llm_request").kind(SpanKind::Server).parent(parent);
    if let Some(recorder) = telemetry.recorder() {
        llm_request = llm_request.recorder(recorder);
    }
    let llm_request = llm_request.start();
    let answer = answer(&request);
    let Some(choice) = answer else {
        llm_request.fail(Failure::new("overloaded", "asked to fail"));
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let usage = Usage {
        prompt_tokens: request
            .messages
            .iter()
            .map(|message| tokens(&message.content))
            .sum(),
        completion_tokens: tokens(choice.delta.content.as_deref().unwrap_or("a tool call")),
    };
    llm_request.set_attribute(gen_ai::USAGE_PROMPT_TOKENS, usage.prompt_tokens);
    llm_request.set_attribute(gen_ai::USAGE_COMPLETION_TOKENS, usage.completion_tokens);
    let frames = frames(&request.model, choice, usage);
    let body = Body::from_stream(stream::unfold(
        (frames.into_iter(), llm_request),
        next_frame,
    ));
    ([("content-type", "text/event-stream")], body).into_response()
}

/// The span goes along with the stream and ends with it.
async fn next_frame(
    (mut frames, span): (std::vec::IntoIter<String>, Span),
) -> Option<(
    Result<Bytes, std::io::Error>,
    (std::vec::IntoIter<String>, Span),
)> {
    let Some(frame) = frames.next() else {
        span.end();
        return None;
    };
    Some((Ok(Bytes::from(frame)), (frames, span)))
}

/// What the model has to say to a conversation; `None` if it fails.
fn answer(request: &ChatRequest) -> Option<Choice> {
    let last = request.messages.last()?;
    let said = last.content.to_lowercase();
    let wants = |word: &str| last.role == "user" && said.contains(word);
    if wants("fail") {
        None
    } else if wants("read") {
        Some(tool("call_read", "read_file", r#"{"path":"notes.txt"}"#))
    } else if wants("research") {
        let arguments = r#"{"task":"find out which system this is"}"#;
        Some(tool("call_research", "ask_researcher", arguments))
    } else if wants("system") {
        Some(tool("call_system", "system_name", "{}"))
    } else {
        Some(Choice {
            delta: Delta {
                content: Some(format!("In short: {}", last.content.trim())),
                tool_calls: Vec::new(),
            },
            finish_reason: Some("stop".to_owned()),
            ..Choice::default()
        })
    }
}

fn tool(id: &str, name: &str, arguments: &str) -> Choice {
    Choice {
        delta: Delta {
            content: None,
            tool_calls: vec![ToolCallDelta {
                id: id.to_owned(),
                function: FunctionDelta {
                    name: name.to_owned(),
                    arguments: arguments.to_owned(),
                },
            }],
        },
        finish_reason: Some("tool_calls".to_owned()),
        ..Choice::default()
    }
}

/// The events of a streamed answer: its words one by one, then the usage, then the end.
fn frames(model: &str, choice: Choice, usage: Usage) -> Vec<String> {
    let chunk = |choices, usage| Chunk {
        id: "chatcmpl-1".to_owned(),
        model: model.to_owned(),
        choices,
        usage,
    };
    let mut chunks = Vec::new();
    for word in choice
        .delta
        .content
        .iter()
        .flat_map(|text| text.split_inclusive(' '))
    {
        let delta = Delta {
            content: Some(word.to_owned()),
            tool_calls: Vec::new(),
        };
        let piece = Choice {
            delta,
            ..Choice::default()
        };
        chunks.push(chunk(vec![piece], None));
    }
    let last = Choice {
        delta: Delta {
            content: None,
            tool_calls: choice.delta.tool_calls,
        },
        finish_reason: choice.finish_reason,
        ..Choice::default()
    };
    chunks.push(chunk(vec![last], None));
    chunks.push(chunk(Vec::new(), Some(usage)));
    let mut frames: Vec<String> = chunks
        .iter()
        .filter_map(|chunk| serde_json::to_string(chunk).ok())
        .map(|json| format!("data: {json}\n\n"))
        .collect();
    frames.push("data: [DONE]\n\n".to_owned());
    frames
}

/// About four characters a token.
fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}
