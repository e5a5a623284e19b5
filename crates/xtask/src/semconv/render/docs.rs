//! Documentation comments: wrapped, with links where a name of the model stands in backticks.

use std::collections::BTreeMap;

use crate::semconv::lists::{Level, Lists};
use crate::semconv::model::{Generation, Model, Stability};
use crate::semconv::names;

/// What documentation needs to know of the whole model.
#[derive(Debug)]
pub(super) struct Docs {
    /// The path of what each name belongs to.
    links: BTreeMap<String, String>,
    /// Where each attribute is required, as text.
    pub(super) requirements: BTreeMap<String, String>,
    /// The attributes that some span has from its start.
    pub(super) at_start: Vec<String>,
}

impl Docs {
    pub(super) fn new(model: &Model) -> Self {
        let mut docs = Self {
            links: links(model),
            requirements: BTreeMap::new(),
            at_start: Vec::new(),
        };
        let mut uses: BTreeMap<String, Vec<(Level, String)>> = BTreeMap::new();
        for file in model.spans.values() {
            for span in &file.spans {
                let base = file
                    .base(span)
                    .map(|base| file.requirements(base))
                    .unwrap_or_default();
                for one in file.requirements(span) {
                    // A special case is told of only where it differs.
                    if !base
                        .iter()
                        .any(|other| other.key == one.key && other.level == one.level)
                    {
                        uses.entry(one.key.clone())
                            .or_default()
                            .push((one.level, span.id.clone()));
                    }
                    if one.at_start {
                        docs.at_start.push(one.key);
                    }
                }
            }
        }
        for event in &model.events.events {
            for (key, level) in own(&event.attributes) {
                uses.entry(key)
                    .or_default()
                    .push((level, event.name.clone()));
            }
        }
        for (key, uses) in uses {
            let text = docs.requirement(&uses);
            docs.requirements.insert(key, text);
        }
        docs
    }

    fn requirement(&self, uses: &[(Level, String)]) -> String {
        let mut parts = Vec::new();
        for (level, words) in [
            (Level::Required, "required on"),
            (Level::Conditional, "conditionally required on"),
            (Level::Recommended, "recommended on"),
            (Level::OptIn, "opt-in on"),
        ] {
            let on: Vec<_> = uses
                .iter()
                .filter(|(found, _)| *found == level)
                .map(|(_, name)| self.link(&format!("`{name}`")))
                .collect();
            if !on.is_empty() {
                parts.push(format!("{words} {}", on.join(", ")));
            }
        }
        parts.join("; ")
    }

    /// A paragraph in front of an item.
    pub(super) fn outer(&self, text: &str) -> String {
        self.wrap("/// ", "/// ", text)
    }

    /// The documentation of a module: a sentence and what else there is to say.
    pub(super) fn inner(&self, brief: &str, note: Option<&String>) -> String {
        let mut text = self.wrap("//! ", "//! ", brief);
        for paragraph in note.iter().flat_map(|note| note.split("\n\n")) {
            text.push_str("//!\n");
            text.push_str(&self.wrap("//! ", "//! ", paragraph));
        }
        text
    }

    /// The documentation of an item: a sentence, what else there is to say, and a list.
    pub(super) fn item(
        &self,
        brief: &str,
        note: Option<&String>,
        list: &[(&str, String)],
    ) -> String {
        let mut text = self.outer(brief);
        for paragraph in note.iter().flat_map(|note| note.split("\n\n")) {
            text.push_str("///\n");
            text.push_str(&self.outer(paragraph));
        }
        if !list.is_empty() {
            text.push_str("///\n");
        }
        for (label, value) in list {
            let line = format!("{label}: {value}");
            // An example may look like a name and is none.
            text.push_str(&wrap("/// - ", "///   ", &line, |word| {
                if *label == EXAMPLE {
                    word.to_owned()
                } else {
                    self.link(word)
                }
            }));
        }
        text
    }

