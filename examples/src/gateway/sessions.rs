use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use oc_telemetry::{
    Telemetry,
    metrics::{ActiveSession, SessionKind},
};

use crate::names::{AGENT, MODEL};

/// The sessions that are open. Each is counted as active while it is, and its duration is
/// recorded when it ends.
#[derive(Debug)]
pub(super) struct Sessions {
    telemetry: Telemetry,
    open: Mutex<HashMap<String, Session>>,
}

#[derive(Debug)]
struct Session {
    started: Instant,
    _active: ActiveSession,
}

/// Sessions that may be open at once; the names come from outside.
const MAX_SESSIONS: usize = 1000;

impl Sessions {
    pub(super) fn new(telemetry: Telemetry) -> Self {
        Self {
            telemetry,
            open: Mutex::default(),
        }
    }

    /// Opens the session unless it is open; `false` if there are too many.
    pub(super) fn touch(&self, id: &str) -> bool {
        let mut open = self.lock();
        if open.contains_key(id) {
            return true;
        }
        if open.len() >= MAX_SESSIONS {
            return false;
        }
        let session = Session {
            started: Instant::now(),
            _active: self.telemetry.agent_metrics().session_started(AGENT),
        };
        open.insert(id.to_owned(), session);
        true
    }

    /// Ends one session; `false` if it is not open.
    pub(super) fn end(&self, id: &str) -> bool {
        let session = self.lock().remove(id);
        session
            .as_ref()
            .map(|session| self.ended(session))
            .is_some()
    }

    /// Ends all sessions.
    pub(super) fn end_all(&self) {
        for session in std::mem::take(&mut *self.lock()).values() {
            self.ended(session);
        }
    }

    fn ended(&self, session: &Session) {
        let duration = session.started.elapsed();
        let metrics = self.telemetry.agent_metrics();
        metrics.session_ended(AGENT, MODEL, SessionKind::Main, duration);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
