/// Sends payloads over OTLP/HTTP.
#[derive(Debug)]
pub struct HttpTransport;
