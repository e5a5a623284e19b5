//! Instruments on the meter provider that a host registers with `opentelemetry::global`, before they are made or after.
//!
//! A host needs our readers to make its provider, so that the telemetry is there first. An instrument of the API made
//! before a provider is registered records nothing for ever; one of these looks for the provider when it records.

use std::{
    cell::Cell,
    sync::{Arc, OnceLock},
};

use opentelemetry::{
    InstrumentationScope, KeyValue, global,
    metrics::{
        AsyncInstrumentBuilder, BoundCounter, BoundGauge, BoundHistogram, BoundSyncInstrument,
        BoundUpDownCounter, Counter, Gauge, Histogram, HistogramBuilder, InstrumentBuilder,
        InstrumentProvider, Meter, MeterProvider, ObservableCounter, ObservableGauge,
        ObservableUpDownCounter, SyncInstrument, UpDownCounter,
    },
};

/// A meter of the provider that the host registers.
///
/// Observable instruments alone must be made after that: they are made on what is registered by then, and say so in the
/// log if that is nothing.
pub(crate) fn meter(scope: &'static str) -> Meter {
    Meter::new(Arc::new(HostMeter {
        scope: InstrumentationScope::builder(scope).build(),
    }))
}

struct HostMeter {
    scope: InstrumentationScope,
}

/// What stands in for an instrument until the provider is there.
struct Late<I>(Arc<Instrument<I>>);

struct Instrument<I> {
    scope: InstrumentationScope,
    make: Box<dyn Fn(&Meter) -> I + Send + Sync>,
    found: OnceLock<I>,
}

impl<I> Late<I> {
    fn new(
        scope: &InstrumentationScope,
        make: impl Fn(&Meter) -> I + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self(Arc::new(Instrument {
            scope: scope.clone(),
            make: Box::new(make),
            found: OnceLock::new(),
        })))
    }
}

impl<I> Instrument<I> {
    /// Hands the instrument to `record`: the one found before, or what the provider registered now makes of it.
    fn with(&self, record: impl FnOnce(&I)) {
        if let Some(found) = self.found.get() {
            return record(found);
        }
        // Making an instrument is logged, and a host's log layer may record it by this very instrument.
        let Some(_making) = Making::begin() else {
            return;
        };
        let provider = global::meter_provider();
        let made = (self.make)(&provider.meter_with_scope(self.scope.clone()));
        if is_real(&*provider) {
            record(self.found.get_or_init(|| made));
        } else {
            record(&made);
        }
    }
}

/// Whether this is more than what the API has until a provider is registered.
///
/// That has no state, where a provider that collects anything has some. One that keeps its state elsewhere is asked anew
/// for every record, which costs time and loses nothing.
fn is_real(provider: &dyn MeterProvider) -> bool {
    size_of_val(provider) > 0
}

/// This thread is making an instrument.
struct Making;

impl Making {
    /// `None` if it is at it already.
    fn begin() -> Option<Self> {
        (!MAKING.replace(true)).then_some(Self)
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        MAKING.set(false);
    }
}

thread_local! {
    static MAKING: Cell<bool> = const { Cell::new(false) };
}

/// A kind of instrument that is recorded by hand.
trait Kind: Send + Sync + 'static {
    type Value: Send + Sync + 'static;
    type Bound: Send + Sync;

    fn measure(&self, value: Self::Value, attributes: &[KeyValue]);
    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound;
    fn measure_bound(bound: &Self::Bound, value: Self::Value);
}

macro_rules! kinds {
    ($($kind:ident, $bound:ident, $method:ident;)+) => {
        $(
            impl<T: Send + Sync + 'static> Kind for $kind<T> {
                type Value = T;
                type Bound = $bound<T>;

                fn measure(&self, value: T, attributes: &[KeyValue]) {
                    self.$method(value, attributes);
                }

                fn bind(&self, attributes: &[KeyValue]) -> $bound<T> {
                    self.bind(attributes)
                }

                fn measure_bound(bound: &$bound<T>, value: T) {
                    bound.$method(value);
                }
            }
        )+
    };
}

kinds! {
    Counter, BoundCounter, add;
    UpDownCounter, BoundUpDownCounter, add;
    Gauge, BoundGauge, record;
    Histogram, BoundHistogram, record;
}

impl<I: Kind> SyncInstrument<I::Value> for Late<I> {
    fn measure(&self, value: I::Value, attributes: &[KeyValue]) {
        self.0.with(|found| found.measure(value, attributes));
    }

