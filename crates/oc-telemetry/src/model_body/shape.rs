//! What is wanted from a JSON document, as a table.

/// The part of a document that is looked at; everything else is skipped without being kept.
pub(super) enum Shape {
    /// A string, number or boolean.
    Leaf(Slot),
    /// An object whose values belong to the thing around it.
    Object(&'static [Field]),
    /// An object that is a thing of its own.
    Item(ItemKind, &'static [Field]),
    /// A list whose elements have this shape.
    Array(&'static Shape),
    /// Whichever fits the value.
    Either(&'static [Shape]),
}

/// A key and what is wanted from its value.
pub(super) type Field = (&'static str, Shape);

impl Shape {
    pub(super) fn leaf(&'static self) -> Option<Slot> {
        match self {
            Self::Leaf(slot) => Some(*slot),
            Self::Either(shapes) => shapes.iter().find_map(Self::leaf),
            _ => None,
        }
    }

    pub(super) fn object(&'static self) -> Option<(Option<ItemKind>, &'static [Field])> {
        match self {
            Self::Object(fields) => Some((None, fields)),
            Self::Item(kind, fields) => Some((Some(*kind), fields)),
            Self::Either(shapes) => shapes.iter().find_map(Self::object),
            _ => None,
        }
    }

    pub(super) fn element(&'static self) -> Option<&'static Self> {
        match self {
            Self::Array(element) => Some(element),
            Self::Either(shapes) => shapes.iter().find_map(Self::element),
            _ => None,
        }
    }
}

/// What a value is. It belongs to the innermost item that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Kind,
    Id,
    Model,
    Name,
    Status,
    Code,
    Finish,
    Index,
    Done,
    /// Generated text, kept when asked for.
    Text,
    /// Generated content that is never kept: reasoning, tool arguments, audio.
    Content,
    /// An error that is only a sentence.
    ErrorText,
    Count(Count),
}

/// A token count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Input,
    Output,
    Total,
    CacheRead,
    CacheWrite,
    Reasoning,
}

/// A thing within a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Choice,
    Tool,
    /// A block of content, or an item of output.
    Block,
    /// A piece of a message's content.
    Part,
    Usage,
    Error,
}
