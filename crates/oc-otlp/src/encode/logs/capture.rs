use std::{
    future::{Future, ready},
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};

/// An HTTP client that keeps the body of the last request and answers it with an empty 200.
#[derive(Default)]
pub(super) struct CaptureClient {
    body: Mutex<Option<Bytes>>,
}

impl CaptureClient {
    /// The body of the last request, once.
    pub(super) fn take(&self) -> Option<Bytes> {
        self.slot().take()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Bytes>> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// The trait is declared with `async_trait`; this is the method as that macro writes it.
impl HttpClient for CaptureClient {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        *self.slot() = Some(request.into_body());
        Box::pin(ready(Ok(Response::new(Bytes::new()))))
    }
}

/// Does not show the body, which may hold prompts and completions.
impl std::fmt::Debug for CaptureClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaptureClient").finish_non_exhaustive()
    }
}
