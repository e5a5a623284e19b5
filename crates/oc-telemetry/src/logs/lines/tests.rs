use std::{
    collections::VecDeque,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use super::*;
use crate::privacy::Redactor;

/// A disk that stands still from its first write until it is let go.
struct Hanging {
    reached: mpsc::Sender<()>,
    release: mpsc::Receiver<()>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Write for Hanging {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.reached.send(());
        // An error says that it was let go for good.
        let _ = self.release.recv();
        lock(&self.written).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Stalled {
    lines: Arc<Lines>,
    release: mpsc::Sender<()>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Stalled {
    /// A writer that hangs in its first line.
    fn with_budget(budget: usize) -> Self {
        let lines = Arc::new(Lines::new(budget));
        let (reached, is_reached) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let disk = Hanging {
            reached,
            release: released,
            written: Arc::clone(&written),
        };
        let writer = Arc::clone(&lines);
        thread::spawn(move || writer.write_all_to(disk, &Redactor::new()));
        lines.offer(b"first\n");
        is_reached.recv().unwrap();
        Self {
            lines,
            release,
            written,
        }
    }

    /// The disk works again.
    fn release(self) -> (Arc<Lines>, Arc<Mutex<Vec<u8>>>) {
        drop(self.release);
        (self.lines, self.written)
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// A flood of long lines before a disk that stands still is held up to the budget and no further, and every line is
/// either written in the end or counted as lost.
#[test]
fn memory_is_bounded_in_bytes() {
    const LINE: usize = 10_000;
    const BUDGET: usize = 1024 * 1024;
    let stalled = Stalled::with_budget(BUDGET);
    let line = [vec![b'x'; LINE - 1], vec![b'\n']].concat();
    for _ in 0..1000 {
        stalled.lines.offer(&line);
    }
    let (held, accepted) = {
        let state = lock(&stalled.lines.state);
        let capacities = state.chunks.iter().map(|chunk| chunk.bytes.capacity());
        // The first chunk is in the writer's hands.
        assert_eq!(state.held, capacities.sum::<usize>() + CHUNK);
        (state.held, state.accepted)
    };
    assert!(held <= BUDGET, "{held}");
    assert!(accepted > 80, "{accepted}");
    assert_eq!(stalled.lines.lost(), 1001 - accepted);
    let (lines, written) = stalled.release();
    assert!(lines.close(soon()));
    assert_eq!(lines.lost(), 1001 - accepted);
    let breaks = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
    assert_eq!(breaks(&lock(&written)), accepted);
    assert_eq!(lock(&lines.state).held, 0);
}

/// A flush waits for the lines before it, however many are dropped after it.
#[test]
fn drops_do_not_end_a_flush() {
    let stalled = Stalled::with_budget(CHUNK);
    let flushing = Arc::clone(&stalled.lines);
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || done.send(flushing.flush(soon())));
    for _ in 0..100 {
        stalled.lines.offer(b"dropped\n");
    }
    assert_eq!(stalled.lines.lost(), 100);
    let early = is_done.recv_timeout(Duration::from_millis(100));
    assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout));
    assert!(!stalled.lines.flush(Instant::now()));
    let (_, written) = stalled.release();
    assert!(is_done.recv().unwrap());
    assert_eq!(*lock(&written), b"first\n");
}

/// An end that the disk does not let come: what waits is lost, and so is what comes later. If the disk comes back, what
/// waited is written after all and is no longer lost.
#[test]
fn an_end_before_a_disk_that_stands_still() {
    let stalled = Stalled::with_budget(2 * CHUNK);
    stalled.lines.offer(b"second\n");
    assert_eq!(stalled.lines.lost(), 0);
    assert!(!stalled.lines.close(Instant::now()));
    assert_eq!(stalled.lines.lost(), 2);
    stalled.lines.offer(b"late\n");
    assert_eq!(stalled.lines.lost(), 3);
    assert!(!stalled.lines.close(Instant::now()));
    let (lines, written) = stalled.release();
    assert!(lines.close(soon()));
    assert_eq!(lines.lost(), 1);
    assert_eq!(*lock(&written), b"first\nsecond\n");
}

/// A line that is longer than the whole budget is dropped, and one that just fits is not.
#[test]
fn one_long_line() {
    let lines = Lines::new(100);
    lines.offer(&[b'x'; 101]);
    assert_eq!(lines.lost(), 1);
    lines.offer(&[b'x'; 100]);
    assert_eq!(lines.lost(), 1);
    lines.offer(b"\n");
    assert_eq!(lines.lost(), 2);
}

/// A disk of which each write is scripted: how many bytes it takes.
struct Scripted {
    script: VecDeque<io::Result<usize>>,
    written: Vec<u8>,
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.script.pop_front().unwrap_or(Ok(usize::MAX))?;
        let taken = taken.min(bytes.len());
        self.written.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The disk takes parts, is interrupted, and refuses: exactly the lines that it refused are counted, and a line that it
/// took a part of does not run into the next one.
#[test]
fn lines_that_the_disk_refuses() {
    fn full() -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn interrupted() -> io::Result<usize> {
        Err(io::ErrorKind::Interrupted.into())
    }
    let cases: [(Vec<io::Result<usize>>, &str, u64); 7] = [
        (vec![], "one\ntwo\nthree\n", 0),
        (vec![Ok(2), Ok(1), Ok(4)], "one\ntwo\nthree\n", 0),
        (
            vec![interrupted(), Ok(4), interrupted()],
            "one\ntwo\nthree\n",
            0,
        ),
        (vec![full()], "two\nthree\n", 1),
        (vec![full(), full(), Ok(0)], "", 3),
        (vec![Ok(6), full()], "one\ntw\nthree\n", 1),
        (vec![Ok(2), full(), full(), full()], "on", 3),
    ];
    for (script, expected, expected_failed) in cases {
        let mut disk = Scripted {
            script: script.into(),
            written: Vec::new(),
        };
        let mut broken = false;
        let failed = write_lines(b"one\ntwo\nthree\n", &mut disk, &mut broken);
        assert_eq!(String::from_utf8(disk.written).unwrap(), expected);
        assert_eq!(failed, expected_failed, "{expected}");
        assert_eq!(broken, expected == "on");
    }
}
