//! Which content may leave the process.

use super::{CaptureContent, Resolver, destinations};
use crate::config::parse::Problem;

pub(super) fn capture_content(r: &mut Resolver<'_>) -> CaptureContent {
    const VARIABLE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let from_env = r.in_env(VARIABLE, |text| {
        let (on_spans, in_events) = match text.to_ascii_uppercase().as_str() {
            "FALSE" | "NO_CONTENT" => return Ok(CaptureContent::default()),
            "TRUE" | "SPAN_AND_EVENT" => (true, true),
            "SPAN_ONLY" => (true, false),
            "EVENT_ONLY" => (false, true),
            _ => {
                return Err(Problem::expected(
                    "true, false, NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT",
                ));
            }
        };
        Ok(CaptureContent {
            on_spans,
            in_events,
            ..CaptureContent::all_but_system_prompt()
        })
    });
    let file = if destinations::is_off(&r.file) {
        None
    } else {
        r.file.capture_content
    };
    let candidates = [
        r.in_code(VARIABLE, r.code.capture_content),
        from_env,
        r.in_file("diagnostics.otel.captureContent", file),
    ];
    r.pick("capture_content", candidates)
        .map(|capture| capture.value)
        .unwrap_or_default()
}
