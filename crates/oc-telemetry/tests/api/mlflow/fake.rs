//! An MLflow server as far as these tests need one.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A request as the server saw it; header names in lower case.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Status and body.
pub(super) type Answer = (u16, String);

/// Answers by a function, which gets the path and how often it was asked for before; where that knows
/// nothing as a server does on which all is well.
pub(super) struct Fake {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    pub(super) fn start(
        answer: impl Fn(&str, usize) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let kept = Arc::clone(&requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { addr, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The requests for paths that begin so.
    pub(super) fn requests(&self, path: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .filter(|request| request.path.starts_with(path))
            .cloned()
            .collect()
    }
}

pub(super) fn error(status: u16, code: &str) -> Answer {
    let body = serde_json::json!({ "error_code": code, "message": "scripted" });
    (status, body.to_string())
}

fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&str, usize) -> Option<Answer> + Sync),
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let Some(request) = read(&mut reader) else {
        return;
    };
    let before = {
        let mut kept = kept.lock().unwrap();
        let path = request.path.clone();
        kept.push(request.clone());
        kept.iter().filter(|other| other.path == path).count() - 1
    };
    let (status, body) = answer(&request.path, before).unwrap_or_else(|| usual(&request.path));
    let kind = if request.path.ends_with("/v1/traces") {
        "application/x-protobuf"
    } else {
        "application/json"
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Scripted\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        path,
        headers,
        body,
    })
}

fn usual(path: &str) -> Answer {
    let body = if path.contains("server-info") {
        r#"{"store_type":"SqlStore","workspaces_enabled":false}"#
    } else if path.contains("get-by-name") {
        r#"{"experiment":{"experiment_id":"7","lifecycle_stage":"active"}}"#
    } else if path.contains("runs/create") {
        r#"{"run":{"info":{"run_id":"abc"}}}"#
    } else if path.ends_with("/v1/traces") {
        ""
    } else {
        "{}"
    };
    (200, body.to_owned())
}
