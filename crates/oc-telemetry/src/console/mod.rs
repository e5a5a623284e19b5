//! Finished traces as text.

mod spans;
mod tree;

pub(crate) use spans::ConsoleSpans;
pub use tree::{TraceTree, TreeNode, TreeProblem, TreeSpan, check_whole};
