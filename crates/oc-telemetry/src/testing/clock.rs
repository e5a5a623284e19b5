use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use crate::{clock::Clock, sync::lock};

/// A clock that stands still until a test moves it.
///
/// Clones show the same time, so that a test keeps one and hands the other to the builder.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<SystemTime>>,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: SystemTime) -> Self {
        Self {
            now: Arc::new(Mutex::new(now)),
        }
    }

    /// A clock that shows a time given in seconds since 1970-01-01 UTC.
    pub fn at_unix(seconds: u64) -> Self {
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, now: SystemTime) {
        *lock(&self.now) = now;
    }

    /// Moves the time forwards.
    pub fn advance(&self, by: Duration) {
        *lock(&self.now) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *lock(&self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clock stands still, and a clone sees every move.
    #[test]
    fn clones_show_the_same_time() {
        let clock = ManualClock::at_unix(1_000);
        let seen = clock.clone();
        assert_eq!(seen.now(), seen.now());
        clock.advance(Duration::from_secs(5));
        assert_eq!(seen.now(), ManualClock::at_unix(1_005).now());
        clock.set(SystemTime::UNIX_EPOCH);
        assert_eq!(seen.now(), SystemTime::UNIX_EPOCH);
    }
}
