use std::{
    io::Write as _,
    sync::mpsc::{self, Receiver},
};

use bytes::{BufMut as _, Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::PATIENCE;
use crate::{IoRuntime, testing::OtlpReceiver};

/// A client without any telemetry in it, on a thread of its own.
pub(super) struct Plain {
    io: IoRuntime,
    http1: Client<HttpConnector, Full<Bytes>>,
    http2: Client<HttpConnector, Full<Bytes>>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    trailers: HeaderMap,
}

pub(super) type Answers = Receiver<Result<Answer, Error>>;

impl Plain {
    pub(super) fn new() -> Self {
        Self {
            io: IoRuntime::start("test-client").unwrap(),
            http1: Client::builder(TokioExecutor::new()).build_http(),
            http2: Client::builder(TokioExecutor::new())
                .http2_only(true)
                .build_http(),
        }
    }

    pub(super) fn post(
        &self,
        receiver: &OtlpReceiver,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: Vec<u8>,
    ) -> Answer {
        let url = format!("{}{path}", receiver.http_endpoint());
        let base = [("content-type", "application/x-protobuf")];
        self.send(&self.http1, &url, &base, headers, body.into())
            .recv_timeout(PATIENCE)
            .unwrap()
            .unwrap()
    }

    pub(super) fn begin(&self, receiver: &OtlpReceiver, path: &str, body: Vec<u8>) -> Answers {
        let url = format!("{}{path}", receiver.http_endpoint());
        let headers = [("content-type", "application/x-protobuf")];
        self.send(&self.http1, &url, &headers, &[], body.into())
    }

    pub(super) fn call(
        &self,
        receiver: &OtlpReceiver,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: &[u8],
    ) -> Answer {
        self.begin_call(receiver, path, headers, body)
            .recv_timeout(PATIENCE)
            .unwrap()
            .unwrap()
    }

    pub(super) fn begin_call(
        &self,
        receiver: &OtlpReceiver,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: &[u8],
    ) -> Answers {
        let url = format!("{}{path}", receiver.grpc_endpoint());
        let base = [("content-type", "application/grpc"), ("te", "trailers")];
        let body = Bytes::copy_from_slice(body);
        self.send(&self.http2, &url, &base, headers, body)
    }

    fn send(
        &self,
        client: &Client<HttpConnector, Full<Bytes>>,
        url: &str,
        base: &[(&'static str, &'static str)],
        headers: &[(&'static str, &'static str)],
        body: Bytes,
    ) -> Answers {
        let mut request = Request::post(url).body(Full::new(body)).unwrap();
        for (name, value) in base.iter().chain(headers) {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let response = client.request(request);
        let (sender, answers) = mpsc::channel();
        self.io.spawn(async move {
            let answer = match response.await {
                Ok(response) => Ok(Answer::read(response).await),
                Err(error) => Err(error),
            };
            let _ = sender.send(answer);
        });
        answers
    }
}

impl Answer {
    async fn read(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        Self {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
            trailers,
        }
    }

    pub(super) fn grpc_status(&self) -> i32 {
        let status = self.trailers.get("grpc-status");
        let status = status.or_else(|| self.headers.get("grpc-status")).unwrap();
        status.to_str().unwrap().parse().unwrap()
    }
}

pub(super) fn frame(flag: u8, message: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(flag);
    frame.put_u32(u32::try_from(message.len()).unwrap());
    frame.put_slice(message);
    frame.freeze()
}

pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
