use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, post},
    serve::ListenerExt,
};
use oc_telemetry::{Telemetry, agent::AgentSpan, middleware::AxumMatchedPath};
use serde::Deserialize;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{sessions::Sessions, turn};
use crate::{
    model::{Model, ModelServer},
    names::AGENT,
    sub_agent,
    tools::{SubAgentCommand, Tools},
};

/// What the gateway needs to answer a message.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) telemetry: Telemetry,
    pub(super) model: ModelServer,
    /// Kept for its flush at the end.
    pub(super) model_telemetry: Telemetry,
    /// Where a sub-agent sends its spans.
    pub(super) collector: String,
    pub(super) sandbox: PathBuf,
    pub(super) sessions: Sessions,
}

/// A gateway that listens.
#[derive(Debug)]
pub(super) struct Gateway {
    parts: Arc<Parts>,
    addr: SocketAddr,
    server: JoinHandle<()>,
}

/// The body of `POST /v1/messages`.
#[derive(Debug, Deserialize)]
struct Request {
    /// The session that the message belongs to.
    session: String,
    /// Who sends it.
    #[serde(default)]
    user: String,
    message: String,
}

impl Gateway {
    /// Listens on `addr`, or on a free port if there is none or it is taken.
    pub(super) async fn listen(parts: Parts, addr: Option<SocketAddr>) -> anyhow::Result<Self> {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = match TcpListener::bind(addr.unwrap_or(free)).await {
            Ok(listener) => listener,
            Err(error) => {
                println!(
                    "port {} is taken ({error}); a free one is used",
                    addr.map_or(0, |addr| addr.port())
                );
                TcpListener::bind(free).await?
            }
        };
        let addr = listener.local_addr()?;
        let parts = Arc::new(parts);
        let mut app = Router::new()
            .route("/v1/messages", post(messages))
            .route("/v1/sessions/{id}", delete(end_session))
            .with_state(Arc::clone(&parts));
        if let Some(layer) = parts.telemetry.http_server_layer() {
            app = app.layer(layer.with_route_hook(AxumMatchedPath::new()));
        }
        let server = tokio::spawn(async move {
            let listener = listener.tap_io(|connection| {
                let _ = connection.set_nodelay(true);
            });
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            parts,
            addr,
            server,
        })
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The telemetry of the model server behind it.
    pub(super) fn model_telemetry(&self) -> Telemetry {
        self.parts.model_telemetry.clone()
    }

    /// A command line that sends a message.
    pub(super) fn curl(&self, message: &str) -> String {
        let body = json!({ "session": "demo", "user": "ada", "message": message });
        format!(
            "curl -s http://{}/v1/messages -H 'content-type: application/json' -d '{body}'",
            self.addr
        )
    }

    /// Ends the sessions and the servers.
    pub(super) fn close(self) {
        self.server.abort();
        self.parts.sessions.end_all();
        let _ = self.parts.model_telemetry.shutdown();
    }
}

async fn messages(State(parts): State<Arc<Parts>>, Json(request): Json<Request>) -> Response {
    let Request {
        session: id,
        user,
        message,
    } = request;
    let Some(session) = parts.sessions.get(&id, &user) else {
        return (StatusCode::TOO_MANY_REQUESTS, "too many sessions").into_response();
    };
    let mut turn = session.turn();
    if !user.is_empty() {
        // Several users may share a session.
        turn = turn.with_user(&user);
    }
    let turn = turn.start();
    let answered = turn.run(async |turn| {
        turn.input(&message);
        let answer = process(&parts, message).await?;
        turn.output(&answer);
        Ok::<_, turn::TurnError>(answer)
    });
    match answered.await {
        Ok(answer) => Json(json!({ "session": id, "answer": answer })).into_response(),
        Err(error) => {
            let body = Json(json!({ "session": id, "error": error.to_string() }));
            (StatusCode::BAD_GATEWAY, body).into_response()
        }
    }
}

async fn end_session(State(parts): State<Arc<Parts>>, Path(id): Path<String>) -> StatusCode {
    if parts.sessions.end(&id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn process(parts: &Parts, message: String) -> Result<String, turn::TurnError> {
    oc_telemetry::tracing::info!("message received");
    let model = Model::new(parts.telemetry.clone(), &parts.model.url());
    let logs = parts.telemetry.log_file().and_then(|file| file.parent());
    let logs = logs.map(|logs| logs.join("sub-agent")).unwrap_or_default();
    let sub_agent = std::env::current_exe().ok().map(|program| {
        let arguments = sub_agent::arguments(&parts.model.url(), &parts.collector, logs);
        SubAgentCommand::new(program, arguments)
    });
    let tools = Tools::new(parts.sandbox.clone(), sub_agent);
    let agent = AgentSpan::new(AGENT).start();
    agent
        .run(async |_| turn::run(&model, &tools, message).await)
        .await
}
