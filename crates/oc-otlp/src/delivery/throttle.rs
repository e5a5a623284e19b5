use std::{sync::Mutex, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::lock;

/// Until when a destination wants to be left alone; shared by its signals.
#[derive(Debug, Default)]
pub struct Throttle {
    until: Mutex<Option<Instant>>,
}

impl Throttle {
    pub(super) fn extend(&self, delay: Duration) {
        let mut until = lock(&self.until);
        // A server may ask for a time beyond what the clock can express.
        let asked = Instant::now().checked_add(delay);
        *until = (*until).max(asked);
    }

    pub(super) async fn wait(&self) {
        loop {
            let until = *lock(&self.until);
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }
}
