//! Connections, of either protocol, with or without TLS.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Collected, Limited};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Notify,
};
use tokio_rustls::TlsAcceptor;
use tonic::body::Body;

use super::{grpc, http as otlp_http, store::Store};

/// The largest body, compressed or not, that the receiver takes: 64 MiB.
pub(super) const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Serves whoever connects, until it is dropped.
pub(super) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, store: Arc<Store>) {
    let mut connection = 0;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors: leave time for one to be freed rather than spin.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        connection += 1;
        let store = Arc::clone(&store);
        match tls.clone() {
            None => {
                tokio::spawn(serve(stream, store, connection));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, store, connection).await;
                    }
                });
            }
        }
    }
}

async fn serve<S>(stream: S, store: Arc<Store>, connection: u64)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let close = Arc::new(Notify::new());
    let service = service_fn(|request| {
        let store = Arc::clone(&store);
        let close = Arc::clone(&close);
        async move {
            if let Some(response) = answer(&store, connection, request).await {
                return Ok::<_, Infallible>(response);
            }
            close.notify_one();
            std::future::pending().await
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    tokio::select! {
        // A broken connection is the client's affair; what arrived on it was kept.
        _ = builder.serve_connection(TokioIo::new(stream), service) => {}
        () = close.notified() => {}
    }
}

/// Reads the body and hands over by content type; `None` means: close the connection.
async fn answer(
    store: &Arc<Store>,
    connection: u64,
    request: Request<Incoming>,
) -> Option<Response<Body>> {
    let (head, body) = request.into_parts();
    let body: Option<Bytes> = Limited::new(body, BODY_LIMIT)
        .collect()
        .await
        .ok()
        .map(Collected::to_bytes);
    if grpc::is_grpc(&head.headers) {
        grpc::answer(store, connection, head, body).await
    } else {
        otlp_http::answer(store, connection, head, body).await
    }
}
