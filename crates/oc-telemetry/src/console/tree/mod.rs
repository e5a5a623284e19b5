//! Spans put together to the trees they form, checked and printed.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::{Duration, SystemTime},
};

mod check;
mod render;
mod span;
#[cfg(test)]
mod tests;

pub use check::{TreeProblem, check_whole};
pub use span::TreeSpan;
#[cfg(feature = "testing")]
pub(crate) use span::short_number;

/// The spans of one trace with who is below whom.
///
/// Spans whose parent is not among them stand at the top beside the root, so that nothing is lost
/// from sight; [`check_whole`] reports them.
#[derive(Debug, Clone)]
pub struct TraceTree {
    trace_id: String,
    nodes: Vec<Node>,
    /// The nodes that hang below no other, by start.
    tops: Vec<usize>,
}

/// One span in a [`TraceTree`].
#[derive(Debug, Clone, Copy)]
pub struct TreeNode<'a> {
    tree: &'a TraceTree,
    node: &'a Node,
}

/// Nodes name each other by index: a chain of any length is built, walked and dropped without
/// recursion.
#[derive(Debug, Clone)]
struct Node {
    span: TreeSpan,
    children: Vec<usize>,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// Below another node, by its index.
    Below(usize),
    /// The parent is not among the spans.
    Orphan,
    /// The span is its own ancestor; it was cut off from its parent here.
    Cycle,
}

impl TraceTree {
    /// Groups spans by trace id and puts each trace together.
    ///
    /// Traces come in the order of their earliest start, children in the order of their starts;
    /// equal starts keep the order of the input.
    pub fn from_spans<'a, S>(spans: &'a [S]) -> Vec<Self>
    where
        TreeSpan: From<&'a S>,
    {
        let mut traces: BTreeMap<String, Vec<TreeSpan>> = BTreeMap::new();
        for span in spans {
            let span = TreeSpan::from(span);
            match traces.get_mut(&span.trace_id) {
                Some(trace) => trace.push(span),
                None => {
                    traces.insert(span.trace_id.clone(), vec![span]);
                }
            }
        }
        let mut trees: Vec<Self> = traces
            .into_iter()
            .map(|(trace_id, spans)| Self::from_trace(trace_id, spans))
            .collect();
        trees.sort_by_key(Self::start);
        trees
    }

    /// The trace id, lower-case hex.
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// The number of spans.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no spans; a tree of [`from_spans`](Self::from_spans) has at least one.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The root: the first span without a parent.
    pub fn root(&self) -> Option<TreeNode<'_>> {
        self.tops().find(|top| top.node.place == Place::Root)
    }

    /// The spans that hang below no other: roots, and spans whose parent is missing.
    pub fn tops(&self) -> impl Iterator<Item = TreeNode<'_>> {
        self.nodes_at(&self.tops)
    }

    /// From the earliest start to the latest end.
    pub fn duration(&self) -> Duration {
        let end = self.nodes.iter().map(|node| node.span.end).max();
        match (self.start(), end) {
            (Some(start), Some(end)) => end.duration_since(start).unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }

    fn start(&self) -> Option<SystemTime> {
        self.nodes.iter().map(|node| node.span.start).min()
    }

    fn nodes_at<'a>(&'a self, indices: &'a [usize]) -> impl Iterator<Item = TreeNode<'a>> {
        indices
            .iter()
            .filter_map(|index| self.nodes.get(*index))
            .map(|node| TreeNode { tree: self, node })
    }

    fn from_trace(trace_id: String, mut spans: Vec<TreeSpan>) -> Self {
        // Stable: equal starts keep the order of the input, and all lists of indices below come
        // out in the order of the starts.
        spans.sort_by_key(|span| span.start);
        let places = places(&spans);
        let mut children = vec![Vec::new(); spans.len()];
        let mut tops = Vec::new();
        for (index, place) in places.iter().enumerate() {
            match place {
                Place::Below(parent) => {
                    if let Some(children) = children.get_mut(*parent) {
                        children.push(index);
                    }
                }
                Place::Root | Place::Orphan | Place::Cycle => tops.push(index),
            }
        }
        let nodes = spans
            .into_iter()
            .zip(children)
            .zip(places)
            .map(|((span, children), place)| Node {
                span,
                children,
                place,
            })
            .collect();
        Self {
            trace_id,
            nodes,
            tops,
        }
    }
}

impl<'a> TreeNode<'a> {
    /// The span.
    pub const fn span(self) -> &'a TreeSpan {
        &self.node.span
    }

    /// The spans directly below, by start.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.tree.nodes_at(&self.node.children)
    }

    /// The first span directly below that has this name.
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.span().name == name)
    }

    /// The span above; `None` at the top.
    pub fn parent(self) -> Option<Self> {
        match self.node.place {
            Place::Below(parent) => self.tree.nodes.get(parent).map(|node| Self {
                tree: self.tree,
                node,
            }),
            Place::Root | Place::Orphan | Place::Cycle => None,
        }
    }
}

/// Where each span belongs. Every span is reached from a top: cycles are cut at their first span.
fn places(spans: &[TreeSpan]) -> Vec<Place> {
    let mut by_id = HashMap::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        // Of spans with the same id the first has the children.
        by_id.entry(span.span_id.as_str()).or_insert(index);
    }
    let mut places: Vec<Place> = spans
        .iter()
        .map(|span| match span.parent_span_id.as_deref() {
            None => Place::Root,
            Some(parent) => by_id
                .get(parent)
                .map_or(Place::Orphan, |parent| Place::Below(*parent)),
        })
        .collect();

    let mut state = vec![Visit::New; spans.len()];
    for start in 0..spans.len() {
        // Upwards until something settled, a top, or a span of this very walk.
        let mut walked = VecDeque::new();
        let mut current = start;
        loop {
            match state.get(current) {
                Some(Visit::New) => {}
                Some(Visit::Walking) => {
                    cut(&mut places, current, &walked);
                    break;
                }
                Some(Visit::Settled) | None => break,
            }
            set(&mut state, current, Visit::Walking);
            walked.push_back(current);
            match places.get(current) {
                Some(Place::Below(parent)) => current = *parent,
                _ => break,
            }
        }
        for index in walked {
            set(&mut state, index, Visit::Settled);
        }
    }
    places
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Walking,
    Settled,
}

fn set(state: &mut [Visit], index: usize, visit: Visit) {
    if let Some(entry) = state.get_mut(index) {
        *entry = visit;
    }
}

/// Cuts the cycle that `walked` ends in, above the span of it that started first.
fn cut(places: &mut [Place], entry: usize, walked: &VecDeque<usize>) {
    let first = walked
        .iter()
        .copied()
        .skip_while(|index| *index != entry)
        .min()
        .unwrap_or(entry);
    if let Some(place) = places.get_mut(first) {
        *place = Place::Cycle;
    }
}
