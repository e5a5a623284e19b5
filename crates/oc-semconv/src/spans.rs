//! Definitions of spans: kind, name, and what each carries.
//!
//! ```
//! use oc_semconv::{attributes::RequirementLevel, gen_ai, spans};
//!
//! let tool = &spans::EXECUTE_TOOL;
//! assert_eq!(tool.kind, spans::SpanKind::Internal);
//! let required: Vec<_> = tool.with_level(RequirementLevel::Required).collect();
//! assert_eq!(required, [gen_ai::OPERATION_NAME, gen_ai::TOOL_NAME]);
//!
//! let name = tool.name(|key| match key {
//!     gen_ai::OPERATION_NAME => Some("execute_tool"),
//!     gen_ai::TOOL_NAME => Some("read_file"),
//!     _ => None,
//! });
//! assert_eq!(name.as_deref(), Some("execute_tool read_file"));
//! ```
//!
//! The requirements are those of October 2026. Version 1.41 has the same kinds and names.

use crate::Generation;
use crate::attributes::{Requirement, RequirementLevel, Stability};
pub use crate::generated::spans::*;

/// One type of span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanDefinition {
    /// The type, as the conventions of October 2026 call it; of ours, the span's name.
    pub id: &'static str,
    /// The type, as version 1.41.1 calls it.
    pub older_id: Option<&'static str>,
    /// The type this is a special case of.
    pub refines: Option<&'static str>,
    /// The values of [`gen_ai::OPERATION_NAME`](crate::gen_ai::OPERATION_NAME) it is for.
    pub operations: &'static [&'static str],
    /// The kind.
    pub kind: SpanKind,
    /// The kind it may have where what is called works in the same process.
    pub kind_in_process: Option<SpanKind>,
    /// Patterns of its name, the most specific first, with keys in braces.
    pub names: &'static [&'static str],
    /// What it carries, the most asked-for first.
    pub attributes: &'static [Requirement],
    /// Keys it must not carry; a last part `*` stands for all below.
    pub forbidden: &'static [&'static str],
    /// How far one may rely on it.
    pub stability: Stability,
    /// The generation of the GenAI conventions it belongs to.
    pub generation: Generation,
}

impl SpanDefinition {
    /// What it asks of a key; nothing if it does not know it.
    pub fn requirement(&self, key: &str) -> Option<&'static Requirement> {
        self.attributes.iter().find(|known| known.fits(key))
    }

    /// The keys of one level.
    pub fn with_level(&self, level: RequirementLevel) -> impl Iterator<Item = &'static str> {
        self.attributes
            .iter()
            .filter(move |known| known.level == level)
            .map(|known| known.key)
    }

    /// The keys that samplers look at: they are set when the span is created, if at all.
    pub fn at_start(&self) -> impl Iterator<Item = &'static str> {
        self.attributes
            .iter()
            .filter(|known| known.at_start)
            .map(|known| known.key)
    }

    /// Whether it must not carry a key.
    pub fn forbids(&self, key: &str) -> bool {
        self.forbidden
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => key.starts_with(prefix),
                None => key == *pattern,
            })
    }

    /// Its name, from the values of its attributes: the first pattern whose keys all have one that
    /// is not empty.
    pub fn name<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
        self.names.iter().find_map(|pattern| fill(pattern, &value))
    }
}

/// The types of span for an operation, special cases last.
///
/// There is one that is no special case; for `invoke_agent` there are two, for agents elsewhere and
/// in this process.
pub fn for_operation(operation: &str) -> impl Iterator<Item = &'static SpanDefinition> {
    let wanted = |special: bool| {
        move |known: &&SpanDefinition| {
            known.refines.is_some() == special && known.operations.contains(&operation)
        }
    };
    let all = ALL.iter().copied();
    all.clone()
        .filter(wanted(false))
        .chain(all.filter(wanted(true)))
}

/// The kind of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanKind {
    /// It waits for an answer from elsewhere.
    Client,
    /// It answers a request from elsewhere.
    Server,
    /// It stays in the process.
    Internal,
}

fn fill<'v>(pattern: &str, value: &impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (key, after) = after.split_once('}')?;
        name.push_str(before);
        name.push_str(value(key).filter(|value| !value.is_empty())?);
        rest = after;
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests;
