use oc_telemetry::with_span;

struct Secret;

fn main() {
    with_span!("name", "key" => Secret, { 1 });
    with_span!("name", recorder = "mine", { 1 });
}
