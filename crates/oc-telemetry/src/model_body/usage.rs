//! The tokens of one model call.

/// The tokens that one model call used.
///
/// The totals include their parts, as the GenAI conventions ask: `input_tokens` is every token of
/// the prompt, those read from and written to a cache among them; `output_tokens` is everything
/// generated, reasoning among it. What the provider did not report is absent, which is not the same
/// as zero.
///
/// Counts saturate at `i64::MAX`, the largest value of an OpenTelemetry integer.
///
/// ```
/// use oc_telemetry::model_body::Usage;
///
/// let usage = Usage::new(1_200, 80).with_cache_read(1_000).with_reasoning(30);
/// assert_eq!(usage.input_tokens(), 1_200);
/// assert_eq!(usage.total_tokens(), 1_280);
///
/// // Anthropic reports what the cache did beside `input_tokens`, not within it.
/// let usage = Usage::anthropic(200, 80, 1_000, 50);
/// assert_eq!(usage.input_tokens(), 1_250);
/// assert_eq!(usage.cache_write(), Some(50));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    reasoning: Option<u64>,
}

impl Usage {
    /// The two totals, parts included.
    ///
    /// Where only one of them is known, start from `Usage::default()` and
    /// [`with_input`](Self::with_input) or [`with_output`](Self::with_output).
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self::default()
            .with_input(input_tokens)
            .with_output(output_tokens)
    }

    /// Counts as Anthropic's API reports them, where `input_tokens` leaves the cache out: the input
    /// total is the sum of all three input counts.
    pub fn anthropic(
        input_tokens: u64,
        output_tokens: u64,
        cache_read_input_tokens: u64,
        cache_creation_input_tokens: u64,
    ) -> Self {
        let total = input_tokens
            .saturating_add(cache_read_input_tokens)
            .saturating_add(cache_creation_input_tokens);
        Self::new(total, output_tokens)
            .with_cache_read(cache_read_input_tokens)
            .with_cache_write(cache_creation_input_tokens)
    }

    /// Sets the input total, parts included.
    pub fn with_input(mut self, tokens: u64) -> Self {
        self.input_tokens = Some(tokens.min(MAX));
        self
    }

    /// Sets the output total, parts included.
    pub fn with_output(mut self, tokens: u64) -> Self {
        self.output_tokens = Some(tokens.min(MAX));
        self
    }

    /// Sets the part of the input that was read from a cache. Does not change the total.
    pub fn with_cache_read(mut self, tokens: u64) -> Self {
        self.cache_read = Some(tokens.min(MAX));
        self
    }

    /// Sets the part of the input that was written to a cache. Does not change the total.
    pub fn with_cache_write(mut self, tokens: u64) -> Self {
        self.cache_write = Some(tokens.min(MAX));
        self
    }

    /// Sets the part of the output that was reasoning. Does not change the total.
    pub fn with_reasoning(mut self, tokens: u64) -> Self {
        self.reasoning = Some(tokens.min(MAX));
        self
    }

    /// Every token of the prompt (`gen_ai.usage.input_tokens`); 0 if that is not known.
    pub fn input_tokens(&self) -> u64 {
        self.input_tokens.unwrap_or(0)
    }

    /// Every generated token (`gen_ai.usage.output_tokens`); 0 if that is not known.
    pub fn output_tokens(&self) -> u64 {
        self.output_tokens.unwrap_or(0)
    }

    /// The input total if it is known.
    ///
    /// For a span, where a missing attribute says more than a wrong zero. Ollama leaves the count
    /// out when the prompt was in its cache.
    pub fn known_input_tokens(&self) -> Option<u64> {
        self.input_tokens
    }

    /// The output total if it is known.
    pub fn known_output_tokens(&self) -> Option<u64> {
        self.output_tokens
    }

    /// Input tokens read from a cache (`gen_ai.usage.cache_read.input_tokens`).
    pub fn cache_read(&self) -> Option<u64> {
        self.cache_read
    }

    /// Input tokens written to a cache (`gen_ai.usage.cache_write.input_tokens`).
    pub fn cache_write(&self) -> Option<u64> {
        self.cache_write
    }

    /// Output tokens spent on reasoning (`gen_ai.usage.reasoning.output_tokens`).
    pub fn reasoning(&self) -> Option<u64> {
        self.reasoning
    }

    /// Input and output together; a total that is not known counts as zero.
    pub fn total_tokens(&self) -> u64 {
        self.input_tokens()
            .saturating_add(self.output_tokens())
            .min(MAX)
    }

    /// Both together; what neither knows stays unknown.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let add = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.saturating_add(other).min(MAX)),
            (one, other) => one.or(other),
        };
        Self {
            input_tokens: add(self.input_tokens, other.input_tokens),
            output_tokens: add(self.output_tokens, other.output_tokens),
            cache_read: add(self.cache_read, other.cache_read),
            cache_write: add(self.cache_write, other.cache_write),
            reasoning: add(self.reasoning, other.reasoning),
        }
    }

    /// The sum of both sides, as far as they are known; `None` if neither is.
    pub(crate) fn known_total_tokens(&self) -> Option<u64> {
        self.input_tokens
            .or(self.output_tokens)
            .map(|_| self.total_tokens())
    }

    /// Whether the parts are larger than the totals that should include them.
    ///
    /// Such counts are kept as they are; one of the two is wrong, and nothing says which.
    pub fn parts_exceed_totals(&self) -> bool {
        let cached = self
            .cache_read
            .unwrap_or(0)
            .saturating_add(self.cache_write.unwrap_or(0));
        let reasoning = self.reasoning.unwrap_or(0);
        self.input_tokens.is_some_and(|total| cached > total)
            || self.output_tokens.is_some_and(|total| reasoning > total)
    }
}

/// The largest count an attribute can hold.
pub(super) const MAX: u64 = i64::MAX.unsigned_abs();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_saturate_at_what_an_attribute_holds() {
        let usage = Usage::anthropic(u64::MAX, u64::MAX, u64::MAX, 1);
        assert_eq!(usage.input_tokens(), MAX);
        assert_eq!(usage.output_tokens(), MAX);
        assert_eq!(usage.total_tokens(), MAX);
        assert!(i64::try_from(usage.total_tokens()).is_ok());
    }

    #[test]
    fn parts_are_compared_with_the_total_that_includes_them() {
        assert!(!Usage::new(10, 5).with_cache_read(10).parts_exceed_totals());
        assert!(
            Usage::new(10, 5)
                .with_cache_read(6)
                .with_cache_write(5)
                .parts_exceed_totals()
        );
        assert!(Usage::new(10, 5).with_reasoning(6).parts_exceed_totals());
        // An unknown total contradicts nothing.
        assert!(!Usage::default().with_reasoning(6).parts_exceed_totals());
    }
}
