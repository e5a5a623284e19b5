//! Which tracer a span is recorded by, and how that choice travels with the context.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use opentelemetry::{
    Context, InstrumentationScope,
    global::{self, BoxedTracer},
    trace::{Span, SpanBuilder, SpanId, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

use crate::{
    agent::Agents,
    context::{self, Attached},
    span::random,
};

/// What records the spans of this library: the tracer of one `Telemetry` instance, or one that the host owns.
///
/// A span is recorded by the recorder of its context, else by the installed one, else by nobody. Every span of ours
/// keeps its recorder in the [`Context`] that it activates, so all that runs below it goes to the same instance.
/// Instances side by side (embedding, parallel tests) therefore do not mix.
///
/// Cloning is one reference count.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Shared>,
}

struct Shared {
    tracer: Inner,
    /// What the typed spans of its telemetry share; set once, when that is put together.
    agents: OnceLock<Agents>,
}

impl Recorder {
    /// A recorder over the SDK's tracer: the usual case.
    pub fn new(tracer: SdkTracer) -> Self {
        Self::from_inner(Inner::Sdk {
            tracer,
            ids_are_random: false,
        })
    }

    /// The same for a tracer of which it is known that its trace ids are random: the traces that it starts say so.
    pub(crate) fn with_random_ids(tracer: SdkTracer) -> Self {
        Self::from_inner(Inner::Sdk {
            tracer,
            ids_are_random: true,
        })
    }

    /// A recorder over any other tracer, for a host that has an implementation of its own.
    pub fn from_tracer<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self::from_inner(Inner::Boxed(BoxedTracer::new(Box::new(tracer))))
    }

    /// A recorder over the tracer provider that the host registers with `opentelemetry::global`, before or after this.
    ///
    /// The provider is looked up for every span until there is one; the first is kept.
    pub fn global() -> Self {
        Self::from_inner(Inner::Global(OnceLock::new()))
    }

    /// The recorder of the current context, else the installed one, else `None`.
    ///
    /// With nothing installed and an empty context this costs one atomic load and allocates nothing.
    pub fn current() -> Option<Self> {
        context::map_current(|cx| Self::of(cx).cloned()).flatten()
    }

    /// The recorder that a span below `cx` is recorded by: the one kept in `cx`, else the installed one.
    pub fn of(cx: &Context) -> Option<&Self> {
        cx.get::<Self>().or_else(|| INSTALLED.get())
    }

    /// A copy of `cx` in which this recorder is the current one.
    pub fn in_context(&self, cx: &Context) -> Context {
        if Self::of(cx).is_some_and(|current| current.is_same(self)) {
            cx.clone()
        } else {
            cx.with_value(self.clone())
        }
    }

    /// Makes this recorder the current one on this thread until the guard is dropped.
    ///
    /// For asynchronous code give [`in_context`](Self::in_context) to
    /// [`FutureExt::with_context`](opentelemetry::context::FutureExt::with_context) instead.
    pub fn enter(&self) -> RecorderGuard {
        RecorderGuard {
            _attached: context::attach(self.in_context(&context::current())),
        }
    }

    /// Runs `body` with this recorder as the current one.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        body()
    }

    /// Whether both are the same recorder, not merely equal ones.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Starts a span below `parent` and returns `parent` with that span and this recorder in it.
    ///
    /// `None` where the tracer made no usable span at all: its provider is shut down, telemetry is suppressed, or the
    /// thread is past the end of its current context.
    pub(crate) fn start(&self, builder: SpanBuilder, parent: &Context) -> Option<Context> {
        // Samplers and processors may ask for the current context.
        if parent.is_telemetry_suppressed() || !context::is_usable() {
            return None;
        }
        let cx = match &self.inner.tracer {
            Inner::Sdk {
                tracer,
                ids_are_random,
            } => {
                let span = tracer.build_with_context(builder, parent);
                random::in_context(parent, span, *ids_are_random)
            }
            Inner::Boxed(tracer) => {
                random::in_context(parent, tracer.build_with_context(builder, parent), false)
            }
            Inner::Global(found) => start_global(found, builder, parent),
        };
        if !cx.span().span_context().is_valid() {
            return None;
        }
        if Self::of(parent).is_some_and(|current| current.is_same(self)) {
            Some(cx)
        } else {
            Some(cx.with_value(self.clone()))
        }
    }

    fn from_inner(inner: Inner) -> Self {
        Self {
            inner: Arc::new(Shared {
                tracer: inner,
                agents: OnceLock::new(),
            }),
        }
    }

    pub(crate) fn set_agents(&self, agents: Agents) {
        let _ = self.inner.agents.set(agents);
    }

    pub(crate) fn agents(&self) -> Option<&Agents> {
        self.inner.agents.get()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.tracer {
            Inner::Sdk { tracer, .. } => f.debug_tuple("Recorder").field(tracer).finish(),
            Inner::Boxed(tracer) => f.debug_tuple("Recorder").field(tracer).finish(),
            Inner::Global(found) => f.debug_tuple("Recorder").field(&found.get()).finish(),
        }
    }
}

/// Keeps a recorder the current one of a thread; made by [`Recorder::enter`].
#[derive(Debug)]
#[must_use = "the recorder is current only as long as the guard lives"]
pub struct RecorderGuard {
    _attached: Attached,
}

/// Makes `recorder` the one of all spans whose context names none.
///
/// # Errors
///
/// Gives `recorder` back when one is installed already; the first stays for the life of the process.
pub(crate) fn set_installed(recorder: Recorder) -> Result<(), Recorder> {
    INSTALLED.set(recorder)
}

enum Inner {
    Sdk {
        tracer: SdkTracer,
        ids_are_random: bool,
    },
    Boxed(BoxedTracer),
    /// The host's, once it is there.
    Global(OnceLock<BoxedTracer>),
}

/// Starts a span by the tracer found before, or by the one that is registered now.
fn start_global(found: &OnceLock<BoxedTracer>, builder: SpanBuilder, parent: &Context) -> Context {
    if let Some(tracer) = found.get() {
        let span = tracer.build_with_context(builder, parent);
        return random::in_context(parent, span, false);
    }
    let tracer = global::tracer_with_scope(scope());
    let span = tracer.build_with_context(builder, parent);
    // What the API has until a provider is registered makes no ids: it passes on those of the parent.
    let id = span.span_context().span_id();
    if id != SpanId::INVALID && id != parent.span().span_context().span_id() {
        let _ = found.set(tracer);
    }
    random::in_context(parent, span, false)
}

/// The library's own scope of spans.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}

static INSTALLED: OnceLock<Recorder> = OnceLock::new();
