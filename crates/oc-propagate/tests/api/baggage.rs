//! Baggage: the vectors, and the propagator over the API's baggage.

use std::collections::HashMap;

use http::{HeaderMap, HeaderValue};
use oc_propagate::carrier::HeaderExtractor;
use oc_propagate::{BaggageHeader, BaggageMember, BaggagePropagator};
use opentelemetry::baggage::{Baggage, BaggageExt};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::{Context, KeyValue};
use serde_json::Value;

use crate::vectors::{list, text};

fn file() -> Value {
    serde_json::from_str(include_str!("../data/baggage_vectors.json")).unwrap()
}

fn members(vector: &Value) -> Vec<BaggageMember> {
    let members = vector.as_array().unwrap().iter();
    members
        .map(|member| {
            let properties = member["properties"].as_array().unwrap().iter();
            properties.fold(
                BaggageMember::new(text(member, "key"), text(member, "value")),
                |member, property| {
                    let value = property[1].as_str().map(str::to_owned);
                    member.with_property(property[0].as_str().unwrap(), value)
                },
            )
        })
        .collect()
}

// Scenario: headers with their members. Guarantee: exactly these are read.
#[test]
fn decode_vectors() {
    let file = file();
    for vector in list(&file, "decode") {
        let lines: Vec<_> = vector["headers"].as_array().unwrap().iter().collect();
        let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
        let header = BaggageHeader::decode(&lines);
        assert_eq!(header.members, members(&vector["expected"]), "{vector}");

        if let Some(expected) = vector["expected_map"].as_object() {
            let cx = extract(&lines);
            assert_eq!(cx.baggage().len(), expected.len());
            for (key, value) in expected {
                assert_eq!(
                    cx.baggage().get(key).unwrap().as_str(),
                    value.as_str().unwrap()
                );
            }
        }
    }
}

// Scenario: entries with their header. Guarantee: exactly this is written.
#[test]
fn encode_vectors() {
    let file = file();
    for vector in list(&file, "encode") {
        let (header, _) = BaggageHeader::encode(&members(&vector["entries"]));
        assert_eq!(
            header.as_deref(),
            vector["expected_interop"].as_str(),
            "{vector}"
        );
    }
}

// Scenario: values that other implementations damage. Guarantee: they survive the propagator.
#[test]
fn round_trip_values() {
    let file = file();
    for value in list(&file, "round_trip_values") {
        let value = value.as_str().unwrap();
        let propagator = BaggagePropagator::new();
        let cx = Context::new().with_baggage([KeyValue::new("k", value.to_owned())]);
        let mut carrier = HashMap::new();
        propagator.inject_context(&cx, &mut carrier);
        let received = propagator.extract_with_context(&Context::new(), &carrier);
        assert_eq!(received.baggage().get("k").unwrap().as_str(), value);
    }
}

// Scenario: headers at and above the limits. Guarantee: whole members are dropped, from the end.
#[test]
fn limits() {
    let file = file();
    for vector in list(&file, "limits") {
        let lines = generate(&vector["generate"]);
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let header = BaggageHeader::decode(&lines);
        let expected = (
            &vector["expected_members"],
            vector["expected_dropped"].as_u64(),
        );
        assert_eq!(
            header.members.len() as u64,
            expected.0.as_u64().unwrap(),
            "{vector}"
        );
        assert_eq!(header.dropped as u64, expected.1.unwrap_or(0), "{vector}");
    }
}

fn generate(recipe: &Value) -> Vec<String> {
    let number = |name: &str| recipe[name].as_u64().map(|n| usize::try_from(n).unwrap());
    let headers = number("headers").unwrap_or(1);
    let members = number("members").or(number("members_per_header")).unwrap();
    let line = |h: usize| {
        let members: Vec<_> = (0..members)
            .map(|i| {
                let key = text(recipe, "key")
                    .replace("{h}", &h.to_string())
                    .replace("{i:02}", &format!("{i:02}"))
                    .replace("{i}", &i.to_string());
                let last = number("last_value_bytes").filter(|_| i + 1 == members);
                let value = match last.or(number("value_bytes")) {
                    Some(length) => "x".repeat(length),
                    None => text(recipe, "value").to_owned(),
                };
                format!("{key}={value}")
            })
            .collect();
        members.join(",")
    };
    (0..headers).map(line).collect()
}

fn extract(lines: &[&str]) -> Context {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("baggage", HeaderValue::from_str(line).unwrap());
    }
    let extractor = HeaderExtractor::new(&headers);
    BaggagePropagator::new().extract_with_context(&Context::new(), &extractor)
}

// Scenario: several lines with properties, sent on.
// Guarantee: all members and their properties leave in one header, in the order of the keys.
#[test]
fn properties_travel_on() {
    let cx = extract(&["b=2;q=a%2Cb;p", "a=1"]);
    let mut carrier = HashMap::new();
    BaggagePropagator::new().inject_context(&cx, &mut carrier);
    assert_eq!(carrier["baggage"], "a=1,b=2;q=a%2Cb;p");
}

// Scenario: nothing usable is received. Guarantee: the baggage of the context survives.
#[test]
fn own_baggage_survives_a_failed_extract() {
    let propagator = BaggagePropagator::new();
    let cx = Context::new().with_baggage([KeyValue::new("own", "1")]);
    for header in ["", " , ", "junk", "a b=1"] {
        let carrier = HashMap::from([("baggage".to_owned(), header.to_owned())]);
        let after = propagator.extract_with_context(&cx, &carrier);
        assert_eq!(
            after.baggage().get("own").unwrap().as_str(),
            "1",
            "{header}"
        );
    }
    assert_eq!(propagator.clone().dropped_on_extract(), 2);
}

// Scenario: no baggage, and baggage that was cleared. Guarantee: no header is written.
#[test]
fn nothing_is_written_without_baggage() {
    let propagator = BaggagePropagator::new();
    let with = Context::new().with_baggage([KeyValue::new("a", "1")]);
    for cx in [Context::new(), with.with_cleared_baggage()] {
        let mut carrier = HashMap::new();
        propagator.inject_context(&cx, &mut carrier);
        assert!(carrier.is_empty());
    }
}

// Scenario: an entry three times as large when escaped. Guarantee: it is dropped and counted.
#[test]
fn what_grows_too_large_is_counted() {
    let propagator = BaggagePropagator::new();
    let mut baggage = Baggage::new();
    baggage.insert("large", " ".repeat(4_000));
    baggage.insert("small", "1");
    let mut carrier = HashMap::new();
    propagator.inject_context(&Context::new().with_baggage(baggage), &mut carrier);
    assert_eq!(carrier["baggage"], "small=1");
    assert_eq!(propagator.dropped_on_inject(), 1);
    assert_eq!(propagator.fields().collect::<Vec<_>>(), ["baggage"]);
}
