//! Who is speaking.

use super::{Resolver, Sourced};
use crate::config::{
    ResourceConfig,
    parse::{self, Problem},
    text::{members, percent_decode},
};

const SERVICE_NAME: &str = "service.name";

pub(super) fn resource(r: &mut Resolver<'_>) -> ResourceConfig {
    let from_env = r.in_env("OTEL_RESOURCE_ATTRIBUTES", attributes);
    let from_code = r.code.resource_attributes.clone();
    let service_name = service_name(r, &from_code, from_env.as_ref());

    let mut attributes: Vec<(String, String)> = Vec::new();
    let from_env = from_env.map(|env| env.value).unwrap_or_default();
    for (key, value) in from_env.into_iter().chain(from_code) {
        if key == SERVICE_NAME {
            continue;
        }
        match attributes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => attributes.push((key, value)),
        }
    }
    ResourceConfig {
        service_name,
        attributes,
    }
}

/// The builder's argument counts last: it is what the program is called as long as nobody who
/// runs it calls it something else.
fn service_name(
    r: &mut Resolver<'_>,
    from_code: &[(String, String)],
    from_env: Option<&Sourced<Vec<(String, String)>>>,
) -> String {
    let find = |attributes: &[(String, String)]| {
        attributes
            .iter()
            .rev()
            .find(|(key, value)| key == SERVICE_NAME && !value.is_empty())
            .map(|(_, value)| value.clone())
    };
    let candidates = [
        r.in_code("OTEL_SERVICE_NAME", r.code.service_name.clone()),
        r.in_code("OTEL_RESOURCE_ATTRIBUTES", find(from_code)),
        r.in_env("OTEL_SERVICE_NAME", parse::text),
        from_env.and_then(|env| {
            let name = find(&env.value)?;
            Some(env.clone().map(|_| name))
        }),
        r.in_file("diagnostics.otel.serviceName", r.file.service_name.clone()),
        r.in_code("service name", r.code.default_service_name.clone()),
    ];
    r.pick("service_name", candidates)
        .map_or_else(|| "openclaw".to_owned(), |name| name.value)
}

/// Resource SDK specification, "Specifying resource information via an environment variable": any
/// mistake discards the whole value.
fn attributes(text: &str) -> Result<Vec<(String, String)>, Problem> {
    members(text)
        .enumerate()
        .map(|(index, member)| {
            // Resource attributes may hold whatever an operator puts there: not shown.
            let problem = |what| {
                let place = index + 1;
                Problem::hidden(format!(
                    "member {place} {what}, which spoils the whole value"
                ))
            };
            let (key, value) = member
                .split_once('=')
                .ok_or_else(|| problem("has no \"=\""))?;
            let decode = |part: &str| {
                percent_decode(part.trim()).ok_or_else(|| problem("is not percent-encoded UTF-8"))
            };
            let (key, value) = (decode(key)?, decode(value)?);
            if key.is_empty() {
                return Err(problem("has no key"));
            }
            Ok((key, value))
        })
        .collect()
}
