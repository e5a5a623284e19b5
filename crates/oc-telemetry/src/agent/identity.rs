use std::sync::{Arc, OnceLock};

use opentelemetry::{
    Context, Key, KeyValue, SpanId, StringValue, baggage::BaggageExt, trace::TraceContextExt as _,
};

use oc_semconv::{experiment, gen_ai, metrics::label, session, user};

/// Who and what the spans and log records below a turn belong to.
///
/// It is set once, on the session or the turn, and kept in the [`Context`]: every span below copies
/// it when it starts (spans of the `tracing` crate too), every log record when it is emitted, and
/// child processes get it by baggage.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    inner: Arc<Parts>,
}

#[derive(Debug, Clone, Default)]
struct Parts {
    session: Option<StringValue>,
    user: Option<StringValue>,
    agent: Option<StringValue>,
    experiment: Option<Experiment>,
    state: Arc<SessionState>,
}

/// What a session remembers for its end.
#[derive(Debug, Default)]
pub(crate) struct SessionState {
    /// The model of its first call: the label of its duration.
    first_model: OnceLock<StringValue>,
}

impl SessionState {
    pub(crate) fn note_model(&self, model: &StringValue) {
        let _ = self.first_model.set(model.clone());
    }

    pub(crate) fn first_model(&self) -> Option<&StringValue> {
        self.first_model.get()
    }
}

/// The arm of an experiment that a turn is part of.
///
/// The ids become labels of metrics: take few, fixed values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    id: StringValue,
    variant: StringValue,
    cohort: Option<StringValue>,
}

impl Experiment {
    /// The experiment `id`, in its arm `variant`.
    pub fn new(id: impl AsRef<str>, variant: impl AsRef<str>) -> Self {
        Self {
            id: cut(id.as_ref()),
            variant: cut(variant.as_ref()),
            cohort: None,
        }
    }

    /// The cohort that whoever is in the experiment belongs to.
    #[must_use]
    pub fn with_cohort(mut self, cohort: impl AsRef<str>) -> Self {
        self.cohort = Some(cut(cohort.as_ref()));
        self
    }

    /// The experiment's id.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The arm.
    pub fn variant(&self) -> &str {
        self.variant.as_str()
    }
}

/// The longest session, user or agent name that is kept, in characters: a longer session id makes
/// MLflow refuse the whole batch that it is in.
const MAX_CHARS: usize = 250;

impl Identity {
    /// Nobody in particular.
    pub fn new() -> Self {
        Self::default()
    }

    /// The identity of the current context; empty if it has none.
    pub fn current() -> Self {
        crate::context::map_current(|cx| cx.get::<Self>().cloned())
            .flatten()
            .unwrap_or_default()
    }

    pub(crate) fn of(cx: &Context) -> Option<&Self> {
        cx.get::<Self>()
    }

    /// In this session. Cut to 250 characters.
    #[must_use]
    pub fn with_session(self, id: impl AsRef<str>) -> Self {
        self.change(|parts| parts.session = named(id.as_ref()))
    }

    /// Of this user. Cut to 250 characters.
    #[must_use]
    pub fn with_user(self, id: impl AsRef<str>) -> Self {
        self.change(|parts| parts.user = named(id.as_ref()))
    }

    /// By this agent. Cut to 250 characters.
    #[must_use]
    pub fn with_agent(self, name: impl AsRef<str>) -> Self {
        self.change(|parts| parts.agent = named(name.as_ref()))
    }

    /// In this arm of an experiment.
    #[must_use]
    pub fn with_experiment(self, experiment: Experiment) -> Self {
        self.change(|parts| parts.experiment = Some(experiment))
    }

    pub(crate) fn with_state(self, state: Arc<SessionState>) -> Self {
        self.change(|parts| parts.state = state)
    }

    /// The session's id.
    pub fn session(&self) -> Option<&str> {
        self.inner.session.as_ref().map(StringValue::as_str)
    }

    /// The user's id.
    pub fn user(&self) -> Option<&str> {
        self.inner.user.as_ref().map(StringValue::as_str)
    }

    /// The agent's name.
    pub fn agent(&self) -> Option<&str> {
        self.inner.agent.as_ref().map(StringValue::as_str)
    }

    /// The experiment.
    pub fn experiment(&self) -> Option<&Experiment> {
        self.inner.experiment.as_ref()
    }

