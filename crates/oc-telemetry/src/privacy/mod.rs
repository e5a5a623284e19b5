//! What content may leave the process, and without what: secrets, the end of long texts, plain
//! session ids.
//!
//! Nothing here knows spans or exporters. Content goes through it in this order:
//! [`CaptureContent::allows`](crate::config::CaptureContent::allows) says whether it is recorded at
//! all (by default it is not), [`Redactor`] takes the secrets out, [`Cap`] cuts what is left.
//!
//! ```
//! use oc_telemetry::{
//!     config::CaptureContent,
//!     privacy::{Cap, ContentClass, ContentSignal, Message, Redactor, messages_json},
//! };
//!
//! let capture = CaptureContent::default();
//! assert!(!capture.allows(ContentClass::Input, ContentSignal::Spans));
//!
//! let mut messages = messages_json(&[Message::user("my key is sk-ant-api03-abcdefghij")]);
//! Redactor::new().redact_json(&mut messages);
//! assert_eq!(
//!     Cap::default().cut_json(messages),
//!     r#"[{"parts":[{"content":"my key is [redacted:anthropic-key]","type":"text"}],"role":"user"}]"#,
//! );
//! ```

mod bytes;
mod cap;
mod class;
mod content;
mod credentials;
mod extent;
mod hash;
mod header;
mod keys;
mod members;
mod options;
mod patterns;
mod plausible;
mod read;
mod redact;
mod scan;
mod urls;
mod value;
mod vocabulary;

pub use cap::Cap;
pub use class::{ContentClass, ContentSignal};
pub use content::{
    Message, Part, ToolDefinition, messages_json, preview_json, system_instructions_json,
    tool_definitions_json,
};
pub use hash::{HashKeyError, SessionHash};
pub use redact::Redactor;

#[cfg(test)]
mod tests;
