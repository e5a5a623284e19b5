use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::grammar::{is_token, trim_ows};

/// A list of baggage members, as one or more header lines carry it (W3C Baggage, section 3).
///
/// ```
/// use oc_propagate::{BaggageHeader, BaggageMember};
///
/// let received = BaggageHeader::decode(&["session=a%20b;ttl=60", "discount=5%25"]);
/// assert_eq!(received.members[0].value, "a b");
/// assert_eq!(received.members[1].value, "5%");
/// assert_eq!(received.dropped, 0);
///
/// let (header, dropped) = BaggageHeader::encode(&[BaggageMember::new("rate", "a=b")]);
/// assert_eq!((header.as_deref(), dropped), (Some("rate=a%3Db"), 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BaggageHeader {
    /// The members that were well-formed and within the limits, in order, repeated keys included.
    pub members: Vec<BaggageMember>,
    /// How many members were malformed or above a limit.
    pub dropped: usize,
}

impl BaggageHeader {
    /// The largest number of members, over all header lines together (section 3.3.2).
    pub const MAX_MEMBERS: usize = 64;

    /// The largest length of all members and the commas between them, in bytes (section 3.3.2).
    pub const MAX_LEN: usize = 8192;

    /// Decodes header lines in the order of their arrival. Cannot fail.
    ///
    /// A malformed member is dropped alone and counted, but holds its place below the limits, which
    /// bounds the work. From the first member above a limit on, all are dropped; none is cut.
    /// Octets that are not UTF-8 after decoding become U+FFFD; an escape without two hexadecimal
    /// digits stays as it is.
    pub fn decode(lines: &[&str]) -> Self {
        let mut header = Self::default();
        let mut count = 0;
        let mut length = 0;
        for text in lines
            .iter()
            .flat_map(|line| line.split(','))
            .map(trim_ows)
            .filter(|text| !text.is_empty())
        {
            // A full list stays full: what follows is counted only.
            length += text.len() + usize::from(length > 0);
            count += 1;
            if count > Self::MAX_MEMBERS || length > Self::MAX_LEN {
                header.dropped += 1;
                continue;
            }
            match BaggageMember::decode(text) {
                Some(member) => header.members.push(member),
                None => header.dropped += 1,
            }
        }
        header
    }

    /// Encodes members as one header line: `None` if nothing is left to send. The second value
    /// says how many members were dropped, because their key is not a token or because they do not
    /// fit.
    pub fn encode<'a>(
        members: impl IntoIterator<Item = &'a BaggageMember>,
    ) -> (Option<String>, usize) {
        let mut line = Line::default();
        for member in members {
            line.push(|text| member.encode(text));
        }
        line.finish()
    }
}

/// One member of a baggage: a key, a value, properties.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BaggageMember {
    /// The key: a token, which is never decoded.
    pub key: String,
    /// The value, decoded. It may hold any character: escape it again wherever it is shown.
    pub value: String,
    /// The properties in their order.
    pub properties: Vec<BaggageProperty>,
}

impl BaggageMember {
    /// A member without properties.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            properties: Vec::new(),
        }
    }

    /// The same with one property more, at the end.
    pub fn with_property(mut self, key: impl Into<String>, value: Option<String>) -> Self {
        self.properties.push(BaggageProperty {
            key: key.into(),
            value,
        });
        self
    }

    fn decode(text: &str) -> Option<Self> {
        let (pair, properties) = split_properties(text);
        let (key, value) = pair.split_once('=')?;
        let key = trim_ows(key);
        if !is_token(key) {
            return None;
        }
        let value = decode_value(trim_ows(value))?;
        let properties = properties.map(BaggageProperty::decode);
        Some(Self {
            key: key.to_owned(),
            value: value.into_owned(),
            properties: properties.collect::<Option<_>>()?,
        })
    }

    /// Appends the member, or returns `None` where the grammar has no way to write it.
    fn encode(&self, text: &mut String) -> Option<()> {
        encode_pair(text, &self.key, Some(&self.value))?;
        for property in &self.properties {
            text.push(';');
            property.encode(text)?;
        }
        Some(())
    }
}

