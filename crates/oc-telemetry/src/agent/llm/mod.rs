//! Model calls.

mod builder;
mod call;
mod cost;
pub(super) mod dialects;
mod event;
mod stream;
mod usage;

pub use builder::LlmCallBuilder;
pub use call::LlmCall;
pub use cost::Cost;
pub use stream::LlmStream;
