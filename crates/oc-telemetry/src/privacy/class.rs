//! Classes of content, and which of them may be recorded.

use crate::config::CaptureContent;

/// What a piece of content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentClass {
    /// What the gateway tells a model before the conversation (`gen_ai.system_instructions`).
    SystemPrompt,
    /// What users and tools say to a model (`gen_ai.input.messages`).
    Input,
    /// What a model answers (`gen_ai.output.messages`).
    Output,
    /// The arguments of a tool call (`gen_ai.tool.call.arguments`).
    ToolArguments,
    /// The result of a tool call (`gen_ai.tool.call.result`).
    ToolResults,
    /// The tools offered to a model (`gen_ai.tool.definitions`).
    ToolDefinitions,
}

/// Where content is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentSignal {
    /// As attributes of spans.
    Spans,
    /// As events, which are log records.
    Events,
}

impl CaptureContent {
    /// Whether content of that class may be recorded there: the class and the signal must both be
    /// on. By default none is.
    ///
    /// ```
    /// use oc_telemetry::{config::CaptureContent, privacy::{ContentClass, ContentSignal}};
    ///
    /// let mut capture = CaptureContent::default();
    /// capture.on_spans = true;
    /// capture.input_messages = true;
    /// assert!(capture.allows(ContentClass::Input, ContentSignal::Spans));
    /// assert!(!capture.allows(ContentClass::Input, ContentSignal::Events));
    /// assert!(!capture.allows(ContentClass::Output, ContentSignal::Spans));
    /// ```
    pub const fn allows(self, class: ContentClass, signal: ContentSignal) -> bool {
        let signal_is_on = match signal {
            ContentSignal::Spans => self.on_spans,
            ContentSignal::Events => self.in_events,
        };
        let class_is_on = match class {
            ContentClass::SystemPrompt => self.system_prompt,
            ContentClass::Input => self.input_messages,
            ContentClass::Output => self.output_messages,
            ContentClass::ToolArguments => self.tool_inputs,
            ContentClass::ToolResults => self.tool_outputs,
            ContentClass::ToolDefinitions => self.tool_definitions,
        };
        signal_is_on && class_is_on
    }
}
