use std::sync::Arc;

use oc_otlp::{
    Payload,
    transport::{
        Endpoint, EndpointError, HttpTransport, SendError, SendErrorKind, SendFuture, Transport,
    },
};
use tokio::sync::OnceCell;

use super::{Project, project::WORKSPACE_HEADER};
use crate::diagnostics::emit;

/// Sends spans to MLflow: OTLP/HTTP with the headers that name the experiment and the run.
///
/// Until the experiment is known every attempt fails in a way that may be tried again.
#[derive(Debug)]
pub(crate) struct MlflowTransport {
    project: Arc<Project>,
    plain: HttpTransport,
    addressed: OnceCell<HttpTransport>,
}

impl MlflowTransport {
    /// `endpoint` is the server's address.
    ///
    /// # Errors
    ///
    /// As [`HttpTransport::new`].
    pub(crate) fn new(project: Arc<Project>, endpoint: &Endpoint) -> Result<Self, EndpointError> {
        Ok(Self {
            project,
            plain: HttpTransport::new(endpoint)?,
            addressed: OnceCell::new(),
        })
    }

    async fn addressed(&self) -> Result<HttpTransport, SendError> {
        let found = self.project.found().await?;
        let mut headers = vec![(EXPERIMENT_HEADER, found.experiment_id.as_str())];
        if let Some(workspace) = &found.workspace {
            headers.push((WORKSPACE_HEADER, workspace));
        }
        // Traces belong to the run whose metrics they explain. Without a run they go all the same.
        if self.project.config().has_metrics()
            && let Ok(run) = self.project.run().await
        {
            headers.push((RUN_HEADER, run));
        }
        let mut transport = self.plain.clone();
        for (name, value) in headers {
            transport = transport.with_header(name, value).map_err(|error| {
                SendError::new(SendErrorKind::NotReady, error.to_string()).with_source(error)
            })?;
        }
        Ok(transport)
    }
}

impl Transport for MlflowTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> SendFuture<'a> {
        Box::pin(async move {
            let transport = self.addressed.get_or_try_init(|| self.addressed()).await?;
            let accepted = transport.send(payload).await?;
            emit(|| {
                tracing::debug!(
                    target: "oc_telemetry",
                    spans = payload.items(), bytes = payload.body().len(),
                    "flushed to MLflow"
                );
            });
            Ok(accepted)
        })
    }
}

const EXPERIMENT_HEADER: &str = "x-mlflow-experiment-id";
/// A run that is gone by then does no harm: the server ignores it.
const RUN_HEADER: &str = "x-mlflow-run-id";