    fn bind(
        &self,
        attributes: &[KeyValue],
    ) -> Box<dyn BoundSyncInstrument<I::Value> + Send + Sync> {
        let late = LateBound {
            instrument: Arc::clone(&self.0),
            attributes: attributes.to_vec(),
            bound: OnceLock::new(),
        };
        // Binding alone makes the series, at zero.
        self.0.with(|_| ());
        let _ = late.bound();
        Box::new(late)
    }
}

/// What stands in for a bound instrument.
struct LateBound<I: Kind> {
    instrument: Arc<Instrument<I>>,
    attributes: Vec<KeyValue>,
    bound: OnceLock<I::Bound>,
}

impl<I: Kind> LateBound<I> {
    /// The bound instrument, once the provider has been found.
    fn bound(&self) -> Option<&I::Bound> {
        if let Some(bound) = self.bound.get() {
            return Some(bound);
        }
        let found = self.instrument.found.get()?;
        Some(self.bound.get_or_init(|| found.bind(&self.attributes)))
    }
}

impl<I: Kind> BoundSyncInstrument<I::Value> for LateBound<I> {
    fn measure(&self, value: I::Value) {
        match self.bound() {
            Some(bound) => I::measure_bound(bound, value),
            None => self
                .instrument
                .with(|found| found.measure(value, &self.attributes)),
        }
    }
}

macro_rules! made_late {
    ($($name:ident: $kind:ident<$value:ty>;)+) => {
        $(
            fn $name(&self, builder: InstrumentBuilder<'_, $kind<$value>>) -> $kind<$value> {
                let InstrumentBuilder { name, description, unit, .. } = builder;
                $kind::new(Late::new(&self.scope, move |meter| {
                    let mut inner = meter.$name(name.clone());
                    inner.description.clone_from(&description);
                    inner.unit.clone_from(&unit);
                    inner.build()
                }))
            }
        )+
    };
}

macro_rules! histograms_made_late {
    ($($name:ident: $value:ty;)+) => {
        $(
            fn $name(
                &self,
                builder: HistogramBuilder<'_, Histogram<$value>>,
            ) -> Histogram<$value> {
                let HistogramBuilder { name, description, unit, boundaries, .. } = builder;
                Histogram::new(Late::new(&self.scope, move |meter| {
                    let mut inner = meter.$name(name.clone());
                    inner.description.clone_from(&description);
                    inner.unit.clone_from(&unit);
                    inner.boundaries.clone_from(&boundaries);
                    inner.build()
                }))
            }
        )+
    };
}

macro_rules! made_now {
    ($($name:ident: $instrument:ty, $value:ty;)+) => {
        $(
            fn $name(
                &self,
                builder: AsyncInstrumentBuilder<'_, $instrument, $value>,
            ) -> $instrument {
                let meter = self.meter_now(&builder.name);
                let mut inner = meter.$name(builder.name);
                inner.description = builder.description;
                inner.unit = builder.unit;
                inner.callbacks = builder.callbacks;
                inner.build()
            }
        )+
    };
}

impl HostMeter {
    /// A meter of what is registered now.
    fn meter_now(&self, instrument: &str) -> Meter {
        let provider = global::meter_provider();
        if !is_real(&*provider) {
            tracing::warn!(
                target: "oc_telemetry",
                %instrument,
                "the host has registered no meter provider yet; this observable instrument is \
                 never read"
            );
        }
        provider.meter_with_scope(self.scope.clone())
    }
}

impl InstrumentProvider for HostMeter {
    made_late! {
        u64_counter: Counter<u64>;
        f64_counter: Counter<f64>;
        i64_up_down_counter: UpDownCounter<i64>;
        f64_up_down_counter: UpDownCounter<f64>;
        u64_gauge: Gauge<u64>;
        i64_gauge: Gauge<i64>;
        f64_gauge: Gauge<f64>;
    }

    histograms_made_late! {
        u64_histogram: u64;
        f64_histogram: f64;
    }

    made_now! {
        u64_observable_counter: ObservableCounter<u64>, u64;
        f64_observable_counter: ObservableCounter<f64>, f64;
        i64_observable_up_down_counter: ObservableUpDownCounter<i64>, i64;
        f64_observable_up_down_counter: ObservableUpDownCounter<f64>, f64;
        u64_observable_gauge: ObservableGauge<u64>, u64;
        i64_observable_gauge: ObservableGauge<i64>, i64;
        f64_observable_gauge: ObservableGauge<f64>, f64;
    }
}
