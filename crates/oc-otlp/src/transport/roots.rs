//! The certificate authorities that the system trusts.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use rustls::{RootCertStore, pki_types::CertificateDer};

use super::{EndpointError, EndpointErrorKind as Kind, endpoint::RootLocations, text};

/// The system's roots, from `locations` or, without them, from where the system keeps them.
///
/// Reading them takes milliseconds and some hundred KiB, and every signal of every destination
/// asks for them. So they are shared for as long as a transport has them; the next one after that
/// reads them again. Some may be broken; only having none at all is an error.
pub(super) fn system_roots(
    locations: Option<&RootLocations>,
) -> Result<Arc<RootCertStore>, EndpointError> {
    // Held while reading, so that two that ask at the same time read once.
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.retain(|(_, roots)| roots.strong_count() > 0);
    let known = shared
        .iter()
        .find(|(known, _)| known.as_ref() == locations)
        .and_then(|(_, roots)| roots.upgrade());
    if let Some(roots) = known {
        return Ok(roots);
    }
    let roots = Arc::new(load(locations)?);
    shared.push((locations.cloned(), Arc::downgrade(&roots)));
    Ok(roots)
}

fn load(locations: Option<&RootLocations>) -> Result<RootCertStore, EndpointError> {
    let found = match locations {
        Some(RootLocations { file, dirs }) => read(file.as_deref(), dirs),
        None => default_roots(),
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certificates);
    if !roots.is_empty() {
        return Ok(roots);
    }
    let message = match locations {
        Some(locations) => format!(
            "no trusted root certificate in {}; correct SSL_CERT_FILE or SSL_CERT_DIR, or set a \
             CA file",
            shown(locations)
        ),
        None => "the system has no trusted root certificates; install them or set a CA file".into(),
    };
    let error = EndpointError::new(Kind::Tls, message);
    Err(match found.error {
        Some(source) => error.with_source(source),
        None => error,
    })
}

struct Found {
    certificates: Vec<CertificateDer<'static>>,
    /// Why something could not be read, the first of possibly many.
    error: Option<Box<dyn Error + Send + Sync>>,
}

impl From<rustls_native_certs::CertificateResult> for Found {
    fn from(result: rustls_native_certs::CertificateResult) -> Self {
        let error = result.errors.into_iter().next();
        Self {
            certificates: result.certs,
            error: error.map(Into::into),
        }
    }
}

fn read(file: Option<&Path>, dirs: &[PathBuf]) -> Found {
    let mut found = Found {
        certificates: Vec::new(),
        error: None,
    };
    let mut add = |part: Found| {
        found.certificates.extend(part.certificates);
        found.error = found.error.take().or(part.error);
    };
    if let Some(file) = file {
        add(match regular(file) {
            Ok(()) => rustls_native_certs::load_certs_from_paths(Some(file), None).into(),
            Err(error) => Found {
                certificates: Vec::new(),
                error: Some(error.into()),
            },
        });
    }
    for dir in dirs {
        add(rustls_native_certs::load_certs_from_paths(None, Some(dir)).into());
    }
    // The directory usually holds the certificates of the file one by one.
    found
        .certificates
        .sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    found.certificates.dedup();
    found
}

/// A pipe might block for ever.
fn regular(file: &Path) -> io::Result<()> {
    if std::fs::metadata(file)?.is_file() {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ))
    }
}

/// From the usual places, whatever `SSL_CERT_FILE` and `SSL_CERT_DIR` say: reading the environment
/// is the business of whoever configures an endpoint.
#[cfg(all(unix, not(target_os = "macos")))]
fn default_roots() -> Found {
    let file = FILES.iter().map(Path::new).find(|file| file.is_file());
    let dirs: Vec<PathBuf> = DIRS
        .iter()
        .map(PathBuf::from)
        .filter(|dir| dir.is_dir())
        .collect();
    read(file, &dirs)
}

/// From the system's own store. Its only reader here heeds the two variables by itself.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn default_roots() -> Found {
    rustls_native_certs::load_native_certs().into()
}

fn shown(locations: &RootLocations) -> String {
    locations
        .file
        .iter()
        .chain(&locations.dirs)
        .take(4)
        .map(|path| format!("{:?}", text::printable(&path.to_string_lossy(), 200)))
        .collect::<Vec<_>>()
        .join(", ")
}

