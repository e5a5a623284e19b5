//! TLS between transport and receiver, over each protocol.

use std::{fs, path::PathBuf};

use oc_otlp::{
    Signal,
    testing::OtlpReceiver,
    transport::{Endpoint, SendErrorKind},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::sample::{Form, payload};

/// With the CA in a file, a receiver with a certificate of that CA is reached.
#[test]
fn a_private_ca() {
    let authority = Authority::new();
    let server = authority.issue("127.0.0.1");
    for form in Form::ALL {
        let receiver = OtlpReceiver::start_tls(&server.cert, &server.key, None).unwrap();
        let endpoint = form
            .endpoint(&receiver, Signal::Traces)
            .with_ca_file(authority.ca_file());
        let sender = form.transport(&endpoint).unwrap();
        sender.send(&payload(Signal::Traces)).unwrap();
        assert_eq!(receiver.spans().len(), 1, "{form:?}");
    }
}

/// A certificate of another CA, or for another host, is refused. Trying again is not useless: the
/// receiver may be about to get another one.
#[test]
fn a_certificate_that_is_not_trusted() {
    let authority = Authority::new();
    let other = Authority::new();
    for server in [other.issue("127.0.0.1"), authority.issue("127.0.0.2")] {
        for form in Form::ALL {
            let receiver = OtlpReceiver::start_tls(&server.cert, &server.key, None).unwrap();
            let endpoint = form
                .endpoint(&receiver, Signal::Traces)
                .with_ca_file(authority.ca_file());
            let sender = form.transport(&endpoint).unwrap();
            let error = sender.send(&payload(Signal::Traces)).unwrap_err();
            assert_eq!(error.kind(), SendErrorKind::Tls, "{form:?}: {error}");
            assert!(error.is_retryable());
            assert!(receiver.requests().is_empty());
        }
    }
}

/// A receiver whose certificate is replaced: what failed with the old one goes out with the new one,
/// by the same transport.
#[test]
fn a_renewed_certificate() {
    let authority = Authority::new();
    let (old, new) = (
        Authority::new().issue("127.0.0.1"),
        authority.issue("127.0.0.1"),
    );
    for form in Form::ALL {
        let receiver = OtlpReceiver::start_tls(&old.cert, &old.key, None).unwrap();
        let endpoint = form
            .endpoint(&receiver, Signal::Traces)
            .with_ca_file(authority.ca_file());
        let sender = form.transport(&endpoint).unwrap();
        let error = sender.send(&payload(Signal::Traces)).unwrap_err();
        assert!(error.is_retryable(), "{form:?}: {error}");
        let address = receiver.address();
        drop(receiver);
        let receiver = OtlpReceiver::start_tls_at(address, &new.cert, &new.key, None).unwrap();
        sender.send(&payload(Signal::Traces)).unwrap();
        assert_eq!(receiver.spans().len(), 1, "{form:?}");
    }
}

/// A receiver that wants a client certificate takes one of its CA, and nobody without one.
#[test]
fn a_client_certificate() {
    let authority = Authority::new();
    let server = authority.issue("127.0.0.1");
    let client = authority.issue("client");
    for form in Form::ALL {
        let ca = authority.issuer.pem();
        let receiver = OtlpReceiver::start_tls(&server.cert, &server.key, Some(&ca)).unwrap();
        let endpoint = form
            .endpoint(&receiver, Signal::Traces)
            .with_ca_file(authority.ca_file());
        let anonymous = form.transport(&endpoint).unwrap();
        anonymous.send(&payload(Signal::Traces)).unwrap_err();
        assert!(receiver.requests().is_empty(), "{form:?}");

        let endpoint = with_identity(endpoint, &authority, &client);
        let known = form.transport(&endpoint).unwrap();
        known.send(&payload(Signal::Traces)).unwrap();
        assert_eq!(receiver.spans().len(), 1, "{form:?}");
    }
}

/// PEM texts that are none, or do not belong together, are errors of the start.
#[test]
fn receivers_that_cannot_start() {
    let authority = Authority::new();
    let (one, two) = (authority.issue("127.0.0.1"), authority.issue("127.0.0.1"));
    assert!(OtlpReceiver::start_tls("no", &one.key, None).is_err());
    assert!(OtlpReceiver::start_tls(&one.cert, "no", None).is_err());
    assert!(OtlpReceiver::start_tls(&one.cert, &two.key, None).is_err());
    assert!(OtlpReceiver::start_tls(&one.cert, &one.key, Some("no")).is_err());
}

fn with_identity(endpoint: Endpoint, authority: &Authority, identity: &Identity) -> Endpoint {
    endpoint.with_client_identity(
        authority.file("client.pem", &identity.cert),
        authority.file("client.key", &identity.key),
    )
}

/// A certificate authority with a folder for its files.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

struct Identity {
    cert: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        Identity {
            cert: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn ca_file(&self) -> PathBuf {
        self.file("ca.pem", &self.issuer.pem())
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }
}
