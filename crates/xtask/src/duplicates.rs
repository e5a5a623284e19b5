//! `cargo xtask duplicates`: every crate that is in the tree at two versions has a reason, and the reader can find it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use crate::cargo;
use crate::printer::Printer;
use crate::tree::Tree;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    match args {
        ["--list"] => {
            for (name, reason) in EXPLAINED {
                out.line(format!("- `{name}`: {reason}"));
            }
            Ok(())
        }
        [] => check(out),
        [arg, ..] => bail!("`duplicates` takes `--list`, not `{arg}`"),
    }
}

fn check(out: &mut Printer) -> Result<()> {
    let text = cargo::output(
        "cargo",
        &[
            "tree",
            "--workspace",
            "--all-features",
            "--duplicates",
            "--depth=0",
            "--prefix=none",
            "--locked",
        ],
    )?;
    let found = versions(&text);
    for (name, versions) in &found {
        let versions: Vec<_> = versions.iter().copied().collect();
        out.line(format!("{name} {}", versions.join(", ")));
    }

    let tree = Tree::load()?;
    let docs = tree
        .text(DOCS)
        .with_context(|| format!("{DOCS} is missing"))?;
    let findings = findings(&found, EXPLAINED, docs);
    ensure!(findings.is_empty(), "{}", findings.join("\nerror: "));
    Ok(())
}

/// Name and versions of what `cargo tree --duplicates` shows at depth zero, one `name vVERSION` a line.
///
/// It also names a crate that is built twice at one version, with other features for build scripts; that is not two
/// copies in a program and so not our matter.
fn versions(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            found.entry(name).or_default().insert(version);
        }
    }
    found.retain(|_, versions| versions.len() > 1);
    found
}

fn findings(
    found: &BTreeMap<&str, BTreeSet<&str>>,
    explained: &[(&str, &str)],
    docs: &str,
) -> Vec<String> {
    let mut findings = Vec::new();
    for name in found.keys() {
        if !explained.iter().any(|(explained, _)| explained == name) {
            findings.push(format!(
                "{name} is in the tree at two versions; remove one, or give the reason in crates/xtask and {DOCS}"
            ));
        }
    }
    for (name, _) in explained {
        if !found.contains_key(name) {
            findings.push(format!(
                "{name} is no longer there twice: take its reason out of crates/xtask and {DOCS}"
            ));
        } else if !docs.contains(&format!("`{name}`")) {
            findings.push(format!(
                "{DOCS} does not explain why `{name}` is there twice"
            ));
        }
    }
    findings
}

const DOCS: &str = "docs/architecture.md";

/// The crates that may be in the tree at more than one version, and why; development dependencies count.
///
/// docs/architecture.md names each of them in backticks. `cargo xtask duplicates --list` prints the list for it.
const EXPLAINED: &[(&str, &str)] = &[
    ("base64", "tonic 0.14 is at 0.22, hyper-util at 0.23"),
    (
        "getrandom",
        "ring 0.17 is at 0.2, rand 0.9 of opentelemetry_sdk at 0.3, tempfile (tests only) at 0.4",
    ),
    (
        "rand",
        "opentelemetry_sdk is at 0.9, proptest (tests only) at 0.10",
    ),
    ("rand_core", "follows rand"),
    (
        "syn",
        "compile time only: tracing-attributes, prost-derive and pin-project are at 2, tokio-macros and thiserror at 3",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "syn v2.0.1\nsyn v3.0.0 (proc-macro)\n\nrand v0.9.5\nrand v0.9.5 (*)\n";

    #[test]
    fn one_version_built_twice_is_no_duplicate() {
        let found = versions(TREE);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&"syn"]);
    }

    #[test]
    fn a_duplicate_needs_a_reason_and_a_place_in_the_docs() {
        let found = versions(TREE);
        assert!(findings(&found, &[], "`syn`")[0].contains("two versions"));
        assert!(findings(&found, &[("syn", "because")], "syn")[0].contains("does not explain"));
        assert!(findings(&found, &[("syn", "because")], "`syn`").is_empty());
    }

    #[test]
    fn a_reason_that_outlived_its_duplicate_is_found() {
        assert!(findings(&versions(""), &[("syn", "because")], "`syn`")[0].contains("no longer"));
    }
}
