use oc_telemetry::span::ErrorType;

use crate::{
    model::{Message, Model, ModelError, Reply},
    tools::Tools,
};

/// Rounds of tools that an agent may take before it has to answer.
const MAX_ROUNDS: usize = 4;

/// One turn of an agent: asks the model, runs the tools it asks for, until it answers.
///
/// # Errors
///
/// A model call failed, or the model asks for tools without end.
pub(crate) async fn run(
    model: &Model,
    tools: &Tools,
    message: String,
) -> Result<String, TurnError> {
    let mut messages = vec![Message::user(message)];
    for _ in 0..MAX_ROUNDS {
        match model.chat(&messages).await? {
            Reply::Text(answer) => return Ok(answer),
            Reply::Tools(requests) => {
                for request in requests {
                    let answer = tools.run(&request).await;
                    messages.push(Message::tool(request.call_id, answer));
                }
            }
        }
    }
    Err(TurnError::TooManyRounds)
}

/// Why a turn ended without an answer.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum TurnError {
    /// The model failed.
    Model(ModelError),
    /// The model asked for tools again and again.
    TooManyRounds,
}

impl std::fmt::Display for TurnError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model(error) => error.fmt(f),
            Self::TooManyRounds => f.write_str("the model asks for tools without end"),
        }
    }
}

impl std::error::Error for TurnError {}

impl From<ModelError> for TurnError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl ErrorType for TurnError {
    fn error_type(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Model(error) => error.error_type(),
            Self::TooManyRounds => "too_many_rounds".into(),
        }
    }
}
