//! The typed spans of an agent gateway, as they arrive at a receiver.

use oc_telemetry::{
    Telemetry,
    agent::{AgentSpan, Cost, Experiment, LlmCall, SubAgent, ToolCall, ToolPhase, Usage},
    semconv::{attributes, gen_ai::ProviderName, spans},
    testing::{OtlpReceiver, ReceivedSpan},
};

use oc_telemetry::config::Protocol;

use crate::support::to;

/// Runs one turn with everything in it and returns what arrived.
fn turn_of_everything(telemetry: &Telemetry, receiver: &OtlpReceiver) -> Vec<ReceivedSpan> {
    let session = telemetry
        .session("s-1")
        .with_agent("shadowman")
        .with_user("ada")
        .start();
    let turn = session
        .turn()
        .with_experiment(Experiment::new("prompt-7", "b"))
        .with_prompt_hash("abc")
        .start();
    turn.scope(|| {
        let agent = AgentSpan::new("shadowman").with_version("1").start();
        agent.scope(|| {
            let call = LlmCall::chat(ProviderName::Anthropic, "claude-sonnet-4.5")
                .with_max_tokens(1000)
                .with_stream(true)
                .with_server("api.anthropic.com", 443)
                .start();
            call.response_id("msg_1");
            call.response_model("claude-sonnet-4.5-20260101");
            call.finish_reason("tool_calls");
            call.usage(&Usage::anthropic(100, 20, 50, 10));
            call.cost(Cost::of_parts(0.001, 0.002));
            call.chunk();
            call.ok();
            let tool = ToolCall::new("read_file").with_call_id("c1").start();
            tool.denied("outside of the sandbox");
            refined_tools();
            let sub_agent = SubAgent::new("researcher").start();
            sub_agent.scope(|| {
                let call = LlmCall::chat(ProviderName::OpenAi, "gpt-5").start();
                call.usage(&Usage::new(7, 3));
                drop(call);
            });
            sub_agent.ok();
        });
        agent.ok();
    });
    turn.ok();
    session.end();
    assert!(telemetry.shutdown().is_complete());
    receiver.spans()
}

/// Tools of which the conventions know more than the name.
fn refined_tools() {
    let skill = ToolCall::new("load").with_skill("pdf").start();
    skill.ok();
    let read = ToolCall::new("read").with_skill("pdf");
    let read = read.with_skill_resource("forms.md").start();
    assert!(read.phase(ToolPhase::Result).is_none());
    let command = ToolCall::new("shell").with_program("git").start();
    let command = command.phase(ToolPhase::Update).unwrap();
    command.exit_code(0);
    command.ok();
}

fn named<'s>(spans: &'s [ReceivedSpan], name: &str) -> &'s ReceivedSpan {
    spans
        .iter()
        .find(|span| span.name == name)
        .unwrap_or_else(|| panic!("no span {name} among {:?}", names(spans)))
}

fn names(spans: &[ReceivedSpan]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

fn start() -> (Telemetry, OtlpReceiver) {
    let receiver = OtlpReceiver::start().unwrap();
    let telemetry = to(&receiver, Protocol::HttpProtobuf).build().unwrap();
    (telemetry, receiver)
}

/// What the conventions say of a span of this operation, or of this name.
fn definition_of(span: &ReceivedSpan) -> &'static spans::SpanDefinition {
    let has = |key: &str| span.attributes.contains_key(key);
    let Some(operation) = span.attributes.get("gen_ai.operation.name") else {
        return match span.name.as_str() {
            "openclaw.session" => &spans::SESSION,
            "message.process" => &spans::MESSAGE_PROCESS,
            other => panic!("no definition of {other}"),
        };
    };
    match operation.to_string().as_str() {
        "execute_tool" if has("process.executable.name") => &spans::EXECUTE_TOOL_COMMAND,
        "execute_tool" if has("gen_ai.skill.resource.name") => {
            &spans::EXECUTE_TOOL_READ_SKILL_RESOURCE
        }
        "execute_tool" if has("gen_ai.skill.name") => &spans::EXECUTE_TOOL_LOAD_SKILL,
        operation => spans::for_operation(operation)
            .find(|definition| format!("{:?}", definition.kind) == format!("{:?}", span.kind))
            .unwrap_or_else(|| panic!("{operation} of kind {:?}", span.kind)),
    }
}

