//! Lines on their way to the disk.

use std::{
    collections::VecDeque,
    io::{self, Write},
    mem,
    sync::{Condvar, Mutex},
    time::Instant,
};

use crate::{
    privacy::Redactor,
    sync::{lock, wait, wait_while},
};

/// The queue between the threads that log and the one that writes, bounded in bytes, with a count of every line.
///
/// `offered = accepted + dropped` and `accepted = written + failed + waiting`, at any moment.
#[derive(Debug)]
pub(super) struct Lines {
    state: Mutex<State>,
    /// Tells the writer that there is something to do.
    arrived: Condvar,
    /// Tells who flushes or closes that the writer has got on.
    settled: Condvar,
    /// Bytes that may be held for lines.
    budget: usize,
}

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Chunk>,
    /// Bytes allocated for all chunks, that in the writer's hands included.
    held: usize,
    accepted: u64,
    /// Lines that there was no room for, and those after the end.
    dropped: u64,
    /// Lines that the writer is done with: written or refused by the disk.
    settled: u64,
    /// Lines that the disk refused.
    failed: u64,
    writer_sleeps: bool,
    closed: bool,
    writer_ended: bool,
}

/// Lines one after the other, each with its line break.
#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    lines: u64,
}

/// What is allocated at a time. Lines are short; what does not fit gets a chunk of its own.
const CHUNK: usize = 64 * 1024;

impl Lines {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            settled: Condvar::new(),
            budget,
        }
    }

    /// Queues a line, which ends with a line break and has no other. Never waits for the disk: what there is no room
    /// for is dropped and counted.
    pub(super) fn offer(&self, line: &[u8]) {
        let mut state = lock(&self.state);
        if state.closed || !state.push(line, self.budget) {
            state.dropped += 1;
            return;
        }
        state.accepted += 1;
        if mem::take(&mut state.writer_sleeps) {
            drop(state);
            self.arrived.notify_one();
        }
    }

    /// Lines that did not reach the disk. After [`close`](Self::close) those count that still wait.
    pub(super) fn lost(&self) -> u64 {
        let state = lock(&self.state);
        let given_up = if state.closed {
            state.accepted - state.settled
        } else {
            0
        };
        state.dropped + state.failed + given_up
    }

    /// Waits until the writer is done with every line accepted so far; `false` at the deadline.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        let state = lock(&self.state);
        let target = state.accepted;
        let left = deadline.saturating_duration_since(Instant::now());
        let state = wait_while(&self.settled, state, left, |state| state.settled < target);
        state.settled >= target
    }

    /// Takes no more lines, and waits until the writer is done with those accepted and has ended; `false` at the
    /// deadline. The writer then goes on alone.
    pub(super) fn close(&self, deadline: Instant) -> bool {
        let mut state = lock(&self.state);
        state.closed = true;
        self.arrived.notify_one();
        let left = deadline.saturating_duration_since(Instant::now());
        wait_while(&self.settled, state, left, |state| !state.writer_ended).writer_ended
    }

    /// Takes no more lines, and waits for nothing.
    pub(super) fn abandon(&self) {
        lock(&self.state).closed = true;
        self.arrived.notify_one();
    }

    /// Writes what arrives to `sink`, until the end.
    pub(super) fn write_all_to(&self, mut sink: impl Write, redactor: &Redactor) {
        let mut broken = false;
        while let Some(chunk) = self.next() {
            // Here, where nobody waits for it.
            let clean = str::from_utf8(&chunk.bytes).map(|text| redactor.redact(text));
            let bytes = clean.as_ref().map_or(&*chunk.bytes, |text| text.as_bytes());
            let failed = write_lines(bytes, &mut sink, &mut broken);
            let mut state = lock(&self.state);
            state.held -= chunk.bytes.capacity();
            state.settled += chunk.lines;
            state.failed += failed;
            drop(state);
            self.settled.notify_all();
        }
        lock(&self.state).writer_ended = true;
        self.settled.notify_all();
    }

    /// The next lines, as soon as there are any; `None` at the end.
    fn next(&self) -> Option<Chunk> {
        let mut state = lock(&self.state);
        loop {
            if let Some(chunk) = state.chunks.pop_front() {
                return Some(chunk);
            }
            if state.closed {
                return None;
            }
            state.writer_sleeps = true;
            state = wait(&self.arrived, state);
        }
    }
}

impl State {
    /// Whether there was room.
    fn push(&mut self, line: &[u8], budget: usize) -> bool {
        let open = self.chunks.back_mut().filter(|chunk| {
            let room = chunk.bytes.capacity() - chunk.bytes.len();
            line.len() <= room
        });
        if let Some(chunk) = open {
            chunk.bytes.extend_from_slice(line);
            chunk.lines += 1;
            return true;
        }
        let room = budget.saturating_sub(self.held);
        if line.len() > room {
            return false;
        }
        let mut bytes = Vec::with_capacity(CHUNK.min(room).max(line.len()));
        bytes.extend_from_slice(line);
        self.held += bytes.capacity();
        self.chunks.push_back(Chunk { bytes, lines: 1 });
        true
    }
}

/// Writes lines, as many at a time as the disk takes, and returns how many it refused.
///
/// Of a line that it refuses half-way a part is in the file. `broken` is set then, and the next line starts on a line of
/// its own.
fn write_lines(mut rest: &[u8], sink: &mut impl Write, broken: &mut bool) -> u64 {
    let mut failed = 0;
    // Whether the first line of `rest` has been begun.
    let mut begun = false;
    while !rest.is_empty() {
        let written = if *broken {
            write(b"\n", sink).map(|_| 0)
        } else {
            write(rest, sink)
        };
        if let Ok(written) = written {
            let (done, left) = rest.split_at_checked(written).unwrap_or((rest, &[]));
            begun = !done.is_empty() && !done.ends_with(b"\n");
            *broken = false;
            rest = left;
        } else {
            failed += 1;
            *broken |= mem::take(&mut begun);
            rest = after_line(rest);
        }
    }
    failed
}

/// Writes at least one byte.
fn write(bytes: &[u8], sink: &mut impl Write) -> io::Result<usize> {
    loop {
        match sink.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            written => return written,
        }
    }
}

/// What follows the first line.
fn after_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| bytes.get(end + 1..)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
