use std::collections::HashMap;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::trace::SpanData;

/// The spans of one instrumentation scope, in the order of the batch.
#[derive(Debug)]
pub(super) struct ScopeGroup<'a> {
    pub(super) scope: &'a InstrumentationScope,
    pub(super) spans: Vec<&'a SpanData>,
}

/// Groups spans by scope, in the order in which the scopes first appear.
pub(super) fn by_scope(spans: &[SpanData]) -> Vec<ScopeGroup<'_>> {
    let mut groups: Vec<ScopeGroup<'_>> = Vec::new();
    let mut index = ScopeIndex::default();
    for span in spans {
        let scope = &span.instrumentation_scope;
        let found = index.find(&groups, scope);
        if let Some(group) = found.and_then(|at| groups.get_mut(at)) {
            group.spans.push(span);
        } else {
            index.insert(scope, groups.len());
            groups.push(ScopeGroup {
                scope,
                spans: vec![span],
            });
        }
    }
    groups
}

/// Finds the group of a scope without hashing where that is not worth it.
///
/// Hashing a scope costs more than comparing it with the few that a batch usually has, and
/// neighbours mostly share theirs. The map is used once there are more than `FEW`, which keeps a
/// batch in which every span has its own scope linear.
#[derive(Debug, Default)]
struct ScopeIndex<'a> {
    last: usize,
    many: HashMap<&'a InstrumentationScope, usize>,
}

impl<'a> ScopeIndex<'a> {
    fn find(&mut self, groups: &[ScopeGroup<'a>], scope: &InstrumentationScope) -> Option<usize> {
        let is_last = |group: &ScopeGroup<'_>| group.scope == scope;
        if groups.get(self.last).is_some_and(is_last) {
            return Some(self.last);
        }
        let found = if groups.len() <= FEW {
            groups.iter().position(is_last)
        } else {
            self.many.get(scope).copied()
        };
        self.last = found.unwrap_or(self.last);
        found
    }

    fn insert(&mut self, scope: &'a InstrumentationScope, at: usize) {
        self.many.insert(scope, at);
        self.last = at;
    }
}

const FEW: usize = 8;
