//! Finished traces as text.

mod spans;
mod tree;

pub(crate) use spans::ConsoleSpans;
#[cfg(feature = "testing")]
pub(crate) use tree::short_number;
pub use tree::{TraceTree, TreeNode, TreeProblem, TreeSpan, check_whole};
