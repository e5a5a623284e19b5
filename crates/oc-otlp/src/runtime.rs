use std::{
    error::Error,
    fmt,
    future::Future,
    io,
    sync::{Mutex, PoisonError, mpsc},
    thread,
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
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name(format!("{thread_name}-blocking"))
            .build()
            .map_err(StartRuntimeError)?;
        let handle = runtime.handle().clone();
        let (stop, stop_requested) = oneshot::channel::<()>();
        let (finished, stopped) = mpsc::channel();
        thread::Builder::new()
            .name(thread_name.to_owned())
            .spawn(move || {
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                // A dropped sender means the same as a message: stop.
                let _ = runtime.block_on(stop_requested);
                // Blocking tasks that hang (a stalled disk) must not hold up the end.
                runtime.shutdown_background();
                let _ = finished.send(());
            })
            .map_err(StartRuntimeError)?;
        Ok(Self {
            handle,
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
    /// time is up is cancelled.
    pub fn wait<F>(&self, timeout: Duration, future: F) -> Option<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
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
    /// Returns whether the thread has ended. A second call does nothing and returns `true`.
    pub fn stop(&self, timeout: Duration) -> bool {
        let stop = lock(&self.stop).take();
        match stop {
            None => true,
            Some(stop) => {
                let _ = stop.send(());
                lock(&self.stopped).recv_timeout(timeout).is_ok()
            }
        }
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
}
