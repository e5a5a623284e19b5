//! Takes server-sent events apart.
//!
//! The data of an event goes on as it comes; only the event's name is kept. See the HTML standard,
//! "Server-sent events", for the line format.

use super::{collect::Collector, scan::Scanner};

/// Where in the stream we are.
pub(super) struct Sse {
    state: State,
    /// The line's field, then the event's name while that is read.
    word: Vec<u8>,
    after_cr: bool,
    recognised: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    LineStart,
    Field,
    /// After the colon, where one blank is left out.
    Colon(Value),
    In(Value),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Data,
    Event,
    Ignored,
}

impl Sse {
    pub(super) fn new() -> Self {
        Self {
            state: State::LineStart,
            word: Vec::new(),
            after_cr: false,
            recognised: false,
        }
    }

    /// Whether a line was seen that only an event stream has.
    pub(super) fn is_recognised(&self) -> bool {
        self.recognised
    }

    pub(super) fn feed(&mut self, bytes: &[u8], scanner: &mut Scanner, sink: &mut Collector) {
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                rest = tail;
                continue;
            }
            let State::In(value) = self.state else {
                self.step(byte, scanner, sink);
                rest = tail;
                continue;
            };
            let length = rest
                .iter()
                .position(|byte| is_line_end(*byte))
                .unwrap_or(rest.len());
            let (run, tail) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            match value {
                Value::Data => scanner.feed(run, sink),
                Value::Event => {
                    let room = WORD_LIMIT.saturating_sub(self.word.len());
                    self.word.extend(run.iter().take(room));
                }
                Value::Ignored => {}
            }
            rest = tail;
            if let Some((&end, tail)) = rest.split_first() {
                self.end_line(end, scanner, sink);
                rest = tail;
            }
        }
    }

    fn step(&mut self, byte: u8, scanner: &mut Scanner, sink: &mut Collector) {
        match self.state {
            _ if is_line_end(byte) => self.end_line(byte, scanner, sink),
            State::LineStart | State::Field if byte == b':' => {
                let value = self.field();
                self.word.clear();
                if value == Value::Data {
                    scanner.feed(b"\n", sink);
                }
                self.state = State::Colon(value);
            }
            State::LineStart | State::Field => {
                if self.word.len() < WORD_LIMIT {
                    self.word.push(byte);
                }
                self.state = State::Field;
            }
            State::Colon(value) => {
                self.state = State::In(value);
                if byte == b' ' {
                    return;
                }
                match value {
                    Value::Data => scanner.feed(&[byte], sink),
                    Value::Event => self.word.push(byte),
                    Value::Ignored => {}
                }
            }
            State::In(_) => {}
        }
    }

    /// Which field the line begins with.
    fn field(&mut self) -> Value {
        let (value, known) = match self.word.as_slice() {
            b"data" => (Value::Data, true),
            b"event" => (Value::Event, true),
            // An empty name is a comment.
            b"" | b"id" | b"retry" => (Value::Ignored, true),
            _ => (Value::Ignored, false),
        };
        self.recognised |= known;
        value
    }

    fn end_line(&mut self, end: u8, scanner: &mut Scanner, sink: &mut Collector) {
        self.after_cr = end == b'\r';
        match self.state {
            State::LineStart => {
                scanner.end_of_event(sink);
                sink.set_event(b"");
            }
            State::Colon(Value::Event) | State::In(Value::Event) => sink.set_event(&self.word),
            _ => {}
        }
        self.word.clear();
        self.state = State::LineStart;
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

const WORD_LIMIT: usize = 64;
