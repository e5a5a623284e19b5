use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use oc_semconv::{metrics::label, openclaw, openclaw::SessionKind};
use opentelemetry::{Context, StringValue, trace::SpanContext};

use super::{
    Agents, Experiment, Identity, TurnBuilder,
    identity::SessionState,
    open::{Open, Outcome, internal},
};
use crate::{Telemetry, metrics::ActiveSession, recorder::Recorder, span::Failure, sync::lock};

/// A conversation with an agent, from its start to its end: many turns.
///
/// It counts as active while it is open, its duration is recorded at its end, and it has a span of
/// its own, `openclaw.session`, in a trace of its own: a trace that stays open for hours is of no use
/// in any backend. The span and its turns are linked both ways. Cloning is cheap; the session ends
/// with [`end`](Self::end) or when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    identity: Identity,
    kind: SessionKind,
    /// The context that turns start in where there is no other.
    base: Context,
    agents: Option<Agents>,
    started: Instant,
    open: Mutex<Option<(Open, Option<ActiveSession>)>>,
    span_context: SpanContext,
}

/// Settings of a [`Session`]; made by [`Telemetry::session`].
#[derive(Debug)]
#[must_use = "a session begins with `start()`"]
pub struct SessionBuilder {
    recorder: Option<Recorder>,
    id: String,
    identity: Identity,
    kind: SessionKind,
}

impl Telemetry {
    /// A session with this id. It is the same on every span, in MLflow and in the logs, and never
    /// a label of a metric.
    pub fn session(&self, id: impl Into<String>) -> SessionBuilder {
        SessionBuilder {
            recorder: self.recorder().cloned(),
            id: id.into(),
            identity: Identity::new(),
            kind: SessionKind::Main,
        }
    }
}

impl SessionBuilder {
    /// The agent that the session is with.
    pub fn with_agent(mut self, name: impl AsRef<str>) -> Self {
        self.identity = self.identity.with_agent(name);
        self
    }

    /// The user.
    pub fn with_user(mut self, id: impl AsRef<str>) -> Self {
        self.identity = self.identity.with_user(id);
        self
    }

    /// The experiment that all of its turns are part of.
    pub fn with_experiment(mut self, experiment: Experiment) -> Self {
        self.identity = self.identity.with_experiment(experiment);
        self
    }

    /// What kind of session it is. Default [`SessionKind::Main`].
    pub fn with_kind(mut self, kind: SessionKind) -> Self {
        self.kind = kind;
        self
    }

    /// Begins the session.
    pub fn start(self) -> Session {
        let base = match &self.recorder {
            Some(recorder) => recorder.in_context(&Context::new()),
            None => Context::new(),
        };
        let agents = Agents::of(&base);
        let id = match &agents {
            Some(agents) => agents.session_id(&self.id),
            None => self.id,
        };
        let identity = self
            .identity
            .with_session(id)
            .with_state(Arc::<SessionState>::default());
        let builder = internal(oc_semconv::span::SESSION.to_owned())
            .attribute(openclaw::SESSION_KIND, self.kind.as_str());
        let open = Open::start(builder, &base, Some(identity.clone()));
        // It may hold many turns, and none of them is what all of it is about.
        if let Some(agents) = &agents {
            agents.roots().takes_nothing(&open.span_context());
        }
        let active = agents
            .as_ref()
            .map(|agents| agents.metrics().session_started(identity.agent_label()));
        Session {
            inner: Arc::new(Inner {
                span_context: open.span_context(),
                base: base.with_value(identity.clone()),
                identity,
                kind: self.kind,
                agents,
                started: Instant::now(),
                open: Mutex::new(Some((open, active))),
            }),
        }
    }
}

impl Session {
    /// A turn of this session: one message of its user.
    pub fn turn(&self) -> TurnBuilder {
        TurnBuilder::of(self.clone())
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// Ends the session. Its turns may go on.
    pub fn end(&self) {
        self.inner.end(&Outcome::Ok);
    }

    /// Ends the session as failed.
    pub fn fail(&self, failure: Failure) {
        self.inner.end(&Outcome::Failed(failure));
    }

    pub(super) fn base(&self) -> &Context {
        &self.inner.base
    }

    pub(super) fn span_context(&self) -> &SpanContext {
        &self.inner.span_context
    }

    /// Whether turns are spans below the session's.
    pub(super) fn holds_turns(&self) -> bool {
        self.inner
            .agents
            .as_ref()
            .is_some_and(|agents| agents.settings().turns_below_session)
    }

    pub(super) fn open_context(&self) -> Option<Context> {
        let open = lock(&self.inner.open);
        open.as_ref().map(|(open, _)| open.context().clone())
    }

    pub(super) fn link(&self, turn: SpanContext) {
        if let Some((open, _)) = &*lock(&self.inner.open) {
            open.link(turn);
        }
    }
}

impl Inner {
    fn end(&self, outcome: &Outcome) {
        let Some((mut open, active)) = lock(&self.open).take() else {
            return;
        };
        open.end(outcome);
        drop(active);
        if let Some(agents) = &self.agents {
            let none = || StringValue::from(label::MODEL_NONE);
            let model = self.identity.state().first_model().cloned();
            agents.metrics().session_ended(
                self.identity.agent_label(),
                model.unwrap_or_else(none),
                self.kind,
                self.started.elapsed(),
            );
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let abandoned = match &*lock(&self.open) {
            Some((open, _)) => open.abandoned(),
            None => return,
        };
        self.end(&abandoned);
    }
}
