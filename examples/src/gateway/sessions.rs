use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use oc_telemetry::{Telemetry, agent::Session};

use crate::names::AGENT;

/// The sessions that are open.
#[derive(Debug)]
pub(super) struct Sessions {
    telemetry: Telemetry,
    open: Mutex<HashMap<String, Session>>,
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

    /// The session of this name, begun if it is new; `None` if there are too many.
    pub(super) fn get(&self, id: &str, user: &str) -> Option<Session> {
        let mut open = self.lock();
        if let Some(session) = open.get(id) {
            return Some(session.clone());
        }
        if open.len() >= MAX_SESSIONS {
            return None;
        }
        let session = self.telemetry.session(id);
        let session = session.with_agent(AGENT).with_user(user).start();
        open.insert(id.to_owned(), session.clone());
        Some(session)
    }

    /// Ends one session; `false` if it is not open.
    pub(super) fn end(&self, id: &str) -> bool {
        let session = self.lock().remove(id);
        session.as_ref().map(Session::end).is_some()
    }

    /// Ends all sessions.
    pub(super) fn end_all(&self) {
        let open = std::mem::take(&mut *self.lock());
        open.values().for_each(Session::end);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
