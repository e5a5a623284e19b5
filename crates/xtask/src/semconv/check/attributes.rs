//! Attributes, sets of values and plain constants.

use std::collections::{BTreeMap, BTreeSet};

use super::Mistakes;
use crate::semconv::model::{
    Attribute, AttributeFile, Generation, Model, Set, Stability, ValueType,
};
use crate::semconv::names;

pub(super) fn check(model: &Model, mistakes: &mut Mistakes) {
    let mut homes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut namespaces = BTreeSet::new();
    for (path, file) in &model.attributes {
        if path != &format!("attributes/{}.toml", file.namespace) {
            mistakes.add(path, &file.namespace, "is not the file's name");
        }
        if !namespaces.insert(&file.namespace) {
            mistakes.add(path, &file.namespace, "has another file");
        }
        mistakes.sentence(path, &file.namespace, &file.brief);
        if (file.stability == Stability::External) != file.source.is_some() {
            mistakes.add(
                path,
                &file.namespace,
                "needs `source` if, and only if, it is external",
            );
        }
        for attribute in &file.attributes {
            if let Some(other) = homes.insert(&attribute.key, path) {
                mistakes.add(path, &attribute.key, format!("is in {other} already"));
            }
            check_attribute(model, path, file, attribute, mistakes);
        }
        for set in &file.sets {
            check_set(path, file, set, mistakes);
        }
        check_constants(path, file, mistakes);
    }
    for constant in &model.registry.constants {
        if !names::is_constant(&constant.name) {
            mistakes.add("registry.toml", &constant.name, "is no constant's name");
        }
        mistakes.sentence("registry.toml", &constant.name, &constant.brief);
    }
}

fn check_attribute(
    model: &Model,
    path: &str,
    file: &AttributeFile,
    attribute: &Attribute,
    mistakes: &mut Mistakes,
) {
    let key = &attribute.key;
    let camel_case = file.camel_case.is_some() || attribute.camel_case.is_some();
    if !names::is_key(key, camel_case) {
        mistakes.add(
            path,
            key,
            "is no key: words of small letters, digits and `_`, with dots between them",
        );
    }
    mistakes.sentence(path, key, &attribute.brief);
    if !fits(attribute.value_type, &attribute.example) {
        mistakes.add(
            path,
            key,
            format!(
                "has the example `{}`, which is not of its type",
                attribute.example
            ),
        );
    }
    if let Some(module) = &attribute.module
        && !file.modules.contains_key(module)
    {
        mistakes.add(path, key, format!("is in the unknown module `{module}`"));
    }

    match &attribute.set {
        Some(set) => {
            let found = file.sets.iter().find(|known| known.name == *set);
            if found.is_none_or(|found| found.attribute != *key) {
                mistakes.add(path, key, format!("has no enum `{set}` of its own"));
            }
        }
        None if attribute.value_type == ValueType::Enum => {
            mistakes.add(path, key, "is an enum and does not say which");
        }
        None => {}
    }

    let past = matches!(attribute.generation, Generation::Older | Generation::V1_41);
    let explained = attribute.successor.is_some() || attribute.reason.is_some();
    if past && !explained {
        mistakes.add(
            path,
            key,
            "is a name of the past without `successor` or `reason`",
        );
    }
    if !past && explained {
        mistakes.add(path, key, "has a successor and is still alive");
    }
    if attribute.generation == Generation::Older && !file.modules.contains_key(names::LEGACY) {
        mistakes.add(path, key, "needs the module `legacy` in its file");
    }
    if attribute.kept.is_some() && attribute.generation != Generation::Older {
        mistakes.add(
            path,
            key,
            "is alive anyway: `kept` is for names of the past",
        );
    }
    if let Some(successor) = &attribute.successor {
        match model.span_attribute(successor) {
            None => mistakes.add(
                path,
                key,
                format!("has the unknown successor `{successor}`"),
            ),
            Some((_, found)) if found.generation == Generation::Older => {
                mistakes.add(path, key, format!("has the dead successor `{successor}`"));
            }
            Some(_) => {}
        }
    }
}