/// Every span carries what the conventions require of its type, by their own table, under its name.
#[test]
fn spans_are_what_the_conventions_require() {
    let (telemetry, receiver) = start();
    let spans = turn_of_everything(&telemetry, &receiver);
    let mut checked = 0;
    for span in &spans {
        let definition = definition_of(span);
        assert_eq!(
            format!("{:?}", definition.kind),
            format!("{:?}", span.kind),
            "{}",
            span.name
        );
        for required in definition.with_level(attributes::RequirementLevel::Required) {
            assert!(
                span.attributes.contains_key(required),
                "{} misses {required}",
                span.name
            );
        }
        for key in span.attributes.keys() {
            assert!(!definition.forbids(key), "{} has {key}", span.name);
            if key.starts_with("gen_ai.") {
                assert!(attributes::find(key).is_some(), "{} has {key}", span.name);
            }
        }
        let text = |key: &str| span.attributes.get(key).map(ToString::to_string);
        let values: std::collections::BTreeMap<&str, String> = span
            .attributes
            .keys()
            .filter_map(|key| Some((key.as_str(), text(key)?)))
            .collect();
        let name = definition.name(|key| values.get(key).map(String::as_str));
        assert_eq!(name.as_deref(), Some(span.name.as_str()));
        checked += 1;
    }
    assert_eq!(checked, 10, "{:?}", names(&spans));
}

/// Session, user, experiment and the acting agent stand on every span of the turn.
#[test]
fn identity_is_on_every_span() {
    let (telemetry, receiver) = start();
    let spans = turn_of_everything(&telemetry, &receiver);
    let session = named(&spans, "openclaw.session");
    for span in &spans {
        assert_eq!(span.attributes["session.id"], "s-1", "{}", span.name);
        assert_eq!(span.attributes["user.id"], "ada", "{}", span.name);
        if span.trace_id != session.trace_id {
            assert_eq!(
                span.attributes["experiment.id"], "prompt-7",
                "{}",
                span.name
            );
        }
    }
    let agent_of = |name: &str| named(&spans, name).attributes["gen_ai.agent.name"].to_string();
    assert_eq!(agent_of("chat claude-sonnet-4.5"), "shadowman");
    assert_eq!(agent_of("chat gpt-5"), "researcher");
}

/// The session has a trace of its own, linked with its turn both ways.
#[test]
fn sessions_and_turns_are_linked() {
    let (telemetry, receiver) = start();
    let spans = turn_of_everything(&telemetry, &receiver);
    let (session, turn) = (
        named(&spans, "openclaw.session"),
        named(&spans, "message.process"),
    );
    assert_ne!(session.trace_id, turn.trace_id);
    assert_eq!(session.links[0].span_id, turn.span_id);
    assert_eq!(turn.links[0].span_id, session.span_id);
}

/// Totals include their parts, and what is dropped without an outcome is cancelled.
#[test]
fn numbers_and_states_are_honest() {
    let (telemetry, receiver) = start();
    let spans = turn_of_everything(&telemetry, &receiver);
    let chat = named(&spans, "chat claude-sonnet-4.5");
    assert_eq!(chat.attributes["gen_ai.usage.input_tokens"], 160);
    assert_eq!(chat.attributes["gen_ai.usage.cache_read.input_tokens"], 50);
    assert_eq!(chat.attributes["openclaw.cost.usd"], 0.003);
    let dropped = named(&spans, "chat gpt-5");
    assert_eq!(dropped.attributes["error.type"], "cancelled");
    let tool = named(&spans, "execute_tool read_file");
    assert_eq!(tool.attributes["error.type"], "denied");
}

