//! Finished traces as text.

mod tree;

pub use tree::{TraceTree, TreeNode, TreeProblem, TreeSpan, check_whole};
