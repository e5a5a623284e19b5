//! Jaeger's remote sampling: a server says which traces are recorded.
//!
//! `GET {endpoint}?service={service.name}`, answered in JSON; Jaeger documentation, "Sampling", and
//! OpenTelemetry specification, "`JaegerRemoteSampler`".
//!
//! The SDK has a sampler for the same protocol, which does not do here. It does not read the answer
//! of a rate limiting strategy (Jaeger writes `RATE_LIMITING`, it expects `RATELIMITING`). Its
//! limiter counts whole seconds from one decision to the next, so that decisions less than a second
//! apart never refill it. It ignores the lower bound of adaptive sampling, locks a mutex for every
//! decision, and makes its first request after a whole interval.

mod answer;
mod limiter;
mod strategy;

use std::{
    fmt,
    sync::{Arc, RwLock, Weak},
    time::{Duration, Instant},
};

use oc_otlp::{
    IoRuntime,
    transport::{Endpoint, EndpointError, Fetch},
};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use self::strategy::Strategy;
use crate::{
    config::{JaegerRemoteSampler, SystemRoots},
    diagnostics::emit,
    sync::{read, write},
};

/// Starts to ask for strategies: at once, and then at the configured interval.
///
/// # Errors
///
/// The endpoint's URL is malformed, or it is `https` and the system trusts no root.
pub(super) fn sampler(
    remote: &JaegerRemoteSampler,
    service_name: &str,
    roots: &SystemRoots,
    io: &IoRuntime,
) -> Result<RemoteSampler, EndpointError> {
    let endpoint = Endpoint::new(url(&remote.endpoint, service_name))
        .with_timeout(TIMEOUT)
        .with_header("accept", "application/json");
    let endpoint = roots.apply(endpoint);
    let fetch = Fetch::new(&endpoint)?;
    let state = Arc::new(State {
        strategy: RwLock::new(Strategy::Share(remote.initial_sampling_rate)),
        epoch: Instant::now(),
    });
    let interval = remote.polling_interval.max(SHORTEST_INTERVAL);
    io.spawn(follow(
        fetch,
        endpoint.redacted_url(),
        interval,
        Arc::downgrade(&state),
    ));
    Ok(RemoteSampler { state })
}

/// Decides by what the server said last, until its first answer by the initial rate.
///
/// It stops asking when its last clone is dropped or the thread that asks ends, and then goes on
/// deciding as before.
#[derive(Debug, Clone)]
pub(super) struct RemoteSampler {
    state: Arc<State>,
}

impl ShouldSample for RemoteSampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let trace_state = match parent_context {
            Some(context) => context.span().span_context().trace_state().clone(),
            None => TraceState::default(),
        };
        SamplingResult {
            decision: if self.state.decide(trace_id, name) {
                SamplingDecision::RecordAndSample
            } else {
                SamplingDecision::Drop
            },
            attributes: Vec::new(),
            trace_state,
        }
    }
}

struct State {
    strategy: RwLock<Strategy>,
    /// What the limiters count time from.
    epoch: Instant,
}

impl State {
    fn decide(&self, trace_id: TraceId, name: &str) -> bool {
        let strategy = read(&self.strategy);
        strategy.decide(trace_id, name, || self.epoch.elapsed())
    }

    fn replace(&self, strategy: Strategy) {
        let now = self.epoch.elapsed();
        let mut current = write(&self.strategy);
        let strategy = strategy.following(&current, now);
        let old = std::mem::replace(&mut *current, strategy);
        // Thousands of operations may go: not while decisions wait.
        drop(current);
        drop(old);
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

/// Asks until the sampler is gone. What fails changes nothing, and is logged at most once a minute.
async fn follow(fetch: Fetch, shown_url: String, interval: Duration, state: Weak<State>) {
    let mut logged: Option<Instant> = None;
    loop {
        let problem = match fetch.get().await {
            Ok(body) => match answer::parse(&body) {
                Ok(strategy) => match state.upgrade() {
                    Some(state) => {
                        state.replace(strategy);
                        None
                    }
                    None => return,
                },
                Err(error) => Some(error.to_string()),
            },
            Err(error) => Some(error.to_string()),
        };
        if state.strong_count() == 0 {
            return;
        }
        if let Some(problem) = problem
            && logged.is_none_or(|logged| logged.elapsed() >= LOG_INTERVAL)
        {
            logged = Some(Instant::now());
            emit(|| {
                tracing::warn!(
                    target: "oc_telemetry",
                    endpoint = shown_url, error = problem, again_in = ?interval,
                    "no sampling strategy, traces are sampled as before"
                );
            });
        }
        tokio::time::sleep(interval).await;
    }
}

/// `endpoint` with the service in its query.
fn url(endpoint: &str, service_name: &str) -> String {
    let endpoint = endpoint.split('#').next().unwrap_or_default();
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    let service = utf8_percent_encode(service_name, NON_ALPHANUMERIC);
    format!("{endpoint}{separator}service={service}")
}

/// For one request and its answer.
const TIMEOUT: Duration = Endpoint::DEFAULT_TIMEOUT;
/// An interval of zero must not keep the thread busy.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);
const LOG_INTERVAL: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// The service goes into the query, whatever it is called and whatever the endpoint holds.
    #[test]
    fn urls() {
        for (endpoint, service, expected) in [
            ("http://a/s", "gateway", "http://a/s?service=gateway"),
            ("http://a/s?k=v", "x", "http://a/s?k=v&service=x"),
            ("http://a/s#part", "x", "http://a/s?service=x"),
            ("http://a", "ü &#?", "http://a?service=%C3%BC%20%26%23%3F"),
        ] {
            assert_eq!(url(endpoint, service), expected);
        }
    }

    /// Panics at every event, after it has told that there is one.
    struct Panicking(Notify);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for &'static Panicking {
        fn on_event(
            &self,
            event: &tracing::Event<'_>,
            _: tracing_subscriber::layer::Context<'_, S>,
        ) {
            if event.metadata().target() == "oc_telemetry" {
                self.0.notify_one();
                panic!("scripted");
            }
        }
    }

    /// A layer of the program's that panics at the task's event does not end the task.
    #[tokio::test]
    async fn survives_a_layer_that_panics() {
        static LAYER: Panicking = Panicking(Notify::const_new());
        let subscriber = tracing_subscriber::registry().with(&LAYER);
        let _default = tracing::subscriber::set_default(subscriber);
        let state = Arc::new(State {
            strategy: RwLock::new(Strategy::Share(1.0)),
            epoch: Instant::now(),
        });
        let weak = Arc::downgrade(&state);
        let task = follow(dead_end(), String::new(), SHORTEST_INTERVAL, weak);
        let task = tokio::spawn(task);
        LAYER.0.notified().await;
        drop(state);
        assert!(task.await.is_ok(), "ended by itself");
    }

    /// The task ends with the sampler.
    #[tokio::test]
    async fn ends_with_the_sampler() {
        let task = follow(
            dead_end(),
            String::new(),
            Duration::from_hours(1),
            Weak::new(),
        );
        let ended = tokio::time::timeout(Duration::from_secs(20), task).await;
        assert!(ended.is_ok());
    }

    /// Where nobody listens.
    fn dead_end() -> Fetch {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::new(format!("http://{}", closed.local_addr().unwrap()));
        drop(closed);
        Fetch::new(&endpoint).unwrap()
    }
}
