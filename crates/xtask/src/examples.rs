//! `cargo xtask examples`: what examples/README.md lists, for the scripts that run it.

use anyhow::{Context, Result, bail, ensure};

use crate::layout::index::listed;
use crate::printer::Printer;
use crate::tree::Tree;

pub(crate) fn run(args: &[&str], out: &mut Printer) -> Result<()> {
    if let Some(arg) = args.first() {
        bail!("`examples` takes no argument `{arg}`");
    }
    let tree = Tree::load()?;
    let readme = tree
        .text("examples/README.md")
        .context("examples/README.md is missing")?;
    let names: Vec<_> = listed(readme).collect();
    ensure!(!names.is_empty(), "examples/README.md lists no example");
    for name in names {
        out.line(name);
    }
    Ok(())
}