/// A property of a baggage member: `key`, or `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BaggageProperty {
    /// The key: a token, which is never decoded.
    pub key: String,
    /// The value, decoded; `None` is not the same as an empty one.
    pub value: Option<String>,
}

impl BaggageProperty {
    fn decode(text: &str) -> Option<Self> {
        let (key, value) = match text.split_once('=') {
            None => (text, None),
            Some((key, value)) => (trim_ows(key), Some(decode_value(trim_ows(value))?)),
        };
        is_token(key).then(|| Self {
            key: key.to_owned(),
            value: value.map(Cow::into_owned),
        })
    }

    fn encode(&self, text: &mut String) -> Option<()> {
        encode_pair(text, &self.key, self.value.as_deref())
    }
}

/// The properties of a member as the API's opaque metadata string, and back.
///
/// The string is in the form of the wire, so that nothing gets lost: escapes stay escapes.
pub(crate) fn properties_to_metadata(properties: &[BaggageProperty]) -> String {
    let mut text = String::new();
    for property in properties {
        if !text.is_empty() {
            text.push(';');
        }
        // A decoded property has a token as its key.
        let _ = property.encode(&mut text);
    }
    text
}

/// The opposite of [`properties_to_metadata`]. Metadata may also come from the program: what is
/// not legal on the wire is encoded by [`BaggageMember::encode`], a property without a legal key
/// is left out.
pub(crate) fn metadata_to_properties(metadata: &str) -> Vec<BaggageProperty> {
    metadata
        .split(';')
        .map(trim_ows)
        .filter_map(|text| {
            let (key, value) = match text.split_once('=') {
                None => (text, None),
                Some((key, value)) => (trim_ows(key), Some(unescape(trim_ows(value)))),
            };
            is_token(key).then(|| BaggageProperty {
                key: key.to_owned(),
                value: value.map(Cow::into_owned),
            })
        })
        .collect()
}

/// A header line under construction that holds whole members only.
#[derive(Default)]
struct Line {
    text: String,
    members: usize,
    dropped: usize,
}

impl Line {
    fn push(&mut self, write: impl FnOnce(&mut String) -> Option<()>) {
        let before = self.text.len();
        if before > 0 {
            self.text.push(',');
        }
        let is_written = self.members < BaggageHeader::MAX_MEMBERS
            && write(&mut self.text).is_some()
            && self.text.len() <= BaggageHeader::MAX_LEN;
        if is_written {
            self.members += 1;
        } else {
            self.text.truncate(before);
            self.dropped += 1;
        }
    }

    fn finish(self) -> (Option<String>, usize) {
        let text = Some(self.text).filter(|text| !text.is_empty());
        (text, self.dropped)
    }
}

/// A member without its properties, and those that are not empty.
fn split_properties(text: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut parts = text.split(';').map(trim_ows);
    let pair = parts.next().unwrap_or_default();
    (pair, parts.filter(|part| !part.is_empty()))
}

/// Decodes a value once, or `None` if it has an octet outside the grammar.
fn decode_value(text: &str) -> Option<Cow<'_, str>> {
    text.bytes().all(is_baggage_octet).then(|| unescape(text))
}

fn unescape(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn encode_pair(text: &mut String, key: &str, value: Option<&str>) -> Option<()> {
    if !is_token(key) {
        return None;
    }
    text.push_str(key);
    if let Some(value) = value {
        text.push('=');
        text.extend(utf8_percent_encode(value, ESCAPED));
    }
    Some(())
}

/// Section 3.2.1.3: printable ASCII but the space and `"`, `,`, `;`, `\`.
fn is_baggage_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// What is escaped in values, beside everything that is not ASCII. The equals sign is legal, but
/// receivers exist that cut a value there.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b',')
    .add(b';')
    .add(b'=')
    .add(b'\\');

#[cfg(test)]
mod tests;
