//! Which attributes a metric, span or event carries: lists by level, groups, and what is left when both are put together.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The lists as they are written.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    /// Groups of the same file.
    #[serde(default)]
    pub(super) include: Vec<String>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    /// Required only sometimes; ours have it always. For metrics.
    #[serde(default)]
    pub(super) always: Vec<String>,
    #[serde(default)]
    pub(super) conditional: Vec<String>,
    #[serde(default)]
    pub(super) recommended: Vec<String>,
    #[serde(default)]
    pub(super) opt_in: Vec<String>,
    /// Ours, beside what the conventions ask for.
    #[serde(default)]
    pub(super) added: Vec<String>,
    /// Of all these, those that samplers look at.
    #[serde(default)]
    pub(super) at_start: Vec<String>,
    /// Keys that must not be there; a last part `*` stands for all below.
    #[serde(default)]
    pub(super) forbidden: Vec<String>,
    /// Conditions by key, before those of the file.
    #[serde(default)]
    pub(super) condition: BTreeMap<String, String>,
}

impl Lists {
    fn levels(&self) -> [(Level, &[String]); 6] {
        [
            (Level::Required, &self.required),
            (Level::Always, &self.always),
            (Level::Conditional, &self.conditional),
            (Level::Recommended, &self.recommended),
            (Level::OptIn, &self.opt_in),
            (Level::Own, &self.added),
        ]
    }

    /// The keys of its own lists, each as often as it is written.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.levels().into_iter().flat_map(|(_, keys)| keys)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Required,
    Always,
    Conditional,
    Recommended,
    OptIn,
    Own,
}

/// One attribute of a metric, span or event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Requirement {
    pub(super) key: String,
    pub(super) level: Level,
    pub(super) condition: Option<String>,
    pub(super) at_start: bool,
}

/// What is in force where `lists` stands, the highest level first. What `lists` itself says wins over its groups, and
/// both over `base`, which a special case starts from.
pub(super) fn resolve(
    lists: &Lists,
    base: &[Requirement],
    groups: &BTreeMap<String, Lists>,
    conditions: &BTreeMap<String, String>,
) -> Vec<Requirement> {
    let mut found = base.to_vec();
    add(&mut found, lists, groups, conditions, MAX_DEPTH);
    for requirement in &mut found {
        if let Some(condition) = lists.condition.get(&requirement.key) {
            requirement.condition = Some(condition.clone());
        }
        if lists.at_start.contains(&requirement.key) {
            requirement.at_start = true;
        }
        if requirement.level == Level::Required {
            requirement.condition = None;
        }
    }
    found.sort_by_key(|requirement| requirement.level);
    found
}

fn add(
    found: &mut Vec<Requirement>,
    lists: &Lists,
    groups: &BTreeMap<String, Lists>,
    conditions: &BTreeMap<String, String>,
    depth: usize,
) {
    if depth == 0 {
        return;
    }
    for group in lists.include.iter().filter_map(|name| groups.get(name)) {
        add(found, group, groups, conditions, depth - 1);
    }
    for (level, keys) in lists.levels() {
        for key in keys {
            if let Some(requirement) = found.iter_mut().find(|known| known.key == *key) {
                requirement.level = level;
            } else {
                found.push(Requirement {
                    key: key.clone(),
                    level,
                    condition: conditions.get(key).cloned(),
                    at_start: false,
                });
            }
        }
    }
}

/// Groups of groups may go this deep; a ring of groups ends here.
const MAX_DEPTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(text: &str) -> Lists {
        toml::from_str(text).unwrap()
    }

    fn short(requirements: &[Requirement]) -> Vec<String> {
        requirements
            .iter()
            .map(|one| {
                format!(
                    "{} {:?}{}{}",
                    one.key,
                    one.level,
                    if one.at_start { " at start" } else { "" },
                    one.condition
                        .as_ref()
                        .map(|condition| format!(" {condition}"))
                        .unwrap_or_default(),
                )
            })
            .collect()
    }

    // Scenario: a span includes a group and raises one of its keys; a special case of it raises another.
    // Guarantee: the nearest list wins, the order is by level, and a required key has no condition.
    #[test]
    fn the_nearest_list_wins() {
        let groups = BTreeMap::from([(
            "server".to_owned(),
            lists("conditional = ['port']\nrecommended = ['address']"),
        )]);
        let conditions = BTreeMap::from([("port".to_owned(), "if known".to_owned())]);
        let span = lists("include = ['server']\nrequired = ['name', 'port']\nat_start = ['name']");
        let base = resolve(&span, &[], &groups, &conditions);
        assert_eq!(
            short(&base),
            [
                "port Required",
                "name Required at start",
                "address Recommended"
            ]
        );

        let special = lists("conditional = ['address']\n[condition]\naddress = 'if asked'");
        assert_eq!(
            short(&resolve(&special, &base, &groups, &conditions)),
            [
                "port Required",
                "name Required at start",
                "address Conditional if asked"
            ]
        );
    }

    // Scenario: two groups that include each other.
    // Guarantee: resolving them ends.
    #[test]
    fn a_ring_of_groups_ends() {
        let groups = BTreeMap::from([
            ("a".to_owned(), lists("include = ['b']\nrequired = ['x']")),
            ("b".to_owned(), lists("include = ['a']\nrequired = ['y']")),
        ]);
        let found = resolve(&lists("include = ['a']"), &[], &groups, &BTreeMap::new());
        assert_eq!(found.len(), 2);
    }
}
