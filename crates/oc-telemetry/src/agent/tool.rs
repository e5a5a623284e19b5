use std::borrow::Cow;

use oc_semconv::{gen_ai, mcp, mlflow, openclaw, openclaw::ToolStatus, process, spans};
use opentelemetry::{Context, KeyValue, Value};

use super::{
    SpanNaming,
    llm::dialects,
    open::{Open, Outcome, internal},
};
use crate::{
    model_body::Oddity,
    privacy::ContentClass,
    span::{ErrorType, Failure},
    value::IntoValue,
};

/// One call of a tool: the span `execute_tool {name}`, with the skill, its resource or the program
/// behind it if they are known.
///
/// A tool of an MCP server is the same span with the server's attributes on it: one call is never two
/// spans.
///
/// GenAI conventions, "Execute tool span".
#[derive(Debug)]
#[must_use = "a tool call that is dropped without an outcome counts as cancelled"]
pub struct ToolCall {
    open: Open,
    name: String,
}

/// Settings of a [`ToolCall`].
#[derive(Debug)]
#[must_use = "a tool call begins with `start()`"]
pub struct ToolCallBuilder {
    name: String,
    attributes: Vec<KeyValue>,
}

/// What an agent runtime says of a tool: that it started, goes on, or has a result.
///
/// Agents report the end of a tool as phase `result`; `end` is accepted as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolPhase {
    /// `start`.
    Start,
    /// `update`.
    Update,
    /// `result` or `end`.
    Result,
}

impl ToolPhase {
    /// The phase that an agent named; `None` for a name that is not known.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "start" => Some(Self::Start),
            "update" => Some(Self::Update),
            "result" | "end" => Some(Self::Result),
            _ => None,
        }
    }
}

impl ToolCall {
    /// The tool of this name. Take few names: it is a label of metrics.
    #[expect(clippy::new_ret_no_self, reason = "what begins is the builder")]
    pub fn new(name: impl Into<String>) -> ToolCallBuilder {
        ToolCallBuilder {
            name: name.into(),
            attributes: Vec::new(),
        }
    }

    /// What the tool was given, as JSON. Recorded only where content of this class is captured.
    pub fn arguments(&self, json: &str) {
        self.content(
            ContentClass::ToolArguments,
            gen_ai::TOOL_CALL_ARGUMENTS,
            mlflow::SPAN_INPUTS,
            json,
        );
    }

    /// What the tool answered. Recorded only where content of this class is captured. Bytes that are
    /// not UTF-8 are replaced, and counted as what is odd about a response.
    pub fn result(&self, answer: impl AsRef<[u8]>) {
        let answer = String::from_utf8_lossy(answer.as_ref());
        if let (Cow::Owned(_), Some(agents)) = (&answer, self.open.agents()) {
            agents.metrics().odd_response(Oddity::InvalidUtf8);
        }
        self.content(
            ContentClass::ToolResults,
            gen_ai::TOOL_CALL_RESULT,
            mlflow::SPAN_OUTPUTS,
            &answer,
        );
    }

    /// The exit code of a tool that is a program.
    pub fn exit_code(&self, code: i32) {
        self.open.set(process::EXIT_CODE, code);
    }

    /// The context below which the tool's work belongs.
    pub fn context(&self) -> &Context {
        self.open.context()
    }

