//! Model calls.

mod builder;
mod call;
mod cost;
pub(super) mod dialects;
mod event;
mod items;
mod stream;
mod usage;

pub use builder::LlmCallBuilder;
pub use call::LlmCall;
pub use cost::Cost;
pub use items::{Chunk, LlmItems};
pub use stream::LlmStream;
