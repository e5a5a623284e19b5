use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Instant,
};

use super::lines::Lines;
use crate::privacy::Redactor;

/// The gateway's log file and the thread that writes it.
///
/// Lines are lost only where they are [counted](Self::lost_lines): when the disk does not keep up and
/// [`QUEUED_BYTES`] wait for it, and when it refuses them.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    lines: Arc<Lines>,
}

/// Memory for lines that wait for the disk: 32 MiB, at 300 bytes a line 110,000 of them.
const QUEUED_BYTES: usize = 32 * 1024 * 1024;

/// The name of the gateway's own log below the log folder.
const FILE_NAME: &str = "gateway.jsonl";

impl LogFile {
    /// Opens `gateway.jsonl` below `folder` for appending and starts the writer's thread. The
    /// folder is made if it is missing; folder and file are for their owner only.
    pub(crate) fn open(folder: &Path, redactor: Redactor) -> io::Result<Self> {
        create_private_folder(folder)?;
        let path = folder.join(FILE_NAME);
        let file = open_private_file(&path)?;
        let lines = Arc::new(Lines::new(QUEUED_BYTES));
        let writer = Arc::clone(&lines);
        thread::Builder::new()
            .name("oc-telemetry-logs".to_owned())
            .spawn(move || writer.write_all_to(file, &redactor))?;
        Ok(Self { path, lines })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A writer for one layer.
    pub(crate) fn writer(&self) -> Offering {
        Offering {
            lines: Arc::clone(&self.lines),
        }
    }

    /// Lines that did not reach the file. After the end those count that still wait for the disk.
    pub(crate) fn lost_lines(&self) -> u64 {
        self.lines.lost()
    }

    /// Waits until every line taken so far is written or refused; `false` at the deadline.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        self.lines.flush(deadline)
    }

    /// Writes what waits and ends the thread; `false` if the disk did not keep up until the
    /// deadline. The thread then ends by itself, when the disk lets it.
    pub(crate) fn close(&self, deadline: Instant) -> bool {
        self.lines.close(deadline)
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        self.lines.abandon();
    }
}

/// Hands lines to the writer's thread.
#[derive(Debug, Clone)]
pub(crate) struct Offering {
    lines: Arc<Lines>,
}

impl Offering {
    /// Takes a line, which must end with its only line break. Never waits for the disk.
    pub(crate) fn line(&self, line: &[u8]) {
        self.lines.offer(line);
    }
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
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    /// Every line is in the file after the flush, in order, and only the owner can read it.
    #[test]
    fn writes_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(&folder.path().join("a/b"), Redactor::new()).unwrap();
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

    /// A line after the end is counted as lost, and a flush does not wait for it.
    #[test]
    fn after_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(folder.path(), Redactor::new()).unwrap();
        assert!(log.close(soon()));
        log.writer().line(b"late\n");
        assert!(log.flush(Instant::now()));
        assert_eq!(log.lost_lines(), 1);
    }

    /// A folder that cannot be made is an error that says so, not a panic.
    #[test]
    fn a_file_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("occupied");
        fs::write(&file, "").unwrap();
        assert!(LogFile::open(&file.join("logs"), Redactor::new()).is_err());
    }

    /// A full disk is counted, line by line, and the writer goes on.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/full", folder.path().join(FILE_NAME)).unwrap();
        let log = LogFile::open(folder.path(), Redactor::new()).unwrap();
        for line in ["one\n", "two\n"] {
            log.writer().line(line.as_bytes());
            assert!(log.flush(soon()));
        }
        assert_eq!(log.lost_lines(), 2);
        assert!(log.close(soon()));
    }
}
