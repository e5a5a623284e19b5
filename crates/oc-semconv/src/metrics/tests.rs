use std::collections::BTreeSet;

use super::*;

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

// Scenario: what may last as long as an agent works.
// Guarantee: its buckets reach an hour.
#[test]
fn agent_durations_reach_an_hour() {
    for metric in [SESSION_DURATION, GEN_AI_INVOKE_AGENT_DURATION] {
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
            "openclaw.agent.active_sessions",
            "{session}",
            UpDownCounter,
            "agent",
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
