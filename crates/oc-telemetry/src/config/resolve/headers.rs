//! Headers of OTLP requests. Their values are secrets and appear in no message.

use http::{HeaderName, HeaderValue};
use oc_otlp::{Signal, transport::RESERVED_HEADERS};

use super::{Resolver, Sourced, destinations, otlp::variable};
use crate::config::{
    parse,
    text::{echo, members, percent_decode},
};

/// The headers of a signal: general ones, with the signal's own added and winning.
pub(super) fn headers(
    r: &mut Resolver<'_>,
    signal: Signal,
    endpoint_is_the_files: bool,
) -> Vec<(String, String)> {
    let (own, general) = (variable(Some(signal), "HEADERS"), variable(None, "HEADERS"));
    let code = |headers: &[(String, String)]| (!headers.is_empty()).then(|| headers.to_vec());
    // Lowest first: a later layer replaces names of an earlier one.
    let layers = [
        file_headers(r, endpoint_is_the_files),
        decoded(r, r.in_env(general.clone(), parse::text)),
        decoded(r, r.in_env(own.clone(), parse::text)),
        r.in_code(general, code(&r.code.otlp.headers)),
        r.in_code(own, code(&r.code.signal(signal).otlp.headers)),
    ];
    let mut merged: Vec<(String, String)> = Vec::new();
    for layer in layers.into_iter().flatten() {
        for (name, value) in &layer.value {
            let Some((name, value)) = valid(r, &layer, name, value) else {
                continue;
            };
            match merged.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => merged.push((name, value)),
            }
        }
        r.pick(format!("{signal}.headers"), [Some(layer)]);
    }
    merged
}

/// The file's headers were written for the file's endpoint: if it names one, nobody else gets
/// them.
fn file_headers(
    r: &Resolver<'_>,
    endpoint_is_the_files: bool,
) -> Option<Sourced<Vec<(String, String)>>> {
    let file = &r.file;
    if file.headers.is_empty() || destinations::is_off(file) {
        return None;
    }
    let headers = r.in_file("diagnostics.otel.headers", Some(file.headers.clone()))?;
    let names_an_endpoint = [
        &file.endpoint,
        &file.traces_endpoint,
        &file.metrics_endpoint,
        &file.logs_endpoint,
    ]
    .into_iter()
    .any(Option::is_some);
    if names_an_endpoint && !endpoint_is_the_files {
        r.warnings.push(headers.warning(
            "not sent to an endpoint that is set outside this file; set \
             OTEL_EXPORTER_OTLP_HEADERS for it",
        ));
        return None;
    }
    Some(headers)
}

/// `name=value` pairs of a variable. A bad one is left out, the others count.
fn decoded(
    r: &Resolver<'_>,
    list: Option<Sourced<String>>,
) -> Option<Sourced<Vec<(String, String)>>> {
    let list = list?;
    let mut pairs = Vec::new();
    for (index, member) in members(&list.value).enumerate() {
        let pair = member.split_once('=').and_then(|(name, value)| {
            Some((percent_decode(name.trim())?, percent_decode(value.trim())?))
        });
        match pair {
            Some(pair) => pairs.push(pair),
            None => r.warnings.push(list.warning(format!(
                "member {} is not a percent-encoded name=value pair; ignored",
                index + 1
            ))),
        }
    }
    Some(list.map(|_| pairs))
}

/// The header as it is sent, or a warning.
fn valid<T>(
    r: &Resolver<'_>,
    layer: &Sourced<T>,
    name: &str,
    value: &str,
) -> Option<(String, String)> {
    let problem = match HeaderName::from_bytes(name.as_bytes()) {
        // What stands where a name should be may be a value: not shown.
        Err(_) => "a header's name has characters that HTTP does not allow; ignored".to_owned(),
        Ok(name) if RESERVED_HEADERS.contains(&name.as_str()) => {
            format!(
                "header {} is set by the exporter itself; ignored",
                echo(name.as_str())
            )
        }
        Ok(name) => match HeaderValue::from_str(value) {
            Ok(_) => return Some((name.as_str().to_owned(), value.to_owned())),
            Err(_) => format!(
                "the value of header {} has characters that HTTP does not allow, such as a line \
                 break; ignored",
                echo(name.as_str())
            ),
        },
    };
    r.warnings.push(layer.warning(problem));
    None
}
