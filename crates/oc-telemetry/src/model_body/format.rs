//! Which API a body belongs to.

use super::{
    anthropic, document::Document, draft::Draft, ollama, openai_chat, openai_responses,
    shape::Shape,
};

/// The wire format of a model's answer.
///
/// Each covers the whole JSON body and the streamed one; the reader tells them apart by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// OpenAI chat completions (`/v1/chat/completions`), the older text completions
    /// (`/v1/completions`), and the many servers that speak the same.
    OpenAiChat,
    /// OpenAI responses (`/v1/responses`).
    OpenAiResponses,
    /// Anthropic messages (`/v1/messages`).
    AnthropicMessages,
    /// Ollama's own API (`/api/chat`, `/api/generate`).
    Ollama,
}

impl Format {
    /// Guesses the format from the answer's `Content-Type` and the request's path.
    ///
    /// The end of the path decides, whatever stands before it; a query is left out. A content type
    /// other than JSON, newline-delimited JSON or an event stream gives `None`; an empty one is
    /// taken as not known and does not matter.
    ///
    /// ```
    /// use oc_telemetry::model_body::Format;
    ///
    /// let format = Format::detect("text/event-stream; charset=utf-8", "/proxy/v1/messages?beta=true");
    /// assert_eq!(format, Some(Format::AnthropicMessages));
    /// assert_eq!(Format::detect("text/html", "/v1/messages"), None);
    /// ```
    pub fn detect(content_type: &str, path: &str) -> Option<Self> {
        if !is_readable(content_type) {
            return None;
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim_end_matches('/');
        PATHS
            .iter()
            .find(|(end, _)| path.ends_with(end))
            .map(|(_, format)| *format)
    }

    /// A short name for logs and metric labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai_chat",
            Self::OpenAiResponses => "openai_responses",
            Self::AnthropicMessages => "anthropic_messages",
            Self::Ollama => "ollama",
        }
    }

    /// What to look for in each JSON document of this format.
    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Self::OpenAiChat => &openai_chat::SHAPE,
            Self::OpenAiResponses => &openai_responses::SHAPE,
            Self::AnthropicMessages => &anthropic::SHAPE,
            Self::Ollama => &ollama::SHAPE,
        }
    }

    /// Adds what one JSON document said to what is known.
    pub(super) fn apply(self, document: Document, draft: &mut Draft) {
        match self {
            Self::OpenAiChat => openai_chat::apply(document, draft),
            Self::OpenAiResponses => openai_responses::apply(document, draft),
            Self::AnthropicMessages => anthropic::apply(document, draft),
            Self::Ollama => ollama::apply(document, draft),
        }
    }
}

fn is_readable(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.is_empty()
        || essence.eq_ignore_ascii_case("text/event-stream")
        || essence
            .rsplit(['/', '+', '-', '.'])
            .next()
            .is_some_and(|end| {
                ["json", "ndjson", "jsonl", "jsonlines"]
                    .iter()
                    .any(|known| end.eq_ignore_ascii_case(known))
            })
}

const PATHS: [(&str, Format); 6] = [
    ("/chat/completions", Format::OpenAiChat),
    ("/completions", Format::OpenAiChat),
    ("/responses", Format::OpenAiResponses),
    ("/messages", Format::AnthropicMessages),
    ("/api/chat", Format::Ollama),
    ("/api/generate", Format::Ollama),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_the_end_of_the_path() {
        let cases = [
            (
                "application/json",
                "/v1/chat/completions",
                Some(Format::OpenAiChat),
            ),
            (
                "",
                "/openai/deployments/x/chat/completions?api-version=1",
                Some(Format::OpenAiChat),
            ),
            (
                "application/json",
                "/v1/completions/",
                Some(Format::OpenAiChat),
            ),
            (
                "Text/Event-Stream",
                "/v1/responses",
                Some(Format::OpenAiResponses),
            ),
            (
                "application/json",
                "/v1/messages",
                Some(Format::AnthropicMessages),
            ),
            ("application/json", "/v1/messages/count_tokens", None),
            ("application/x-ndjson", "/api/chat", Some(Format::Ollama)),
            (
                "application/problem+json",
                "/api/generate",
                Some(Format::Ollama),
            ),
            ("application/octet-stream", "/api/generate", None),
            ("application/json", "/v1/embeddings", None),
            ("application/json", "", None),
        ];
        for (content_type, path, expected) in cases {
            assert_eq!(
                Format::detect(content_type, path),
                expected,
                "{content_type} {path}"
            );
        }
    }
}
