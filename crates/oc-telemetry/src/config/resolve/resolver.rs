//! Reading one setting from its sources, and choosing among them.

use std::{borrow::Cow, time::Duration};

use crate::{
    config::{
        CodeSettings, Lookup, Source, collect::Warnings, env::Variable, file::FileSettings,
        parse::Problem,
    },
    warning::{Origin, Warning},
};

/// What all topics work with.
pub(super) struct Resolver<'a> {
    pub(super) code: CodeSettings,
    pub(super) file: FileSettings,
    pub(super) lookup: &'a Lookup,
    pub(super) warnings: Warnings,
    /// Whether anybody named an OTLP receiver or an exporter.
    pub(super) mentions_exporters: bool,
    sources: Vec<Source>,
}

/// A usable value with whoever set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sourced<T> {
    pub(super) value: T,
    /// The variable or key.
    pub(super) setting: Cow<'static, str>,
    pub(super) origin: Origin,
}

impl<T> Sourced<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: change(self.value),
            setting: self.setting,
            origin: self.origin,
        }
    }

    /// A warning about this value.
    pub(super) fn warning(&self, message: impl Into<String>) -> Warning {
        Warning::new(self.setting.clone(), self.origin.clone(), message)
    }

    /// Something worth knowing about this value.
    pub(super) fn notice(&self, message: impl Into<String>) -> Warning {
        Warning::notice(self.setting.clone(), self.origin.clone(), message)
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        code: CodeSettings,
        lookup: &'a Lookup,
        file: FileSettings,
        warnings: Warnings,
    ) -> Self {
        Self {
            code,
            file,
            lookup,
            warnings,
            mentions_exporters: false,
            sources: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> (Vec<Warning>, Vec<Source>) {
        (self.warnings.into_vec(), self.sources)
    }

    /// Chooses the first candidate that is set and remembers where it came from.
    ///
    /// This is the whole of precedence: callers list candidates in the order code, signal
    /// variable, general variable, file; the default is what they do with `None`.
    pub(super) fn pick<T, const N: usize>(
        &mut self,
        topic: impl Into<Cow<'static, str>>,
        candidates: [Option<Sourced<T>>; N],
    ) -> Option<Sourced<T>> {
        let picked = candidates.into_iter().flatten().next()?;
        self.sources.push(Source {
            topic: topic.into(),
            setting: picked.setting.clone(),
            origin: picked.origin.clone(),
        });
        Some(picked)
    }

    /// A value set in code. It goes by the name of the variable that it wins over.
    #[expect(
        clippy::unused_self,
        reason = "one way of calling for all three sources"
    )]
    pub(super) fn in_code<T>(
        &self,
        setting: impl Into<Cow<'static, str>>,
        value: Option<T>,
    ) -> Option<Sourced<T>> {
        Some(Sourced {
            value: value?,
            setting: setting.into(),
            origin: Origin::Code,
        })
    }

    /// A variable. Empty is unset; a value that `parse` refuses is a warning and then unset.
    pub(super) fn in_env<T>(
        &self,
        name: impl Into<Cow<'static, str>>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Sourced<T>> {
        let name = name.into();
        let text = match self.lookup.read(&name) {
            Variable::Text(text) => text,
            Variable::Unset => return None,
            Variable::NotUnicode => {
                let message = "not valid Unicode; ignored";
                self.warnings.warn(name, &Origin::Environment, message);
                return None;
            }
        };
        match parse(text.trim()) {
            Ok(value) => Some(Sourced {
                value,
                setting: name,
                origin: Origin::Environment,
            }),
            Err(problem) => {
                let message = problem.describe(text.trim());
                self.warnings.warn(name, &Origin::Environment, message);
                None
            }
        }
    }

    /// A value of the file, which was checked when the file was read.
    pub(super) fn in_file<T>(&self, key: &'static str, value: Option<T>) -> Option<Sourced<T>> {
        Some(Sourced {
            value: value?,
            setting: key.into(),
            origin: self.file.origin(),
        })
    }

    /// A boolean that only code and one variable set, off by default.
    pub(super) fn switch(
        &mut self,
        topic: &'static str,
        code: Option<bool>,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<bool, Problem>,
    ) -> bool {
        let candidates = [self.in_code(variable, code), self.in_env(variable, parse)];
        self.pick(topic, candidates).is_some_and(|on| on.value)
    }

    /// A duration set in code; zero is a warning and then unset, as in the environment.
    pub(super) fn duration_in_code(
        &self,
        setting: impl Into<Cow<'static, str>>,
        value: Option<Duration>,
    ) -> Option<Sourced<Duration>> {
        let sourced = self.in_code(setting, value)?;
        if sourced.value.is_zero() {
            self.warnings
                .push(sourced.warning("expected more than zero; ignored"));
            return None;
        }
        Some(sourced)
    }
}
