//! The `/metrics` page: what it shows, and what it answers to requests of all sorts.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use oc_telemetry::metrics::{
    self, AgentMetrics, MetricPrefix, MetricsPage, ModelLabels, SessionKind, TokenDetail,
    TokenType, ToolStatus,
};
use opentelemetry::{
    InstrumentationScope, KeyValue,
    metrics::{Meter, MeterProvider},
};
use opentelemetry_sdk::{
    Resource,
    metrics::{
        SdkMeterProvider, Temporality,
        data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics, SumDataPoint},
        reader::MetricReader,
    },
};
use prometheus::{
    Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use crate::{
    readers::SharedReader,
    support::{alone, in_time},
};

/// One increment is seen equal through a second reader and through the page.
#[test]
fn both_readers_see_the_same_increment() {
    let registry = Registry::new();
    let (exporter, page) = metrics::reader(registry).unwrap();
    let other = SharedReader::new();
    let provider = SdkMeterProvider::builder()
        .with_reader(exporter)
        .with_reader(other.clone())
        .build();
    let agents = AgentMetrics::new(&meter(&provider), &MetricPrefix::default());

    agents.tool_call("read_file", ToolStatus::Ok, "xavier");

    let mut collected = ResourceMetrics::default();
    other.collect(&mut collected).unwrap();
    let metric = collected
        .scope_metrics()
        .flat_map(ScopeMetrics::metrics)
        .find(|metric| metric.name() == "openclaw.tool.calls")
        .unwrap();
    let AggregatedMetrics::U64(MetricData::Sum(sum)) = metric.data() else {
        panic!("not a sum");
    };
    assert_eq!(sum.temporality(), Temporality::Cumulative);
    let values: Vec<u64> = sum.data_points().map(SumDataPoint::value).collect();
    assert_eq!(values, [1]);
    assert!(
        page.render().unwrap().contains(
            "openclaw_tool_calls_total{agent=\"xavier\",status=\"ok\",tool=\"read_file\"} 1\n"
        ),
        "{}",
        page.render().unwrap()
    );
}

/// Every family has the name, the type and exactly the labels of its definition: no
/// `otel_scope_*`, although the scope has a version and attributes.
#[test]
fn families_have_exact_names_and_labels() {
    let (provider, page) = provider();
    let agents = AgentMetrics::new(&meter(&provider), &MetricPrefix::default());
    record_everything(&agents);

    assert_eq!(
        shapes(&page.render().unwrap()),
        expected(&[
            ("openclaw_agent_active_sessions", "gauge", "agent"),
            ("openclaw_cost_unpriced_total", "counter", "model,provider"),
            (
                "openclaw_model_errors_total",
                "counter",
                "agent,error_type,model"
            ),
            (
                "openclaw_session_cost_usd",
                "histogram",
                "agent,model,provider"
            ),
            (
                "openclaw_session_duration_seconds",
                "histogram",
                "agent,kind,model"
            ),
            (
                "openclaw_session_token_details_total",
                "counter",
                "agent,model,provider,type"
            ),
            (
                "openclaw_session_tokens_total",
                "counter",
                "agent,model,provider,type"
            ),
            ("openclaw_tool_calls_total", "counter", "agent,status,tool"),
            ("target_info", "gauge", "service_name"),
        ])
    );
}

/// Sums, label values and empty labels come out as recorded; a session that ended is not active.
#[test]
fn values_are_exact() {
    let (provider, page) = provider();
    let agents = AgentMetrics::new(&meter(&provider), &MetricPrefix::default());
    record_everything(&agents);
    let ended = agents.session_started("xavier");
    drop(ended);

    let text = page.render().unwrap();
    for line in [
        "openclaw_agent_active_sessions{agent=\"xavier\"} 0",
        "openclaw_session_tokens_total{agent=\"xavier\",model=\"m\",provider=\"p\",type=\"input\"} 70",
        "openclaw_session_cost_usd_sum{agent=\"xavier\",model=\"m\",provider=\"p\"} 0.75",
        "openclaw_session_cost_usd_count{agent=\"xavier\",model=\"m\",provider=\"p\"} 2",
        "openclaw_session_duration_seconds_bucket{agent=\"xavier\",kind=\"main\",model=\"none\",le=\"3600\"} 1",
        "openclaw_model_errors_total{agent=\"xavier\",error_type=\"429\",model=\"m\"} 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
}

/// Values that would break a sum for good are left out and counted.
#[test]
fn impossible_costs_are_refused() {
    let (provider, page) = provider();
    let agents = AgentMetrics::new(&meter(&provider), &MetricPrefix::default());
    let labels = ModelLabels::new("xavier", "m", "p");

    for usd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.01] {
        agents.cost(&labels, usd);
    }
    agents.cost(&labels, 0.0);

    assert_eq!(agents.refused_values(), 4);
    let text = page.render().unwrap();
    assert!(text.contains(
        "openclaw_session_cost_usd_count{agent=\"xavier\",model=\"m\",provider=\"p\"} 1\n"
    ));
    assert!(text.contains(
        "openclaw_session_cost_usd_sum{agent=\"xavier\",model=\"m\",provider=\"p\"} 0\n"
    ));
}

/// A prefix of the operator's replaces `openclaw.` in every name.
#[test]
fn the_prefix_replaces_ours() {
    let (provider, page) = provider();
    let prefix = MetricPrefix::parse("acme.bot").unwrap();
    let agents = AgentMetrics::new(&meter(&provider), &prefix);
    record_everything(&agents);

    let text = page.render().unwrap();
    assert!(text.contains("acme_bot_session_tokens_total{"), "{text}");
    assert!(!text.contains("openclaw"), "{text}");
}

/// A registry takes one exporter; the second is an error that says so.
#[test]
fn a_second_reader_on_a_registry_is_an_error() {
    let registry = Registry::new();
    let _first = metrics::reader(registry.clone()).unwrap();

    let error = metrics::reader(registry).unwrap_err();

    assert!(error.to_string().contains("already holds"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

/// The program's own collectors share the page.
#[test]
fn foreign_collectors_are_shown() {
    let registry = Registry::new();
    let own = prometheus::IntCounter::new("own_total", "A counter of the program's").unwrap();
    registry.register(Box::new(own.clone())).unwrap();
    let (_exporter, page) = metrics::reader(registry).unwrap();
    own.inc_by(3);

    assert!(page.render().unwrap().contains("\nown_total 3\n"));
}

/// What the text format cannot express, and a collector that panics, is a 500 with a line of
/// text; the page works again when the cause is gone.
#[test]
fn unrenderable_registries_are_a_500() {
    for (broken, expected) in [
        (Broken::Untyped, "without a type"),
        (Broken::Nameless, "rejected a family"),
        (Broken::Panics, "panicked"),
    ] {
        let registry = Registry::new();
        let page = MetricsPage::new(registry.clone());
        registry.register(Box::new(broken)).unwrap();

        let response = page.respond(&get());
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let text = body(response);
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("secret"), "{text}");

        registry.unregister(Box::new(broken)).unwrap();
        assert_eq!(page.respond(&get()).status(), StatusCode::OK);
    }
}

/// GET gives the page in the text format; HEAD gives its headers and no body.
#[test]
fn get_and_head() {
    let (_provider, page) = provider();

    let response = page.respond(&get());
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let length = response.headers()["content-length"].clone();
    let text = body(response);
    assert_eq!(length, text.len().to_string());
    assert!(text.starts_with("# HELP target_info"), "{text}");

    let head = page.respond(&request(Method::HEAD, &[]));
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()["content-length"], length);
    assert_eq!(body(head), "");
}

/// Other methods and requests with a body get a refusal, with or without a known length.
#[test]
fn requests_that_are_refused() {
    let (_provider, page) = provider();

    let post = page.respond(&request(Method::POST, &[]));
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(post.headers()["allow"], "GET, HEAD");
    for (headers, status) in [
        (&[("content-length", "0")][..], StatusCode::OK),
        (&[("content-length", "5")], StatusCode::PAYLOAD_TOO_LARGE),
        (
            &[("content-length", "0"), ("content-length", "1")],
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (&[("content-length", "-1")], StatusCode::BAD_REQUEST),
        (&[("content-length", "")], StatusCode::BAD_REQUEST),
        (
            &[("transfer-encoding", "chunked")],
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let response = page.respond(&request(Method::GET, headers));
        assert_eq!(response.status(), status, "{headers:?}");
    }
}

/// As a tower service it answers the same.
#[tokio::test]
async fn the_page_is_a_service() {
    let (_provider, page) = provider();
    let response = tower::ServiceExt::oneshot(page, get()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

/// A collector that takes its time keeps no other task of the executor from its work, whether the
/// page has the telemetry's own thread or not.
#[test]
fn the_service_does_not_block_the_executor() {
    for is_mounted in [true, false] {
        in_time(move || {
            let registry = Registry::new();
            let (release, collector) = Slow::new();
            registry.register(Box::new(collector)).unwrap();
            let builder = alone().without_prometheus_listener();
            let telemetry = builder.with_prometheus_registry(registry.clone());
            let telemetry = telemetry.build().unwrap();
            let page = if is_mounted {
                telemetry.metrics_page().unwrap().clone()
            } else {
                MetricsPage::new(registry)
            };
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.build().unwrap();
            let response = runtime.block_on(async {
                let scrape = tokio::spawn(tower::ServiceExt::oneshot(page, get()));
                tokio::task::yield_now().await;
                release.send(()).unwrap();
                scrape.await.unwrap().unwrap()
            });
            assert_eq!(response.status(), StatusCode::OK);
        });
    }
}

/// However many ask at once, only a few pages are rendered at a time.
#[test]
fn the_service_renders_few_pages_at_once() {
    in_time(|| {
        let registry = Registry::new();
        let (release, collector) = Slow::new();
        let (running, most) = (Arc::clone(&collector.running), Arc::clone(&collector.most));
        registry.register(Box::new(collector)).unwrap();
        let page = MetricsPage::new(registry);
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        runtime.block_on(async {
            let scrapes: Vec<_> = (0..10)
                .map(|_| tokio::spawn(tower::ServiceExt::oneshot(page.clone(), get())))
                .collect();
            // Scrapes that nobody waits for any more give their place to others.
            for scrape in scrapes.iter().skip(6) {
                tokio::task::yield_now().await;
                scrape.abort();
            }
            while running.load(Ordering::Acquire) < 2 {
                tokio::task::yield_now().await;
            }
            drop(release);
            for scrape in scrapes.into_iter().take(6) {
                assert_eq!(scrape.await.unwrap().unwrap().status(), StatusCode::OK);
            }
        });
        assert_eq!(most.load(Ordering::Acquire), 2);
    });
}

/// Outside of every runtime it is answered too.
#[test]
fn the_service_needs_no_runtime() {
    let (_provider, page) = provider();
    let response = tower::ServiceExt::oneshot(page, get()).now_or_never();
    let response = response.unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

/// A collector that waits for a word, at most once a scrape.
struct Slow {
    desc: Desc,
    released: Mutex<mpsc::Receiver<()>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Slow {
    fn new() -> (mpsc::Sender<()>, Self) {
        let (release, released) = mpsc::channel();
        let desc = Desc::new("slow".into(), "Slow".into(), Vec::new(), HashMap::new());
        let slow = Self {
            desc: desc.unwrap(),
            released: Mutex::new(released),
            running: Arc::default(),
            most: Arc::default(),
        };
        (release, slow)
    }
}

impl Collector for Slow {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let running = self.running.fetch_add(1, Ordering::AcqRel) + 1;
        self.most.fetch_max(running, Ordering::AcqRel);
        let _ = self.released.lock().unwrap().recv();
        self.running.fetch_sub(1, Ordering::AcqRel);
        Vec::new()
    }
}

fn provider() -> (SdkMeterProvider, MetricsPage) {
    let (exporter, page) = metrics::reader(Registry::new()).unwrap();
    let provider = SdkMeterProvider::builder()
        .with_resource(
            Resource::builder_empty()
                .with_service_name("gateway")
                .build(),
        )
        .with_reader(exporter)
        .build();
    (provider, page)
}

fn meter(provider: &SdkMeterProvider) -> Meter {
    provider.meter_with_scope(
        InstrumentationScope::builder("oc-telemetry")
            .with_version("1.2.3")
            .with_attributes([KeyValue::new("hidden", "yes")])
            .build(),
    )
}

fn record_everything(agents: &AgentMetrics) {
    let labels = ModelLabels::new("xavier", "m", "p");
    drop(agents.session_started("xavier"));
    agents.session_ended("xavier", "", SessionKind::Main, Duration::from_mins(50));
    agents.tokens(&labels, TokenType::Input, 50);
    agents.tokens(&labels, TokenType::Input, 20);
    agents.tokens(&labels, TokenType::Output, 7);
    agents.token_details(&labels, TokenDetail::CacheRead, 5);
    agents.cost(&labels, 0.5);
    agents.cost(&labels, 0.25);
    agents.unpriced("m", "p");
    agents.tool_call("read_file", ToolStatus::Denied, "xavier");
    agents.model_error("m", "429", "xavier");
}

/// Name → type and sorted label names (without `le`) of every family in a page.
fn shapes(text: &str) -> HashMap<String, (String, String)> {
    let mut shapes: HashMap<String, (String, String)> = HashMap::new();
    let mut family = String::new();
    for line in text.lines().filter(|line| !line.starts_with("# HELP")) {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            name.clone_into(&mut family);
            shapes.insert(family.clone(), (kind.to_owned(), String::new()));
            continue;
        }
        assert!(line.starts_with(&family), "{line}");
        let labels = line.split_once('{').unwrap().1.split_once('}').unwrap().0;
        let mut names: Vec<&str> = labels
            .split(',')
            .map(|label| label.split_once('=').unwrap().0)
            .filter(|name| *name != "le")
            .collect();
        names.sort_unstable();
        let names = names.join(",");
        let seen = &mut shapes.get_mut(&family).unwrap().1;
        assert!(
            seen.is_empty() || *seen == names,
            "{family}: {seen} and {names}"
        );
        *seen = names;
    }
    shapes
}

fn expected(families: &[(&str, &str, &str)]) -> HashMap<String, (String, String)> {
    families
        .iter()
        .map(|(name, kind, labels)| {
            (
                (*name).to_owned(),
                ((*kind).to_owned(), (*labels).to_owned()),
            )
        })
        .collect()
}

fn get() -> Request<()> {
    request(Method::GET, &[])
}

fn request(method: Method, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder().method(method).uri("/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

fn body(response: Response<Full<Bytes>>) -> String {
    let collected = response.into_body().collect().now_or_never();
    String::from_utf8(collected.unwrap().unwrap().to_bytes().to_vec()).unwrap()
}

/// Collectors as a program might register them by mistake.
#[derive(Clone, Copy)]
enum Broken {
    Untyped,
    Nameless,
    Panics,
}

impl Collector for Broken {
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut family = MetricFamily::default();
        family.set_metric(vec![prometheus::proto::Metric::default()]);
        match self {
            Self::Untyped => {
                family.set_name("odd".to_owned());
                family.set_field_type(prometheus::proto::MetricType::UNTYPED);
            }
            Self::Nameless => {}
            Self::Panics => panic!("secret"),
        }
        vec![family]
    }
}
