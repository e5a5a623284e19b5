use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use oc_otlp::transport::{Endpoint, EndpointError, Rest, SendError, SendErrorKind};
use tokio::{sync::OnceCell, time::sleep};

use super::{Experiment, MlflowConfig, api};
use crate::{
    Origin, Warning,
    clock::Clock,
    diagnostics::{Diagnostics, emit},
    logs::rfc3339,
    sync::lock,
};

/// The experiment on its server, and the run of this process in it.
///
/// What has to be asked for is asked for when it is first needed, and kept. Two that need it at the
/// same time ask once.
pub(crate) struct Project {
    config: MlflowConfig,
    rest: Rest,
    run_name: String,
    service_name: String,
    clock: Arc<dyn Clock>,
    started: SystemTime,
    diagnostics: Arc<Diagnostics>,
    found: OnceCell<Found>,
    run: OnceCell<String>,
    /// The settings that were warned of.
    warned: Mutex<Vec<&'static str>>,
}

/// The server's answers.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) rest: Rest,
    pub(super) experiment_id: String,
    /// Set only where the server has workspaces: another one answers 500 to the header.
    pub(super) workspace: Option<String>,
}

impl Project {
    /// Checks the address. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// The URI, the credentials or the system's roots are not usable.
    pub(crate) fn new(
        config: MlflowConfig,
        endpoint: &Endpoint,
        service_name: &str,
        clock: Arc<dyn Clock>,
        diagnostics: Arc<Diagnostics>,
    ) -> Result<Arc<Self>, EndpointError> {
        let started = clock.now();
        Ok(Arc::new(Self {
            rest: Rest::new(endpoint)?,
            run_name: run_name(service_name, started),
            service_name: service_name.to_owned(),
            config,
            clock,
            started,
            diagnostics,
            found: OnceCell::new(),
            run: OnceCell::new(),
            warned: Mutex::default(),
        }))
    }

    pub(crate) const fn config(&self) -> &MlflowConfig {
        &self.config
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Asks until there is an answer, so that whoever checks an installation need not wait for the
    /// first span.
    pub(crate) async fn connect(self: Arc<Self>) {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.connected().await {
            if self.diagnostics.permits("mlflow/connect") {
                emit(|| {
                    tracing::warn!(
                        target: "oc_telemetry",
                        %error, again_in = ?pause,
                        "MLflow cannot be set up, it is tried again"
                    );
                });
            }
            sleep(error.retry_after().unwrap_or_default().max(pause)).await;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    async fn connected(&self) -> Result<(), SendError> {
        self.found().await?;
        if self.config.has_metrics() {
            self.run().await?;
        }
        Ok(())
    }

    /// The experiment. Every failure may be tried again: nothing is lost while it is unknown.
    pub(super) async fn found(&self) -> Result<&Found, SendError> {
        let found = self.found.get_or_try_init(|| self.find());
        found.await.map_err(not_ready)
    }

    /// The run of this process, which begins with the first call.
    pub(super) async fn run(&self) -> Result<&str, SendError> {
        let run = self.run.get_or_try_init(|| self.begin_run());
        Ok(run.await.map_err(not_ready)?)
    }

    /// Ends the run, if there is one.
    pub(crate) async fn finish(&self) {
        let (Some(found), Some(run)) = (self.found.get(), self.run.get()) else {
            return;
        };
        match api::finish_run(&found.rest, run, self.clock.now()).await {
            Ok(()) => emit(|| {
                tracing::debug!(target: "oc_telemetry", run_id = run, "MLflow run finished");
            }),
            Err(error) => emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    run_id = run, %error,
                    "MLflow run cannot be finished, it stays RUNNING"
                );
            }),
        }
    }

    async fn find(&self) -> Result<Found, SendError> {
        let info = api::server_info(&self.rest).await?.unwrap_or_default();
        if let Some(store) = &info.store_type
            && store != "SqlStore"
        {
            let store: String = store.chars().take(MAX_SHOWN).collect();
            let problem = format!(
                "the server keeps its data in a {store}, which takes no traces; start it with a \
                 database (mlflow server --backend-store-uri sqlite:///mlflow.db)"
            );
            self.warn("MLFLOW_TRACKING_URI", &problem);
            // It would refuse every span for good; they wait for a server that does not.
            return Err(SendError::new(SendErrorKind::NotReady, problem));
        }
        let (rest, workspace) = self.workspace(info.workspaces_enabled);
        let (experiment_id, name) = match &self.config.experiment {
            Experiment::Id(id) => (id.clone(), None),
            Experiment::Name(name) => (api::experiment_id(&rest, name).await?, Some(name)),
        };
        emit(|| {
            tracing::info!(
                target: "oc_telemetry",
                tracking_uri = self.shown_uri(), experiment_id, experiment = name,
                traces = self.config.traces,
                "MLflow tracing initialised"
            );
        });
        Ok(Found {
            rest,
            experiment_id,
            workspace,
        })
    }

    /// The header goes out only where the server has workspaces.
    fn workspace(&self, enabled: bool) -> (Rest, Option<String>) {
        let Some(name) = &self.config.workspace else {
            return (self.rest.clone(), None);
        };
        let problem = if enabled {
            match self.rest.with_header(WORKSPACE_HEADER, name) {
                Ok(rest) => return (rest, Some(name.clone())),
                Err(error) => error.to_string(),
            }
        } else {
            "the server has no workspaces".to_owned()
        };
        let problem = format!("{problem}; no workspace is asked for");
        self.warn("MLFLOW_WORKSPACE", &problem);
        (self.rest.clone(), None)
    }

    /// Warns once of a problem that is met again with every attempt.
    fn warn(&self, setting: &'static str, problem: &str) {
        let mut warned = lock(&self.warned);
        if !warned.contains(&setting) {
            warned.push(setting);
            let warning = Warning::new(setting, Origin::Default, problem);
            self.diagnostics.warn(warning);
        }
    }

    async fn begin_run(&self) -> Result<String, SendError> {
        let found = self.found().await?;
        let run = api::create_run(
            &found.rest,
            &found.experiment_id,
            &self.run_name,
            self.started,
            &[("service.name", &self.service_name)],
        )
        .await?;
        emit(|| {
            tracing::info!(
                target: "oc_telemetry",
                run_id = run, run_name = self.run_name, experiment_id = found.experiment_id,
                "MLflow run started"
            );
        });
        Ok(run)
    }

    /// The address without a query: it may hold a secret.
    fn shown_uri(&self) -> &str {
        self.config.uri.split('?').next().unwrap_or_default()
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Project")
            .field("config", &self.config)
            .field("found", &self.found.get())
            .field("run", &self.run.get())
            .finish_non_exhaustive()
    }
}

/// The service and the second in which it started.
fn run_name(service_name: &str, started: SystemTime) -> String {
    let time = rfc3339(started);
    let time = time.get(..19).unwrap_or(&time).replace('T', " ");
    format!("{service_name} {time}")
}

/// Whatever is missing may be there later: a server that starts, an experiment that is restored, a
/// permission that is given.
fn not_ready(error: SendError) -> SendError {
    if error.is_retryable() {
        return error;
    }
    let retry_after = error.retry_after();
    let message = format!("MLflow's experiment is not known: {error}");
    SendError::new(SendErrorKind::NotReady, message)
        .with_retry_after(retry_after)
        .with_source(error)
}

/// The header that chooses the tenant.
pub(super) const WORKSPACE_HEADER: &str = "x-mlflow-workspace";

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const MAX_SHOWN: usize = 64;
