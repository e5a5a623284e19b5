use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use oc_otlp::{
    Counts, Delivery, DropReason, Ledger, Payload, Signal,
    transport::{Accepted, SendFuture, Transport},
};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use serde_json::Value;
use tokio::time::Instant;

use super::{Project, api, values::Totals};
use crate::{diagnostics::emit, metrics::MetricPrefix, pipeline::metrics::MetricSink};

/// Turns collections into values of the run and hands them to the run's delivery.
///
/// Only what has changed is logged, so that an idle process writes nothing; after a loss everything
/// is.
pub(crate) struct RunMetrics {
    project: Arc<Project>,
    totals: Totals,
    logged: BTreeMap<String, f64>,
    delivery: Delivery,
    ledger: Arc<Ledger>,
    interval: Duration,
    last: Option<Instant>,
    step: u64,
    /// Values given up so far.
    lost: u64,
    has_told: bool,
}

impl RunMetrics {
    /// `delivery` sends by a [`RunTransport`] and counts in `ledger`, in which it is the only
    /// destination.
    pub(crate) fn new(
        project: Arc<Project>,
        prefix: &MetricPrefix,
        delivery: Delivery,
        ledger: Arc<Ledger>,
    ) -> Self {
        Self {
            totals: Totals::new(project.config(), prefix),
            interval: project.config().flush_interval,
            project,
            logged: BTreeMap::new(),
            delivery,
            ledger,
            last: None,
            step: 0,
            lost: 0,
            has_told: false,
        }
    }

    /// Says once that the run does not count everything.
    fn tell(&mut self) {
        if self.totals.has_nameless() && !std::mem::replace(&mut self.has_told, true) {
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    "there are more series of token counts than the SDK keeps apart; those beyond \
                     its limit are missing from the values of the MLflow run"
                );
            });
        }
    }

    fn log(&mut self) {
        let lost = self
            .ledger
            .snapshot()
            .iter()
            .map(Counts::dropped_total)
            .sum();
        if std::mem::replace(&mut self.lost, lost) != lost {
            self.logged.clear();
        }
        let values = self.totals.values();
        let time = self.project.now();
        let changed: Vec<Value> = values
            .iter()
            .filter(|(key, value)| self.logged.get(*key) != Some(*value))
            .map(|(key, value)| api::metric(key, *value, time, self.step))
            .collect();
        if changed.is_empty() {
            return;
        }
        self.step += 1;
        for batch in changed.chunks(api::MAX_METRICS) {
            let items = batch.len() as u64;
            let Ok(body) = serde_json::to_vec(batch) else {
                self.ledger.created_and_dropped(items, DropReason::Encode);
                continue;
            };
            self.ledger.created(items);
            self.ledger.handed_over(items);
            let payload = Payload::new(Signal::Metrics, body.into(), items);
            self.delivery.submit(payload.with_generation(self.step));
        }
        self.logged = values;
    }
}

impl MetricSink for RunMetrics {
    fn offer(&mut self, metrics: &ResourceMetrics, flush: bool) {
        self.totals.update(metrics);
        self.tell();
        let now = Instant::now();
        // A collection that comes a little early counts: the next one would be a whole interval late.
        let due = self
            .last
            .is_none_or(|last| now.duration_since(last) + SLACK >= self.interval);
        if due || flush {
            self.last = Some(now);
            self.log();
        }
    }

    fn drained(&self) -> BoxFuture<'static, ()> {
        Box::pin(self.delivery.drained())
    }
}

impl fmt::Debug for RunMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunMetrics")
            .field("project", &self.project)
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// Logs batches of values to the run. A payload's body is the JSON array of them.
#[derive(Debug)]
pub(crate) struct RunTransport(pub(crate) Arc<Project>);

impl Transport for RunTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> SendFuture<'a> {
        Box::pin(async move {
            let run = self.0.run().await?;
            let found = self.0.found().await?;
            api::log_batch(&found.rest, run, payload.body()).await?;
            emit(|| {
                tracing::debug!(
                    target: "oc_telemetry",
                    run_id = run, values = payload.items(),
                    "metrics logged to the MLflow run"
                );
            });
            Ok(Accepted::default())
        })
    }
}

const SLACK: Duration = Duration::from_millis(250);
