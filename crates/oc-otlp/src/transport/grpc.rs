/// Sends payloads over OTLP/gRPC.
#[derive(Debug)]
pub struct GrpcTransport;
