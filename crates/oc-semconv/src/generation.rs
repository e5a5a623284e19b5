/// The generation of the GenAI conventions that a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// The same in both, or not a matter of the GenAI conventions.
    Both,
    /// Version 1.41 only.
    V1_41,
    /// October 2026 only.
    V2026_10,
    /// Neither: from before version 1.41.
    Older,
}

impl Generation {
    /// Whether a name of this generation belongs into telemetry of the generation `selected`.
    ///
    /// With [`Generation::Both`] selected, names of either belong. Those of neither never do.
    ///
    /// ```
    /// use oc_semconv::{Generation, metrics};
    ///
    /// let usage = metrics::GEN_AI_CLIENT_TOKEN_USAGE.generation;
    /// assert!(usage.is_in(Generation::V1_41));
    /// assert!(!usage.is_in(Generation::V2026_10));
    /// assert!(usage.is_in(Generation::Both));
    /// ```
    pub const fn is_in(self, selected: Generation) -> bool {
        match self {
            Generation::Both => true,
            Generation::V1_41 => matches!(selected, Generation::V1_41 | Generation::Both),
            Generation::V2026_10 => matches!(selected, Generation::V2026_10 | Generation::Both),
            Generation::Older => false,
        }
    }
}
