//! What metrics, spans and events have in common: lists of attributes.

use std::collections::{BTreeMap, BTreeSet};

use super::Mistakes;
use crate::semconv::lists::Lists;

/// One file with lists in it.
pub(super) struct Signals<'a> {
    pub(super) path: &'a str,
    pub(super) groups: &'a BTreeMap<String, Lists>,
    pub(super) conditions: &'a BTreeMap<String, String>,
    /// Whether a key may stand in them.
    pub(super) knows: &'a dyn Fn(&str) -> bool,
}

impl Signals<'_> {
    /// Checks the lists of the file's entries and of its groups, and that no group or condition is left over.
    pub(super) fn check<'l>(
        &'l self,
        entries: impl Iterator<Item = (&'l str, &'l Lists)> + Clone,
        mistakes: &mut Mistakes,
    ) {
        let groups = self
            .groups
            .iter()
            .map(|(name, lists)| (name.as_str(), lists));
        let all = entries.chain(groups);
        let mut keys = BTreeSet::new();
        let mut included = BTreeSet::new();
        for (name, lists) in all {
            self.check_lists(name, lists, mistakes);
            keys.extend(lists.keys());
            included.extend(&lists.include);
        }
        for name in self.groups.keys().filter(|name| !included.contains(name)) {
            mistakes.add(self.path, name, "is a group that nothing includes");
        }
        for key in self.conditions.keys().filter(|key| !keys.contains(key)) {
            mistakes.add(self.path, key, "has a condition and is in no list");
        }
    }

    fn check_lists(&self, name: &str, lists: &Lists, mistakes: &mut Mistakes) {
        let mut seen = BTreeSet::new();
        for key in lists.keys() {
            if !(self.knows)(key) {
                mistakes.add(
                    self.path,
                    name,
                    format!("lists the unknown attribute `{key}`"),
                );
            }
            if !seen.insert(key) {
                mistakes.add(self.path, name, format!("lists `{key}` twice"));
            }
        }
        for group in &lists.include {
            if !self.groups.contains_key(group) {
                mistakes.add(
                    self.path,
                    name,
                    format!("includes the unknown group `{group}`"),
                );
            }
        }
    }
}
