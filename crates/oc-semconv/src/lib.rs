//! Names and definitions of what an AI-agent gateway emits: attributes, metrics, events.
//!
//! ```
//! use oc_semconv::{gen_ai, metrics};
//!
//! assert_eq!(gen_ai::REQUEST_MODEL, "gen_ai.request.model");
//! assert_eq!(gen_ai::OperationName::Chat.as_str(), "chat");
//! assert_eq!(metrics::SESSION_TOKENS.name, "openclaw.session.tokens");
//! ```
//!
//! There is one module a namespace, and in it one constant an attribute: the key without its
//! namespace, in upper case. Each constant's documentation gives meaning, type, an example and
//! stability. Closed sets of values are enums. [`metrics`] holds whole definitions: name, unit,
//! kind, description, attributes and bucket boundaries.
//!
//! The GenAI names are those of the conventions at commit
//! `06ec68e722c45a7218e23ea1bc1339fe4e21ecae` (7 October 2026), all of which are in development
//! upstream. The others are those of the core conventions, version 1.44.0.
//!
//! This crate contains no telemetry code and depends on nothing.

pub mod client;
pub mod error;
pub mod event;
pub mod exception;
pub mod gen_ai;
pub mod http;
pub mod metrics;
pub mod mlflow;
pub mod network;
pub mod openclaw;
pub mod server;
pub mod service;
pub mod session;
pub mod span;
pub mod url;
pub mod user;
pub mod user_agent;

/// The schema URL of the core conventions, for tracers, meters, loggers and the resource.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";

/// The schema URL of the GenAI conventions, as their manifest spells it.
pub const GEN_AI_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";

/// Keeps the example of the README true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
