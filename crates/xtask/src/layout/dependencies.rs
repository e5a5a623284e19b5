//! No dependency that is not used: its name occurs in the code of the package that lists it.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Findings;
use super::manifests::dependencies;
use crate::tree::{Tree, code, is_published, manifest_path};

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    let mut listed = BTreeSet::new();
    let mut excused = BTreeSet::new();
    for folder in tree.members() {
        let manifest = tree.manifest(folder)?;
        let path = manifest_path(folder);
        let places = Places::of(tree, folder, is_published(&manifest));
        for (kind, name, dependency) in dependencies(&manifest) {
            listed.insert(name.to_owned());
            // The package itself, with more features for its own tests.
            if dependency.get("path").and_then(Value::as_str) == Some(".") {
                continue;
            }
            let used = places
                .of_kind(kind)
                .iter()
                .any(|text| names(text, &name.replace('-', "_")));
            let excuse = EXCUSED
                .iter()
                .find(|(package, excused, _)| *package == folder && *excused == name);
            match (used, excuse) {
                (false, None) => findings.error(&path, format!("`{name}` of [{kind}] is not used")),
                (false, Some(_)) => {
                    excused.insert((folder.to_owned(), name.to_owned()));
                }
                (true, _) => {}
            }
        }
    }
    for (folder, name, _) in EXCUSED {
        let present = tree.text(&manifest_path(folder)).is_some();
        if present && !excused.contains(&((*folder).to_owned(), (*name).to_owned())) {
            findings.error(
                &manifest_path(folder),
                format!("`{name}` needs no excuse in crates/xtask any more"),
            );
        }
    }
    unlisted(&tree.manifest("")?, &listed, findings)
}

/// Dependencies that do their work without being named in code: package, dependency, what for.
const EXCUSED: &[(&str, &str, &str)] = &[(
    "examples",
    "opentelemetry-otlp",
    "the feature upstream-reqwest: switches on a feature for the whole tree, as a user's other dependency might",
)];

/// Every version in the workspace manifest has a member that asks for it.
fn unlisted(workspace: &Table, listed: &BTreeSet<String>, findings: &mut Findings) -> Result<()> {
    let offered = workspace
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table)
        .context("Cargo.toml has no [workspace.dependencies]")?;
    for name in offered.keys().filter(|name| !listed.contains(*name)) {
        findings.error(
            "Cargo.toml",
            format!("no member uses `{name}` of [workspace.dependencies]"),
        );
    }
    Ok(())
}

/// The code in which the dependencies of one package may occur.
struct Places {
    /// What is built for users of the package, without comments.
    code: Vec<String>,
    /// All of its files, comments included, because doc tests use development dependencies.
    all: Vec<String>,
    build: Vec<String>,
}

impl Places {
    fn of(tree: &Tree, folder: &str, published: bool) -> Self {
        let mut places = Self {
            code: Vec::new(),
            all: Vec::new(),
            build: Vec::new(),
        };
        for (path, text) in tree.rust_files_of(folder) {
            let inside = &path[folder.len() + 1..];
            if inside == "build.rs" {
                places.build.push(code(text));
                continue;
            }
            // Of an unpublished package all targets count: the examples and benches are its purpose.
            if inside.starts_with("src/") || !published {
                places.code.push(code(text));
            }
            places.all.push(text.to_owned());
        }
        places
    }

    fn of_kind(&self, kind: &str) -> &[String] {
        match kind {
            "dependencies" => &self.code,
            "build-dependencies" => &self.build,
            _ => &self.all,
        }
    }
}

/// Whether an identifier occurs in the text as a whole word.
fn names(text: &str, identifier: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(identifier).any(|(at, _)| {
        !text[..at].ends_with(part) && !text[at + identifier.len()..].starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(package: &str, source: &str, test: &str) -> Vec<String> {
        let tree = Tree::from([
            ("Cargo.toml", "[workspace.dependencies]\nb-c = '1'"),
            ("crates/a/Cargo.toml", package),
            ("crates/a/src/lib.rs", source),
            ("crates/a/tests/t.rs", test),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings).expect("the manifests are TOML");
        findings.errors
    }

    const NORMAL: &str = "[dependencies]\nb-c.workspace = true";
    const DEV: &str = "[dev-dependencies]\nb-c.workspace = true";

    #[test]
    fn code_uses_a_dependency_and_a_comment_or_a_longer_name_does_not() {
        assert!(errors(NORMAL, "use b_c::D;", "").is_empty());
        for unused in ["// b_c", "use b_cd;", "use a_b_c;"] {
            assert_eq!(errors(NORMAL, unused, "").len(), 1, "{unused}");
        }
    }

    #[test]
    fn a_test_does_not_justify_a_dependency_of_the_library() {
        assert_eq!(errors(NORMAL, "", "use b_c;").len(), 1);
        assert!(errors(DEV, "", "use b_c;").is_empty());
        assert!(errors(DEV, "/// use b_c;", "").is_empty());
        assert_eq!(errors(DEV, "", "").len(), 1);
    }

    #[test]
    fn a_version_that_nobody_asks_for_is_found() {
        assert_eq!(
            errors("", "", ""),
            ["Cargo.toml: no member uses `b-c` of [workspace.dependencies]"]
        );
    }
}