    /// Runs `body` below the tool call; it does not end it.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.open.scope(body)
    }

    /// Runs asynchronous work below the tool call and ends the call with its result.
    ///
    /// # Errors
    ///
    /// Those of the work.
    pub async fn run<T, E: ErrorType>(
        mut self,
        work: impl AsyncFnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.open.wrap(work(&self)).await;
        let status = status_of(&result);
        self.settle(status, &self.open.outcome_of(&result));
        result
    }

    /// Ends the call: the tool did its work.
    pub fn ok(mut self) {
        self.settle(ToolStatus::Ok, &Outcome::Ok);
    }

    /// Ends the call as failed.
    pub fn fail(mut self, failure: Failure) {
        self.settle(ToolStatus::Error, &Outcome::Failed(failure));
    }

    /// Goes on as an agent runtime says: a [`Result`](ToolPhase::Result) ends the call as
    /// [`ok`](Self::ok), anything else gives it back.
    #[must_use = "a tool call that is dropped without an outcome counts as cancelled"]
    pub fn phase(self, phase: ToolPhase) -> Option<Self> {
        match phase {
            ToolPhase::Start | ToolPhase::Update => Some(self),
            ToolPhase::Result => {
                self.ok();
                None
            }
        }
    }

    /// Ends the call: the tool was not allowed to run. `reason` is one of few, such as the name of a
    /// rule, and never content; what is longer than 120 characters is cut.
    pub fn denied(mut self, reason: &str) {
        let reason: String = match self.open.agents() {
            // Half a secret would not be recognised any more.
            Some(agents) => agents.text(reason).chars().take(MAX_REASON).collect(),
            None => reason.chars().take(MAX_REASON).collect(),
        };
        self.open.set(openclaw::DENIED_REASON, &*reason);
        let failure = Failure::new("denied", reason);
        self.settle(ToolStatus::Denied, &Outcome::Failed(failure));
    }

    /// Ends the call: the tool took too long.
    pub fn timed_out(mut self) {
        let failure = Failure::new("timeout", "the tool took too long");
        self.settle(ToolStatus::Timeout, &Outcome::Failed(failure));
    }

    fn content(&self, class: ContentClass, key: &'static str, mlflow: &'static str, text: &str) {
        let Some(agents) = self.open.agents().filter(|agents| agents.captures(class)) else {
            return;
        };
        let attribute = agents.content(key, text);
        if agents.dialects().mlflow {
            self.open
                .set_all([KeyValue::new(mlflow, attribute.value.clone())]);
        }
        dialects::tool_content(agents, &self.open, class, &attribute.value);
        self.open.set_all([attribute]);
    }

    fn settle(&mut self, status: ToolStatus, outcome: &Outcome) {
        self.open.set(openclaw::TOOL_STATUS, status.as_str());
        if self.open.end(outcome).is_none() {
            return;
        }
        if let Some(agents) = self.open.agents() {
            let identity = self.open.identity();
            let metrics = agents.metrics();
            metrics.tool_call_of(&identity, self.name.clone(), status);
        }
    }
}

impl Drop for ToolCall {
    fn drop(&mut self) {
        if self.open.is_open() {
            let outcome = self.open.abandoned();
            self.settle(ToolStatus::Error, &outcome);
        }
    }
}

impl ToolCallBuilder {
    /// The id that the model gave the call.
    pub fn with_call_id(self, id: impl IntoValue) -> Self {
        self.with(gen_ai::TOOL_CALL_ID, id)
    }

    /// `function`, `extension` or `datastore`. Default `function`.
    pub fn with_type(mut self, tool_type: impl IntoValue) -> Self {
        self.attributes
            .retain(|attribute| attribute.key.as_str() != gen_ai::TOOL_TYPE);
        self.with(gen_ai::TOOL_TYPE, tool_type)
    }

    /// What the tool is for.
    pub fn with_description(self, text: impl IntoValue) -> Self {
        self.with(gen_ai::TOOL_DESCRIPTION, text)
    }

    /// The skill that the tool loads or reads of. It becomes part of the span's name.
    pub fn with_skill(self, name: impl IntoValue) -> Self {
        self.with(gen_ai::SKILL_NAME, name)
    }

    /// What the skill is for.
    pub fn with_skill_description(self, text: impl IntoValue) -> Self {
        self.with(gen_ai::SKILL_DESCRIPTION, text)
    }

    /// The file or other resource of the skill that the tool reads. It becomes part of the span's
    /// name.
    pub fn with_skill_resource(self, name: impl IntoValue) -> Self {
        self.with(gen_ai::SKILL_RESOURCE_NAME, name)
    }

