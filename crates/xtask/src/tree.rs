//! The files of the workspace in memory, so that a check is a function and its tests need no folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::Table;

use crate::cargo;

/// What version control knows or would take: paths from the top with `/`, and their text.
///
/// The text of a file that is not UTF-8 is empty.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the workspace that this program was compiled in.
    pub(crate) fn load() -> Result<Self> {
        let root = cargo::root();
        let listed = cargo::output(
            "git",
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        )?;
        let mut files = BTreeMap::new();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            let full = root.join(path);
            // A file that is deleted but still in the index is on its way out.
            if !full.is_file() {
                continue;
            }
            let bytes = fs::read(&full).with_context(|| format!("cannot read {path}"))?;
            files.insert(
                path.to_owned(),
                String::from_utf8(bytes).unwrap_or_default(),
            );
        }
        Ok(Self { files })
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The Rust files below a folder, without those of packages further down.
    pub(crate) fn rust_files_of(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files()
            .filter(move |(path, _)| is_rust(path) && self.package_of(path) == Some(folder))
    }

    /// The folders that hold a `Cargo.toml` with a package in it.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_suffix("/Cargo.toml"))
    }

    /// The members of the workspace: `crates/*`, `examples` and `benches`.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.packages()
            .filter(|folder| match folder.strip_prefix("crates/") {
                Some(rest) => !rest.contains('/'),
                None => !folder.contains('/'),
            })
    }

    /// The manifest of a package, or of the workspace where `folder` is empty.
    pub(crate) fn manifest(&self, folder: &str) -> Result<Table> {
        let path = manifest_path(folder);
        let text = self
            .text(&path)
            .with_context(|| format!("{path} is missing"))?;
        text.parse().with_context(|| format!("{path} is not TOML"))
    }

    fn package_of(&self, path: &str) -> Option<&str> {
        self.packages()
            .filter(|folder| {
                path.strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|folder| folder.len())
    }
}

pub(crate) fn is_rust(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

pub(crate) fn manifest_path(folder: &str) -> String {
    if folder.is_empty() {
        "Cargo.toml".to_owned()
    } else {
        format!("{folder}/Cargo.toml")
    }
}

/// Whether a manifest is that of a crate that goes to the registry.
pub(crate) fn is_published(manifest: &Table) -> bool {
    manifest
        .get("package")
        .and_then(|package| package.get("publish"))
        .is_none_or(|publish| publish.as_bool() != Some(false))
}

/// The text without its line comments; `//` after a colon is an address, not a comment.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let end = line
            .match_indices("//")
            .find(|(at, _)| !line[..*at].ends_with(':'))
            .map_or(line.len(), |(at, _)| at);
        code.push_str(&line[..end]);
        code.push('\n');
    }
    code
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_further_down_keeps_its_files_to_itself() {
        let tree = Tree::from([
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", ""),
            ("crates/a/consumer/Cargo.toml", ""),
            ("crates/a/consumer/src/main.rs", ""),
            ("crates/ab/src/lib.rs", ""),
        ]);
        let files: Vec<_> = tree
            .rust_files_of("crates/a")
            .map(|(path, _)| path)
            .collect();
        assert_eq!(files, ["crates/a/src/lib.rs"]);
        let members: Vec<_> = tree.members().collect();
        assert_eq!(members, ["crates/a"]);
    }

    #[test]
    fn comments_are_no_code_and_addresses_are() {
        assert_eq!(
            code("a(); // b\n/// c\n\"http://d\""),
            "a(); \n\n\"http://d\"\n"
        );
    }
}
