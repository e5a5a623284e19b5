use oc_telemetry::with_span;

fn main() {
    with_span!();
    with_span!("name");
    with_span!({ 1 });
    with_span!(kind = Client, { 1 });
    with_span!("key" => 1, { 1 });
    with_span!("name", kind = Client);
    with_span!("name", kind = Client,);
    with_span!("name", "key" => 1);
    with_span!("name", "key" => 1,);
    with_span!("name", color = "red", { 1 });
    with_span!("name", kind = Remote, { 1 });
    with_span!("name", kind = Client, kind = Server, { 1 });
    with_span!("name", parent = f(), parent = f(), { 1 });
    with_span!("name", kind = , { 1 });
    with_span!("name", 1 + 1);
    with_span!("name", "other", { 1 });
}
