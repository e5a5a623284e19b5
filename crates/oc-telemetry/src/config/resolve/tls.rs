//! Certificate and key files of OTLP connections.

use std::{
    env::split_paths,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use oc_otlp::Signal;

use super::{Resolver, Sourced, otlp::variable};
use crate::config::{OtlpOverrides, SystemRoots, file::expand_home, parse, text::echo_path};

/// The files of one signal's connection.
#[derive(Debug, Default)]
pub(super) struct TlsFiles {
    pub(super) ca_file: Option<PathBuf>,
    pub(super) client_cert: Option<PathBuf>,
    pub(super) client_key: Option<PathBuf>,
}

/// The files, all of them readable, or `None` and a warning where TLS is used and one is not.
pub(super) fn files(r: &mut Resolver<'_>, signal: Signal, is_tls: bool) -> Option<TlsFiles> {
    let ca_file = path(r, signal, "CERTIFICATE", |otlp| otlp.ca_file.clone());
    let client_cert = path(r, signal, "CLIENT_CERTIFICATE", |otlp| {
        otlp.client_cert.clone()
    });
    let client_key = path(r, signal, "CLIENT_KEY", |otlp| otlp.client_key.clone());
    let mut usable = true;
    for file in [&ca_file, &client_cert, &client_key].into_iter().flatten() {
        if let Err(error) = readable(&file.value) {
            usable = false;
            let consequence = if is_tls {
                "OTLP is off for the signals that use it"
            } else {
                "ignored, because the endpoint is not https"
            };
            let path = echo_path(&file.value);
            r.warnings
                .push(file.warning(format!("{path} cannot be read: {error}; {consequence}")));
        }
    }
    if !is_tls {
        return Some(TlsFiles::default());
    }
    let alone = match (&client_cert, &client_key) {
        (Some(cert), None) => Some((cert, "a client certificate without a client key")),
        (None, Some(key)) => Some((key, "a client key without a client certificate")),
        _ => None,
    };
    if let Some((file, what)) = alone {
        usable = false;
        let message = format!("{what} is of no use; OTLP is off for the signals that use it");
        r.warnings.push(file.warning(message));
    }
    usable.then(|| TlsFiles {
        ca_file: ca_file.map(|file| file.value),
        client_cert: client_cert.map(|file| file.value),
        client_key: client_key.map(|file| file.value),
    })
}

/// Where the system's roots lie, if the environment says so as it does for OpenSSL.
pub(super) fn system_roots(r: &mut Resolver<'_>) -> SystemRoots {
    let file = r.in_env("SSL_CERT_FILE", parse::text);
    let dirs = r.in_env("SSL_CERT_DIR", parse::text);
    let (file, dirs) = (r.pick(ROOTS, [file]), r.pick(ROOTS, [dirs]));
    SystemRoots {
        file: file.map(|file| file.value.into()),
        dirs: dirs.map_or_else(Vec::new, |dirs| split_paths(&dirs.value).collect()),
    }
}

const ROOTS: &str = "system_roots";

fn path(
    r: &mut Resolver<'_>,
    signal: Signal,
    suffix: &'static str,
    code: impl Fn(&OtlpOverrides) -> Option<PathBuf>,
) -> Option<Sourced<PathBuf>> {
    let (own, general) = (variable(Some(signal), suffix), variable(None, suffix));
    let lookup = r.lookup;
    let expand = |text: Sourced<String>| text.map(|text| expand_home(&text, lookup));
    let candidates = [
        r.in_code(own.clone(), code(&r.code.signal(signal).otlp)),
        r.in_code(general.clone(), code(&r.code.otlp)),
        r.in_env(own, parse::text).map(expand),
        r.in_env(general, parse::text).map(expand),
    ];
    r.pick(
        format!("{signal}.{}", suffix.to_ascii_lowercase()),
        candidates,
    )
}

fn readable(path: &Path) -> io::Result<()> {
    // Opening a pipe would wait for a writer, for ever.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    File::open(path).map(drop)
}
