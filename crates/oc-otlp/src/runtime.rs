use std::{
    error::Error,
    fmt,
    future::Future,
    io,
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, ThreadId},
    time::Duration,
};

use opentelemetry::Context;
use tokio::{runtime, sync::oneshot, task::JoinHandle};

/// The thread on which the library does its input and output.
///
/// It runs a tokio runtime of its own, so that nothing here depends on the runtime of the host:
/// whether it has none, has one thread, or drops it first. All work on the thread runs with
/// telemetry suppressed (`Context::enter_telemetry_suppressed_scope`), so that spans and log
/// records of hyper, tonic and rustls under an export are not exported in turn.
///
/// Waiting for the thread blocks the waiting thread only, never the thread itself; that is why
/// [`wait`](Self::wait) works inside every kind of runtime.
pub struct IoRuntime {
    handle: runtime::Handle,
    thread: ThreadId,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    stopped: Mutex<mpsc::Receiver<()>>,
}

impl IoRuntime {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The operating system refused a thread, or the runtime could not register with the
    /// operating system's event queue (out of file descriptors).
    pub fn start(thread_name: &str) -> Result<Self, StartRuntimeError> {
        Self::start_on(thread::Builder::new(), thread_name)
    }

    fn start_on(builder: thread::Builder, name: &str) -> Result<Self, StartRuntimeError> {
        let (started, handle) = mpsc::channel();
        let (stop, stop_requested) = oneshot::channel::<()>();
        let (finished, stopped) = mpsc::channel();
        let blocking_name = format!("{name}-blocking");
        let thread = builder
            .name(name.to_owned())
            .spawn(move || {
                // Built here and not by the caller: a runtime must not be dropped inside of
                // another one, which would have to be done there if the thread cannot be started.
                let runtime = runtime::Builder::new_current_thread()
                    .enable_all()
                    .thread_name(blocking_name)
                    .build();
                let runtime = match runtime {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        let _ = started.send(Err(error));
                        return;
                    }
                };
                let _ = started.send(Ok(runtime.handle().clone()));
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                // A dropped sender means the same as a message: stop.
                let _ = runtime.block_on(stop_requested);
                // Blocking tasks that hang (a stalled disk) must not hold up the end.
                runtime.shutdown_background();
                let _ = finished.send(());
            })
            .map_err(StartRuntimeError)?;
        let ended = || Err(io::Error::other("the thread ended before it had started"));
        let handle = handle.recv().unwrap_or_else(|_| ended());
        Ok(Self {
            handle: handle.map_err(StartRuntimeError)?,
            thread: thread.thread().id(),
            stop: Mutex::new(Some(stop)),
            stopped: Mutex::new(stopped),
        })
    }

    /// Runs a future on the thread. After [`stop`](Self::stop) it is dropped without being polled.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Runs a future on the thread and waits for its result, at most `timeout`.
    ///
    /// `None` if the time is up, the future panicked, or the thread has stopped. A future whose
    /// time is up is cancelled. On the thread itself it is `None` at once and nothing is run: the
    /// thread would wait for itself.
    pub fn wait<F>(&self, timeout: Duration, future: F) -> Option<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.is_current_thread() {
            return None;
        }
        let (result, received) = mpsc::sync_channel(1);
        let task = self.handle.spawn(async move {
            let _ = result.send(future.await);
        });
        let outcome = received.recv_timeout(timeout).ok();
        if outcome.is_none() {
            task.abort();
        }
        outcome
    }

    /// A handle to spawn from elsewhere.
    pub fn handle(&self) -> &runtime::Handle {
        &self.handle
    }

    /// Ends the thread and drops everything that still runs on it; waits at most `timeout`.
    ///
    /// Returns whether the thread has ended. A second call does nothing and returns `true`. On the
    /// thread itself it does not wait and returns `false`: the end comes as soon as it can.
    pub fn stop(&self, timeout: Duration) -> bool {
        let stop = lock(&self.stop).take();
        match stop {
            None => true,
            Some(stop) => {
                let _ = stop.send(());
                !self.is_current_thread() && lock(&self.stopped).recv_timeout(timeout).is_ok()
            }
        }
    }

    fn is_current_thread(&self) -> bool {
        thread::current().id() == self.thread
    }
}

impl fmt::Debug for IoRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IoRuntime").finish_non_exhaustive()
    }
}

/// The thread could not be started.
#[derive(Debug)]
pub struct StartRuntimeError(io::Error);

impl fmt::Display for StartRuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot start the telemetry thread")
    }
}

impl Error for StartRuntimeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waiting from inside a current-thread runtime does not deadlock.
    #[tokio::test]
    async fn waits_inside_a_current_thread_runtime() {
        let io = IoRuntime::start("test-io").unwrap();
        assert_eq!(io.wait(Duration::from_secs(10), async { 7 }), Some(7));
        assert!(io.stop(Duration::from_secs(10)));
    }

    /// A future that never ends costs its timeout, and the thread goes on.
    #[test]
    fn a_hanging_future_is_cancelled() {
        let io = IoRuntime::start("test-io").unwrap();
        assert_eq!(
            io.wait(Duration::from_millis(10), std::future::pending::<()>()),
            None
        );
        assert_eq!(io.wait(Duration::from_secs(10), async { 1 }), Some(1));
    }

    /// After the stop nothing runs, nothing panics, and a second stop is quiet.
    #[test]
    fn work_after_the_stop_is_dropped() {
        let io = IoRuntime::start("test-io").unwrap();
        assert!(io.stop(Duration::from_secs(10)));
        assert!(io.stop(Duration::ZERO));
        assert_eq!(io.wait(Duration::from_secs(10), async { 1 }), None);
    }

    /// Telemetry is suppressed for everything on the thread.
    #[test]
    fn telemetry_is_suppressed() {
        let io = IoRuntime::start("test-io").unwrap();
        let suppressed = io.wait(Duration::from_secs(10), async {
            Context::is_current_telemetry_suppressed()
        });
        assert_eq!(suppressed, Some(true));
    }

    /// A thread that cannot be started is an error, inside of a runtime too.
    #[tokio::test]
    async fn no_thread_is_an_error() {
        // No address space holds such a stack.
        let builder = thread::Builder::new().stack_size(usize::MAX / 4);
        assert!(IoRuntime::start_on(builder, "test-io").is_err());
    }

    /// The thread does not wait for itself, not until the time is up and not for the work's result;
    /// the work that asked goes on.
    #[test]
    fn the_thread_does_not_wait_for_itself() {
        let io = std::sync::Arc::new(IoRuntime::start("test-io").unwrap());
        let inner = std::sync::Arc::clone(&io);
        let began = std::time::Instant::now();
        let asked = io.wait(Duration::from_secs(30), async move {
            let waited = inner.wait(Duration::from_secs(10), async { 1 });
            (waited, inner.stop(Duration::from_secs(10)))
        });
        assert_eq!(asked, Some((None, false)));
        assert!(began.elapsed() < Duration::from_secs(5), "it waited");
    }
}
