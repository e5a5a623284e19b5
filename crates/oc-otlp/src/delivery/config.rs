use std::time::Duration;

/// Limits of a [`Delivery`](crate::Delivery).
///
/// ```
/// use std::time::Duration;
///
/// use oc_otlp::DeliveryConfig;
///
/// let config = DeliveryConfig::default()
///     .with_queue_bytes(8 * 1024 * 1024)
///     .with_retry_for(Duration::from_mins(1));
/// assert_eq!(config.retry_for, Duration::from_mins(1));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryConfig {
    /// Encoded bytes that may wait. Default 32 MiB. A payload that does not fit is dropped.
    pub queue_bytes: usize,
    /// The longest wait before the second attempt; it doubles with each further one. Default 0.5 s.
    pub initial_backoff: Duration,
    /// The longest wait between two attempts. Default 30 s.
    pub max_backoff: Duration,
    /// How long a payload is retried before it is dropped. Default 5 min.
    ///
    /// Attempts and the waits between them count; the time beyond that for which the destination
    /// asked to be left alone does not, however long.
    pub retry_for: Duration,
    /// Whether a payload makes those of an older [generation](crate::Payload::generation) that
    /// still wait worthless, as a newer collection of cumulative metrics does. They are dropped as
    /// [`DropReason::Superseded`](crate::DropReason::Superseded). Default no.
    pub newest_only: bool,
}

impl DeliveryConfig {
    /// Sets [`queue_bytes`](Self::queue_bytes).
    #[must_use]
    pub const fn with_queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// Sets [`initial_backoff`](Self::initial_backoff).
    #[must_use]
    pub const fn with_initial_backoff(mut self, longest: Duration) -> Self {
        self.initial_backoff = longest;
        self
    }

    /// Sets [`max_backoff`](Self::max_backoff).
    #[must_use]
    pub const fn with_max_backoff(mut self, longest: Duration) -> Self {
        self.max_backoff = longest;
        self
    }

    /// Sets [`retry_for`](Self::retry_for).
    #[must_use]
    pub const fn with_retry_for(mut self, time: Duration) -> Self {
        self.retry_for = time;
        self
    }

    /// Sets [`newest_only`](Self::newest_only).
    #[must_use]
    pub const fn with_newest_only(mut self, newest_only: bool) -> Self {
        self.newest_only = newest_only;
        self
    }
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            queue_bytes: 32 * 1024 * 1024,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
            retry_for: Duration::from_mins(5),
            newest_only: false,
        }
    }
}
