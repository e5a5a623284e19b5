use oc_semconv::{mlflow, openclaw};
use opentelemetry::{Context, KeyValue};

use super::{
    Experiment, Identity, Session,
    open::{Open, Outcome, internal},
};
use crate::{
    Recorder,
    metrics::MessageOutcome,
    privacy::{ContentClass, Message, Redactor, preview_json},
    span::{ErrorType, Failure},
};

/// The work that one message of a user causes: the span `message.process`.
///
/// It lies below the server's span if there is one, so that one message is one trace. What MLflow
/// reads from the root of a trace (preview, name, state) is handed to that root, whatever span it
/// is. Turns of one session may run at the same time.
#[derive(Debug)]
#[must_use = "a turn that is dropped without an outcome counts as cancelled"]
pub struct Turn {
    open: Open,
}

/// Settings of a [`Turn`]; made by [`Session::turn`].
#[derive(Debug)]
#[must_use = "a turn begins with `start()`"]
pub struct TurnBuilder {
    session: Session,
    identity: Identity,
    attributes: Vec<KeyValue>,
}

impl TurnBuilder {
    pub(super) fn of(session: Session) -> Self {
        Self {
            identity: session.identity().clone(),
            session,
            attributes: Vec::new(),
        }
    }

    /// The user of this turn, if it is another one than the session's.
    pub fn with_user(mut self, id: impl AsRef<str>) -> Self {
        self.identity = self.identity.with_user(id);
        self
    }

    /// The agent that answers this turn, if it is another one than the session's. It is a label of
    /// metrics.
    pub fn with_agent(mut self, name: impl AsRef<str>) -> Self {
        self.identity = self.identity.with_agent(name);
        self
    }

    /// The experiment that this turn is part of.
    pub fn with_experiment(mut self, experiment: Experiment) -> Self {
        self.identity = self.identity.with_experiment(experiment);
        self
    }

    /// The fingerprint of the prompt in force, to tell before from after.
    pub fn with_prompt_hash(self, hash: impl Into<String>) -> Self {
        self.with(openclaw::PROMPT_HASH, hash.into())
    }

    /// The fingerprint of the skills in force.
    pub fn with_skill_hash(self, hash: impl Into<String>) -> Self {
        self.with(openclaw::SKILL_HASH, hash.into())
    }

    /// The fingerprint of the tools' schemas.
    pub fn with_tool_schema_hash(self, hash: impl Into<String>) -> Self {
        self.with(openclaw::TOOL_SCHEMA_HASH, hash.into())
    }

    /// Begins the turn, below the current span if there is one.
    pub fn start(self) -> Turn {
        let current = crate::context::current();
        let parent = if self.session.holds_turns() {
            self.session.open_context().unwrap_or(current)
        } else if has_span(&current) {
            // Below a span of a host's that brings no recorder along, the session's serves.
            match (Recorder::of(&current), Recorder::of(self.session.base())) {
                (None, Some(recorder)) => recorder.in_context(&current),
                _ => current,
            }
        } else {
            self.session.base().clone()
        };
        let builder = internal(oc_semconv::span::MESSAGE_PROCESS.to_owned())
            .attributes(self.attributes)
            .link(self.session.span_context().clone(), Vec::new());
        let open = Open::start(builder, &parent, Some(self.identity.clone()));
        self.session.link(open.span_context());
        let turn = Turn { open };
        turn.promote(self.identity.attributes());
        if turn.dialects().mlflow {
            turn.open
                .set(mlflow::SPAN_TYPE, mlflow::SpanType::Chain.as_str());
            turn.promote([
                KeyValue::new(mlflow::SPAN_TYPE, mlflow::SpanType::Agent.as_str()),
                KeyValue::new(mlflow::TRACE_NAME, oc_semconv::span::MESSAGE_PROCESS),
            ]);
        }
        turn
    }

    fn with(mut self, key: &'static str, value: String) -> Self {
        self.attributes.push(KeyValue::new(key, value));
        self
    }
}

impl Turn {
    /// What the user said. Recorded only where content of this class is captured.
    pub fn input(&self, text: &str) {
        self.content(
            ContentClass::Input,
            mlflow::SPAN_INPUTS,
            &Message::user(text),
        );
    }

    /// What the user gets to read. Recorded only where content of this class is captured.
    pub fn output(&self, text: &str) {
        let message = Message::assistant(text);
        self.content(ContentClass::Output, mlflow::SPAN_OUTPUTS, &message);
    }

    /// Who and what it belongs to.
    pub fn identity(&self) -> Identity {
        self.open.identity()
    }

    /// The context below which the turn's work belongs.
    pub fn context(&self) -> &Context {
        self.open.context()
    }

    /// Runs `body` below the turn; it does not end the turn.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.open.scope(body)
    }

    /// Runs asynchronous work below the turn and ends the turn with its result.
    ///
    /// # Errors
    ///
    /// Those of the work.
    pub async fn run<T, E: ErrorType>(
        mut self,
        work: impl AsyncFnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.open.wrap(work(&self)).await;
        self.settle(&self.open.outcome_of(&result));
        result
    }

    /// Ends the turn: the message was answered.
    pub fn ok(mut self) {
        self.settle(&Outcome::Ok);
    }

    /// Ends the turn as failed.
    pub fn fail(mut self, failure: Failure) {
        self.settle(&Outcome::Failed(failure));
    }

    fn dialects(&self) -> super::runtime::Dialects {
        self.open
            .agents()
            .map(super::Agents::dialects)
            .unwrap_or_default()
    }

    fn content(&self, class: ContentClass, mlflow_key: &'static str, message: &Message) {
        let Some(agents) = self.open.agents() else {
            return;
        };
        if !agents.captures(class) {
            return;
        }
        if agents.dialects().mlflow {
            let preview = agents.json(preview_json(std::slice::from_ref(message)));
            let attribute = KeyValue::new(mlflow_key, preview);
            self.open.set_all([attribute.clone()]);
            self.promote([attribute]);
        }
        super::llm::dialects::turn_content(agents, &self.open, class, message);
    }

    fn promote(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        let span = self.open.span_context();
        if let Some(agents) = self.open.agents()
            && span.is_valid()
        {
            agents.roots().promote(&span, attributes);
        }
    }

    fn settle(&mut self, outcome: &Outcome) {
        if let (Outcome::Failed(failure), Some(agents)) = (outcome, self.open.agents()) {
            let span = self.open.span_context();
            agents
                .roots()
                .promote_error(&span, said(failure, &agents.settings().redactor));
        }
        let elapsed = self.open.elapsed();
        self.open.end(outcome);
        if let Some(agents) = self.open.agents() {
            let outcome = match outcome.error_type() {
                None => MessageOutcome::Ok,
                Some("cancelled") => MessageOutcome::Cancelled,
                Some(_) => MessageOutcome::Error,
            };
            let agent = self.open.identity().agent_label();
            agents.metrics().message_ended(agent, outcome, elapsed);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.open.is_open() {
            let outcome = self.open.abandoned();
            self.settle(&outcome);
        }
    }
}

/// What a failure says, without secrets, or at least its type.
fn said(failure: &Failure, redactor: &Redactor) -> String {
    let description = failure.redacted(redactor);
    if description.is_empty() {
        failure.error_type().to_owned()
    } else {
        description
    }
}

fn has_span(cx: &Context) -> bool {
    use opentelemetry::trace::TraceContextExt as _;
    cx.span().span_context().is_valid()
}
