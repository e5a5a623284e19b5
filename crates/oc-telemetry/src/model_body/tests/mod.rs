//! Bodies as providers write them, whole, streamed, cut and broken.

use super::{BodyReader, Format, Oddity, Reading, Usage};

mod anthropic;
mod bad_input;
mod cuts;
mod ollama;
mod openai_chat;
mod openai_responses;

/// A body and what is to be read from it.
struct Case {
    name: &'static str,
    format: Format,
    body: &'static str,
    usage: fn() -> Option<Usage>,
    finish: &'static [&'static str],
    id: Option<&'static str>,
    model: Option<&'static str>,
    error: Option<&'static str>,
    /// Name and id of each tool call.
    tools: &'static [(&'static str, Option<&'static str>)],
    texts: &'static [&'static str],
    chunks: usize,
    odd: &'static [Oddity],
}

impl Case {
    /// Nothing to be read from an empty body.
    const NONE: Self = Self {
        name: "",
        format: Format::OpenAiChat,
        body: "",
        usage: || None,
        finish: &[],
        id: None,
        model: None,
        error: None,
        tools: &[],
        texts: &[],
        chunks: 0,
        odd: &[],
    };

    fn check(&self) {
        let name = self.name;
        let reading = read(self.format, self.body.as_bytes());
        assert_eq!(reading.usage().copied(), (self.usage)(), "{name}: usage");
        assert_eq!(reading.finish_reasons(), self.finish, "{name}: finish");
        assert_eq!(reading.id(), self.id, "{name}: id");
        assert_eq!(reading.model(), self.model, "{name}: model");
        assert_eq!(reading.error_type(), self.error, "{name}: error");
        let tools: Vec<_> = reading
            .tool_calls()
            .iter()
            .map(|call| (call.name().unwrap_or_default(), call.id()))
            .collect();
        assert_eq!(tools, self.tools, "{name}: tools");
        assert_eq!(reading.texts(), self.texts, "{name}: texts");
        assert_eq!(reading.content_chunks(), self.chunks, "{name}: chunks");
        assert_eq!(reading.odd(), self.odd, "{name}: odd");
        assert!(reading.is_complete(), "{name}: complete");

        // Without capture the same is read, and no text is in the reading.
        let mut body = BodyReader::new(self.format);
        body.push(self.body.as_bytes());
        let silent = body.finish();
        assert!(
            silent.texts().is_empty(),
            "{name}: no text unless asked for"
        );
        assert_eq!(silent.text_dropped_bytes(), 0, "{name}");
        assert_eq!(silent.usage().copied(), (self.usage)(), "{name}");
        assert_eq!(silent.content_chunks(), self.chunks, "{name}");
    }
}

/// Reads a body that comes in one piece, with text.
fn read(format: Format, body: &[u8]) -> Reading {
    read_pieces(format, [body])
}

fn read_pieces<'a>(format: Format, pieces: impl IntoIterator<Item = &'a [u8]>) -> Reading {
    let mut body = BodyReader::new(format).with_text_capture(1 << 16);
    let mut chunks = 0;
    for piece in pieces {
        chunks += body.push(piece);
    }
    let reading = body.finish();
    assert_eq!(reading.content_chunks(), chunks, "push tells every chunk");
    reading
}

/// Every case of every provider.
fn all_cases() -> impl Iterator<Item = &'static Case> {
    openai_chat::CASES
        .iter()
        .chain(openai_responses::CASES)
        .chain(anthropic::CASES)
        .chain(ollama::CASES)
}
