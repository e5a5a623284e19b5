//! The formats in which context crosses process boundaries.

use super::{Propagator, Resolver};
use crate::config::{
    parse,
    text::{echo, members},
};

pub(super) fn propagators(r: &mut Resolver<'_>) -> Vec<Propagator> {
    const VARIABLE: &str = "OTEL_PROPAGATORS";
    let from_env = r.in_env(VARIABLE, parse::text).and_then(|list| {
        let mut known = Vec::new();
        let mut none = false;
        for member in members(&list.value) {
            match member.to_ascii_lowercase().as_str() {
                "tracecontext" => known.push(Propagator::TraceContext),
                "baggage" => known.push(Propagator::Baggage),
                "none" => none = true,
                _ => r.warnings.push(list.warning(format!(
                    "{} is not supported, only tracecontext, baggage and none; ignored",
                    echo(member)
                ))),
            }
        }
        if none && !known.is_empty() {
            r.warnings
                .push(list.warning("none beside others means none"));
        }
        if none {
            known.clear();
        } else if known.is_empty() {
            // Nothing usable: as if unset.
            return None;
        }
        Some(list.map(|_| known))
    });
    let candidates = [r.in_code(VARIABLE, r.code.propagators.clone()), from_env];
    let Some(picked) = r.pick("propagators", candidates) else {
        return vec![Propagator::TraceContext, Propagator::Baggage];
    };
    let mut unique = Vec::new();
    for propagator in picked.value {
        if !unique.contains(&propagator) {
            unique.push(propagator);
        }
    }
    unique
}
