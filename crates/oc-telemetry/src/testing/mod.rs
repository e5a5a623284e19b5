//! What tests of programs that use this library need. Outside the semver promise.
//!
//! * [`OtlpReceiver`]: an OTLP server in the test's process, for HTTP and gRPC, that decodes and
//!   keeps what arrives and answers as a script says.
//! * [`SequentialIds`]: trace and span ids that are the same in every run.
//! * [`ManualClock`]: a clock that the test moves.
//! * [`TraceTree`] and [`check_whole`]: what arrived, as trees.

mod clock;
mod ids;
mod tree;

pub use oc_otlp::testing::*;

pub use crate::console::{TraceTree, TreeNode, TreeProblem, TreeSpan, check_whole};
pub use clock::ManualClock;
pub use ids::SequentialIds;
