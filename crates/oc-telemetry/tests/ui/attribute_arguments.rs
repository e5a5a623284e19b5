use oc_telemetry::attributes::with_span;

#[with_span("name", color = "red")]
fn unknown_argument() {}

#[with_span("name", kind = Remote)]
fn unknown_kind() {}

#[with_span("name", kind = Client, kind = Client, parent)]
fn twice_and_alone() {}

#[with_span("name" kind = Client)]
fn no_comma() {}

#[with_span("name", "key" =>)]
fn no_value() {}

#[with_span(crate = "oc_telemetry")]
fn no_path() {}

fn main() {
    // The functions are still there: a mistake above is no second one here.
    unknown_argument();
    unknown_kind();
    twice_and_alone();
    no_comma();
    no_value();
    no_path();
}
