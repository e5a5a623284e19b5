//! The current context, also where a thread ends.
//!
//! The API keeps the current [`Context`] in a thread-local and reaches for it without asking whether it is still there.
//! The destructor of another thread-local may run after it is gone: a connection in a pool that reports its own end,
//! say. There the API panics, which in such a destructor ends the process. Everything in this crate that wants the current
//! context therefore comes here. Once it is gone there are no ids, no spans and nothing to attach.

use std::panic::catch_unwind;

use opentelemetry::{Context, ContextGuard};

/// The target of the events of the API itself, which has the current context locked while it reports what is wrong with
/// it: who handles such an event must not ask for the context.
pub(crate) const API_TARGET: &str = "opentelemetry";

/// Whether this thread still has a current context.
#[inline]
pub(crate) fn is_usable() -> bool {
    SENTINEL
        .try_with(|sentinel| sentinel.usable)
        .unwrap_or(false)
}

/// What `f` makes of the current context; `None` if there is none any more.
#[inline]
pub(crate) fn map_current<R>(f: impl FnOnce(&Context) -> R) -> Option<R> {
    is_usable().then(|| Context::map_current(f))
}

/// The current context, or an empty one if there is none any more.
pub(crate) fn current() -> Context {
    map_current(Context::clone).unwrap_or_default()
}

/// Whether nothing may be recorded here.
#[inline]
pub(crate) fn is_suppressed() -> bool {
    map_current(Context::is_telemetry_suppressed).unwrap_or(true)
}

/// Makes `cx` the current context until the value returned is dropped.
#[inline]
pub(crate) fn attach(cx: Context) -> Attached {
    Attached(is_usable().then(|| cx.attach()))
}

/// Restores the context that was the current one before.
#[derive(Debug)]
#[must_use = "the context is the current one only as long as this lives"]
pub(crate) struct Attached(Option<ContextGuard>);

impl Drop for Attached {
    #[inline]
    fn drop(&mut self) {
        // One that is kept in a thread-local may outlive the context. The guard owns nothing but a number.
        if !is_usable() {
            std::mem::forget(self.0.take());
        }
    }
}

/// Tells, by being destroyed before it, whether the API's thread-local is still there.
struct Sentinel {
    usable: bool,
}

impl Sentinel {
    /// Thread-locals are destroyed in the reverse of the order in which their first use was over. The API's is used in
    /// here, so it outlives this one.
    fn new() -> Self {
        // It can be gone already, where a program that used the API itself calls us first at the end of a thread.
        let used = catch_unwind(|| Context::map_current(|_| ()));
        Self {
            usable: used.is_ok(),
        }
    }
}

impl Drop for Sentinel {
    /// A value without a destructor would not be destroyed, and would never tell.
    fn drop(&mut self) {
        self.usable = false;
    }
}

thread_local! {
    static SENTINEL: Sentinel = Sentinel::new();
}
