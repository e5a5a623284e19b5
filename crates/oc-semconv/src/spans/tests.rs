use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{attributes, error, gen_ai, server};

fn named(span: &SpanDefinition, values: &[(&str, &'static str)]) -> Option<String> {
    let values: BTreeMap<_, _> = values.iter().copied().collect();
    span.name(|key| values.get(key).copied())
}

// Scenario: every operation of the conventions.
// Guarantee: one type of span that is no special case is for it, two for agents, and they come first.
#[test]
fn each_operation_has_its_span() {
    for operation in gen_ai::OperationName::ALL {
        let found: Vec<_> = for_operation(operation.as_str()).collect();
        let plain = found.iter().filter(|span| span.refines.is_none()).count();
        let wanted = match operation {
            gen_ai::OperationName::InvokeAgent => 2,
            _ => 1,
        };
        assert_eq!(plain, wanted, "{operation}");
        assert!(
            found[..plain].iter().all(|span| span.refines.is_none()),
            "{operation}"
        );
    }
    assert_eq!(for_operation("dance").count(), 0);
}

// Scenario: an agent may run in this process or elsewhere.
// Guarantee: the two types differ in kind and in who must name the provider.
#[test]
fn agents_elsewhere_name_their_provider() {
    assert_eq!(INVOKE_AGENT_INTERNAL.kind, SpanKind::Internal);
    assert_eq!(
        INVOKE_AGENT_INTERNAL.requirement(gen_ai::PROVIDER_NAME),
        None
    );
    assert_eq!(INVOKE_AGENT_CLIENT.kind, SpanKind::Client);
    assert_eq!(
        INVOKE_AGENT_CLIENT
            .requirement(gen_ai::PROVIDER_NAME)
            .map(|known| known.level),
        Some(RequirementLevel::Required)
    );
}

// Scenario: all definitions.
// Guarantee: ids are unique, keys are known attributes and listed once, the GenAI ones name their
// operation, and whatever can fail can say why.
#[test]
fn definitions_are_sound() {
    let mut ids = BTreeSet::new();
    for span in ALL {
        assert!(ids.insert(span.id), "{}", span.id);
        assert!(!span.names.is_empty(), "{}", span.id);
        let mut keys = BTreeSet::new();
        for known in span.attributes {
            assert!(keys.insert(known.key), "{}: {}", span.id, known.key);
            assert!(
                attributes::find(known.key).is_some(),
                "{}: {}",
                span.id,
                known.key
            );
            assert!(!span.forbids(known.key), "{}: {}", span.id, known.key);
        }
        assert_eq!(
            span.requirement(error::TYPE).map(|known| known.level),
            Some(RequirementLevel::ConditionallyRequired),
            "{}",
            span.id
        );
        if !span.operations.is_empty() {
            assert_eq!(
                span.requirement(gen_ai::OPERATION_NAME)
                    .map(|known| known.level),
                Some(RequirementLevel::Required),
                "{}",
                span.id
            );
        }
    }
    assert!(ids.len() >= 20);
}

// Scenario: a model call.
// Guarantee: what samplers look at is as the conventions say, and content is opt-in.
#[test]
fn a_model_call_is_sampled_by_five_attributes() {
    let mut at_start: Vec<_> = INFERENCE.at_start().collect();
    at_start.sort_unstable();
    assert_eq!(
        at_start,
        [
            gen_ai::OPERATION_NAME,
            gen_ai::PROVIDER_NAME,
            gen_ai::REQUEST_MODEL,
            server::ADDRESS,
            server::PORT,
        ]
    );
    let mut opt_in: Vec<_> = INFERENCE.with_level(RequirementLevel::OptIn).collect();
    opt_in.sort_unstable();
    assert_eq!(
        opt_in,
        [
            gen_ai::INPUT_MESSAGES,
            gen_ai::OUTPUT_MESSAGES,
            gen_ai::PROMPT_VARIABLE,
            gen_ai::SYSTEM_INSTRUCTIONS,
            gen_ai::TOOL_DEFINITIONS,
        ]
    );
}

// Scenario: all definitions, and every attribute that may hold what people or models wrote.
// Guarantee: no span asks for such an attribute by itself.
#[test]
fn content_is_opt_in_everywhere() {
    for span in ALL {
        for known in span.attributes {
            let is_content = attributes::find(known.key).is_some_and(|found| found.content);
            assert!(
                !is_content || known.level == RequirementLevel::OptIn,
                "{}: {}",
                span.id,
                known.key
            );
        }
    }
}

// Scenario: names from whole, missing and empty values.
// Guarantee: the most specific pattern that can be filled is used, and none that cannot.
#[test]
fn names_follow_from_attributes() {
    let chat = (gen_ai::OPERATION_NAME, "chat");
    assert_eq!(
        named(&INFERENCE, &[chat, (gen_ai::REQUEST_MODEL, "m-1")]).as_deref(),
        Some("chat m-1")
    );
    assert_eq!(
        named(&INFERENCE, &[chat, (gen_ai::REQUEST_MODEL, "")]).as_deref(),
        Some("chat")
    );
    assert_eq!(named(&INFERENCE, &[]), None);
    assert_eq!(named(&SESSION, &[]).as_deref(), Some(crate::span::SESSION));
    assert_eq!(
        named(&MESSAGE_PROCESS, &[]).as_deref(),
        Some(crate::span::MESSAGE_PROCESS)
    );

    let tool = [
        (gen_ai::OPERATION_NAME, "execute_tool"),
        (gen_ai::TOOL_NAME, "run"),
    ];
    assert_eq!(
        named(&EXECUTE_TOOL_COMMAND, &tool).as_deref(),
        Some("execute_tool run")
    );
    let skill = [&tool[..], &[(gen_ai::SKILL_NAME, "notes")]].concat();
    // A skill's name alone is no part of a command's name.
    assert_eq!(
        named(&EXECUTE_TOOL_COMMAND, &skill).as_deref(),
        Some("execute_tool run")
    );
    assert_eq!(
        named(&EXECUTE_TOOL_LOAD_SKILL, &skill).as_deref(),
        Some("execute_tool run notes")
    );
}

// Scenario: a stored response is fetched; no model works.
// Guarantee: its span takes no token counts, in whatever detail.
#[test]
fn a_fetched_response_has_no_usage() {
    assert!(FETCH_RESPONSE.forbids(gen_ai::USAGE_INPUT_TOKENS));
    assert!(FETCH_RESPONSE.forbids(gen_ai::USAGE_CACHE_READ_INPUT_TOKENS));
    assert!(FETCH_RESPONSE.forbids(gen_ai::INPUT_MESSAGES));
    assert!(!FETCH_RESPONSE.forbids(gen_ai::OUTPUT_MESSAGES));
}

// Scenario: special cases of a model call and of a tool.
// Guarantee: they carry all that the general ones do, at the same level or a higher one but where
// they say otherwise.
#[test]
fn special_cases_carry_what_the_general_ones_do() {
    for span in ALL {
        let Some(general) = span
            .refines
            .and_then(|id| ALL.iter().find(|known| known.id == id))
        else {
            continue;
        };
        for known in general.attributes {
            assert!(
                span.requirement(known.key).is_some(),
                "{}: {}",
                span.id,
                known.key
            );
        }
        assert_eq!(span.kind, general.kind, "{}", span.id);
        assert_eq!(span.operations, general.operations, "{}", span.id);
    }
    assert_eq!(
        OPENAI_INFERENCE
            .requirement(gen_ai::REQUEST_MODEL)
            .map(|known| known.level),
        Some(RequirementLevel::Required)
    );
}