    /// Where the skill comes from.
    pub fn with_skill_source(self, uri: impl IntoValue) -> Self {
        self.with(gen_ai::SKILL_SOURCE_URI, uri)
    }

    /// The program that the tool runs: its name, not its path or arguments. It becomes part of the
    /// span's name.
    pub fn with_program(self, name: impl IntoValue) -> Self {
        self.with(process::EXECUTABLE_NAME, name)
    }

    /// The path of the program that the tool runs.
    pub fn with_program_path(self, path: impl IntoValue) -> Self {
        self.with(process::EXECUTABLE_PATH, path)
    }

    /// The tool is of an MCP server: the method, such as `tools/call`.
    pub fn with_mcp_method(self, method: impl IntoValue) -> Self {
        self.with(mcp::METHOD_NAME, method)
    }

    /// The resource of the MCP server that is read.
    pub fn with_mcp_resource(self, uri: impl IntoValue) -> Self {
        self.with(mcp::RESOURCE_URI, uri)
    }

    /// The session with the MCP server.
    pub fn with_mcp_session(self, id: impl IntoValue) -> Self {
        self.with(mcp::SESSION_ID, id)
    }

    /// The version of the MCP protocol that is spoken.
    pub fn with_mcp_protocol_version(self, version: impl IntoValue) -> Self {
        self.with(mcp::PROTOCOL_VERSION, version)
    }

    /// Begins the call, below the current span.
    pub fn start(self) -> ToolCall {
        let parent = crate::context::current();
        let naming = super::Agents::of(&parent)
            .map(|agents| agents.settings().naming)
            .unwrap_or_default();
        let operation = gen_ai::OperationName::ExecuteTool.as_str();
        let span_name = match naming {
            SpanNaming::Semconv => self.span_name(operation),
            SpanNaming::OpenClaw => format!("tool.{}", self.name),
        };
        let builder = internal(span_name)
            .attribute(gen_ai::OPERATION_NAME, operation)
            .attribute(gen_ai::TOOL_NAME, &*self.name)
            .attributes(self.attributes);
        let open = Open::start(builder, &parent, None);
        if open.agents().is_some_and(|agents| agents.dialects().mlflow) {
            open.set(mlflow::SPAN_TYPE, mlflow::SpanType::Tool.as_str());
        }
        dialects::kind(&open, dialects::Kind::Tool);
        ToolCall {
            open,
            name: self.name,
        }
    }

    /// As the conventions name a call that loads a skill, reads of one or runs a program.
    fn span_name(&self, operation: &str) -> String {
        let value = |key: &str| match key {
            gen_ai::OPERATION_NAME => Some(operation),
            gen_ai::TOOL_NAME => Some(&*self.name),
            key => self
                .attributes
                .iter()
                .find_map(|attribute| match &attribute.value {
                    Value::String(text) if attribute.key.as_str() == key => Some(text.as_str()),
                    _ => None,
                }),
        };
        let definition = if value(process::EXECUTABLE_NAME).is_some() {
            spans::EXECUTE_TOOL_COMMAND
        } else if value(gen_ai::SKILL_RESOURCE_NAME).is_some() {
            spans::EXECUTE_TOOL_READ_SKILL_RESOURCE
        } else {
            spans::EXECUTE_TOOL_LOAD_SKILL
        };
        definition
            .name(value)
            .unwrap_or_else(|| format!("{operation} {}", self.name))
    }

    fn with(mut self, key: &'static str, value: impl IntoValue) -> Self {
        if let Some(value) = value.into_value() {
            self.attributes.push(KeyValue::new(key, value));
        }
        self
    }
}

/// The most characters of the reason of a denial.
const MAX_REASON: usize = 120;

/// Errors that call themselves `denied` or `timeout` are those.
fn status_of<T, E: ErrorType>(result: &Result<T, E>) -> ToolStatus {
    match result {
        Ok(_) => ToolStatus::Ok,
        Err(error) => match &*error.error_type() {
            "denied" => ToolStatus::Denied,
            "timeout" => ToolStatus::Timeout,
            _ => ToolStatus::Error,
        },
    }
}
