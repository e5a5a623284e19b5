//! The gateway under test: what it does is scripted, what it records is not.

use std::time::Duration;

use oc_telemetry::{
    Telemetry,
    agent::{AgentSpan, Cost, LlmCall, Session, SubAgent, ToolCall, Usage},
    opentelemetry::{
        Context,
        trace::{
            SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        },
    },
    privacy::Message,
    semconv::gen_ai::ProviderName,
    span::{Failure, span},
};

/// A gateway with two sessions.
#[derive(Debug)]
pub(crate) struct Gateway<'a> {
    telemetry: &'a Telemetry,
}

/// A turn, as the test knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// A model and a tool.
    Tool,
    /// A model, and a sub-agent with a model and a tool.
    SubAgent,
    /// A model and a tool that fails, and the turn with it.
    Failure,
    /// As the first, below the span of a server that a stranger called.
    Served,
}

impl Turn {
    /// How often it asks a model.
    pub(crate) fn model_calls(self) -> u64 {
        match self {
            Self::SubAgent => 2,
            Self::Tool | Self::Failure | Self::Served => 1,
        }
    }
}

impl<'a> Gateway<'a> {
    pub(crate) fn new(telemetry: &'a Telemetry) -> Self {
        Self { telemetry }
    }

    /// Two sessions of three turns.
    pub(crate) fn work(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        for (name, user, turns) in SESSIONS {
            let session = self
                .telemetry
                .session(*name)
                .with_agent("shadowman")
                .with_user(*user)
                .start();
            let [first, second, third] = **turns;
            runtime.block_on(async {
                // At the same time, each waiting for the other in the middle.
                tokio::join!(
                    self.turn(&session, 1, first),
                    self.turn(&session, 2, second)
                );
                self.turn(&session, 3, third).await;
            });
            session.end();
        }
    }

    async fn turn(&self, session: &Session, number: u32, kind: Turn) {
        if kind == Turn::Served {
            let server = self.telemetry.scope(|| {
                span("POST /v1/messages")
                    .kind(SpanKind::Server)
                    .parent(stranger())
                    .start()
            });
            let turn = server.scope(|| session.turn().start());
            self.run(turn, session, number, kind).await;
            server.end();
        } else {
            let turn = session.turn().start();
            self.run(turn, session, number, kind).await;
        }
    }

    async fn run(
        &self,
        turn: oc_telemetry::agent::Turn,
        session: &Session,
        number: u32,
        kind: Turn,
    ) {
        let id = session.identity().session().unwrap().to_owned();
        turn.input(&question(&id, number));
        let answer = answer(&id, number);
        let _: Result<(), Failed> = turn
            .run(async |turn| {
                AgentSpan::new("shadowman")
                    .start()
                    .run(async |_| {
                        model_call("chat", number);
                        tokio::time::sleep(PAUSE).await;
                        match kind {
                            Turn::Tool | Turn::Served => tool(false)?,
                            Turn::Failure => tool(true)?,
                            Turn::SubAgent => {
                                let agent = SubAgent::new("researcher").start();
                                agent.scope(|| {
                                    model_call("research", number);
                                    tool(false)
                                })?;
                                agent.ok();
                            }
                        }
                        Ok(())
                    })
                    .await?;
                turn.output(&answer);
                Ok(())
            })
            .await;
    }
}

/// The sessions: id, user, turns.
pub(crate) const SESSIONS: &[(&str, &str, &[Turn; 3])] = &[
    (
        "agent:shadowman:main",
        "ada",
        &[Turn::Tool, Turn::SubAgent, Turn::Served],
    ),
    (
        "agent:shadowman:ünïcode",
        "grace",
        &[Turn::Failure, Turn::Tool, Turn::Tool],
    ),
];

/// What the user says.
pub(crate) fn question(session: &str, number: u32) -> String {
    format!("Question {number} of {session}: what is \"1 < 2\"?")
}

/// What the user gets.
pub(crate) fn answer(session: &str, number: u32) -> String {
    format!("Answer {number} of {session}:\ntrue é")
}

/// The usage of a model call in the turn of this number.
pub(crate) fn usage(number: u32) -> Usage {
    let number = u64::from(number);
    Usage::new(1000 * number, 100 * number)
        .with_cache_read(400 * number)
        .with_cache_write(10 * number)
}

/// Its cost in US dollars, for input and output.
pub(crate) fn cost(number: u32) -> (f64, f64) {
    (0.01 * f64::from(number), 0.02 * f64::from(number))
}

pub(crate) const MODEL: &str = "claude-sonnet-4.5";

fn model_call(text: &str, number: u32) {
    let call = LlmCall::chat(ProviderName::Anthropic, MODEL).start();
    call.input(&[Message::user(text)]);
    call.output(&[Message::assistant(format!("{text} done"))]);
    call.usage(&usage(number));
    let (input, output) = cost(number);
    call.cost(Cost::of_parts(input, output));
    call.finish_reason("stop");
    call.ok();
}

fn tool(fails: bool) -> Result<(), Failed> {
    let call = ToolCall::new("read_file").with_call_id("call_1").start();
    call.arguments("{\"path\":\"a.txt\"}");
    if fails {
        call.fail(Failure::new("not_found", "no such file"));
        return Err(Failed);
    }
    call.result("content of a.txt");
    call.ok();
    Ok(())
}

/// The turn's own error.
#[derive(Debug)]
pub(crate) struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no such file")
    }
}

impl std::error::Error for Failed {}

impl oc_telemetry::span::ErrorType for Failed {}

/// A caller whose spans go elsewhere.
fn stranger() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(u128::from(std::process::id()) << 64 | 1),
        SpanId::from(0x5ea_u64),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    ))
}

/// Long enough that turns that run at the same time meet.
const PAUSE: Duration = Duration::from_millis(20);
