//! TLS settings: whom the client trusts and how it proves its own identity.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    client::ResolvesClientCert,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::{
    Endpoint, EndpointError, EndpointErrorKind as Kind, endpoint::ClientIdentity,
    roots::system_roots, text,
};

/// The TLS configuration of `endpoint`, with ring as its provider whatever the process's default.
///
/// The files are read also if `https` is false, so that a wrong setting shows at once; the
/// system's roots are loaded only when they are needed, for that takes milliseconds.
pub(super) fn client_config(
    endpoint: &Endpoint,
    https: bool,
) -> Result<ClientConfig, EndpointError> {
    let provider = Arc::new(ring::default_provider());
    let roots = match endpoint.ca_file() {
        Some(file) => Arc::new(file_roots(file)?),
        None if https => system_roots(endpoint.root_locations())?,
        None => Arc::new(RootCertStore::empty()),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| EndpointError::new(Kind::Tls, "no usable TLS version").with_source(error))?
        .with_root_certificates(roots);
    Ok(match endpoint.client_identity() {
        Some(identity) => builder.with_client_cert_resolver(client_cert(identity, &provider)?),
        None => builder.with_no_client_auth(),
    })
}

fn file_roots(file: &Path) -> Result<RootCertStore, EndpointError> {
    let mut roots = RootCertStore::empty();
    let shown = shown(file);
    for certificate in certificates(file, Kind::CaFile, "CA file")? {
        roots.add(certificate).map_err(|error| {
            EndpointError::new(
                Kind::CaFile,
                format!("CA file {shown} holds a certificate that cannot be used"),
            )
            .with_source(error)
        })?;
    }
    Ok(roots)
}

fn client_cert(
    identity: &ClientIdentity,
    provider: &CryptoProvider,
) -> Result<Arc<dyn ResolvesClientCert>, EndpointError> {
    let ClientIdentity {
        cert_file,
        key_file,
    } = identity;
    let (cert_shown, key_shown) = (shown(cert_file), shown(key_file));
    let chain = certificates(
        cert_file,
        Kind::ClientCertificate,
        "client certificate file",
    )?;
    let key = read(key_file, Kind::ClientKey, "client key file")?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| {
        let message = match error {
            pem::Error::NoItemsFound => {
                format!("client key file {key_shown} holds no unencrypted PEM private key")
            }
            _ => format!("client key file {key_shown} is not valid PEM"),
        };
        EndpointError::new(Kind::ClientKey, message).with_source(error)
    })?;
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|error| {
            EndpointError::new(
                Kind::ClientKey,
                format!("client key file {key_shown} holds a key of an unknown type"),
            )
            .with_source(error)
        })?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        // A key that cannot tell its public half is left for the server to judge.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(Arc::new(SingleCertAndKey::from(certified)))
        }
        Err(error @ rustls::Error::InconsistentKeys(_)) => Err(EndpointError::new(
            Kind::ClientKey,
            format!("client key file {key_shown} does not belong to certificate file {cert_shown}"),
        )
        .with_source(error)),
        Err(error) => Err(EndpointError::new(
            Kind::ClientCertificate,
            format!("client certificate file {cert_shown} holds a certificate that cannot be used"),
        )
        .with_source(error)),
    }
}

fn certificates(
    file: &Path,
    kind: Kind,
    what: &str,
) -> Result<Vec<CertificateDer<'static>>, EndpointError> {
    let pem = read(file, kind, what)?;
    let shown = shown(file);
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| {
            EndpointError::new(kind, format!("{what} {shown} is not valid PEM")).with_source(error)
        })?;
    if certificates.is_empty() {
        return Err(EndpointError::new(
            kind,
            format!("{what} {shown} holds no PEM certificate"),
        ));
    }
    Ok(certificates)
}

/// Reads a file whole, but neither a pipe, which might block for ever, nor one without end.
fn read(file: &Path, kind: Kind, what: &str) -> Result<Vec<u8>, EndpointError> {
    let shown = shown(file);
    let unreadable =
        |error| EndpointError::new(kind, format!("cannot read {what} {shown}")).with_source(error);
    if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(EndpointError::new(
            kind,
            format!("{what} {shown} is not a regular file"),
        ));
    }
    let mut bytes = Vec::new();
    File::open(file)
        .map_err(unreadable)?
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(EndpointError::new(
            kind,
            format!("{what} {shown} is larger than {} MiB", MAX_FILE >> 20),
        ));
    }
    Ok(bytes)
}

fn shown(file: &Path) -> String {
    format!("{:?}", text::printable(&file.to_string_lossy(), 200))
}

/// Bundles of all public roots take less than 1 MiB.
const MAX_FILE: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::transport::test_server::Pki;

    fn error(endpoint: &Endpoint) -> EndpointError {
        client_config(endpoint, false).unwrap_err()
    }

    /// CA files that are no use: the kind says which, the text names the file and the source stays.
    #[test]
    fn ca_files() {
        let pki = Pki::new();
        let (_, key) = pki.leaf("x");
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let open = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        for (file, text, source) in [
            (pki.path("none.pem"), "cannot read", true),
            (pki.path(""), "not a regular file", false),
            (pki.write("empty.pem", ""), "no PEM certificate", false),
            (pki.write("key.pem", &key), "no PEM certificate", false),
            (pki.write("broken.pem", broken), "cannot be used", true),
            (pki.write("open.pem", open), "not valid PEM", true),
        ] {
            let error = error(&Endpoint::new("http://localhost").with_ca_file(&file));
            assert_eq!(error.kind(), Kind::CaFile);
            assert!(error.to_string().contains(text), "{error}");
            assert!(error.to_string().contains(&format!("{file:?}")), "{error}");
            assert_eq!(error.source().is_some(), source, "{error:?}");
        }
    }

    /// Client certificates and keys that are no use, and a key of another certificate.
    #[test]
    fn client_files() {
        let pki = Pki::new();
        let (_, other_key) = pki.leaf("other");
        let other_key = pki.write("other.key", &other_key);
        let junk = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let junk_key = pki.write("junk.key", junk);
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let broken = pki.write("broken.pem", broken);
        let (cert, key) = (pki.path("client.pem"), pki.path("client.key"));
        for (cert_file, key_file, kind) in [
            (&pki.path("none"), &key, Kind::ClientCertificate),
            (&key, &key, Kind::ClientCertificate),
            (&broken, &key, Kind::ClientCertificate),
            (&cert, &pki.path("none"), Kind::ClientKey),
            (&cert, &cert, Kind::ClientKey),
            (&cert, &junk_key, Kind::ClientKey),
            (&cert, &other_key, Kind::ClientKey),
        ] {
            let endpoint =
                Endpoint::new("http://localhost").with_client_identity(cert_file, key_file);
            let error = error(&endpoint);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(!format!("{error:?}").contains("AAAA"));
        }
        let endpoint = Endpoint::new("http://localhost").with_client_identity(&cert, &key);
        assert!(client_config(&endpoint, false).is_ok());
    }
}
