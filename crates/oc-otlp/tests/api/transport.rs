//! One attempt to a receiver, over each protocol.

use std::time::Duration;

use oc_otlp::{
    Signal,
    testing::{OtlpReceiver, Outcome, Protocol, Script},
    transport::{Compression, SendErrorKind},
};

use crate::sample::{Form, PATIENCE, payload};

/// Each signal arrives over each protocol, byte for byte, plain and compressed.
#[test]
fn every_signal_arrives() {
    for form in Form::ALL {
        for compression in [Compression::None, Compression::Gzip] {
            let receiver = OtlpReceiver::start().unwrap();
            for signal in Signal::ALL {
                let endpoint = form
                    .endpoint(&receiver, signal)
                    .with_header("x-tenant", "blue")
                    .with_compression(compression);
                let sender = form.transport(&endpoint).unwrap();
                let accepted = sender.send(&payload(signal)).unwrap();
                assert_eq!((accepted.rejected, accepted.message), (0, None));
            }
            assert_eq!(receiver.wait_for_spans(1, PATIENCE)[0].name, "sent");
            assert_eq!(receiver.wait_for_metrics(1, PATIENCE)[0].name, "sent");
            assert_eq!(receiver.wait_for_logs(1, PATIENCE)[0].severity_text, "sent");
            for (request, signal) in receiver.requests().iter().zip(Signal::ALL) {
                assert_eq!(request.signal, Some(signal));
                assert_eq!(&request.body, payload(signal).body());
                assert_eq!(request.header("x-tenant"), Some("blue"));
                assert_eq!(request.compressed, compression == Compression::Gzip);
                let protocol = match form {
                    Form::Http => Protocol::Http,
                    Form::Grpc => Protocol::Grpc,
                };
                assert_eq!(request.protocol, protocol);
            }
        }
    }
}

/// A partial success is a success that names what was refused.
#[test]
fn a_partial_success() {
    for form in Form::ALL {
        let receiver = OtlpReceiver::start().unwrap();
        let endpoint = form.endpoint(&receiver, Signal::Traces);
        let sender = form.transport(&endpoint).unwrap();
        receiver.respond_with(Script::partial_success(1, "too old"));
        let accepted = sender.send(&payload(Signal::Traces)).unwrap();
        assert_eq!(accepted.rejected, 1, "{form:?}");
        assert_eq!(accepted.message.as_deref(), Some("too old"), "{form:?}");
    }
}

/// An overloaded destination is a failure that may be tried again, and says when.
#[test]
fn an_overloaded_destination() {
    for form in Form::ALL {
        let receiver = OtlpReceiver::start().unwrap();
        let endpoint = form.endpoint(&receiver, Signal::Traces);
        let sender = form.transport(&endpoint).unwrap();
        receiver.respond_with(Script::unavailable(Some(Duration::from_secs(7))));
        let error = sender.send(&payload(Signal::Traces)).unwrap_err();
        assert!(error.is_retryable(), "{form:?}: {error}");
        assert_eq!(
            error.retry_after(),
            Some(Duration::from_secs(7)),
            "{form:?}"
        );
        assert!(receiver.spans().is_empty());

        sender.send(&payload(Signal::Traces)).unwrap();
        assert_eq!(receiver.spans().len(), 1);
    }
}

/// A refusal for good is not to be tried again.
#[test]
fn a_refusal() {
    for form in Form::ALL {
        let receiver = OtlpReceiver::start().unwrap();
        let endpoint = form.endpoint(&receiver, Signal::Traces);
        let sender = form.transport(&endpoint).unwrap();
        receiver.respond_with(Script::grpc_status(3, "no such tenant"));
        let error = sender.send(&payload(Signal::Traces)).unwrap_err();
        let expected = match form {
            Form::Http => SendErrorKind::Http(400),
            Form::Grpc => SendErrorKind::Grpc(3),
        };
        assert_eq!(error.kind(), expected);
        assert!(!error.is_retryable());
    }
}

/// A destination that never answers costs the timeout, and the connection is given up.
#[test]
fn a_destination_that_hangs() {
    for form in Form::ALL {
        let receiver = OtlpReceiver::start().unwrap();
        let endpoint = form
            .endpoint(&receiver, Signal::Traces)
            .with_timeout(Duration::from_millis(100));
        let sender = form.transport(&endpoint).unwrap();
        receiver.respond_with(Script::hang());
        let error = sender.send(&payload(Signal::Traces)).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Timeout, "{form:?}: {error}");
        assert!(error.is_retryable());
        // Had the time been up before the request arrived, there would be none.
        let given_up = receiver.wait_until(PATIENCE, |requests| {
            requests
                .iter()
                .all(|request| request.outcome == Outcome::Unanswered)
        });
        assert!(given_up, "{form:?}: {:?}", receiver.requests());
    }
}

/// A connection that breaks before the answer may be tried again, whether or not the items were
/// taken; the next attempt takes a new connection.
#[test]
fn a_connection_that_breaks() {
    for form in Form::ALL {
        for script in [Script::close(), Script::lose_answer()] {
            let receiver = OtlpReceiver::start().unwrap();
            let endpoint = form.endpoint(&receiver, Signal::Traces);
            let sender = form.transport(&endpoint).unwrap();
            receiver.respond_with(script);
            let error = sender.send(&payload(Signal::Traces)).unwrap_err();
            assert_eq!(
                error.kind(),
                SendErrorKind::Interrupted,
                "{form:?}: {error}"
            );
            assert!(error.is_retryable());
            sender.send(&payload(Signal::Traces)).unwrap();
            sender.send(&payload(Signal::Traces)).unwrap();
            let connections: Vec<_> = receiver.requests().iter().map(|it| it.connection).collect();
            assert_eq!(connections, [1, 2, 2], "{form:?}");
        }
    }
}

/// While a destination is away the attempt fails at once; when it is back the same transport
/// reaches it.
#[test]
fn a_destination_that_goes_and_returns() {
    for form in Form::ALL {
        let receiver = OtlpReceiver::start().unwrap();
        let address = receiver.address();
        let endpoint = form.endpoint(&receiver, Signal::Traces);
        let sender = form.transport(&endpoint).unwrap();
        sender.send(&payload(Signal::Traces)).unwrap();
        drop(receiver);
        let error = sender.send(&payload(Signal::Traces)).unwrap_err();
        assert!(error.is_retryable(), "{form:?}: {error}");
        let receiver = OtlpReceiver::start_at(address).unwrap();
        sender.send(&payload(Signal::Traces)).unwrap();
        assert_eq!(receiver.spans().len(), 1);
    }
}