    /// A sentence of the model without links, for use as a value.
    pub(super) fn plain(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn wrap(&self, first: &str, rest: &str, text: &str) -> String {
        wrap(first, rest, text, |word| self.link(word))
    }

    /// Makes a link of a word that is a name of the model in backticks.
    fn link(&self, word: &str) -> String {
        let Some((before, rest)) = word.split_once('`') else {
            return word.to_owned();
        };
        let Some((name, after)) = rest.split_once('`') else {
            return word.to_owned();
        };
        // What is a link already stays as it is.
        if before.ends_with('[') {
            return word.to_owned();
        }
        match self.links.get(name) {
            Some(path) => format!("{before}[`{name}`]({path}){after}"),
            None => word.to_owned(),
        }
    }
}

/// The lines of a text, `first` in front of the first and `rest` in front of the others.
fn wrap(first: &str, rest: &str, text: &str, convert: impl Fn(&str) -> String) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in words(text) {
        let word = convert(&word);
        if line.is_empty() {
            line = format!("{first}{word}");
        } else if line.chars().count() + 1 + word.chars().count() <= WIDTH {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push_str(&line);
            lines.push('\n');
            line = format!("{rest}{word}");
        }
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

pub(super) fn stability(stability: Stability, source: Option<&String>) -> String {
    match stability {
        Stability::Stable => "stable".to_owned(),
        Stability::ReleaseCandidate => "release candidate".to_owned(),
        Stability::Development => "development".to_owned(),
        Stability::Deprecated => "deprecated".to_owned(),
        Stability::External => source.cloned().unwrap_or_default(),
    }
}

/// Said of what is not in both generations.
pub(super) fn generation(generation: Generation) -> Option<&'static str> {
    match generation {
        Generation::Both => None,
        Generation::V1_41 => Some("version 1.41 only"),
        Generation::V2026_10 => Some("since October 2026"),
        Generation::Older => Some("before version 1.41"),
    }
}

fn links(model: &Model) -> BTreeMap<String, String> {
    let mut links = BTreeMap::new();
    for (file, attribute) in model.all_attributes() {
        // A label is called like any other word.
        if attribute.key.contains('.') {
            links.insert(attribute.key.clone(), names::path(file, attribute));
        }
    }
    for file in model.attributes.values() {
        for constant in &file.constants {
            let path = names::constant_path(file, constant);
            links.insert(format!("{}::{}", file.namespace, constant.name), path);
        }
    }
    for file in model.metrics.values() {
        for metric in &file.metrics {
            let path = format!("crate::metrics::{}", names::metric(file, metric));
            links.insert(metric.name.clone(), path);
        }
    }
    for span in model.spans.values().flat_map(|file| &file.spans) {
        links.insert(span.id.clone(), format!("crate::spans::{}", span.name));
    }
    for event in &model.events.events {
        let path = format!("crate::event::{}", names::event(&event.name));
        links.insert(event.name.clone(), path);
    }
    links
}

fn own(lists: &Lists) -> Vec<(String, Level)> {
    let mut own = Vec::new();
    for (level, keys) in [
        (Level::Required, &lists.required),
        (Level::Conditional, &lists.conditional),
        (Level::Recommended, &lists.recommended),
        (Level::OptIn, &lists.opt_in),
    ] {
        own.extend(keys.iter().map(|key| (key.clone(), level)));
    }
    own
}

/// The words of a text; what is in backticks stays in one piece.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut in_code = false;
    for letter in text.chars() {
        if letter == '`' {
            in_code = !in_code;
        }
        if letter.is_whitespace() && !in_code {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(letter);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

const WIDTH: usize = 100;

/// The label of an example.
pub(super) const EXAMPLE: &str = "Example";

#[cfg(test)]
mod tests {
    use super::*;

    fn docs() -> Docs {
        Docs {
            links: BTreeMap::from([("a.b".to_owned(), "crate::a::B".to_owned())]),
            requirements: BTreeMap::new(),
            at_start: Vec::new(),
        }
    }

    // Scenario: a known name, an unknown one, a link that is there already.
    // Guarantee: only the first becomes a link.
    #[test]
    fn known_names_become_links() {
        assert_eq!(
            docs().outer("See `a.b`, `c d` and [`a.b`]."),
            "/// See [`a.b`](crate::a::B), `c d` and [`a.b`].\n"
        );
    }

    // Scenario: a long item of a list.
    // Guarantee: it is wrapped, its later lines stand under its text, and code stays in one piece.
    #[test]
    fn lists_are_wrapped() {
        let long = format!("{} `{}`", "word ".repeat(18), "in one piece");
        let text = docs().item("Brief.", None, &[("Label", long)]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..2], ["/// Brief.", "///"]);
        assert!(lines[2].starts_with("/// - Label: word") && lines[2].len() <= WIDTH);
        assert!(lines[3].starts_with("///   "));
        assert!(lines[3].ends_with("`in one piece`"));
    }

    // Scenario: an example that is a known name, and the same name elsewhere.
    // Guarantee: the example stays as it is.
    #[test]
    fn examples_are_no_links() {
        let text = docs().item(
            "Brief.",
            None,
            &[
                (EXAMPLE, "`a.b`".to_owned()),
                ("Successor", "`a.b`".to_owned()),
            ],
        );
        assert!(text.contains("- Example: `a.b`\n"), "{text}");
        assert!(
            text.contains("- Successor: [`a.b`](crate::a::B)\n"),
            "{text}"
        );
    }
}
