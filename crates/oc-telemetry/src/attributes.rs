//! Attribute macros.
//!
//! A module cannot hold two macros of one name, and [`with_span!`](crate::with_span) is at the crate's root. So the
//! attribute `#[with_span]` is here, and is imported by a star where a module uses both:
//!
//! ```
//! use oc_telemetry::{attributes::*, with_span};
//!
//! #[with_span("tool.read_file", "gen_ai.tool.name" => "read_file")]
//! fn read_file(path: &str) -> std::io::Result<String> {
//!     let text = std::fs::read_to_string(path)?;
//!     Ok(with_span!("tool.trim", { text.trim().to_owned() }))
//! }
//!
//! #[with_span(kind = Server, "request.bytes" => body.len())]
//! async fn handle(body: &str) -> Result<usize, std::num::ParseIntError> {
//!     body.parse()
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! assert!(read_file("/does/not/exist").is_err());
//! assert_eq!(runtime.block_on(handle("7")), Ok(7));
//! ```
//!
//! Without `with_span!` in the same module, `use oc_telemetry::attributes::with_span;` does as well.

pub use oc_telemetry_macros::with_span;
