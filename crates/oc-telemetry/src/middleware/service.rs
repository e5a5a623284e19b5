use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    body::ResponseBody, future::ResponseFuture, layer::Settings, make_span, route::RouteHook,
};

/// An HTTP service whose requests are recorded; made by
/// [`HttpServerLayer`](super::HttpServerLayer).
pub struct HttpServer<S, R = ()> {
    inner: S,
    settings: Arc<Settings>,
    route: Arc<R>,
}

impl<S, R> HttpServer<S, R> {
    pub(super) fn new(inner: S, settings: Arc<Settings>, route: Arc<R>) -> Self {
        Self {
            inner,
            settings,
            route,
        }
    }
}

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for HttpServer<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body,
    R: RouteHook,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let route = self.route.route(&parts);
        let tracker = make_span::start(&self.settings, &parts, route);
        let inner = {
            let _current = tracker.enter();
            self.inner.call(Request::from_parts(parts, body))
        };
        ResponseFuture::new(inner, tracker)
    }
}

impl<S: Clone, R> Clone for HttpServer<S, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            settings: Arc::clone(&self.settings),
            route: Arc::clone(&self.route),
        }
    }
}

impl<S: fmt::Debug, R> fmt::Debug for HttpServer<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
