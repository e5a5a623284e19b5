//! What every manifest says, and what lies beside it.

use anyhow::Result;
use toml::{Table, Value};

use super::Findings;
use crate::tree::{Tree, is_published, manifest_path};

/// What a published crate carries beside its sources.
pub(crate) const PUBLISHED_FILES: &[&str] =
    &["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    for folder in tree.members() {
        let manifest = tree.manifest(folder)?;
        let path = manifest_path(folder);
        if !inherits(manifest.get("lints")) {
            findings.error(&path, "lacks `[lints] workspace = true`");
        }
        for key in INHERITED {
            if !inherits(manifest.get("package").and_then(|package| package.get(key))) {
                findings.error(&path, format!("`{key}` must come from the workspace"));
            }
        }
        if is_published(&manifest) {
            published(tree, folder, &manifest, findings);
        }
    }
    for folder in tree.packages() {
        versions(&manifest_path(folder), &tree.manifest(folder)?, findings);
    }
    Ok(())
}

const INHERITED: &[&str] = &[
    "version",
    "edition",
    "rust-version",
    "license",
    "repository",
];

fn inherits(value: Option<&Value>) -> bool {
    value
        .and_then(|value| value.get("workspace"))
        .and_then(Value::as_bool)
        == Some(true)
}

fn published(tree: &Tree, folder: &str, manifest: &Table, findings: &mut Findings) {
    for file in PUBLISHED_FILES {
        let path = format!("{folder}/{file}");
        match (tree.text(&path), tree.text(file)) {
            (None, _) => findings.error(&path, "is missing, and the crate is published"),
            (Some(text), Some(top)) if file.starts_with("LICENSE") && text != top => {
                findings.error(&path, format!("differs from {file} at the top"));
            }
            _ => {}
        }
    }
    let description = manifest
        .get("package")
        .and_then(|package| package.get("description"));
    if description.is_none() {
        findings.error(
            &manifest_path(folder),
            "lacks a description, and the crate is published",
        );
    }
}

/// Versions are written once, at the top. A package outside the workspace has only path dependencies.
fn versions(path: &str, manifest: &Table, findings: &mut Findings) {
    for (_, name, dependency) in dependencies(manifest) {
        let own_version = dependency.is_str()
            || ["version", "git"]
                .iter()
                .any(|key| dependency.get(key).is_some());
        if own_version {
            findings.error(
                path,
                format!("the version of `{name}` belongs in the workspace manifest"),
            );
        }
    }
}

/// Table, name and value of each dependency of a package, those of single targets included.
pub(super) fn dependencies(manifest: &Table) -> Vec<(&'static str, &str, &Value)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(manifest).chain(targets) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let entries = table
                .get(kind)
                .and_then(Value::as_table)
                .into_iter()
                .flatten();
            found.extend(entries.map(|(name, value)| (kind, name.as_str(), value)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
        package = { description = 'a', version.workspace = true, edition.workspace = true, \
        rust-version.workspace = true, license.workspace = true, repository.workspace = true }
        lints.workspace = true
        [dependencies]
        b.workspace = true
        [dev-dependencies]
        a = { path = '.' }
    ";

    fn errors(manifest: &str, license: &str) -> Vec<String> {
        let tree = Tree::from([
            ("LICENSE-APACHE", "text"),
            ("LICENSE-MIT", "text"),
            ("README.md", "top"),
            ("crates/a/CHANGELOG.md", ""),
            ("crates/a/Cargo.toml", manifest),
            ("crates/a/LICENSE-APACHE", "text"),
            ("crates/a/LICENSE-MIT", license),
            ("crates/a/README.md", "own"),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings).expect("the manifest is TOML");
        findings.errors
    }

    #[test]
    fn a_whole_manifest_passes() {
        assert_eq!(errors(GOOD, "text"), Vec::<String>::new());
    }

    #[test]
    fn a_licence_that_drifted_is_found() {
        assert_eq!(
            errors(GOOD, "other"),
            ["crates/a/LICENSE-MIT: differs from LICENSE-MIT at the top"]
        );
    }

    #[test]
    fn lints_and_versions_come_from_the_top() {
        assert!(
            errors(&GOOD.replace("lints.workspace", "lints.other"), "text")[0].contains("[lints]")
        );
        assert!(
            errors(
                &GOOD.replace("license.workspace = true", "license = 'MIT'"),
                "text"
            )[0]
            .contains("`license`")
        );
        for own in ["b = '1'", "b = { version = '1' }", "b.git = 'somewhere'"] {
            let manifest = GOOD.replace("b.workspace = true", own);
            assert!(
                errors(&manifest, "text")[0].contains("version of `b`"),
                "{own}"
            );
        }
        let target = format!("{GOOD}\n[target.'cfg(unix)'.dependencies]\nc = '1'");
        assert!(errors(&target, "text")[0].contains("version of `c`"));
    }
}
