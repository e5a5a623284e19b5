//! A stand-in for an MLflow server: the calls that the library makes of it, and what arrives at
//! `/v1/traces`.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use oc_telemetry::{
    Signal,
    testing::{OtlpReceiver, ReceivedSpan},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The server. Spans land in a receiver behind it.
#[derive(Debug)]
pub struct MlflowServer {
    addr: SocketAddr,
    behind: Arc<Behind>,
}

#[derive(Debug)]
struct Behind {
    receiver: OtlpReceiver,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl MlflowServer {
    /// Starts on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// No socket.
    pub async fn start() -> anyhow::Result<Self> {
        let behind = Arc::new(Behind {
            receiver: OtlpReceiver::start()?,
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        let answer = |answer: Value| move || std::future::ready(Json(answer));
        let app = Router::new()
            .route(
                "/api/3.0/mlflow/server-info",
                get(answer(json!({
                    "store_type": "SqlStore", "workspaces_enabled": false
                }))),
            )
            .route(
                "/api/2.0/mlflow/experiments/get-by-name",
                get(answer(json!({
                    "experiment": { "experiment_id": "1", "lifecycle_stage": "active" }
                }))),
            )
            .route(
                "/api/2.0/mlflow/runs/create",
                post(answer(json!({
                    "run": { "info": { "run_id": "run-1" } }
                }))),
            )
            .route("/api/2.0/mlflow/runs/log-batch", post(answer(json!({}))))
            .route("/api/2.0/mlflow/runs/update", post(answer(json!({}))))
            .route("/v1/traces", post(traces))
            .with_state(Arc::clone(&behind));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { addr, behind })
    }

    /// What `MLFLOW_TRACKING_URI` would name.
    pub fn uri(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The spans that arrived.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.behind.receiver.spans()
    }
}

/// Hands the request on to the receiver, which knows OTLP.
async fn traces(State(behind): State<Arc<Behind>>, request: Request) -> Response {
    match forward(&behind, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn forward(behind: &Behind, request: Request) -> anyhow::Result<Response> {
    let (parts, body) = request.into_parts();
    let mut onward = http::Request::post(behind.receiver.http_url(Signal::Traces))
        .body(Full::from(to_bytes(body, 64 << 20).await?))?;
    *onward.headers_mut() = parts.headers;
    onward.headers_mut().remove(http::header::HOST);
    let response = behind.client.request(onward).await?;
    Ok(response.map(Body::new))
}
