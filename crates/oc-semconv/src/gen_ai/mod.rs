//! `gen_ai.*`: model calls, agents, tools.
//!
//! Everything here is in development upstream, at the revision that the crate's documentation
//! names. Names of older generations that receivers still read end the list:
//! [`SYSTEM`], [`TOKEN_TYPE`], [`USAGE_CACHE_CREATION_INPUT_TOKENS`] and a few more.

mod agent;
mod content;
mod legacy;
mod operation;
mod provider;
mod request;
mod response;
mod tool;
mod usage;

pub use agent::*;
pub use content::*;
pub use legacy::*;
pub use operation::OperationName;
pub use provider::ProviderName;
pub use request::*;
pub use response::*;
pub use tool::*;
pub use usage::*;
