//! The vectors of the W3C's own suite, which are not part of this repository.

use std::path::PathBuf;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use serde_json::Value;

use crate::trace_context::{extract, headers, inject};

/// The position whose tracestate has 33 members: its verdict comes of a parser that does not
/// count; the suite itself expects the tracestate to be discarded.
const POSITION_WITH_33_MEMBERS: usize = 72;

// Scenario: the headers of the suite with the verdict of its parser.
// Guarantee: an invalid traceparent leaves nothing; a valid one keeps the trace id and flags; a
// malformed tracestate is dropped whole.
#[test]
fn suite_vectors() {
    let Some(folder) = folder() else {
        println!("W3C_VECTORS_DIR is not set: the vectors of the W3C suite are not read");
        return;
    };
    let file = std::fs::read_to_string(folder.join("w3c_trace_context_vectors.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&file).unwrap();
    let mut counts = [0; 3];
    for (position, vector) in vectors.iter().enumerate() {
        let lines: Vec<_> = vector["headers"].as_array().unwrap().iter().collect();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
            .collect();
        let cx = extract(&Context::new(), &headers(&lines));
        let (parent, state) = inject(&cx);

        let is_valid = vector["is_traceparent_valid"].as_bool().unwrap();
        assert_eq!(parent.is_some(), is_valid, "{position}: {vector}");
        let is_state_valid = vector["is_tracestate_valid"].as_bool().unwrap_or(false)
            && position != POSITION_WITH_33_MEMBERS;
        assert_eq!(state.is_some(), is_state_valid, "{position}: {vector}");
        assert_eq!(cx.span().span_context().is_valid(), is_valid);

        if let Some(parent) = parent {
            let received = value(&lines, "traceparent").next().unwrap();
            assert_eq!(parent[3..53], received.trim()[3..53], "{position}");
            assert_eq!(&parent[..2], "00");
        }
        if let Some(state) = state {
            let received: Vec<_> = value(&lines, "tracestate").flat_map(members).collect();
            assert_eq!(members(&state).collect::<Vec<_>>(), received, "{position}");
        }
        counts[0] += 1;
        counts[1] += usize::from(is_valid);
        counts[2] += usize::from(is_state_valid);
    }
    println!(
        "{} vectors: {} with a valid traceparent, {} with a valid tracestate",
        counts[0], counts[1], counts[2]
    );
    assert!(counts[0] > 0, "the file is empty");
}

fn value<'a>(lines: &'a [(&str, &str)], name: &'a str) -> impl Iterator<Item = &'a str> {
    lines
        .iter()
        .filter(move |line| line.0.eq_ignore_ascii_case(name))
        .map(|line| line.1)
}

fn members(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|member| !member.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folder is chosen by whoever runs the tests; nothing else reads it"
)]
fn folder() -> Option<PathBuf> {
    std::env::var_os("W3C_VECTORS_DIR").map(PathBuf::from)
}
