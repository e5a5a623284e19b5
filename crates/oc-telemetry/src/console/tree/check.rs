use std::{collections::HashSet, error::Error, fmt};

use super::{Place, TraceTree, TreeSpan};

/// Why the spans of a trace do not form one whole tree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeProblem {
    /// A span names a parent that is not among the spans.
    Orphan {
        /// The trace id.
        trace_id: String,
        /// The span's name.
        name: String,
        /// The span's id.
        span_id: String,
        /// The parent that is missing.
        parent_span_id: String,
    },
    /// Several spans have no parent.
    SeveralRoots {
        /// The trace id.
        trace_id: String,
        /// Their names, by start.
        names: Vec<String>,
    },
    /// No span is without a parent.
    NoRoot {
        /// The trace id.
        trace_id: String,
    },
    /// Two spans have the same id.
    DuplicateSpanId {
        /// The trace id.
        trace_id: String,
        /// The id.
        span_id: String,
    },
    /// A span is its own ancestor.
    Cycle {
        /// The trace id.
        trace_id: String,
        /// The id of the span of the cycle that started first.
        span_id: String,
    },
}

impl fmt::Display for TreeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orphan {
                trace_id,
                name,
                span_id,
                parent_span_id,
            } => write!(
                f,
                "trace {trace_id}: the parent {parent_span_id} of span {span_id} {name:?} is missing"
            ),
            Self::SeveralRoots { trace_id, names } => {
                write!(f, "trace {trace_id}: several roots: {names:?}")
            }
            Self::NoRoot { trace_id } => write!(f, "trace {trace_id}: no root"),
            Self::DuplicateSpanId { trace_id, span_id } => {
                write!(
                    f,
                    "trace {trace_id}: span id {span_id} occurs more than once"
                )
            }
            Self::Cycle { trace_id, span_id } => {
                write!(f, "trace {trace_id}: span {span_id} is its own ancestor")
            }
        }
    }
}

impl Error for TreeProblem {}

/// Checks that each trace among the spans is one tree: exactly one root, every parent there, every
/// span id once.
///
/// # Errors
///
/// All problems, trace by trace in the order of their starts. A trace that was begun elsewhere, by a
/// caller whose span is not among these, has an orphan and no root.
pub fn check_whole<'a, S>(spans: &'a [S]) -> Result<(), Vec<TreeProblem>>
where
    TreeSpan: From<&'a S>,
{
    let problems: Vec<TreeProblem> = TraceTree::from_spans(spans)
        .iter()
        .flat_map(problems)
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn problems(tree: &TraceTree) -> Vec<TreeProblem> {
    let trace_id = || tree.trace_id.clone();
    let mut problems = Vec::new();
    let mut roots = Vec::new();
    let mut seen = HashSet::new();
    let mut reported = HashSet::new();
    for node in &tree.nodes {
        let span = &node.span;
        if !seen.insert(&span.span_id) && reported.insert(&span.span_id) {
            problems.push(TreeProblem::DuplicateSpanId {
                trace_id: trace_id(),
                span_id: span.span_id.clone(),
            });
        }
        match node.place {
            Place::Root => roots.push(span.name.clone()),
            Place::Orphan => problems.push(TreeProblem::Orphan {
                trace_id: trace_id(),
                name: span.name.clone(),
                span_id: span.span_id.clone(),
                parent_span_id: span.parent_span_id.clone().unwrap_or_default(),
            }),
            Place::Cycle => problems.push(TreeProblem::Cycle {
                trace_id: trace_id(),
                span_id: span.span_id.clone(),
            }),
            Place::Below(_) => {}
        }
    }
    match roots.len() {
        0 => problems.push(TreeProblem::NoRoot {
            trace_id: trace_id(),
        }),
        1 => {}
        _ => problems.push(TreeProblem::SeveralRoots {
            trace_id: trace_id(),
            names: roots,
        }),
    }
    problems
}
