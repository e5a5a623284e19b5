//! A server that runs as long as a test does.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A process with a folder for its data. Dropping it stops the process and removes the folder.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    folder: Folder,
}

impl Server {
    /// Starts `command` in a folder of its own, its output in a file there.
    pub(super) fn start(mut command: Command, folder: Folder) -> Result<Self> {
        let log = File::create(folder.log()).context("cannot create the server's log")?;
        let errors = log
            .try_clone()
            .context("cannot open the server's log twice")?;
        let process = command
            .current_dir(&folder.0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        Ok(Self { process, folder })
    }

    /// Waits until `path` is answered with 200.
    pub(super) fn wait(&mut self, addr: SocketAddr, path: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_up(addr, path) {
            let ended = self.process.try_wait().context("cannot watch the server")?;
            if ended.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.log()).unwrap_or_default();
                let end: Vec<&str> = log.lines().rev().take(LAST_LINES).collect();
                let end: Vec<&str> = end.into_iter().rev().collect();
                let what = if ended.is_some() {
                    "ended by itself"
                } else {
                    "does not answer"
                };
                bail!("the server {what}; the end of its log:\n{}", end.join("\n"));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its own children first: what they do without it nobody knows.
        let parent = self.process.id().to_string();
        let _ = Command::new("pkill")
            .args(["-TERM", "-P", &parent])
            .status();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder for the data of one run.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("oc-e2e-{name}-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn log(&self) -> PathBuf {
        self.0.join("log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An address of this machine that is free at the moment.
pub(super) fn free_addr() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("a listener has no address")
}

fn is_up(addr: SocketAddr, path: &str) -> bool {
    let answer = || {
        let mut stream = TcpStream::connect_timeout(&addr, ATTEMPT).ok()?;
        stream.set_read_timeout(Some(ATTEMPT)).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {addr}\r\n\r\n").ok()?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).ok()?;
        Some(status.ends_with(b" 200"))
    };
    answer().unwrap_or(false)
}

/// The first start of a fresh installation takes its time.
const PATIENCE: Duration = Duration::from_mins(3);
const ATTEMPT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);
const LAST_LINES: usize = 30;
