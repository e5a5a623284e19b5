//! A model over HTTP: the stand-in server and its client.

mod client;
mod error;
mod server;
mod sse;
mod wire;

pub use client::{Model, Reply};
pub use error::ModelError;
pub use server::ModelServer;
pub use wire::{Message, ToolRequest};

/// What a thousand tokens cost, in USD: the list price of the model that the example names.
pub(crate) const USD_PER_THOUSAND_INPUT: f64 = 0.003;
pub(crate) const USD_PER_THOUSAND_OUTPUT: f64 = 0.015;
