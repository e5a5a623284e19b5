//! Observable callbacks that may panic without harm.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use opentelemetry::{
    InstrumentationScope,
    metrics::{
        AsyncInstrument, AsyncInstrumentBuilder, Callback, Counter, Gauge, Histogram,
        HistogramBuilder, InstrumentBuilder, InstrumentProvider, Meter, MeterProvider,
        ObservableCounter, ObservableGauge, ObservableUpDownCounter, UpDownCounter,
    },
};

/// What came of the program's observable callbacks and of the collections that run them.
#[derive(Default)]
pub(crate) struct Collections {
    running_callbacks: AtomicU64,
    panicked_callbacks: AtomicU64,
    failed: AtomicU64,
    on_panic: Option<Box<dyn Fn() + Send + Sync>>,
}

impl Collections {
    /// `on_panic` is told of every panic of a callback. It is called in the middle of a collection:
    /// it must not use an instrument, nor log in place, for a log layer may use one.
    pub(crate) fn new(on_panic: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            on_panic: Some(Box::new(on_panic)),
            ..Self::default()
        })
    }

    /// How often a callback has panicked.
    pub(crate) fn panicked_callbacks(&self) -> u64 {
        self.panicked_callbacks.load(Ordering::Acquire)
    }

    /// How many pushes have brought nothing, because their collection failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Acquire)
    }

    /// Whether a callback is at work.
    pub(crate) fn callback_is_running(&self) -> bool {
        self.running_callbacks.load(Ordering::Acquire) > 0
    }

    pub(crate) fn count_failure(&self) {
        self.failed.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn run(&self, callback: impl FnOnce()) {
        self.running_callbacks.fetch_add(1, Ordering::AcqRel);
        let outcome = catch_unwind(AssertUnwindSafe(callback));
        self.running_callbacks.fetch_sub(1, Ordering::AcqRel);
        if outcome.is_err() {
            self.panicked_callbacks.fetch_add(1, Ordering::AcqRel);
            if let Some(on_panic) = &self.on_panic {
                on_panic();
            }
        }
    }
}

impl fmt::Debug for Collections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collections")
            .field("panicked_callbacks", &self.panicked_callbacks())
            .field("failed", &self.failed())
            .finish_non_exhaustive()
    }
}

/// A meter provider whose instruments are those of another one, but for their callbacks: a panic
/// costs what the callback would have observed, and is counted.
///
/// Under the SDK alone it would poison the locks of the reader and of its pipeline, and nothing
/// would be collected ever after.
#[derive(Debug)]
pub(crate) struct GuardedMeterProvider<P> {
    inner: P,
    collections: Arc<Collections>,
}

impl<P> GuardedMeterProvider<P> {
    pub(crate) fn new(inner: P, collections: Arc<Collections>) -> Self {
        Self { inner, collections }
    }
}

impl<P: MeterProvider> MeterProvider for GuardedMeterProvider<P> {
    fn meter_with_scope(&self, scope: InstrumentationScope) -> Meter {
        guarded(self.inner.meter_with_scope(scope), &self.collections)
    }
}

/// The same meter with guarded callbacks.
pub(crate) fn guarded(inner: Meter, collections: &Arc<Collections>) -> Meter {
    Meter::new(Arc::new(Guarded {
        inner,
        collections: Arc::clone(collections),
    }))
}

struct Guarded {
    inner: Meter,
    collections: Arc<Collections>,
}

impl Guarded {
    fn callbacks<M: 'static>(&self, callbacks: Vec<Callback<M>>) -> Vec<Callback<M>> {
        callbacks
            .into_iter()
            .map(|callback| {
                let collections = Arc::clone(&self.collections);
                Box::new(move |instrument: &dyn AsyncInstrument<M>| {
                    collections.run(|| callback(instrument));
                }) as Callback<M>
            })
            .collect()
    }
}

macro_rules! passed_on {
    ($($name:ident: $instrument:ty),+ $(,)?) => {
        $(
            fn $name(&self, builder: InstrumentBuilder<'_, $instrument>) -> $instrument {
                let mut inner = self.inner.$name(builder.name);
                inner.description = builder.description;
                inner.unit = builder.unit;
                inner.build()
            }
        )+
    };
}

macro_rules! histograms {
    ($($name:ident: $instrument:ty),+ $(,)?) => {
        $(
            fn $name(&self, builder: HistogramBuilder<'_, $instrument>) -> $instrument {
                let mut inner = self.inner.$name(builder.name);
                inner.description = builder.description;
                inner.unit = builder.unit;
                inner.boundaries = builder.boundaries;
                inner.build()
            }
        )+
    };
}

macro_rules! with_guarded_callbacks {
    ($($name:ident: $instrument:ty, $value:ty);+ $(;)?) => {
        $(
            fn $name(
                &self,
                builder: AsyncInstrumentBuilder<'_, $instrument, $value>,
            ) -> $instrument {
                let mut inner = self.inner.$name(builder.name);
                inner.description = builder.description;
                inner.unit = builder.unit;
                inner.callbacks = self.callbacks(builder.callbacks);
                inner.build()
            }
        )+
    };
}

impl InstrumentProvider for Guarded {
    passed_on! {
        u64_counter: Counter<u64>,
        f64_counter: Counter<f64>,
        i64_up_down_counter: UpDownCounter<i64>,
        f64_up_down_counter: UpDownCounter<f64>,
        u64_gauge: Gauge<u64>,
        i64_gauge: Gauge<i64>,
        f64_gauge: Gauge<f64>,
    }

