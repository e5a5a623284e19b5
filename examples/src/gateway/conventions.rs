//! Whether the spans that arrived carry what the GenAI conventions require of their type.

use std::collections::BTreeMap;

use oc_telemetry::{
    opentelemetry::trace::{SpanKind, Status},
    semconv::{
        attributes::{self, RequirementLevel},
        spans::{self, SpanDefinition},
    },
    testing::ReceivedSpan,
};

/// Walks the conventions' table of requirements for each span; returns what is missing, forbidden
/// or misnamed.
///
/// The spans of the service `foreign` follow rules of its own and are left out.
pub(super) fn check(spans: &[ReceivedSpan], foreign: &str) -> Result<usize, Vec<String>> {
    let own = |span: &&ReceivedSpan| {
        let service = span.resource.get("service.name").map(ToString::to_string);
        service.as_deref() != Some(foreign)
    };
    let spans: Vec<_> = spans.iter().filter(own).collect();
    let problems: Vec<_> = spans.iter().flat_map(|span| problems(span)).collect();
    if problems.is_empty() {
        Ok(spans.len())
    } else {
        Err(problems)
    }
}

fn problems(span: &ReceivedSpan) -> Vec<String> {
    let name = &span.name;
    let Some(definition) = definition_of(span) else {
        return vec![format!("{name} is of no type that the conventions know")];
    };
    let mut problems = Vec::new();
    for key in definition.with_level(RequirementLevel::Required) {
        if !span.attributes.contains_key(key) {
            problems.push(format!("{name} misses {key}"));
        }
    }
    if matches!(span.status, Status::Error { .. }) && !span.attributes.contains_key("error.type") {
        problems.push(format!("{name} failed without error.type"));
    }
    for key in span.attributes.keys() {
        let unknown = key.starts_with("gen_ai.") && attributes::find(key).is_none();
        if unknown || definition.forbids(key) {
            problems.push(format!("{name} must not have {key}"));
        }
    }
    let values: BTreeMap<&str, String> = span
        .attributes
        .iter()
        .map(|(key, value)| (key.as_str(), value.to_string()))
        .collect();
    let expected = definition.name(|key| values.get(key).map(String::as_str));
    if expected.as_ref() != Some(name) {
        problems.push(format!("{name} should be named {expected:?}"));
    }
    problems
}

fn definition_of(span: &ReceivedSpan) -> Option<&'static SpanDefinition> {
    let Some(operation) = span.attributes.get("gen_ai.operation.name") else {
        return match span.name.as_str() {
            "openclaw.session" => Some(&spans::SESSION),
            "message.process" => Some(&spans::MESSAGE_PROCESS),
            _ if span.kind == SpanKind::Server => Some(&spans::HTTP_SERVER),
            _ => None,
        };
    };
    spans::for_operation(&operation.to_string())
        .find(|definition| format!("{:?}", definition.kind) == format!("{:?}", span.kind))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oc_telemetry::{
        Telemetry,
        agent::{AgentSpan, ToolCall},
        config::Lookup,
        testing::OtlpReceiver,
    };

    use super::*;

    fn spans() -> Vec<ReceivedSpan> {
        let receiver = OtlpReceiver::start().unwrap();
        let telemetry = Telemetry::builder("gateway")
            .with_environment(Lookup::empty())
            .without_prometheus()
            .without_log_files()
            .with_otlp_endpoint(receiver.http_endpoint())
            .build()
            .unwrap();
        telemetry.scope(|| {
            let agent = AgentSpan::new("shadowman").start();
            agent.scope(|| ToolCall::new("read_file").start().ok());
            agent.ok();
        });
        assert!(telemetry.flush(Duration::from_secs(20)).is_complete());
        receiver.spans()
    }

    /// An attribute that is missing, one under a wrong name and a wrong name of the span are found.
    #[test]
    fn finds_what_is_wrong() {
        let whole = spans();
        assert_eq!(check(&whole, "model-server"), Ok(2));
        let tool = whole
            .iter()
            .position(|span| span.name == "execute_tool read_file")
            .unwrap();
        let broken = |change: &dyn Fn(&mut ReceivedSpan)| {
            let mut spans = whole.clone();
            change(&mut spans[tool]);
            check(&spans, "model-server").unwrap_err().join("; ")
        };
        let missing = broken(&|span| drop(span.attributes.remove("gen_ai.tool.name")));
        assert!(missing.contains("misses gen_ai.tool.name"), "{missing}");
        let misnamed = broken(&|span| {
            let value = span.attributes.remove("gen_ai.tool.name").unwrap();
            span.attributes.insert("gen_ai.tool_name".to_owned(), value);
        });
        assert!(
            misnamed.contains("must not have gen_ai.tool_name"),
            "{misnamed}"
        );
        let name = broken(&|span| span.name = "tool".to_owned());
        assert!(name.contains("tool should be named"), "{name}");
        let untyped = broken(&|span| span.status = Status::error("no"));
        assert!(untyped.contains("failed without error.type"), "{untyped}");
    }
}
