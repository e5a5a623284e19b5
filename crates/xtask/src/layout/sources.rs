//! What must not be in the text of the tree: traces of one machine, and reads of the environment in many places.

use super::Findings;
use crate::tree::{Tree, code, is_rust};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for (path, text) in tree.files() {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(folder) = local_folder(line) {
                findings.error(
                    path,
                    format!("line {number} names a folder of one machine, /{folder}"),
                );
            }
            if path.ends_with("Cargo.lock") && line.starts_with("source = ") && line != REGISTRY {
                findings.error(
                    path,
                    format!("line {number} takes a crate from somewhere other than crates.io"),
                );
            }
        }
        if is_rust(path)
            && !MAY_READ_ENVIRONMENT
                .iter()
                .any(|(allowed, _)| path == *allowed)
        {
            for (number, line) in (1..).zip(code(text).lines()) {
                if reads_environment(line) {
                    findings.error(
                        path,
                        format!("line {number} reads the environment; {ENVIRONMENT} does that"),
                    );
                }
            }
        }
    }
}

/// Folders below which things lie on one machine only; written without their slashes here, so that this file passes.
const LOCAL_FOLDERS: &[&str] = &["home", "root", "work", "Users"];

/// The owners of folders that no machine has.
const NOBODY: &[&str] = &["me", "u", "user"];

const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

const ENVIRONMENT: &str = "crates/oc-telemetry/src/config/env.rs";

/// Files that may, each with its reason. Clippy's `disallowed_methods` forbids the same, but an `#[expect]` in the file
/// silences that and not this.
const MAY_READ_ENVIRONMENT: &[(&str, &str)] = &[
    (ENVIRONMENT, "the one place"),
    (
        "crates/oc-propagate/tests/api/w3c.rs",
        "a folder of test vectors, chosen by whoever runs the tests",
    ),
    (
        "crates/oc-e2e/tests/mlflow/server.rs",
        "the address of the server that `cargo xtask e2e` started",
    ),
    (
        "crates/xtask/src/e2e/mod.rs",
        "the folder of the user's caches, where engines are installed",
    ),
    (
        "crates/xtask/src/layout/sources.rs",
        "spells what it looks for",
    ),
];

/// The first absolute path in a line that leads into someone's own folder. Addresses do not count: in
/// `http://host/home/` the slash follows a name. Neither do those of nobody, which examples and tests need.
fn local_folder(line: &str) -> Option<&'static str> {
    LOCAL_FOLDERS.iter().copied().find(|folder| {
        let folder = format!("/{folder}/");
        line.match_indices(&folder).any(|(at, _)| {
            let follows_name =
                line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_.~}*/".contains(c));
            let owner = line[at + folder.len()..]
                .split(|c: char| !c.is_alphanumeric())
                .next();
            !follows_name && !owner.is_some_and(|owner| NOBODY.contains(&owner))
        })
    })
}

fn reads_environment(line: &str) -> bool {
    line.contains("env::var")
        || line.contains("option_env!")
        || (line.contains("std::env::{") && line.contains("var"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found_and_an_address_is_not() {
        assert_eq!(
            local_folder(&format!("see `/{}/jane/a`", "home")),
            Some("home")
        );
        assert_eq!(local_folder(&format!("/{}/main", "work")), Some("work"));
        assert_eq!(local_folder("http://host/home/a"), None);
        assert_eq!(local_folder("~/notes/a and /homes/a"), None);
        assert_eq!(local_folder("/home/u/a and /home/user/a"), None);
    }

    #[test]
    fn the_environment_is_read_in_one_file() {
        let read = "let a = std::env::var(\"A\");\n// std::env::var";
        let tree = Tree::from([(ENVIRONMENT, read), ("crates/a/src/lib.rs", read)]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        assert_eq!(findings.errors.len(), 1);
        assert!(findings.errors[0].starts_with("crates/a/src/lib.rs: line 1 "));
    }

    #[test]
    fn modules_named_env_do_not_read_it() {
        assert!(reads_environment("use std::env::{self, var};"));
        assert!(!reads_environment("pub use self::env::{EnvExtractor};"));
        assert!(!reads_environment("std::env::args()"));
    }

    #[test]
    fn the_lock_file_names_crates_io_only() {
        let lock = format!("{REGISTRY}\nsource = \"registry+https://mirror.example/index\"");
        let tree = Tree::from([("Cargo.lock", lock.as_str())]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        assert_eq!(findings.errors.len(), 1);
        assert!(findings.errors[0].contains("line 2"));
    }
}
