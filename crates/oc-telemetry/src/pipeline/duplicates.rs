//! One value for each key. The SDK appends whatever is set, the wire format wants unique keys.
//!
//! OpenTelemetry specification, "Attribute Collections"; the value that was set last counts, as in
//! "Set Attributes" of the trace API.

use std::collections::{HashMap, HashSet};

use opentelemetry::{Key, KeyValue, logs::LogRecord as _};
use opentelemetry_sdk::{logs::SdkLogRecord, trace::SpanData};

use super::log_limits::Blank;

/// Leaves the last value of each key, at the place of the first: in a span, its events and its
/// links.
pub(crate) fn remove_from_span(span: &mut SpanData) {
    remove(&mut span.attributes);
    for event in &mut span.events.events {
        remove(&mut event.attributes);
    }
    for link in &mut span.links.links {
        remove(&mut link.attributes);
    }
}

/// The same in a log record. Records can only grow: one with duplicates is built anew.
pub(crate) fn remove_from_record(record: &mut SdkLogRecord, blank: &Blank) {
    if are_unique(|| record.attributes_iter().map(|(key, _)| key)) {
        return;
    }
    let mut rebuilt = blank.like(record);
    let attributes = record.attributes_iter().cloned();
    for (key, value) in last_wins(attributes.collect(), |(key, _)| key) {
        rebuilt.add_attribute(key, value);
    }
    *record = rebuilt;
}

fn remove(attributes: &mut Vec<KeyValue>) {
    if !are_unique(|| attributes.iter().map(|attribute| &attribute.key)) {
        *attributes = last_wins(std::mem::take(attributes), |attribute| &attribute.key);
    }
}

/// Nearly always so: it costs no allocation where there are few.
fn are_unique<'a, I: Iterator<Item = &'a Key>>(keys: impl Fn() -> I) -> bool {
    if keys().count() > FEW {
        let mut seen = HashSet::new();
        return keys().all(|key| seen.insert(key));
    }
    keys()
        .enumerate()
        .all(|(index, key)| keys().skip(index + 1).all(|other| other != key))
}

fn last_wins<T>(items: Vec<T>, key_of: impl Fn(&T) -> &Key) -> Vec<T> {
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut unique: Vec<T> = Vec::new();
    for item in items {
        let place = *places.entry(key_of(&item).clone()).or_insert(unique.len());
        match unique.get_mut(place) {
            Some(earlier) => *earlier = item,
            None => unique.push(item),
        }
    }
    unique
}

/// Comparing each with each is cheaper than hashing up to here.
const FEW: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// As if each attribute had been entered into an ordered map, one after the other.
        #[test]
        fn the_last_value_at_the_first_place(
            pairs in prop::collection::vec(("[a-f]{1,2}", 0_i64..100), 0..30),
        ) {
            let mut attributes: Vec<_> = pairs
                .iter()
                .map(|(key, value)| KeyValue::new(key.clone(), *value))
                .collect();
            remove(&mut attributes);

            let mut expected: Vec<(String, i64)> = Vec::new();
            for (key, value) in pairs {
                match expected.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => *known = value,
                    None => expected.push((key, value)),
                }
            }
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(key, value)| KeyValue::new(key, value))
                .collect();
            prop_assert_eq!(attributes, expected);
        }
    }
}
