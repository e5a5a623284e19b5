//! `cargo xtask env-docs [--check]`: docs/configuration.md is generated from the table that the code reads by.

use anyhow::{Result, bail};

use crate::printer::Printer;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    match args {
        [] => generate(false, out),
        ["--check"] => generate(true, out),
        [arg, ..] => bail!("`env-docs` takes `--check`, not `{arg}`"),
    }
}

/// This program does not link oc-telemetry unless it has to: runs the build of itself that does.
#[cfg(not(feature = "reference"))]
fn generate(check: bool, _: &mut Printer) -> Result<()> {
    let mut args = vec![
        "run",
        "--quiet",
        "--package=xtask",
        "--features=reference",
        "--",
        "env-docs",
    ];
    if check {
        args.push("--check");
    }
    crate::cargo::run("cargo", &args)
}

#[cfg(feature = "reference")]
fn generate(check: bool, out: &mut Printer) -> Result<()> {
    use std::fs;

    use anyhow::Context;

    let path = crate::cargo::root().join(DOCS);
    let wanted = oc_telemetry::config::markdown();
    if check {
        let found = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCS}"))?;
        if let Some(line) = first_difference(&found, &wanted) {
            bail!(
                "{DOCS} differs from the code from line {line} on; run `cargo xtask env-docs` and commit the result"
            );
        }
    } else {
        fs::write(&path, wanted).with_context(|| format!("cannot write {DOCS}"))?;
        out.line(format!("wrote {DOCS}"));
    }
    Ok(())
}

#[cfg(any(feature = "reference", test))]
fn first_difference(found: &str, wanted: &str) -> Option<usize> {
    if found == wanted {
        return None;
    }
    let same = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(a, b)| a == b)
        .count();
    Some(same + 1)
}

#[cfg(feature = "reference")]
const DOCS: &str = "docs/configuration.md";

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a", "a\n"), Some(2));
    }
}
