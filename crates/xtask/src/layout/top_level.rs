//! The top level holds what a visitor looks for and nothing else.

use std::collections::BTreeSet;

use super::Findings;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let (mut folders, mut files) = (BTreeSet::new(), BTreeSet::new());
    for (path, _) in tree.files() {
        match path.split_once('/') {
            Some((folder, _)) => folders.insert(folder),
            None => files.insert(path),
        };
    }
    for folder in folders {
        if !folder.starts_with('.') && !FOLDERS.contains(&folder) {
            findings.error(folder, "a folder at the top level must be one of crates, examples, benches, docs, observability");
        }
    }
    for file in &files {
        if !file.starts_with('.') && !REQUIRED.contains(file) && !OPTIONAL.contains(file) {
            findings.error(file, "does not belong at the top level");
        }
    }
    for file in REQUIRED {
        if tree.text(file).is_none() {
            findings.error(file, "is missing");
        }
    }
}

const FOLDERS: &[&str] = &["benches", "crates", "docs", "examples", "observability"];
const REQUIRED: &[&str] = &[
    ".ci/run",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "deny.toml",
    "docs/CONTRIBUTING.md",
    "docs/SECURITY.md",
];
const OPTIONAL: &[&str] = &["docker-compose.observability.yml"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_and_gaps_are_named() {
        let tree = Tree::from([
            (".ci/run", ""),
            ("Cargo.lock", ""),
            ("Cargo.toml", ""),
            ("LICENSE-APACHE", ""),
            ("LICENSE-MIT", ""),
            ("crates/a/Cargo.toml", ""),
            ("deny.toml", ""),
            ("docs/CONTRIBUTING.md", ""),
            ("docs/SECURITY.md", ""),
            ("notes.txt", ""),
            ("scripts/run", ""),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        let paths: Vec<_> = findings
            .errors
            .iter()
            .filter_map(|error| error.split(':').next())
            .collect();
        assert_eq!(paths, ["scripts", "notes.txt", "README.md"]);
    }
}
