//! TLS settings: whom the client trusts and how it proves its own identity.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    client::ResolvesClientCert,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::{Endpoint, EndpointError, EndpointErrorKind as Kind, endpoint::ClientIdentity};

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
        Some(file) => file_roots(file)?,
        None if https => system_roots()?,
        None => RootCertStore::empty(),
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
    for certificate in certificates(file, Kind::CaFile, "CA file")? {
        roots.add(certificate).map_err(|error| {
            EndpointError::new(
                Kind::CaFile,
                format!("CA file {file:?} holds a certificate that cannot be used"),
            )
            .with_source(error)
        })?;
    }
    Ok(roots)
}

/// Some of a system's roots may be broken; only having none at all is an error.
fn system_roots() -> Result<RootCertStore, EndpointError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if !roots.is_empty() {
        return Ok(roots);
    }
    let error = EndpointError::new(
        Kind::Tls,
        "the system has no trusted root certificates; install them or set a CA file",
    );
    Err(match found.errors.into_iter().next() {
        Some(source) => error.with_source(source),
        None => error,
    })
}

fn client_cert(
    identity: &ClientIdentity,
    provider: &CryptoProvider,
) -> Result<Arc<dyn ResolvesClientCert>, EndpointError> {
    let ClientIdentity {
        cert_file,
        key_file,
    } = identity;
    let chain = certificates(
        cert_file,
        Kind::ClientCertificate,
        "client certificate file",
    )?;
    let key = read(key_file, Kind::ClientKey, "client key file")?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| {
        let message = match error {
            pem::Error::NoItemsFound => {
                format!("client key file {key_file:?} holds no unencrypted PEM private key")
            }
            _ => format!("client key file {key_file:?} is not valid PEM"),
        };
        EndpointError::new(Kind::ClientKey, message).with_source(error)
    })?;
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|error| {
            EndpointError::new(
                Kind::ClientKey,
                format!("client key file {key_file:?} holds a key of an unknown type"),
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
            format!(
                "client key file {key_file:?} does not belong to certificate file {cert_file:?}"
            ),
        )
        .with_source(error)),
        Err(error) => Err(EndpointError::new(
            Kind::ClientCertificate,
            format!(
                "client certificate file {cert_file:?} holds a certificate that cannot be used"
            ),
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
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| {
            EndpointError::new(kind, format!("{what} {file:?} is not valid PEM")).with_source(error)
        })?;
    if certificates.is_empty() {
        return Err(EndpointError::new(
            kind,
            format!("{what} {file:?} holds no PEM certificate"),
        ));
    }
    Ok(certificates)
}

/// Reads a file whole, but neither a pipe, which might block for ever, nor one without end.
fn read(file: &Path, kind: Kind, what: &str) -> Result<Vec<u8>, EndpointError> {
    let unreadable =
        |error| EndpointError::new(kind, format!("cannot read {what} {file:?}")).with_source(error);
    if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(EndpointError::new(
            kind,
            format!("{what} {file:?} is not a regular file"),
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
            format!("{what} {file:?} is larger than {} MiB", MAX_FILE >> 20),
        ));
    }
    Ok(bytes)
}

/// Bundles of all public roots take less than 1 MiB.
const MAX_FILE: u64 = 16 << 20;
