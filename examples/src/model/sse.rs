//! Server-sent events.

/// Cuts a byte stream into the data of its events.
#[derive(Debug, Default)]
pub(super) struct Events {
    buffer: Vec<u8>,
}

/// An event larger than this is not of the example's model.
const MAX_EVENT: usize = 1024 * 1024;

impl Events {
    /// Adds bytes as they arrive; `false` if an event grows beyond all measure.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        self.buffer.extend_from_slice(bytes);
        self.buffer.len() <= MAX_EVENT
    }

    /// The data of the next complete event.
    pub(super) fn next(&mut self) -> Option<String> {
        let end = self.buffer.windows(2).position(|pair| pair == b"\n\n")?;
        let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
        let event = String::from_utf8_lossy(&event);
        let data: Vec<&str> = event
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(str::trim_start)
            .collect();
        Some(data.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events come out whole however the bytes were cut.
    #[test]
    fn reassembles() {
        let stream = b"data: {\"a\":1}\n\ndata: [DONE]\n\n";
        for cut in 0..stream.len() {
            let mut events = Events::default();
            assert!(events.push(&stream[..cut]) && events.push(&stream[cut..]));
            assert_eq!(events.next().as_deref(), Some("{\"a\":1}"));
            assert_eq!(events.next().as_deref(), Some("[DONE]"));
            assert_eq!(events.next(), None);
        }
    }
}
