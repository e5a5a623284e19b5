//! Log files and their filter.

use std::path::PathBuf;

use super::Resolver;
use crate::config::{file::expand_home, parse};

pub(super) fn dir(r: &mut Resolver<'_>) -> Option<PathBuf> {
    const VARIABLE: &str = "OPENCLAW_LOG_DIR";
    let candidates = [
        r.in_code(VARIABLE, r.code.log_dir.clone()),
        r.in_env(VARIABLE, parse::text)
            .map(|path| path.map(|path| expand_home(&path, r.lookup))),
    ];
    r.pick("logs.dir", candidates)
        .map(|dir| dir.value)
        .or_else(|| Some(r.lookup.home()?.join(".openclaw").join("logs")))
}

pub(super) fn filter(r: &mut Resolver<'_>) -> Option<String> {
    let candidates = [
        r.in_code("OPENCLAW_LOG", r.code.log_filter.clone()),
        r.in_env("OPENCLAW_LOG", parse::text),
        r.in_env("RUST_LOG", parse::text),
    ];
    r.pick("logs.filter", candidates).map(|filter| filter.value)
}
