use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Exponential backoff with full jitter: each wait is drawn evenly from zero to a limit that
/// doubles from attempt to attempt.
///
/// OTLP specification, section "OTLP/HTTP Throttling": backoff with jitter is mandatory, so that
/// clients that failed together do not come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    limit: Duration,
    max: Duration,
    random: u64,
}

impl Backoff {
    pub(crate) fn new(initial: Duration, max: Duration) -> Self {
        // The hasher's keys are random for each process; spreading clients needs no more.
        Self::seeded(initial, max, RandomState::new().hash_one(0_u8))
    }

    fn seeded(initial: Duration, max: Duration, seed: u64) -> Self {
        Self {
            limit: initial.min(max),
            max,
            random: seed | 1,
        }
    }

    pub(crate) fn next_delay(&mut self) -> Duration {
        // xorshift64; never zero because the seed is odd.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        // The upper 32 bits as a fraction of one.
        let fraction = f64::from((self.random >> 32) as u32) / f64::from(u32::MAX);
        let delay = self.limit.mul_f64(fraction);
        self.limit = self.limit.saturating_mul(2).min(self.max);
        delay
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the seed, no wait exceeds its limit, and the limits double up to the maximum.
        #[test]
        fn stays_below_a_doubling_limit(seed: u64) {
            let mut backoff = Backoff::seeded(Duration::from_secs(1), Duration::from_secs(5), seed);
            for limit in [1, 2, 4, 5, 5, 5] {
                let delay = backoff.next_delay();
                prop_assert!(delay <= Duration::from_secs(limit));
            }
        }
    }

    /// The waits are spread over the whole range, not gathered at one end.
    #[test]
    fn is_spread() {
        let mut low = 0;
        for seed in 0..1000_u64 {
            let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut backoff = Backoff::seeded(Duration::from_secs(1), Duration::from_secs(1), seed);
            backoff.next_delay();
            low += u32::from(backoff.next_delay() < Duration::from_millis(500));
        }
        assert!((400..600).contains(&low), "{low} of 1000 in the lower half");
    }
}