/// Whether an example can be a value of the type.
fn fits(value_type: ValueType, example: &str) -> bool {
    match value_type {
        ValueType::Int => example.parse::<i64>().is_ok(),
        ValueType::Double => example.parse::<f64>().is_ok(),
        ValueType::Boolean => example.parse::<bool>().is_ok(),
        ValueType::StringArray => serde_json::from_str::<Vec<String>>(example).is_ok(),
        ValueType::Json => serde_json::from_str::<serde_json::Value>(example).is_ok(),
        ValueType::TemplateString | ValueType::TemplateStringArray => example.contains(" = "),
        ValueType::String | ValueType::Any | ValueType::Enum => !example.is_empty(),
    }
}

fn check_set(path: &str, file: &AttributeFile, set: &Set, mistakes: &mut Mistakes) {
    if !names::is_type(&set.name) {
        mistakes.add(path, &set.name, "is no type's name");
    }
    let Some(attribute) = file
        .attributes
        .iter()
        .find(|attribute| attribute.key == set.attribute)
    else {
        mistakes.add(
            path,
            &set.name,
            format!("belongs to the unknown attribute `{}`", set.attribute),
        );
        return;
    };
    if attribute.value_type == ValueType::Enum
        && set
            .values
            .iter()
            .all(|value| value.value != attribute.example)
    {
        mistakes.add(
            path,
            &attribute.key,
            "has an example that is none of its values",
        );
    }
    let mut values = BTreeSet::new();
    let mut variants = BTreeSet::new();
    for value in &set.values {
        let entry = format!("{}: {}", set.name, value.value);
        mistakes.sentence(path, &entry, &value.brief);
        for text in value.aliases.iter().chain([&value.value]) {
            if !values.insert(text) {
                mistakes.add(
                    path,
                    &entry,
                    format!("has `{text}`, which is there already"),
                );
            }
        }
        if !value.aliases.is_empty() && names::is_closed(set) {
            mistakes.add(path, &entry, "has aliases in a closed set");
        }
        let variant = names::variant(value);
        if !names::is_type(&variant) || (!names::is_closed(set) && variant == "Custom") {
            mistakes.add(
                path,
                &entry,
                format!("needs another variant than `{variant}`"),
            );
        }
        if !variants.insert(variant.clone()) {
            mistakes.add(
                path,
                &entry,
                format!("has the variant `{variant}` of another"),
            );
        }
    }
    if let Some(open) = &set.open {
        mistakes.sentence(path, &set.name, open);
    }
}

/// Every name once a module.
fn check_constants(path: &str, file: &AttributeFile, mistakes: &mut Mistakes) {
    let mut known: BTreeSet<(Option<&str>, String)> = BTreeSet::new();
    for attribute in &file.attributes {
        let constant = names::constant(file, attribute);
        if !names::is_constant(&constant) {
            mistakes.add(
                path,
                &attribute.key,
                format!("needs another name than `{constant}`"),
            );
        }
        let mut homes = vec![names::module(attribute)];
        if attribute.kept.is_some() {
            homes.push(None);
        }
        for home in homes {
            if !known.insert((home, constant.clone())) {
                mistakes.add(path, &attribute.key, format!("is the second `{constant}`"));
            }
        }
    }
    for constant in &file.constants {
        mistakes.sentence(path, &constant.name, &constant.brief);
        if !names::is_constant(&constant.name) || !known.insert((None, constant.name.clone())) {
            mistakes.add(
                path,
                &constant.name,
                "is no name for a constant, or is there already",
            );
        }
    }
    let mut types = BTreeSet::new();
    for set in &file.sets {
        if !types.insert(&set.name) {
            mistakes.add(path, &set.name, "is there twice");
        }
    }
}
