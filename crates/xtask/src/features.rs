//! `cargo xtask features`: each published crate compiles without warnings with no feature and with each alone.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::cargo::{self, Member};
use crate::printer::Printer;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    let members = cargo::members()?;
    let published = || members.iter().filter(|member| member.published);
    match args {
        [] => {
            for set in published().flat_map(feature_sets) {
                out.line(set.join(" "));
                cargo::run("cargo", &lint(&set))?;
            }
            Ok(())
        }
        ["--list"] => {
            for set in published().flat_map(feature_sets) {
                out.line(format!("cargo {}", lint(&set).join(" ")));
            }
            Ok(())
        }
        ["--covered"] => {
            let published: Vec<_> = published().collect();
            covered(&published)
        }
        [arg, ..] => bail!("`features` takes `--list` or `--covered`, not `{arg}`"),
    }
}

/// The selections to try, as arguments of cargo: none, then each alone. Features named `_…` are parts of others.
fn feature_sets(member: &Member) -> Vec<Vec<String>> {
    let base = ["--package", &member.name, "--no-default-features"]
        .map(str::to_owned)
        .to_vec();
    let mut sets = vec![base.clone()];
    for feature in &member.features {
        if !feature.starts_with('_') {
            let mut set = base.clone();
            set.extend(["--features".to_owned(), feature.clone()]);
            sets.push(set);
        }
    }
    sets
}

/// Clippy rather than check, because it can deny warnings in our crates alone: `RUSTFLAGS` would build all
/// dependencies again.
fn lint(set: &[String]) -> Vec<&str> {
    let mut args = vec!["clippy", "--quiet", "--locked"];
    args.extend(set.iter().map(String::as_str));
    args.extend(["--", "-D", "warnings"]);
    args
}

/// The examples switch on everything that users can, so the plain test command needs no second run with
/// `--all-features`. This fails when that stops being so.
fn covered(published: &[&Member]) -> Result<()> {
    let text = cargo::output("cargo", &["metadata", "--format-version=1", "--locked"])?;
    let metadata: Value =
        serde_json::from_str(&text).context("`cargo metadata` wrote something other than JSON")?;
    let mut missing = Vec::new();
    for member in published {
        let built = built_features(&metadata, &member.name)
            .with_context(|| format!("`cargo metadata` does not resolve {}", member.name))?;
        for feature in &member.features {
            if !built.contains(feature.as_str()) {
                missing.push(format!("{}/{feature}", member.name));
            }
        }
    }
    ensure!(
        missing.is_empty(),
        "`cargo test --workspace` does not build {}; let `examples` or a development dependency switch it on",
        missing.join(", ")
    );
    Ok(())
}

fn built_features<'a>(metadata: &'a Value, name: &str) -> Option<BTreeSet<&'a str>> {
    let package = metadata["packages"].as_array()?.iter().find(|package| {
        // A crate of the registry that has our name is not ours.
        package["name"] == name && package["source"].is_null()
    })?;
    let nodes = metadata["resolve"]["nodes"].as_array()?;
    let node = nodes.iter().find(|node| node["id"] == package["id"])?;
    Some(
        node["features"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(features: &[&str]) -> Member {
        Member {
            name: "a".to_owned(),
            published: true,
            features: features.iter().map(|&feature| feature.to_owned()).collect(),
        }
    }

    #[test]
    fn none_comes_first_and_parts_are_not_tried_alone() {
        let sets: Vec<_> = feature_sets(&member(&["_part", "default", "http"]))
            .iter()
            .map(|set| set.join(" "))
            .collect();
        let base = "--package a --no-default-features";
        assert_eq!(
            sets,
            [
                base.to_owned(),
                format!("{base} --features default"),
                format!("{base} --features http")
            ]
        );
    }

    #[test]
    fn built_features_are_those_of_our_package() {
        let metadata = serde_json::json!({
            "packages": [
                { "name": "a", "id": "foreign", "source": "registry" },
                { "name": "a", "id": "ours", "source": null },
            ],
            "resolve": { "nodes": [
                { "id": "foreign", "features": ["x"] },
                { "id": "ours", "features": ["http"] },
            ] },
        });
        assert_eq!(
            built_features(&metadata, "a"),
            Some(BTreeSet::from(["http"]))
        );
        assert_eq!(built_features(&metadata, "b"), None);
    }
}
