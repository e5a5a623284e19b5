//! Carriers: where the fields of a propagator are written to and read from.

mod env;
mod http;

pub use self::env::{CommandInjector, EnvExtractor, InjectContext, env_name};
pub use self::http::{HeaderExtractor, HeaderInjector, inject_headers};
