use oc_telemetry::with_span;

struct Parse;

impl From<std::num::ParseIntError> for Parse {
    fn from(_: std::num::ParseIntError) -> Self {
        Self
    }
}

impl std::fmt::Display for Parse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("parse")
    }
}

async fn number(text: &str) -> Result<u8, Parse> {
    with_span!("number", async { Ok(text.parse::<u8>()?) }).await
}

fn main() {}