/// Two turns of a session at the same time do not mix.
#[tokio::test]
async fn turns_at_the_same_time_do_not_mix() {
    let (telemetry, receiver) = start();
    let session = telemetry.session("s-1").with_agent("a").start();
    let work = |user: &'static str| {
        let turn = session.turn().with_user(user).start();
        turn.run(async |_| {
            for _ in 0..3 {
                let call = LlmCall::chat("vllm", "m").start();
                tokio::task::yield_now().await;
                call.ok();
            }
            Ok::<(), std::io::Error>(())
        })
    };
    let (first, second) = tokio::join!(work("ada"), work("bob"));
    first.and(second).unwrap();
    drop(session);
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    for user in ["ada", "bob"] {
        let of_user: Vec<_> = spans
            .iter()
            .filter(|span| span.attr("user.id").is_some_and(|id| *id == user))
            .collect();
        assert_eq!(of_user.len(), 4, "{user}");
        assert!(
            of_user
                .iter()
                .all(|span| span.trace_id == of_user[0].trace_id)
        );
    }
}

/// Below a span of somebody else's, which brings no recorder along, the session's telemetry records.
#[test]
fn turns_below_a_foreign_span_are_recorded() {
    use oc_telemetry::opentelemetry::{
        Context, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, TraceContextExt as _, TraceState},
    };
    let (telemetry, receiver) = start();
    let session = telemetry.session("s-1").start();
    let foreign = SpanContext::new(
        TraceId::from(1_u128),
        SpanId::from(1_u64),
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    );
    {
        let _foreign = Context::new().with_remote_span_context(foreign).attach();
        session.turn().start().ok();
    }
    session.end();
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let turn = named(&spans, "message.process");
    assert_eq!(turn.trace_id, format!("{:032x}", 1));
}

/// The names of tool calls say what is loaded, read or run; a result ends a call well.
#[test]
fn tools_are_named_by_what_they_do() {
    let (telemetry, receiver) = start();
    telemetry.scope(refined_tools);
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let expected = [
        "execute_tool load pdf",
        "execute_tool read pdf forms.md",
        "execute_tool shell git",
    ];
    assert_eq!(names(&spans), expected);
    for span in &spans {
        assert!(!span.attributes.contains_key("error.type"), "{}", span.name);
    }
}

/// A turn may be another user's and another agent's than the session's.
#[test]
fn a_turn_has_its_own_agent() {
    let (telemetry, receiver) = start();
    let session = telemetry.session("s-1").with_agent("a").start();
    let turn = session.turn().with_agent("b").with_user("bob").start();
    turn.scope(|| LlmCall::chat("vllm", "m").start().ok());
    turn.ok();
    session.end();
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    assert_eq!(named(&spans, "chat m").attributes["gen_ai.agent.name"], "b");
    assert_eq!(named(&spans, "chat m").attributes["user.id"], "bob");
    let session = named(&spans, "openclaw.session");
    assert_eq!(session.attributes["gen_ai.agent.name"], "a");
}

/// An agent elsewhere is a client's span, with its provider and its server.
#[test]
fn remote_agents_are_client_spans() {
    let (telemetry, receiver) = start();
    telemetry.scope(|| {
        let agent = AgentSpan::new("hosted")
            .with_id("asst_1")
            .with_remote(ProviderName::OpenAi)
            .with_server("api.openai.com", 443)
            .start();
        agent.ok();
    });
    assert!(telemetry.shutdown().is_complete());
    let spans = receiver.spans();
    let definition = spans::INVOKE_AGENT_CLIENT;
    assert_eq!(
        format!("{:?}", spans[0].kind),
        format!("{:?}", definition.kind)
    );
    for required in definition.with_level(attributes::RequirementLevel::Required) {
        assert!(spans[0].attributes.contains_key(required), "{required}");
    }
    assert_eq!(spans[0].attributes["server.port"], 443);
}
