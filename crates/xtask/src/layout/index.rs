//! Each example and each bench is listed in the README beside it, and the other way round.

use std::collections::BTreeSet;

use anyhow::Result;
use toml::{Table, Value};

use super::Findings;
use crate::tree::{Tree, manifest_path};

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    for (folder, kind) in [("examples", "example"), ("benches", "bench")] {
        let manifest = tree.manifest(folder)?;
        let targets = targets(&manifest, kind);
        let readme = format!("{folder}/README.md");
        let Some(text) = tree.text(&readme) else {
            findings.error(&readme, "is missing");
            continue;
        };
        let listed: BTreeSet<&str> = listed(text).collect();
        for name in targets.difference(&listed) {
            findings.error(&readme, format!("does not list `{name}`"));
        }
        for name in listed.difference(&targets) {
            findings.error(
                &readme,
                format!(
                    "lists `{name}`, which {} does not have",
                    manifest_path(folder)
                ),
            );
        }
        for (path, _) in tree.files() {
            let flat = path
                .strip_prefix(folder)
                .and_then(|rest| rest.strip_prefix('/'));
            if let Some(name) = flat.and_then(|file| file.strip_suffix(".rs"))
                && !name.contains('/')
                && !targets.contains(name)
            {
                findings.error(
                    path,
                    format!("is no [[{kind}]] of {}", manifest_path(folder)),
                );
            }
        }
    }
    Ok(())
}

/// The names in a README's index: what stands in backticks in the first cell of each table row.
pub(crate) fn listed(readme: &str) -> impl Iterator<Item = &str> {
    readme.lines().filter_map(|line| {
        let cell = line.strip_prefix('|')?.split('|').next()?;
        cell.split('`').nth(1)
    })
}

fn targets<'a>(manifest: &'a Table, kind: &str) -> BTreeSet<&'a str> {
    let targets = manifest
        .get(kind)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    targets
        .filter_map(|target| target.get("name")?.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_manifest_and_folder_agree() {
        let tree = Tree::from([
            ("benches/Cargo.toml", ""),
            ("benches/README.md", "| bench | what |\n|---|---|\n"),
            (
                "examples/Cargo.toml",
                "[[example]]\nname = 'a'\n[[example]]\nname = 'b'",
            ),
            (
                "examples/README.md",
                "| [`a`](a.rs) | first |\n| `c` | third |\n",
            ),
            ("examples/a.rs", ""),
            ("examples/d.rs", ""),
            ("examples/a/part.rs", ""),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings).expect("the manifests are TOML");
        assert_eq!(
            findings.errors,
            [
                "examples/README.md: does not list `b`",
                "examples/README.md: lists `c`, which examples/Cargo.toml does not have",
                "examples/d.rs: is no [[example]] of examples/Cargo.toml",
            ]
        );
    }
}
