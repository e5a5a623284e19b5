//! Encoding the SDK data as OTLP protobuf.
