use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use opentelemetry::trace::SpanKind;

use super::{Place, TraceTree, TreeNode, TreeSpan};

/// The attributes that a tree shows unless told otherwise, in this order.
pub(super) const KEY_ATTRIBUTES: &[&str] = &[
    oc_semconv::http::RESPONSE_STATUS_CODE,
    oc_semconv::gen_ai::USAGE_INPUT_TOKENS,
    oc_semconv::gen_ai::USAGE_OUTPUT_TOKENS,
    oc_semconv::openclaw::COST_USD,
    oc_semconv::openclaw::TOOL_STATUS,
];

/// From this depth on a row says how deep it is instead of being drawn there: with the indentation
/// of every row, a long chain would need space that grows with its square.
const MAX_DEPTH: usize = 40;

/// Longer names are not padded to, longer texts are cut: a tree is for reading.
const MAX_NAME_COLUMN: usize = 60;
const MAX_TEXT: usize = 120;

impl TraceTree {
    /// The tree as text: a heading with the trace id, the number of spans and the duration, then a
    /// row a span with name, kind, duration, key attributes and error. It ends with a line feed.
    ///
    /// ```text
    /// trace 4bf92f3577b34da6a3ce929d0e0e4736  3 spans  182.4 ms
    /// POST /v1/messages             SERVER    182.4 ms  http.response.status_code=200
    /// └─ message.process            INTERNAL  181.0 ms
    ///    └─ execute_tool read_file  INTERNAL   20.1 ms  ERROR timeout
    /// ```
    ///
    /// The service is named where it differs from that of the span above; a parent that is not among
    /// the spans is named as `parent=`. Control characters are escaped and long texts cut, so that
    /// hostile names and values neither forge rows nor reach the terminal.
    pub fn render(&self) -> String {
        self.render_with(KEY_ATTRIBUTES)
    }

    /// The tree as text, with the attributes named, in their order.
    pub fn render_with(&self, keys: &[&str]) -> String {
        let rows = self.rows(keys);
        let names = width(&rows, |row| row.label.chars().count()).min(MAX_NAME_COLUMN);
        let durations = width(&rows, |row| row.duration.len());
        let spans = if self.len() == 1 { "span" } else { "spans" };
        let mut text = format!(
            "trace {}  {} {spans}  {}\n",
            Clean(&self.trace_id),
            self.len(),
            milliseconds(self.duration()),
        );
        for row in rows {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{:names$}  {:8}  {:>durations$}",
                row.label, row.kind, row.duration,
            );
            for detail in row.details {
                let _ = write!(text, "  {detail}");
            }
            text.push('\n');
        }
        text
    }

    /// Depth first, each node after its parent.
    fn rows(&self, keys: &[&str]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.len());
        let mut open: Vec<Open<'_>> = self.tops().map(Open::top).collect();
        open.reverse();
        while let Some(node) = open.pop() {
            rows.push(node.row(keys));
            let first_child = open.len();
            open.extend(node.children());
            if let Some(children) = open.get_mut(first_child..) {
                children.reverse();
            }
        }
        rows
    }
}

/// A node that is still to be printed, with what its place says.
struct Open<'a> {
    node: TreeNode<'a>,
    depth: usize,
    /// What stands before the branch: the lines of the ancestors.
    indent: String,
    last: bool,
}

struct Row {
    label: String,
    kind: &'static str,
    duration: String,
    details: Vec<String>,
}

impl<'a> Open<'a> {
    const fn top(node: TreeNode<'a>) -> Self {
        Self {
            node,
            depth: 0,
            indent: String::new(),
            last: true,
        }
    }

    fn children(&self) -> impl Iterator<Item = Self> {
        let count = self.node.node.children.len();
        let depth = self.depth + 1;
        let indent = match self.depth {
            0 | MAX_DEPTH.. => self.indent.clone(),
            _ if self.last => format!("{}   ", self.indent),
            _ => format!("{}│  ", self.indent),
        };
        self.node
            .children()
            .enumerate()
            .map(move |(index, node)| Self {
                node,
                depth,
                indent: indent.clone(),
                last: index + 1 == count,
            })
    }

    fn row(&self, keys: &[&str]) -> Row {
        let span = self.node.span();
        let name = Clean(&span.name);
        let branch = if self.last { "└─" } else { "├─" };
        let label = match self.depth {
            0 => name.to_string(),
            depth if depth > MAX_DEPTH => format!("{}{branch} ({depth}) {name}", self.indent),
            _ => format!("{}{branch} {name}", self.indent),
        };
        Row {
            label,
            kind: kind(&span.kind),
            duration: milliseconds(span.duration()),
            details: self.details(span, keys),
        }
    }

    fn details(&self, span: &TreeSpan, keys: &[&str]) -> Vec<String> {
        let mut details = Vec::new();
        if let (Place::Orphan | Place::Cycle, Some(parent)) =
            (self.node.node.place, &span.parent_span_id)
        {
            details.push(format!("parent={}", Clean(parent)));
        }
        if let Some(service) = &span.service
            && let Some(parent) = self.node.parent()
            && parent.span().service.as_ref() != Some(service)
        {
            details.push(format!("service={}", Clean(service)));
        }
        for key in keys {
            if let Some(value) = span.attr(key) {
                details.push(format!("{}={}", Clean(key), Clean(value)));
            }
        }
        if let Some(message) = &span.error {
            let error_type = span.attr(oc_semconv::error::TYPE).unwrap_or_default();
            details.push(match (error_type, message.as_str()) {
                ("", "") => "ERROR".to_owned(),
                ("", text) | (text, "") => format!("ERROR {}", Clean(text)),
                (error_type, message) if error_type == message => {
                    format!("ERROR {}", Clean(message))
                }
                (error_type, message) => {
                    format!("ERROR {}: {}", Clean(error_type), Clean(message))
                }
            });
        }
        details
    }
}

/// Text of foreign origin: control characters escaped, at most [`MAX_TEXT`] characters.
struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, character) in self.0.chars().enumerate() {
            if index == MAX_TEXT {
                return f.write_char('…');
            }
            if is_unsafe(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Characters that move the cursor, start a row, or turn the direction of writing.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn width(rows: &[Row], of: impl Fn(&Row) -> usize) -> usize {
    rows.iter().map(of).max().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

const fn kind(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "CLIENT",
        SpanKind::Server => "SERVER",
        SpanKind::Producer => "PRODUCER",
        SpanKind::Consumer => "CONSUMER",
        SpanKind::Internal => "INTERNAL",
    }
}
