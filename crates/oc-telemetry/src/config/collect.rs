//! Collecting warnings while settings are read.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
};

use crate::warning::{Origin, Warning};

/// Warnings in the order in which they came up: none twice, and no more than 64.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    // Shared by all readers of settings, which run one after another in one function.
    list: RefCell<Vec<Warning>>,
    left_out: Cell<usize>,
}

impl Warnings {
    pub(super) fn push(&self, warning: Warning) {
        let mut list = self.list.borrow_mut();
        if list.contains(&warning) {
            // A general setting is looked at once for each signal.
            return;
        }
        if list.len() < MAX_WARNINGS - 1 {
            list.push(warning);
        } else {
            self.left_out.set(self.left_out.get().saturating_add(1));
        }
    }

    pub(super) fn warn(
        &self,
        setting: impl Into<Cow<'static, str>>,
        origin: &Origin,
        message: impl Into<String>,
    ) {
        self.push(Warning::new(setting, origin.clone(), message));
    }

    pub(super) fn notice(
        &self,
        setting: impl Into<Cow<'static, str>>,
        origin: &Origin,
        message: impl Into<String>,
    ) {
        self.push(Warning::notice(setting, origin.clone(), message));
    }

    pub(super) fn into_vec(self) -> Vec<Warning> {
        let mut list = self.list.into_inner();
        let left_out = self.left_out.get();
        if left_out > 0 {
            list.push(Warning::new(
                "configuration",
                Origin::Default,
                format!("{left_out} further warnings are left out"),
            ));
        }
        list
    }
}

/// A hostile file must not fill the memory with complaints about it.
const MAX_WARNINGS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_warnings_is_cut_and_counted() {
        let warnings = Warnings::default();
        for i in 0..1000 {
            warnings.warn(format!("key{i}"), &Origin::Environment, "bad");
        }
        let list = warnings.into_vec();
        assert_eq!(list.len(), MAX_WARNINGS);
        assert_eq!(
            list.last().map(Warning::message),
            Some("937 further warnings are left out")
        );
    }

    #[test]
    fn the_same_warning_is_kept_once() {
        let warnings = Warnings::default();
        warnings.warn("A", &Origin::Environment, "bad");
        warnings.warn("A", &Origin::Environment, "bad");
        warnings.warn("A", &Origin::Code, "bad");
        assert_eq!(warnings.into_vec().len(), 2);
    }
}
