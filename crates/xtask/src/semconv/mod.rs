//! `cargo xtask semconv [--check]`: the names of oc-semconv are generated from the tables in its `model/`.

mod check;
mod lists;
mod model;
mod names;
mod render;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use self::model::Model;
use crate::printer::Printer;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    let check_only = match args {
        [] => false,
        ["--check"] => true,
        [arg, ..] => bail!("`semconv` takes `--check`, not `{arg}`"),
    };

    let model = Model::load(&crate::cargo::root().join(MODEL))?;
    let mistakes = check::check(&model);
    if !mistakes.is_empty() {
        for mistake in &mistakes {
            out.line(format!("{MODEL}/{mistake}"));
        }
        bail!("the model has {} mistakes", mistakes.len());
    }

    let wanted = render::files(&model)?;
    let folder = crate::cargo::root().join(GENERATED);
    let found = read(&folder)?;
    let differences = differences(&found, &wanted);
    if check_only {
        for difference in &differences {
            out.line(format!("{GENERATED}/{difference}"));
        }
        if !differences.is_empty() {
            bail!(
                "{GENERATED} does not follow from {MODEL}; run `cargo xtask semconv` and commit the result"
            );
        }
    } else {
        write(&folder, &found, &wanted)?;
        out.line(format!(
            "wrote {} files below {GENERATED}, {} of them changed",
            wanted.len(),
            differences.len()
        ));
    }
    Ok(())
}

const MODEL: &str = "crates/oc-semconv/model";
const GENERATED: &str = "crates/oc-semconv/src/generated";

/// Files by name, without their folder.
type Files = BTreeMap<String, String>;

fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {GENERATED}"))? {
        let entry = entry.with_context(|| format!("cannot read {GENERATED}"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path())
            .with_context(|| format!("cannot read {GENERATED}/{name}"))?;
        files.insert(name, text);
    }
    Ok(files)
}

fn write(folder: &Path, found: &Files, wanted: &Files) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {GENERATED}"))?;
    for (name, text) in wanted {
        if found.get(name) != Some(text) {
            fs::write(folder.join(name), text)
                .with_context(|| format!("cannot write {GENERATED}/{name}"))?;
        }
    }
    for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
        fs::remove_file(folder.join(name))
            .with_context(|| format!("cannot remove {GENERATED}/{name}"))?;
    }
    Ok(())
}

/// One line a file that is missing, left over or different.
fn differences(found: &Files, wanted: &Files) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, text) in wanted {
        match found.get(name) {
            None => differences.push(format!("{name}: missing")),
            Some(found) if found != text => {
                let same = found
                    .lines()
                    .zip(text.lines())
                    .take_while(|(a, b)| a == b)
                    .count();
                differences.push(format!("{name}: differs from line {} on", same + 1));
            }
            Some(_) => {}
        }
    }
    for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
        differences.push(format!("{name}: nothing in the model makes this file"));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    // Scenario: a missing, a changed, an unchanged and a left-over file.
    // Guarantee: all but the unchanged one are named, the changed one with its line.
    #[test]
    fn files_that_differ_are_named() {
        let found = files(&[("a.rs", "1\n2\n"), ("b.rs", "1\n"), ("old.rs", "")]);
        let wanted = files(&[("a.rs", "1\n3\n"), ("b.rs", "1\n"), ("new.rs", "")]);
        assert_eq!(
            differences(&found, &wanted),
            [
                "a.rs: differs from line 2 on",
                "new.rs: missing",
                "old.rs: nothing in the model makes this file",
            ]
        );
        assert!(differences(&wanted, &wanted).is_empty());
    }

    // Scenario: the model as it is committed.
    // Guarantee: it has no mistake, and the committed sources follow from it.
    #[test]
    fn the_committed_sources_follow_from_the_model() {
        let model = Model::load(&crate::cargo::root().join(MODEL)).unwrap();
        assert_eq!(check::check(&model), Vec::<String>::new());
        let found = read(&crate::cargo::root().join(GENERATED)).unwrap();
        let wanted = render::files(&model).unwrap();
        assert_eq!(differences(&found, &wanted), Vec::<String>::new());
    }
}
