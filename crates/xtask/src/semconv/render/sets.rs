//! Sets of values as enums.

use super::docs::Docs;
use super::{literal, push};
use crate::semconv::model::{AttributeFile, Set};
use crate::semconv::names;

/// What the enums of a file need.
pub(super) fn imports(sets: &[Set]) -> &'static str {
    if sets.is_empty() {
        ""
    } else if sets.iter().all(names::is_closed) {
        "use std::fmt;\n\n"
    } else {
        "use std::borrow::Cow;\nuse std::fmt;\n\n"
    }
}

pub(super) fn render(docs: &Docs, file: &AttributeFile, set: &Set) -> String {
    let constant = file
        .attributes
        .iter()
        .find(|attribute| attribute.key == set.attribute)
        .map(|attribute| names::constant(file, attribute))
        .unwrap_or_default();
    match &set.open {
        None => closed(docs, set, &constant),
        Some(open) => self::open(docs, set, &constant, open),
    }
}

fn closed(docs: &Docs, set: &Set, constant: &str) -> String {
    let name = &set.name;
    let all: Vec<_> = set
        .values
        .iter()
        .map(|value| format!("{name}::{}", names::variant(value)))
        .collect();
    format!(
        "/// The values of [`{constant}`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum {name} {{
{variants}}}

impl {name} {{
    /// Every value, in the order of their definition.
    pub const ALL: &[{name}] = &[{all}];

    /// The value as it is recorded.
    pub const fn as_str(self) -> &'static str {{
        match self {{
{texts}        }}
    }}

    /// The value that is recorded as `text`.
    pub fn parse(text: &str) -> Option<Self> {{
        Self::ALL.iter().copied().find(|value| value.as_str() == text)
    }}
}}

{display}",
        variants = variants(docs, set),
        all = all.join(", "),
        texts = texts(set),
        display = display(name),
    )
}

fn open(docs: &Docs, set: &Set, constant: &str, open: &str) -> String {
    let name = &set.name;
    let mut known = String::new();
    for value in &set.values {
        let spellings: Vec<_> = [&value.value]
            .into_iter()
            .chain(&value.aliases)
            .map(|text| literal(text))
            .collect();
        push(
            &mut known,
            &format!(
                "{} => {name}::{},\n",
                spellings.join(" | "),
                names::variant(value)
            ),
        );
    }
    let all: Vec<_> = set
        .values
        .iter()
        .map(|value| format!("{name}::{}", names::variant(value)))
        .collect();
    let has_aliases = set.values.iter().any(|value| !value.aliases.is_empty());
    let older = if has_aliases {
        " So does an older\n/// spelling of it."
    } else {
        ""
    };
    format!(
        "/// The values of [`{constant}`]: an open set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum {name} {{
{variants}{custom}    Custom(Cow<'static, str>),
}}

impl {name} {{
    /// Every value the conventions name, in the order of their definition.
    pub const KNOWN: &[{name}] = &[{all}];

    /// The value as it is recorded.
    pub fn as_str(&self) -> &str {{
        match self {{
{texts}            {name}::Custom(text) => text,
        }}
    }}

    fn known(text: &str) -> Option<Self> {{
        Some(match text {{
{known}            _ => return None,
        }})
    }}
}}

/// A value the conventions name becomes its own variant, any other [`{name}::Custom`].{older}
impl From<&'static str> for {name} {{
    fn from(text: &'static str) -> Self {{
        Self::known(text).unwrap_or({name}::Custom(Cow::Borrowed(text)))
    }}
}}

/// A value the conventions name becomes its own variant, any other [`{name}::Custom`].{older}
impl From<String> for {name} {{
    fn from(text: String) -> Self {{
        Self::known(&text).unwrap_or({name}::Custom(Cow::Owned(text)))
    }}
}}

{display}",
        variants = variants(docs, set),
        custom = docs.outer(open),
        all = all.join(", "),
        texts = texts(set),
        display = display(name),
    )
}

fn variants(docs: &Docs, set: &Set) -> String {
    let mut text = String::new();
    for value in &set.values {
        let brief = format!("`{}`: {}", value.value, small(&value.brief));
        text.push_str(&docs.outer(&brief));
        push(&mut text, &format!("{},\n", names::variant(value)));
    }
    text
}

/// The brief as it goes on after a colon: with a small first letter where the first word is an article.
fn small(brief: &str) -> String {
    for (article, instead) in [("A ", "a "), ("An ", "an "), ("The ", "the ")] {
        if let Some(rest) = brief.strip_prefix(article) {
            return format!("{instead}{rest}");
        }
    }
    brief.to_owned()
}

fn texts(set: &Set) -> String {
    let mut text = String::new();
    for value in &set.values {
        let (name, variant) = (&set.name, names::variant(value));
        push(
            &mut text,
            &format!("{name}::{variant} => {},\n", literal(&value.value)),
        );
    }
    text
}

fn display(name: &str) -> String {
    format!(
        "impl fmt::Display for {name} {{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{
        f.write_str(self.as_str())
    }}
}}

"
    )
}
