//! One object of the file, read key by key with a warning for each value of the wrong type.

use serde_json::{Map, Value};

use crate::{
    config::{
        collect::Warnings,
        text::{echo, nearest},
    },
    warning::Origin,
};

/// An object and the path that leads to it, such as `diagnostics.otel`.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) path: &'static str,
    pub(super) map: &'a Map<String, Value>,
    pub(super) origin: &'a Origin,
    pub(super) warnings: &'a Warnings,
}

impl<'a> Section<'a> {
    /// The object under `key`, whose full path is `path`.
    pub(super) fn section(&self, key: &str, path: &'static str) -> Option<Section<'a>> {
        let map = self.value(key, "an object", Value::as_object)?;
        Some(Section { path, map, ..*self })
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        self.value(key, "true or false", Value::as_bool)
    }

    /// A string; an empty one is unset.
    pub(super) fn string(&self, key: &str) -> Option<String> {
        self.value(key, "a string", Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// The value under `key` as `accept` reads it. `null` is unset.
    pub(super) fn value<T>(
        &self,
        key: &str,
        expected: &str,
        accept: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.map.get(key).filter(|value| !value.is_null())?;
        let accepted = accept(value);
        if accepted.is_none() {
            self.warn(
                key,
                format!("expected {expected}, found {}; ignored", shown(value)),
            );
        }
        accepted
    }

    /// Warns of each key that is not `known` and names the nearest that is.
    pub(super) fn reject_unknown(&self, known: &[&str]) {
        for key in self.map.keys().filter(|key| !known.contains(&key.as_str())) {
            let hint = nearest(key, known.iter().copied()).map_or_else(String::new, |nearest| {
                format!("; did you mean {}.{nearest}?", self.path)
            });
            self.warn_here(format!("unknown key {} is ignored{hint}", echo(key)));
        }
    }

    pub(super) fn warn(&self, key: &str, message: impl Into<String>) {
        let setting = format!("{}.{key}", self.path);
        self.warnings.warn(setting, self.origin, message);
    }

    pub(super) fn warn_here(&self, message: impl Into<String>) {
        self.warnings.warn(self.path, self.origin, message);
    }
}

/// What was found, without the inside of objects and arrays.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => echo(value),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
