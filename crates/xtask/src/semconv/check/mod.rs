//! What can be wrong with the model, each mistake with the file and the entry it is in.

mod attributes;
mod events;
mod metrics;
mod signals;
mod spans;
#[cfg(test)]
mod tests;

use super::model::Model;

/// All mistakes, in the order of the files.
pub(super) fn check(model: &Model) -> Vec<String> {
    let mut mistakes = Mistakes::default();
    attributes::check(model, &mut mistakes);
    metrics::check(model, &mut mistakes);
    spans::check(model, &mut mistakes);
    events::check(model, &mut mistakes);
    mistakes.0
}

#[derive(Debug, Default)]
struct Mistakes(Vec<String>);

impl Mistakes {
    fn add(&mut self, file: &str, entry: &str, text: impl AsRef<str>) {
        self.0.push(format!("{file}: `{entry}` {}", text.as_ref()));
    }

    /// A sentence as documentation wants it: it begins with a capital or code and ends with a full stop.
    fn sentence(&mut self, file: &str, entry: &str, brief: &str) {
        if !brief.ends_with('.') {
            self.add(file, entry, "has a brief without a full stop");
        }
        if brief.starts_with(|first: char| first.is_whitespace() || first.is_lowercase())
            && !brief.starts_with("xAI")
        {
            self.add(file, entry, "has a brief that begins small");
        }
    }
}
