use http::request::Parts;
use opentelemetry::StringValue;

/// Finds the route of a request: the pattern that it matched, such as `/v1/messages/{id}`.
///
/// The route becomes part of the span's name and a label of the metric, so it must come from a
/// small set. Never give the path itself.
///
/// Implemented for `()`, which knows no routes, and for closures:
///
/// ```
/// use oc_telemetry::middleware::RouteHook;
///
/// let hook = |request: &http::request::Parts| match request.uri.path() {
///     "/healthz" => Some("/healthz"),
///     path if path.starts_with("/v1/messages/") => Some("/v1/messages/{id}"),
///     _ => None,
/// };
///
/// let (parts, ()) = http::Request::get("/v1/messages/7").body(())?.into_parts();
/// assert_eq!(hook.route(&parts), Some("/v1/messages/{id}".into()));
/// # Ok::<(), http::Error>(())
/// ```
pub trait RouteHook {
    /// The route of `request`, `None` if it matched none or is not known yet.
    fn route(&self, request: &Parts) -> Option<StringValue>;
}

impl RouteHook for () {
    fn route(&self, _: &Parts) -> Option<StringValue> {
        None
    }
}

impl<F, R> RouteHook for F
where
    F: Fn(&Parts) -> Option<R>,
    R: Into<StringValue>,
{
    fn route(&self, request: &Parts) -> Option<StringValue> {
        self(request).map(Into::into)
    }
}

/// The route of a request to an axum router, from its `MatchedPath`.
///
/// Add the layer with `Router::layer`: there the path has been matched when the layer runs.
/// Around the whole router, as a service, it has not.
#[cfg(feature = "axum")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AxumMatchedPath;

#[cfg(feature = "axum")]
impl AxumMatchedPath {
    /// The hook.
    pub fn new() -> Self {
        Self
    }
}

#[cfg(feature = "axum")]
impl RouteHook for AxumMatchedPath {
    fn route(&self, request: &Parts) -> Option<StringValue> {
        let matched = request.extensions.get::<axum::extract::MatchedPath>()?;
        Some(matched.as_str().to_owned().into())
    }
}
