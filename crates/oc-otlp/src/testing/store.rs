//! What the server and the test share: the requests, the scripts, and waiting for them.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{
    request::{Outcome, ReceivedRequest},
    script::{Action, Script},
};

#[derive(Debug)]
pub(super) struct Store {
    state: Mutex<State>,
    changed: Condvar,
    /// Sends whenever hanging requests are to be let go.
    release: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of arrival, with a number that stays valid when others are cleared.
    requests: Vec<(u64, ReceivedRequest)>,
    next_number: u64,
    scripts: VecDeque<Script>,
    always: Option<Script>,
}

impl Store {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            release: watch::Sender::new(()),
        }
    }

    pub(super) fn requests(&self) -> Vec<ReceivedRequest> {
        self.lock().requests()
    }

    pub(super) fn clear(&self) {
        self.lock().requests.clear();
    }

    pub(super) fn push_script(&self, script: Script) {
        self.lock().scripts.push_back(script);
    }

    pub(super) fn set_always(&self, script: Script) {
        self.lock().always = Some(script);
    }

    pub(super) fn release(&self) {
        self.release.send_replace(());
    }

    /// Waits until the predicate holds; returns the requests as they are then, or when the time is
    /// up.
    pub(super) fn wait(
        &self,
        timeout: Duration,
        mut until: impl FnMut(&[ReceivedRequest]) -> bool,
    ) -> (bool, Vec<ReceivedRequest>) {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.lock();
        loop {
            let requests = state.requests();
            if until(&requests) {
                return (true, requests);
            }
            let remaining = match deadline {
                None => timeout,
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            };
            if remaining.is_zero() {
                return (false, requests);
            }
            state = self
                .changed
                .wait_timeout(state, remaining)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Keeps a request that the receiver refuses by itself.
    pub(super) fn refuse(&self, mut request: ReceivedRequest, problem: String) {
        request.outcome = Outcome::Refused;
        request.problem = Some(problem);
        self.lock().push(request);
        self.changed.notify_all();
    }

    /// Keeps a request that is in order, and says what to answer, in the time the script asks for.
    pub(super) async fn answer(self: &Arc<Self>, mut request: ReceivedRequest) -> Action {
        let (action, number, mut released) = {
            let mut state = self.lock();
            let action = state.next_action(&request);
            request.outcome = match &action {
                Action::Accept { .. } | Action::Close { accept: true } => Outcome::Accepted,
                Action::Http { .. } | Action::Grpc { .. } | Action::Unavailable { .. } => {
                    Outcome::Refused
                }
                Action::Hang => Outcome::Pending,
                Action::Close { accept: false } => Outcome::Unanswered,
            };
            // Subscribed under the lock: a release after the request is visible is never missed.
            let released = self.release.subscribe();
            (action, state.push(request), released)
        };
        self.changed.notify_all();
        if !matches!(action, Action::Hang) {
            return action;
        }
        let mut pending = Pending {
            store: self,
            number,
            outcome: Outcome::Unanswered,
        };
        // The sender lives as long as the store.
        let _ = released.changed().await;
        pending.outcome = Outcome::Accepted;
        drop(pending);
        Script::accept().action
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, request: ReceivedRequest) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        self.requests.push((number, request));
        number
    }

    fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests
            .iter()
            .map(|(_, request)| request.clone())
            .collect()
    }

    fn next_action(&mut self, request: &ReceivedRequest) -> Action {
        let meant = |script: &Script| script.signal.is_none() || script.signal == request.signal;
        let queued = self
            .scripts
            .iter()
            .position(meant)
            .and_then(|index| self.scripts.remove(index));
        queued
            .or_else(|| self.always.clone().filter(meant))
            .unwrap_or_else(Script::accept)
            .action
    }
}

/// A hanging request; settles its outcome when it is let go or when the client gives up, which
/// drops the future that waits.
struct Pending<'a> {
    store: &'a Store,
    number: u64,
    outcome: Outcome,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let mut state = self.store.lock();
        if let Ok(index) = state
            .requests
            .binary_search_by_key(&self.number, |(number, _)| *number)
            && let Some((_, request)) = state.requests.get_mut(index)
        {
            request.outcome = self.outcome;
        }
        drop(state);
        self.store.changed.notify_all();
    }
}
