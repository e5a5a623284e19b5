use std::sync::Arc;

use opentelemetry::{Context, KeyValue, propagation::TextMapPropagator};

use opentelemetry_sdk::logs::SdkLogger;

use super::local_root::LocalRoots;
use crate::{
    config::CaptureContent,
    metrics::AgentMetrics,
    privacy::{Cap, ContentClass, ContentSignal, Redactor, SessionHash},
    recorder::Recorder,
};

/// How the spans of model calls and tools are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanNaming {
    /// As the GenAI conventions say: `chat claude-sonnet-4.5`, `execute_tool read_file`.
    #[default]
    Semconv,
    /// The older look: `llm.anthropic.claude-sonnet-4.5`, `tool.read_file`.
    OpenClaw,
}

/// What the typed spans of one telemetry share.
#[derive(Debug, Clone)]
pub(crate) struct Agents {
    inner: Arc<AgentsInner>,
}

#[derive(Debug)]
struct AgentsInner {
    metrics: AgentMetrics,
    settings: AgentSettings,
    roots: Arc<LocalRoots>,
    propagator: Arc<dyn TextMapPropagator + Send + Sync>,
    logger: Option<SdkLogger>,
}

/// Settings of the typed spans.
#[derive(Debug, Default)]
pub(crate) struct AgentSettings {
    pub(crate) naming: SpanNaming,
    pub(crate) capture: CaptureContent,
    pub(crate) cap: Cap,
    pub(crate) redactor: Redactor,
    pub(crate) dialects: Dialects,
    pub(crate) turns_below_session: bool,
    pub(crate) session_hash: Option<SessionHash>,
}

/// Which receivers' own attributes are set beside those of the conventions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Dialects {
    pub(crate) mlflow: bool,
    pub(crate) openinference: bool,
    pub(crate) langfuse: bool,
}

/// A kind of receiver with attributes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// MLflow: `mlflow.*`. On by itself with an MLflow destination.
    Mlflow,
    /// OpenInference, as Arize Phoenix reads it.
    OpenInference,
    /// Langfuse: `langfuse.*`.
    Langfuse,
}

impl Dialects {
    pub(crate) fn switch_on(&mut self, dialect: Dialect) {
        match dialect {
            Dialect::Mlflow => self.mlflow = true,
            Dialect::OpenInference => self.openinference = true,
            Dialect::Langfuse => self.langfuse = true,
        }
    }
}

impl Agents {
    pub(crate) fn new(
        metrics: AgentMetrics,
        settings: AgentSettings,
        roots: Arc<LocalRoots>,
        propagator: Arc<dyn TextMapPropagator + Send + Sync>,
        logger: Option<SdkLogger>,
    ) -> Self {
        Self {
            inner: Arc::new(AgentsInner {
                metrics,
                settings,
                roots,
                propagator,
                logger,
            }),
        }
    }

    /// Those of the telemetry that records below `cx`.
    pub(crate) fn of(cx: &Context) -> Option<Self> {
        Recorder::of(cx)?.agents().cloned()
    }

    pub(crate) fn metrics(&self) -> &AgentMetrics {
        &self.inner.metrics
    }

    pub(crate) fn settings(&self) -> &AgentSettings {
        &self.inner.settings
    }

    pub(crate) fn propagator(&self) -> &(dyn TextMapPropagator + Send + Sync) {
        &*self.inner.propagator
    }

    pub(crate) fn roots(&self) -> &LocalRoots {
        &self.inner.roots
    }

    /// The dialects that are switched on.
    pub(crate) fn dialects(&self) -> Dialects {
        self.inner.settings.dialects
    }

    /// Whether content of this class becomes span attributes.
    pub(crate) fn captures(&self, class: ContentClass) -> bool {
        self.inner
            .settings
            .capture
            .allows(class, ContentSignal::Spans)
    }

    /// Whether what errors say becomes the description of spans. They may quote anything that a
    /// model or a tool was given or has answered.
    pub(crate) fn captures_errors(&self) -> bool {
        [
            ContentClass::Input,
            ContentClass::Output,
            ContentClass::ToolArguments,
            ContentClass::ToolResults,
        ]
        .into_iter()
        .all(|class| self.captures(class))
    }

    /// Whether content of this class stands in events.
    pub(crate) fn captures_in_events(&self, class: ContentClass) -> bool {
        self.inner.logger.is_some()
            && self
                .inner
                .settings
                .capture
                .allows(class, ContentSignal::Events)
    }

    /// Emits the library's own events; `None` without a log destination.
    pub(crate) fn logger(&self) -> Option<&SdkLogger> {
        self.inner.logger.as_ref()
    }

    /// The session id as it may leave the process.
    pub(crate) fn session_id(&self, id: &str) -> String {
        match &self.inner.settings.session_hash {
            Some(hash) => hash.hash(id),
            None => id.to_owned(),
        }
    }

    /// Content as text, without secrets and cut to the cap.
    ///
    /// A cut may halve a secret, and a half is not recognised any more; so the secrets go first,
    /// here on the caller's thread. That costs time where content is captured, which somebody
    /// asked for; everything else is redacted on the I/O thread alone.
    pub(crate) fn text(&self, text: &str) -> String {
        let settings = self.settings();
        let text = settings.redactor.redact_capped(text, settings.cap);
        text.into_owned()
    }

    /// Content as JSON text, without secrets and cut to the cap, as [`text`](Self::text).
    pub(crate) fn json(&self, mut content: serde_json::Value) -> String {
        let settings = self.settings();
        settings.redactor.redact_json(&mut content);
        settings.cap.cut_json(content)
    }

    /// An attribute with content as text.
    pub(crate) fn content(&self, key: &'static str, text: &str) -> KeyValue {
        KeyValue::new(key, self.text(text))
    }
}
