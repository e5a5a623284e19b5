//! The only code of this program that writes to the terminal.

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Error;

/// Writes results to the standard output and complaints to the standard error.
///
/// A closed pipe is not an error: whoever reads has seen enough.
#[derive(Debug)]
pub(crate) struct Printer {
    out: io::Stdout,
    err: io::Stderr,
}

impl Printer {
    pub(crate) fn new() -> Self {
        Self {
            out: io::stdout(),
            err: io::stderr(),
        }
    }

    /// One line of result.
    pub(crate) fn line(&mut self, text: impl Display) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }

    /// One line that does not fail the command.
    pub(crate) fn warning(&mut self, text: impl Display) {
        let _ = writeln!(self.err, "warning: {text}");
    }

    /// The error and all its causes, one a line.
    pub(crate) fn error(&mut self, error: &Error) {
        let _ = writeln!(self.err, "error: {error}");
        for cause in error.chain().skip(1) {
            let _ = writeln!(self.err, "  caused by: {cause}");
        }
    }
}
