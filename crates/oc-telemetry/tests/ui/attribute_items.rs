use oc_telemetry::attributes::with_span;

#[with_span]
const fn constant() {}

#[with_span]
extern "C" fn foreign() {}

#[with_span]
struct Type;

trait Handler {
    #[with_span]
    fn handle(&self);
}

fn main() {}
