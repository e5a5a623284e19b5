//! Usage, finish reasons and the like from the answers of model providers.
//!
//! For a gateway that passes bytes on and wants to know what they said. The bytes are read as they
//! pass, whole JSON bodies and streams alike, in pieces of any size:
//!
//! ```
//! use oc_telemetry::model_body::{BodyReader, Format, Usage};
//!
//! # let from_the_provider: [&[u8]; 3] = [
//! #     b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-sonnet-4-5\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":90,\"output_tokens\":1}}}\n\n",
//! #     b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tok",
//! #     b"ens\":42}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
//! # ];
//! let mut body = BodyReader::new(Format::AnthropicMessages);
//! for bytes in from_the_provider {
//!     body.push(bytes);
//!     // pass `bytes` on
//! }
//! let reading = body.finish();
//!
//! assert_eq!(reading.usage(), Some(&Usage::new(100, 42).with_cache_read(90)));
//! assert_eq!(reading.finish_reasons(), ["end_turn"]);
//! assert_eq!(reading.model(), Some("claude-sonnet-4-5"));
//! assert!(reading.odd().is_empty());
//! ```
//!
//! # Memory
//!
//! A reader keeps what it was asked for and nothing else, so that the size of a body or of an event
//! does not matter: ids and names of at most 256 bytes, 128 choices, 128 tool calls, and as much
//! text as [`BodyReader::with_text_capture`] allows, which is none by default.
//!
//! # Bad input
//!
//! Nothing is an error. What is not as the format says is an [`Oddity`] of the [`Reading`], meant
//! for a counter, and the rest is read all the same:
//!
//! ```
//! use oc_telemetry::model_body::{BodyReader, Format, Oddity, Usage};
//!
//! let mut body = BodyReader::new(Format::OpenAiChat);
//! body.push(br#"{"id":"c1","usage":{"prompt_tokens":-5,"completion_tokens":7},"choi"#);
//! let reading = body.finish();
//!
//! assert_eq!(reading.id(), Some("c1"));
//! assert_eq!(reading.usage(), Some(&Usage::default().with_output(7)));
//! assert_eq!(
//!     reading.odd(),
//!     [Oddity::CountNegative, Oddity::CutShort, Oddity::UsagePartial],
//! );
//! ```
//!
//! Compressed bodies are not read; decompress them first.

mod anthropic;
mod collect;
mod count;
mod document;
mod draft;
mod format;
mod oddity;
mod ollama;
mod openai_chat;
mod openai_responses;
mod reading;
mod scan;
mod shape;
mod sse;
mod text;
mod usage;

#[cfg(test)]
mod tests;

use std::fmt;

use collect::Collector;
use scan::Scanner;
use sse::Sse;

pub use format::Format;
pub use oddity::Oddity;
pub use reading::{Reading, ToolCallRef};
pub use usage::Usage;

/// Reads the answer of one model call while it passes.
///
/// Whether the body is one JSON document, newline-delimited JSON or an event stream is told by its
/// first bytes. See the [module](self) for an example.
pub struct BodyReader {
    format: Format,
    framing: Framing,
    scanner: Scanner,
    collector: Collector,
}

enum Framing {
    /// Nothing but blanks so far; the number of bytes of a byte order mark.
    Unknown(usize),
    Json,
    Sse(Sse),
    Unreadable,
}

impl BodyReader {
    /// A reader of one body. No text is kept.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            framing: Framing::Unknown(0),
            scanner: Scanner::new(format.shape()),
            collector: Collector::new(format),
        }
    }

    /// Keeps up to `max_bytes` of the generated text, all choices together. Default: 0, none.
    ///
    /// Text is cut between characters; [`Reading::text_dropped_bytes`] says how much is missing.
    /// Only for content capture: what is kept here is not redacted.
    pub fn with_text_capture(mut self, max_bytes: usize) -> Self {
        self.collector.draft.capture_text(max_bytes);
        self
    }

    /// The format that was chosen.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Reads on; the body may be cut anywhere.
    ///
    /// Returns how many chunks with generated content came to their end in these bytes: text,
    /// reasoning or tool arguments of a stream. That is what the times to the first chunk and
    /// between chunks are about. A body that is not streamed has none.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let before = self.collector.draft.chunks;
        let mut rest = bytes;
        while let (Framing::Unknown(_), Some((&byte, tail))) = (&self.framing, rest.split_first()) {
            if self.recognise(byte) {
                rest = tail;
            }
        }
        match &mut self.framing {
            Framing::Json => self.scanner.feed(rest, &mut self.collector),
            Framing::Sse(sse) => sse.feed(rest, &mut self.scanner, &mut self.collector),
            Framing::Unknown(_) | Framing::Unreadable => {}
        }
        self.collector.draft.chunks.saturating_sub(before)
    }

    /// Ends the body, also one that was cut.
    pub fn finish(mut self) -> Reading {
        self.scanner.end_of_body(&mut self.collector);
        let draft = &mut self.collector.draft;
        let is_stream = matches!(&self.framing, Framing::Sse(sse) if sse.is_recognised());
        if draft.documents == 0 && !is_stream {
            match self.framing {
                Framing::Unknown(_) => draft.odd(Oddity::EmptyBody),
                Framing::Unreadable => {}
                Framing::Json | Framing::Sse(_) => draft.odd(Oddity::UnrecognisedBody),
            }
        } else if !draft.is_ended {
            draft.odd(Oddity::CutShort);
        } else if draft.usage.is_none() && draft.error.is_none() {
            draft.odd(Oddity::UsageMissing);
        }
        Reading::new(self.collector.draft, self.format)
    }

    /// Looks at one of the first bytes; says whether it is done with.
    fn recognise(&mut self, byte: u8) -> bool {
        let Framing::Unknown(mark) = &mut self.framing else {
            return false;
        };
        if BYTE_ORDER_MARK.get(*mark) == Some(&byte) {
            *mark += 1;
            return true;
        }
        self.framing = match byte {
            // A blank line may stand before either.
            b' ' | b'\t' | b'\r' | b'\n' => return true,
            b'{' => Framing::Json,
            b':' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.collector.streamed = true;
                Framing::Sse(Sse::new())
            }
            // The first byte of gzip, which begins no text.
            0x1f => {
                self.collector.draft.odd(Oddity::Compressed);
                Framing::Unreadable
            }
            _ => {
                self.collector.draft.odd(Oddity::UnrecognisedBody);
                Framing::Unreadable
            }
        };
        false
    }
}

/// Shows no part of the body.
impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