    /// `cx` for a span that brings the attributes along from its start, where samplers see them.
    pub(super) fn stated_below(cx: &Context) -> Context {
        cx.with_value(StatedBelow(cx.span().span_context().span_id()))
    }

    /// Whether the span that starts in `cx` has the attributes already. The spans below it have not.
    pub(crate) fn is_stated(cx: &Context) -> bool {
        cx.get::<StatedBelow>()
            .is_some_and(|stated| stated.0 == cx.span().span_context().span_id())
    }

    pub(crate) fn state(&self) -> &Arc<SessionState> {
        &self.inner.state
    }

    /// The agent as a label of metrics.
    pub(crate) fn agent_label(&self) -> StringValue {
        let none = || StringValue::from(label::MODEL_NONE);
        self.inner.agent.clone().unwrap_or_else(none)
    }

    pub(crate) fn is_empty(&self) -> bool {
        let parts = &*self.inner;
        parts.session.is_none()
            && parts.user.is_none()
            && parts.agent.is_none()
            && parts.experiment.is_none()
    }

    /// The attributes that every span and log record below carries.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = KeyValue> + '_ {
        let parts = &*self.inner;
        let arm = parts.experiment.as_ref();
        [
            (session::ID, parts.session.as_ref()),
            (gen_ai::CONVERSATION_ID, parts.session.as_ref()),
            (user::ID, parts.user.as_ref()),
            (gen_ai::AGENT_NAME, parts.agent.as_ref()),
            (experiment::ID, arm.map(|arm| &arm.id)),
            (experiment::VARIANT, arm.map(|arm| &arm.variant)),
            (experiment::COHORT, arm.and_then(|arm| arm.cohort.as_ref())),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some(KeyValue::new(Key::from_static_str(key), value?.clone())))
    }

    /// `cx` with the identity as baggage, for a child process.
    pub(crate) fn to_baggage(&self, cx: &Context) -> Context {
        if self.is_empty() {
            return cx.clone();
        }
        let mut baggage: Vec<KeyValue> = cx
            .baggage()
            .iter()
            .map(|(key, (value, _))| KeyValue::new(key.clone(), value.clone()))
            .collect();
        baggage.extend(
            self.attributes()
                .filter(|attribute| attribute.key.as_str() != gen_ai::CONVERSATION_ID),
        );
        cx.with_baggage(baggage)
    }

    /// What a parent process put into the baggage.
    pub(crate) fn from_baggage(cx: &Context) -> Self {
        let baggage = cx.baggage();
        let get = |key: &str| baggage.get(key).and_then(|value| named(value.as_str()));
        let arm = get(experiment::ID).zip(get(experiment::VARIANT));
        Self {
            inner: Arc::new(Parts {
                session: get(session::ID),
                user: get(user::ID),
                agent: get(gen_ai::AGENT_NAME),
                experiment: arm.map(|(id, variant)| Experiment {
                    id,
                    variant,
                    cohort: get(experiment::COHORT),
                }),
                state: Arc::default(),
            }),
        }
    }

    fn change(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }
}

/// The parent of the one span that has its identity's attributes from its start.
#[derive(Debug)]
struct StatedBelow(SpanId);

/// An empty name is none.
fn named(text: &str) -> Option<StringValue> {
    (!text.is_empty()).then(|| cut(text))
}

fn cut(text: &str) -> StringValue {
    let text = crate::pipeline::limits::cut(text, MAX_CHARS).unwrap_or(text);
    StringValue::from(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Through baggage and back nothing is lost and nothing is added.
    #[test]
    fn survives_baggage() {
        let identity = Identity::new()
            .with_session("agent:shadowman:main")
            .with_user("ü=1;%")
            .with_agent("researcher")
            .with_experiment(Experiment::new("prompt-7", "b").with_cohort("eu"));
        let back = Identity::from_baggage(&identity.to_baggage(&Context::new()));
        let attributes = |identity: &Identity| identity.attributes().collect::<Vec<_>>();
        assert_eq!(attributes(&back), attributes(&identity));
    }

    /// Long ids are cut at a character, not in one.
    #[test]
    fn cuts_long_ids() {
        let identity = Identity::new().with_session("é".repeat(251));
        assert_eq!(identity.session().unwrap().chars().count(), 250);
    }

    /// An empty id is no id.
    #[test]
    fn empty_is_none() {
        assert!(Identity::new().with_session("").with_user("").is_empty());
    }
}
