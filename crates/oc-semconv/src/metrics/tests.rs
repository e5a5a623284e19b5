use std::collections::BTreeSet;

use super::*;
use crate::attributes::RequirementLevel;

// Scenario: all definitions.
// Guarantee: names are unique and no attribute is listed twice or could explode the series.
#[test]
fn definitions_are_sound() {
    let mut names = BTreeSet::new();
    for metric in ALL {
        assert!(
            names.insert(metric.name),
            "{} is defined twice",
            metric.name
        );
        assert!(!metric.description.is_empty() && !metric.description.ends_with('.'));

        let labels: Vec<_> = metric
            .attributes
            .iter()
            .chain(metric.conditional_attributes)
            .collect();
        assert_eq!(
            labels.len(),
            labels.iter().collect::<BTreeSet<_>>().len(),
            "{} lists an attribute twice",
            metric.name
        );
        for forbidden in [
            crate::session::ID,
            crate::user::ID,
            crate::gen_ai::CONVERSATION_ID,
        ] {
            assert!(!labels.contains(&&forbidden), "{}", metric.name);
        }
    }
}

// Scenario: all definitions.
// Guarantee: histograms, and only they, have boundaries, which rise.
#[test]
fn boundaries_rise() {
    for metric in ALL {
        let is_histogram = metric.kind == InstrumentKind::Histogram;
        assert_eq!(
            is_histogram,
            !metric.boundaries.is_empty(),
            "{}",
            metric.name
        );
        assert!(
            metric.boundaries.is_sorted_by(|a, b| a < b),
            "{}",
            metric.name
        );
    }
}

// Scenario: a selected generation of names.
// Guarantee: each metric of the other is left out, and what takes its place is there.
#[test]
fn generations_replace_each_other() {
    let names = |selected| -> BTreeSet<&str> {
        ALL.iter()
            .filter(|metric| metric.generation.is_in(selected))
            .map(|metric| metric.name)
            .collect()
    };
    let (older, newer) = (names(Generation::V1_41), names(Generation::V2026_10));
    assert!(older.contains("gen_ai.client.token.usage"));
    assert!(!newer.contains("gen_ai.client.token.usage"));
    assert!(newer.contains("gen_ai.client.inference.usage.input_tokens"));
    assert!(!older.contains("gen_ai.client.inference.usage.input_tokens"));
    for name in older.difference(&newer) {
        let metric = ALL.iter().find(|metric| metric.name == *name).unwrap();
        assert!(!metric.replaced_by.is_empty(), "{name}");
        for other in metric.replaced_by {
            assert!(newer.contains(other), "{name}: {other}");
        }
    }
    assert_eq!(names(Generation::Both).len(), ALL.len());
}

// Scenario: all definitions.
// Guarantee: the labels are what the requirements say without opt-in, and each label is known.
#[test]
fn labels_follow_from_requirements() {
    for metric in ALL {
        let wanted: BTreeSet<_> = metric
            .requirements
            .iter()
            .filter(|known| known.level != RequirementLevel::OptIn)
            .map(|known| known.key)
            .collect();
        let labels: BTreeSet<_> = metric
            .attributes
            .iter()
            .chain(metric.conditional_attributes)
            .copied()
            .collect();
        assert_eq!(labels, wanted, "{}", metric.name);
        for known in metric.requirements {
            assert!(
                known.level != RequirementLevel::Required || metric.attributes.contains(&known.key),
                "{}: {}",
                metric.name,
                known.key
            );
        }
    }
}

// Scenario: the GenAI families of the conventions.
// Guarantee: their buckets are those that the conventions give.
#[test]
fn buckets_are_those_of_the_conventions() {
    let call = GEN_AI_CLIENT_OPERATION_DURATION.boundaries;
    assert_eq!(call.len(), 14);
    assert_eq!((call.first(), call.last()), (Some(&0.01), Some(&81.92)));
    for metric in [
        GEN_AI_CLIENT_INFERENCE_DURATION,
        GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK,
        GEN_AI_EXECUTE_TOOL_DURATION,
        GEN_AI_SERVER_REQUEST_DURATION,
    ] {
        assert_eq!(metric.boundaries, call, "{}", metric.name);
    }
    let tokens = GEN_AI_CLIENT_TOKEN_USAGE.boundaries;
    let powers_of_four: Vec<f64> = (0..14).map(|power| 4_f64.powi(power)).collect();
    assert_eq!(tokens, powers_of_four);
    let mcp = MCP_CLIENT_OPERATION_DURATION.boundaries;
    assert_eq!((mcp.len(), mcp.last()), (14, Some(&300.0)));
}

// Scenario: what may last as long as an agent works.
// Guarantee: its buckets reach an hour.
#[test]
fn agent_durations_reach_an_hour() {
    for metric in [
        SESSION_DURATION,
        MESSAGE_DURATION,
        GEN_AI_INVOKE_AGENT_DURATION,
    ] {
        assert_eq!(metric.boundaries.last(), Some(&3600.0), "{}", metric.name);
    }
}

// Scenario: the families that dashboards and alerts are written against.
// Guarantee: names, units, kinds and labels stay as they are.
#[test]
fn our_families_are_fixed() {
    use InstrumentKind::{Counter, Histogram, UpDownCounter};

    let experiment = "experiment_id,variant";
    let expected = [
        (
            "openclaw.session.duration",
            "s",
            Histogram,
            "agent,model,kind",
            "",
        ),
        (
            "openclaw.session.tokens",
            "{token}",
            Counter,
            "agent,model,provider,type",
            experiment,
        ),
        (
            "openclaw.session.token_details",
            "{token}",
            Counter,
            "agent,model,provider,type",
            experiment,
        ),
        (
            "openclaw.session.cost_usd",
            "{USD}",
            Histogram,
            "agent,model,provider",
            experiment,
        ),
        (
            "openclaw.cost.unpriced",
            "{call}",
            Counter,
            "model,provider",
            "",
        ),
        (
            "openclaw.tool.calls",
            "{call}",
            Counter,
            "tool,status,agent",
            experiment,
        ),
        (
            "openclaw.model.errors",
            "{error}",
            Counter,
            "model,error_type,agent",
            experiment,
        ),
        (
            "openclaw.model.response_oddities",
            "{oddity}",
            Counter,
            "oddity",
            "",
        ),
        (
            "openclaw.agent.active_sessions",
            "{session}",
            UpDownCounter,
            "agent",
            "",
        ),
        (
            "openclaw.message.duration",
            "s",
            Histogram,
            "agent,outcome",
            "",
        ),
    ];
    let ours: Vec<_> = ALL
        .iter()
        .filter(|metric| metric.name.starts_with("openclaw."))
        .map(|metric| {
            (
                metric.name,
                metric.unit,
                metric.kind,
                metric.attributes.join(","),
                metric.conditional_attributes.join(","),
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, unit, kind, always, sometimes)| {
            (
                *name,
                *unit,
                *kind,
                (*always).to_owned(),
                (*sometimes).to_owned(),
            )
        })
        .collect();
    assert_eq!(ours, expected);
}