type Shared = Vec<(Option<RootLocations>, Weak<RootCertStore>)>;

static SHARED: Mutex<Shared> = Mutex::new(Vec::new());

/// Bundles, the first that exists is read.
#[cfg(all(unix, not(target_os = "macos")))]
const FILES: [&str; 9] = [
    // Debian, Ubuntu, Arch, Gentoo
    "/etc/ssl/certs/ca-certificates.crt",
    // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    // SUSE
    "/etc/ssl/ca-bundle.pem",
    // Alpine, OpenBSD, FreeBSD
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
    // NetBSD
    "/etc/openssl/certs/ca-certificates.crt",
    // illumos, Solaris
    "/etc/ssl/cacert.pem",
    "/etc/certs/ca-certificates.crt",
];

/// Directories, all that exist are read.
#[cfg(all(unix, not(target_os = "macos")))]
const DIRS: [&str; 5] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/usr/local/share/certs",
    "/etc/openssl/certs",
    "/etc/certs/CA",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::test_server::Pki;

    fn at(file: Option<PathBuf>, dirs: Vec<PathBuf>) -> RootLocations {
        RootLocations { file, dirs }
    }

    /// Roots come from a file, from directories, and from both, each certificate once.
    #[test]
    fn named_locations() {
        let (one, two) = (Pki::new(), Pki::new());
        let folder = |pki: &Pki| {
            let folder = pki.path("roots");
            std::fs::create_dir(&folder).unwrap();
            std::fs::copy(pki.path("ca.pem"), folder.join("ca.pem")).unwrap();
            folder
        };
        let (one_dir, two_dir) = (folder(&one), folder(&two));
        let file = || Some(one.path("ca.pem"));
        for (locations, count) in [
            (at(file(), vec![]), 1),
            (at(None, vec![one_dir.clone(), two_dir.clone()]), 2),
            (at(file(), vec![one_dir]), 1),
            (at(file(), vec![two_dir.clone()]), 2),
            (at(Some(one.path("missing")), vec![two_dir]), 1),
        ] {
            let roots = system_roots(Some(&locations)).unwrap();
            assert_eq!(roots.len(), count, "{locations:?}");
        }
    }

    /// Nothing usable is an error that names the place, what to do, and the cause.
    #[test]
    fn nothing_there() {
        let pki = Pki::new();
        let key = pki.path("client.key");
        for (locations, cause) in [
            (at(Some(pki.path("missing")), vec![]), true),
            (at(Some(pki.path("")), vec![]), true),
            (at(None, vec![pki.path("missing")]), true),
            (at(Some(key), vec![]), false),
        ] {
            let error = system_roots(Some(&locations)).unwrap_err();
            assert_eq!(error.kind(), Kind::Tls);
            assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
            assert!(error.to_string().contains(&shown(&locations)), "{error}");
            assert_eq!(error.source().is_some(), cause, "{locations:?}");
        }
    }

    /// As long as a transport has roots, the next one with the same places shares them; one with
    /// other places does not, and once nobody has them they are read again.
    #[test]
    fn read_once() {
        let (one, two) = (Pki::new(), Pki::new());
        let of = |pki: &Pki| at(Some(pki.path("ca.pem")), vec![]);
        let first = system_roots(Some(&of(&one))).unwrap();
        let other = system_roots(Some(&of(&two))).unwrap();
        let again = system_roots(Some(&of(&one))).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &other));

        drop((first, again));
        std::fs::remove_file(one.path("ca.pem")).unwrap();
        assert!(system_roots(Some(&of(&one))).is_err());
    }

    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` say is not heeded unless it is passed on: a child
    /// process that has them finds the roots that this one finds.
    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_environment_is_not_read() {
        let pki = Pki::new();
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg("transport::roots::tests::print_default_roots")
            .env("SSL_CERT_FILE", pki.path("ca.pem"))
            .env("SSL_CERT_DIR", pki.path(""))
            .output()
            .unwrap();
        let output = String::from_utf8(child.stdout).unwrap();
        assert!(output.contains(&default_count()), "{output}");
    }

    /// The child's part of [`the_environment_is_not_read`].
    #[test]
    #[ignore = "run by another test, in an environment of its own"]
    fn print_default_roots() {
        println!("{}", default_count());
    }

    fn default_count() -> String {
        format!("default roots: {:?};", default_roots().certificates.len())
    }
}