    histograms! {
        u64_histogram: Histogram<u64>,
        f64_histogram: Histogram<f64>,
    }

    with_guarded_callbacks! {
        u64_observable_counter: ObservableCounter<u64>, u64;
        f64_observable_counter: ObservableCounter<f64>, f64;
        i64_observable_up_down_counter: ObservableUpDownCounter<i64>, i64;
        f64_observable_up_down_counter: ObservableUpDownCounter<f64>, f64;
        u64_observable_gauge: ObservableGauge<u64>, u64;
        i64_observable_gauge: ObservableGauge<i64>, i64;
        f64_observable_gauge: ObservableGauge<f64>, f64;
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::{
        error::OTelSdkResult,
        metrics::{
            InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality,
            data::{Metric, ResourceMetrics, ScopeMetrics},
            reader::MetricReader,
        },
    };

    use super::*;

    /// A reader that the provider and the test share.
    #[derive(Debug, Clone)]
    struct Shared(Arc<ManualReader>);

    impl MetricReader for Shared {
        fn register_pipeline(&self, pipeline: std::sync::Weak<Pipeline>) {
            self.0.register_pipeline(pipeline);
        }

        fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
            self.0.collect(metrics)
        }

        fn force_flush(&self) -> OTelSdkResult {
            self.0.force_flush()
        }

        fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
            self.0.shutdown_with_timeout(timeout)
        }

        fn temporality(&self, kind: InstrumentKind) -> Temporality {
            self.0.temporality(kind)
        }
    }

    fn shapes(meters: &dyn MeterProvider, reader: &Shared) -> Vec<String> {
        every_instrument(&meters.meter("test"));
        let mut collected = ResourceMetrics::default();
        reader.collect(&mut collected).unwrap();
        let metrics = collected.scope_metrics().flat_map(ScopeMetrics::metrics);
        let shape = |metric: &Metric| {
            let data = format!("{:?}", metric.data());
            // Times differ from one collection to the next.
            let data: Vec<_> = data
                .split("SystemTime")
                .map(|part| part.split('}').skip(1).collect::<String>())
                .collect();
            format!(
                "{} {} {} {data:?}",
                metric.name(),
                metric.description(),
                metric.unit()
            )
        };
        metrics.map(shape).collect()
    }

    macro_rules! record {
        ($meter:ident, $method:ident: $($name:ident = $value:expr),+) => {
            $(
                let instrument = $meter.$name(stringify!($name));
                instrument
                    .with_unit("s")
                    .with_description("d")
                    .build()
                    .$method($value, &[]);
            )+
        };
    }

    macro_rules! observe {
        ($meter:ident, $($name:ident = $value:expr),+) => {
            $(
                let instrument = $meter.$name(stringify!($name));
                instrument
                    .with_unit("s")
                    .with_description("d")
                    .with_callback(|observer| observer.observe($value, &[]))
                    .build();
            )+
        };
    }

    fn every_instrument(meter: &Meter) {
        record!(meter, add: u64_counter = 1, f64_counter = 1.5);
        record!(meter, add: i64_up_down_counter = -1, f64_up_down_counter = -1.5);
        record!(meter, record: u64_gauge = 1, i64_gauge = -1, f64_gauge = 1.5);
        record!(meter, record: u64_histogram = 1, f64_histogram = 1.5);
        let bounded = meter.f64_histogram("bounded");
        bounded
            .with_boundaries(vec![1.0, 2.0])
            .build()
            .record(1.5, &[]);
        observe!(
            meter,
            u64_observable_counter = 1,
            f64_observable_counter = 1.5
        );
        observe!(
            meter,
            i64_observable_up_down_counter = -1,
            f64_observable_up_down_counter = 1.5
        );
        observe!(
            meter,
            u64_observable_gauge = 1,
            i64_observable_gauge = -1,
            f64_observable_gauge = 1.5
        );
    }

    fn provider() -> (SdkMeterProvider, Shared) {
        let reader = Shared(Arc::new(ManualReader::builder().build()));
        let provider = SdkMeterProvider::builder().with_reader(reader.clone());
        (provider.build(), reader)
    }

    /// Every kind of instrument is what the SDK's own meter makes of it.
    #[test]
    fn instruments_are_passed_on() {
        let (plain, reader) = provider();
        let expected = shapes(&plain, &reader);
        assert_eq!(expected.len(), 17);
        let (inner, reader) = provider();
        let guarded = GuardedMeterProvider::new(inner, Arc::default());
        assert_eq!(shapes(&guarded, &reader), expected);
    }

    /// A panic is counted and told; the other callbacks and the next collection are as ever.
    #[test]
    fn a_panic_is_counted() {
        let told = Arc::new(AtomicU64::new(0));
        let collections = Collections::new({
            let told = Arc::clone(&told);
            move || {
                told.fetch_add(1, Ordering::AcqRel);
            }
        });
        let (inner, reader) = provider();
        let guarded = GuardedMeterProvider::new(inner, Arc::clone(&collections));
        let meter = guarded.meter("test");
        let broken = meter.u64_observable_gauge("broken");
        broken.with_callback(|_| panic!("scripted")).build();
        every_instrument(&meter);
        for round in 1..=2 {
            let mut collected = ResourceMetrics::default();
            reader.collect(&mut collected).unwrap();
            let scope = collected.scope_metrics().next().unwrap();
            assert_eq!(scope.metrics().count(), 17);
            assert_eq!(collections.panicked_callbacks(), round);
            assert_eq!(told.load(Ordering::Acquire), round);
            assert!(!collections.callback_is_running());
        }
    }
}
