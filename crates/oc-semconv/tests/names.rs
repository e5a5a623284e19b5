//! Reads the sources of the name modules: constants cannot be listed at run time.

use std::collections::{BTreeMap, BTreeSet};

// Scenario: every constant of every attribute module.
// Guarantee: its name follows from its key, and no key has two constants.
#[test]
fn constants_are_named_after_their_keys() {
    let mut keys = BTreeSet::new();
    for (namespace, source) in MODULES {
        for constant in constants(source) {
            let key = constant.key;
            let rest = key
                .strip_prefix(namespace)
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or_else(|| panic!("{key} does not belong to {namespace}"));
            if *namespace != "mlflow" {
                assert_eq!(constant.name, rest.to_uppercase().replace('.', "_"));
            }
            assert!(keys.insert(key), "{key} has two constants");
        }
    }
    assert!(keys.len() > 100, "only {} constants were found", keys.len());
}

// Scenario: every constant of every attribute module.
// Guarantee: its documentation has a meaning, a type, an example and a stability.
#[test]
fn constants_are_documented() {
    for (_, source) in MODULES {
        for constant in constants(source) {
            for part in ["- Type: ", "- Example: ", "- Stability: "] {
                assert!(
                    constant.docs.contains(part),
                    "{} lacks {part}",
                    constant.key
                );
            }
            let meaning = constant.docs.lines().next().unwrap_or_default();
            assert!(
                meaning.len() > 2 && !meaning.starts_with('-'),
                "{} lacks a meaning",
                constant.key
            );
        }
    }
}

// Scenario: the list of live GenAI attributes at the revision the crate's documentation names.
// Guarantee: each has a constant of the same type, and there are no others but the marked ones.
#[test]
fn gen_ai_is_complete() {
    let listed: BTreeMap<&str, &str> = include_str!("data/gen_ai_attributes.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let live: BTreeMap<&str, String> = MODULES
        .iter()
        .filter(|(namespace, _)| *namespace == "gen_ai")
        .flat_map(|(_, source)| constants(source))
        .filter(|constant| !constant.docs.contains("- Stability: deprecated"))
        .map(|constant| (constant.key, constant.documented_type()))
        .collect();

    assert_eq!(
        live.keys().collect::<Vec<_>>(),
        listed.keys().collect::<Vec<_>>()
    );
    for (key, kind) in &listed {
        let kind = kind
            .split('[')
            .next()
            .filter(|_| *kind != "string[]")
            .unwrap_or(kind);
        assert!(
            live[key].starts_with(kind),
            "{key} is {kind}, not {}",
            live[key]
        );
    }
}

struct Constant<'a> {
    name: &'a str,
    key: &'a str,
    docs: String,
}

impl Constant<'_> {
    fn documented_type(&self) -> String {
        self.docs
            .lines()
            .find_map(|line| line.strip_prefix("- Type: "))
            .unwrap_or_default()
            .to_owned()
    }
}

/// The constants of a module with their documentation.
fn constants(source: &str) -> Vec<Constant<'_>> {
    let mut found = Vec::new();
    let mut docs = String::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("///") {
            docs.push_str(text.trim());
            docs.push('\n');
            continue;
        }
        let constant = line
            .strip_prefix("pub const ")
            .and_then(|rest| rest.split_once(": &str = \""))
            .and_then(|(name, rest)| Some((name, rest.strip_suffix("\";")?)));
        if let Some((name, key)) = constant {
            found.push(Constant {
                name,
                key,
                docs: docs.clone(),
            });
        }
        docs.clear();
    }
    found
}

/// Each module with the namespace of its keys.
const MODULES: &[(&str, &str)] = &[
    ("client", include_str!("../src/client.rs")),
    ("error", include_str!("../src/error.rs")),
    ("exception", include_str!("../src/exception.rs")),
    ("gen_ai", include_str!("../src/gen_ai/agent.rs")),
    ("gen_ai", include_str!("../src/gen_ai/content.rs")),
    ("gen_ai", include_str!("../src/gen_ai/legacy.rs")),
    ("gen_ai", include_str!("../src/gen_ai/request.rs")),
    ("gen_ai", include_str!("../src/gen_ai/response.rs")),
    ("gen_ai", include_str!("../src/gen_ai/tool.rs")),
    ("gen_ai", include_str!("../src/gen_ai/usage.rs")),
    ("http", include_str!("../src/http.rs")),
    ("mlflow", include_str!("../src/mlflow.rs")),
    ("network", include_str!("../src/network.rs")),
    ("openclaw", include_str!("../src/openclaw/mod.rs")),
    ("server", include_str!("../src/server.rs")),
    ("service", include_str!("../src/service.rs")),
    ("session", include_str!("../src/session.rs")),
    ("url", include_str!("../src/url.rs")),
    ("user", include_str!("../src/user.rs")),
    ("user_agent", include_str!("../src/user_agent.rs")),
];
