//! `cargo xtask layout`: the shape that the tree promises to keep, one check a file.

mod dependencies;
pub(crate) mod index;
mod lengths;
pub(crate) mod manifests;
mod sources;
mod top_level;

use anyhow::{Result, bail};

use crate::printer::Printer;
use crate::tree::Tree;

/// What the checks found, in the order in which they ran.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, path: &str, text: impl AsRef<str>) {
        self.errors.push(format!("{path}: {}", text.as_ref()));
    }

    fn warning(&mut self, path: &str, text: impl AsRef<str>) {
        self.warnings.push(format!("{path}: {}", text.as_ref()));
    }
}

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    if let Some(arg) = args.first() {
        bail!("`layout` takes no argument `{arg}`");
    }
    let tree = Tree::load()?;
    let mut findings = Findings::default();
    top_level::check(&tree, &mut findings);
    lengths::check(&tree, &mut findings);
    manifests::check(&tree, &mut findings)?;
    dependencies::check(&tree, &mut findings)?;
    index::check(&tree, &mut findings)?;
    sources::check(&tree, &mut findings);

    for warning in &findings.warnings {
        out.warning(warning);
    }
    for error in &findings.errors {
        out.line(error);
    }
    match findings.errors.len() {
        0 => Ok(()),
        1 => bail!("the layout is broken in one place"),
        n => bail!("the layout is broken in {n} places"),
    }
}
