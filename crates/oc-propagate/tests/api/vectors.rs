//! Reading of vector files.

use serde_json::Value;

/// The list below `name` in a file of vectors.
pub(crate) fn list<'a>(file: &'a Value, name: &str) -> &'a [Value] {
    let list = file[name].as_array().unwrap();
    assert!(!list.is_empty(), "no vectors below {name}");
    list
}

pub(crate) fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} of {vector}"))
}

/// The pairs of an object of strings.
pub(crate) fn pairs(object: &Value) -> Vec<(String, String)> {
    let object = object.as_object().unwrap();
    let pairs = object.iter();
    pairs
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}
