//! Names and definitions of what an AI-agent gateway emits: attributes, metrics, events, spans.
//!
//! ```
//! use oc_semconv::{attributes, gen_ai, metrics, spans};
//!
//! assert_eq!(gen_ai::REQUEST_MODEL, "gen_ai.request.model");
//! assert_eq!(gen_ai::OperationName::Chat.as_str(), "chat");
//! assert_eq!(gen_ai::ProviderName::from("vllm").as_str(), "vllm");
//! assert_eq!(metrics::SESSION_TOKENS.name, "openclaw.session.tokens");
//!
//! let chat = spans::for_operation("chat").next().expect("the conventions have it");
//! assert!(chat.requirement(gen_ai::PROVIDER_NAME).is_some());
//! assert!(attributes::find(gen_ai::INPUT_MESSAGES).is_some_and(|found| found.content));
//! ```
//!
//! There is one module a namespace, and in it one constant an attribute: the key without its
//! namespace, in upper case. Each constant's documentation gives meaning, type, an example,
//! stability and where it is required. Sets of values are enums: closed ones can be copied, open
//! ones have a variant `Custom`. The same is there as data: [`attributes`], [`metrics`], [`spans`]
//! and [`events`].
//!
//! # Generations
//!
//! The GenAI conventions have two sets of names in use: those of version 1.41, the last whole ones
//! in the core conventions, and those of October 2026, at commit [`GEN_AI_COMMIT`] of their own
//! repository. Both are in development upstream. What is in one of them only says so by
//! [`Generation`]; names that neither has any more are in [`gen_ai::legacy`], deprecated, with what
//! took their place. The other names are those of the core conventions, version 1.44.0.
//!
//! # Dialects
//!
//! [`mlflow`], [`openinference`] and [`langfuse`] hold the keys of receivers that read keys of
//! their own.
//!
//! This crate contains no telemetry code and depends on nothing. Its constants are generated from
//! the tables in `model/`.

pub mod attributes;
pub mod events;
mod generated;
mod generation;
pub mod metrics;
pub mod span;
pub mod spans;

pub use generated::schema::*;
pub use generated::{
    aws, client, enduser, error, event, exception, experiment, feature_flag, gen_ai, http, jsonrpc,
    langfuse, mcp, mlflow, network, openai, openclaw, openinference, process, rpc, server, service,
    session, url, user, user_agent,
};
pub use generation::Generation;

/// Keeps the example of the README true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
