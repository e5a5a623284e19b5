use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// The gateway's log file and the thread that writes it.
///
/// Lines are lost only where they are counted: when the writer's queue is full
/// ([`dropped_lines`](Self::dropped_lines)) and when the disk refuses them
/// ([`failed_writes`](Self::failed_writes)).
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    writer: NonBlocking,
    guard: Mutex<Option<WorkerGuard>>,
    progress: Arc<Progress>,
}

/// Lines that may wait for the disk: at 300 bytes a line about 10 MiB.
const QUEUED_LINES: usize = 32_768;

/// The name of the gateway's own log below the log folder.
const FILE_NAME: &str = "gateway.jsonl";

impl LogFile {
    /// Opens `gateway.jsonl` below `folder` for appending and starts the writer's thread. The
    /// folder is made if it is missing; folder and file are for their owner only.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        create_private_folder(folder)?;
        let path = folder.join(FILE_NAME);
        let file = open_private_file(&path)?;
        let progress = Arc::<Progress>::default();
        let sink = CountingFile {
            file,
            progress: Arc::clone(&progress),
        };
        // It panics where the operating system refuses a thread.
        let started = catch_unwind(AssertUnwindSafe(|| {
            NonBlockingBuilder::default()
                .buffered_lines_limit(QUEUED_LINES)
                .lossy(true)
                .thread_name("oc-telemetry-logs")
                .finish(sink)
        }));
        let (writer, guard) =
            started.map_err(|_| io::Error::other("cannot start the thread that writes it"))?;
        Ok(Self {
            path,
            writer,
            guard: Mutex::new(Some(guard)),
            progress,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A writer for one layer. Every line must be one `write_all`.
    pub(crate) fn writer(&self) -> Offering {
        Offering {
            writer: self.writer.clone(),
            progress: Arc::clone(&self.progress),
        }
    }

    /// Lines dropped because the queue was full.
    fn dropped_lines(&self) -> u64 {
        self.writer.error_counter().dropped_lines() as u64
    }

    /// Lines that the file refused (a full disk).
    fn failed_writes(&self) -> u64 {
        self.progress.failed.load(Ordering::Acquire)
    }

    /// Lines that did not reach the file, for either reason.
    pub(crate) fn lost_lines(&self) -> u64 {
        self.dropped_lines() + self.failed_writes()
    }

    /// Waits until every line offered so far is written or given up; `false` at the deadline.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let offered = self.progress.offered.load(Ordering::Acquire);
        let mut handled = lock(&self.progress.handled);
        loop {
            if *handled + self.dropped_lines() >= offered {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            // Drops are not announced; look again from time to time.
            let wait = left.min(Duration::from_millis(20));
            handled = self
                .progress
                .changed
                .wait_timeout(handled, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Writes what waits and ends the thread; `false` if the disk did not keep up until the
    /// deadline.
    pub(crate) fn close(&self, deadline: Instant) -> bool {
        let flushed = self.flush(deadline);
        if let Some(guard) = lock(&self.guard).take() {
            if flushed {
                drop(guard);
            } else {
                // The guard's own end would wait beyond the deadline and print to stdout.
                std::mem::forget(guard);
            }
        }
        flushed
    }
}

/// Hands lines to the writer's queue and counts them.
#[derive(Debug, Clone)]
pub(crate) struct Offering {
    writer: NonBlocking,
    progress: Arc<Progress>,
}

impl Offering {
    /// Never blocks: a full queue drops the line and counts it.
    pub(crate) fn line(&self, line: &[u8]) {
        self.progress.offered.fetch_add(1, Ordering::AcqRel);
        // With a lossy queue the only error is an ended writer, after the shutdown.
        if self.writer.clone().write_all(line).is_err() {
            *lock(&self.progress.handled) += 1;
        }
    }
}

#[derive(Debug, Default)]
struct Progress {
    offered: AtomicU64,
    handled: Mutex<u64>,
    failed: AtomicU64,
    changed: Condvar,
}

/// The file on the writer's thread. It reports every write as done: the queue's worker has no
/// use for errors, they are counted here.
#[derive(Debug)]
struct CountingFile {
    file: File,
    progress: Arc<Progress>,
}

impl Write for CountingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.file.write_all(line).is_err() {
            self.progress.failed.fetch_add(1, Ordering::AcqRel);
        }
        *lock(&self.progress.handled) += 1;
        self.progress.changed.notify_all();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn open_private_file(path: &Path) -> io::Result<File> {
    // Opening a pipe would wait for a reader, for ever.
    #[cfg(unix)]
    if path.metadata().is_ok_and(|metadata| {
        use std::os::unix::fs::FileTypeExt;
        metadata.file_type().is_fifo()
    }) {
        return Err(io::Error::other("gateway.jsonl is a pipe"));
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    /// Every line is in the file after the flush, in order, and only the owner can read it.
    #[test]
    fn writes_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(&folder.path().join("a/b")).unwrap();
        let writer = log.writer();
        for number in 0..1000 {
            writer.line(format!("{number}\n").as_bytes());
        }
        assert!(log.flush(soon()));
        let text = fs::read_to_string(log.path()).unwrap();
        assert!(text.lines().eq((0..1000).map(|number| number.to_string())));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(log.path()), 0o600);
            assert_eq!(mode(&folder.path().join("a/b")), 0o700);
        }
        assert!(log.close(soon()));
        assert!(log.close(soon()));
    }

    /// A line after the end is dropped without a panic, and a flush does not wait for it.
    #[test]
    fn after_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(folder.path()).unwrap();
        assert!(log.close(soon()));
        log.writer().line(b"late\n");
        let _ = log.flush(Instant::now());
    }

    /// A folder that cannot be made is an error that says so, not a panic.
    #[test]
    fn a_file_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("occupied");
        fs::write(&file, "").unwrap();
        assert!(LogFile::open(&file.join("logs")).is_err());
    }

    /// A full disk is counted, line by line, and the writer goes on.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_counted() {
        let progress = Arc::<Progress>::default();
        let file = OpenOptions::new().append(true).open("/dev/full").unwrap();
        let mut sink = CountingFile {
            file,
            progress: Arc::clone(&progress),
        };
        sink.write_all(b"one\n").unwrap();
        sink.write_all(b"two\n").unwrap();
        assert_eq!(progress.failed.load(Ordering::Acquire), 2);
        assert_eq!(*lock(&progress.handled), 2);
    }
}
