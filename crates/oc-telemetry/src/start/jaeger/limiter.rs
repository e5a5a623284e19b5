use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Lets at most so many pass in a second, without a lock.
///
/// It keeps one number: when the next one would be due if they came evenly. One may come early, as
/// far as a second's worth of them in total; less than one a second never come early.
#[derive(Debug)]
pub(super) struct Limiter {
    /// Nanoseconds between two; `None` lets nothing pass.
    gap: Option<u64>,
    /// How much too early one may come, in nanoseconds.
    early: u64,
    due: AtomicU64,
}

impl Limiter {
    /// At most `per_second`, which is finite; zero and less lets nothing pass.
    pub(super) fn new(per_second: f64) -> Self {
        let gap = (per_second > 0.0).then(|| {
            // Less than one in five centuries: the first passes, and no other.
            Duration::try_from_secs_f64(per_second.recip()).map_or(u64::MAX, nanos)
        });
        let early = match gap {
            // Half a gap more, so that rounding does not cost one.
            Some(gap) if gap < SECOND => SECOND - gap + gap / 2,
            _ => 0,
        };
        Self {
            gap,
            early,
            due: AtomicU64::new(0),
        }
    }

    /// Takes over what `old` has let pass: a new limit is no reason for a second's worth at once.
    pub(super) fn following(mut self, old: &Self, now: Duration) -> Self {
        // Under a limit of one a day the next may be due tomorrow; a higher one owes less.
        let latest = nanos(now)
            .saturating_add(self.early)
            .saturating_add(self.gap.unwrap_or_default());
        *self.due.get_mut() = old.due.load(Ordering::Relaxed).min(latest);
        self
    }

    /// Whether one may pass at `now`, which counts from any fixed moment.
    pub(super) fn pass(&self, now: Duration) -> bool {
        let Some(gap) = self.gap else { return false };
        let now = nanos(now);
        self.due
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |due| {
                (due <= now.saturating_add(self.early)).then(|| due.max(now).saturating_add(gap))
            })
            .is_ok()
    }
}

/// Five centuries at most.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

const SECOND: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(limiter: &Limiter, now: Duration) -> usize {
        (0..1000).filter(|_| limiter.pass(now)).count()
    }

    /// A second's worth at once, then one whenever one is due, and never more than a second's
    /// worth after a pause.
    #[test]
    fn so_many_a_second() {
        for per_second in [1_u16, 2, 3, 5, 7, 10, 49, 999] {
            let limiter = Limiter::new(f64::from(per_second));
            let per_second = usize::from(per_second);
            assert_eq!(passed(&limiter, Duration::ZERO), per_second);
            assert_eq!(passed(&limiter, Duration::ZERO), 0);
            // Asked every millisecond for ten seconds: what is due by then, rounded.
            let total = (1..=10_000)
                .filter(|&ms| limiter.pass(Duration::from_millis(ms)))
                .count();
            assert!(total.abs_diff(10 * per_second) <= 1, "{per_second} {total}");
            let later = passed(&limiter, Duration::from_mins(10));
            assert!(later.abs_diff(per_second) <= 1, "{per_second} {later}");
        }
    }

    /// Less than one a second, none at all, and numbers at the edge.
    #[test]
    fn few_and_many() {
        let daily = Limiter::new(1.0 / 86_400.0);
        assert_eq!(passed(&daily, Duration::ZERO), 1);
        assert_eq!(passed(&daily, Duration::from_hours(23)), 0);
        assert_eq!(passed(&daily, Duration::from_hours(25)), 1);
        for none in [0.0, -0.0, -1.0, f64::NAN] {
            assert_eq!(passed(&Limiter::new(none), Duration::from_secs(9)), 0);
        }
        let hardly = Limiter::new(f64::MIN_POSITIVE);
        assert_eq!(passed(&hardly, Duration::ZERO), 1);
        assert_eq!(passed(&hardly, Duration::from_hours(1_000_000)), 0);
        assert_eq!(passed(&Limiter::new(f64::MAX), Duration::MAX), 1000);
    }

    /// A limit that is told again grants nothing anew, and one that rises holds at once.
    #[test]
    fn limits_follow_each_other() {
        let now = Duration::from_secs(100);
        let limiter = Limiter::new(5.0);
        assert_eq!(passed(&limiter, now), 5);
        let limiter = Limiter::new(5.0).following(&limiter, now);
        assert_eq!(passed(&limiter, now), 0);
        assert_eq!(passed(&limiter, now + Duration::from_secs(1)), 5);

        let daily = Limiter::new(1.0 / 86_400.0);
        assert_eq!(passed(&daily, now), 1);
        let limiter = Limiter::new(5.0).following(&daily, now);
        assert_eq!(passed(&limiter, now + Duration::from_secs(2)), 5);
    }
}
