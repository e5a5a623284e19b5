use std::{collections::HashMap, time::Duration};

use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};

use super::limiter::Limiter;

/// Which traces are recorded.
#[derive(Debug)]
pub(super) enum Strategy {
    /// This share of them, from 0 to 1, by trace id.
    Share(f64),
    /// So many in a second.
    Limited(Limiter),
    /// By the name of the root span.
    PerOperation(PerOperation),
}

#[derive(Debug)]
pub(super) struct PerOperation {
    /// Of all operations that are not listed, together: Jaeger lists an operation once it has seen
    /// it, and the names of a program that puts ids into them have no end.
    pub(super) others: Operation,
    pub(super) listed: HashMap<String, Operation>,
}

#[derive(Debug)]
pub(super) struct Operation {
    pub(super) share: f64,
    /// So many are recorded also if their share would be less.
    pub(super) at_least: Limiter,
}

impl Strategy {
    /// Whether a trace whose root span is called `name` is recorded. `now` counts from a moment
    /// that is the same for all calls.
    pub(super) fn decide(
        &self,
        trace_id: TraceId,
        name: &str,
        now: impl FnOnce() -> Duration,
    ) -> bool {
        match self {
            Self::Share(share) => in_share(*share, trace_id),
            Self::Limited(limiter) => limiter.pass(now()),
            Self::PerOperation(PerOperation { others, listed }) => {
                let Operation { share, at_least } = listed.get(name).unwrap_or(others);
                // What the share lets pass counts for the lower bound.
                let owed = at_least.pass(now());
                in_share(*share, trace_id) || owed
            }
        }
    }

    /// Takes over from `old` what its limiters have let pass.
    pub(super) fn following(self, old: &Self, now: Duration) -> Self {
        match (self, old) {
            (Self::Limited(limiter), Self::Limited(old)) => {
                Self::Limited(limiter.following(old, now))
            }
            (Self::PerOperation(PerOperation { others, listed }), Self::PerOperation(old)) => {
                let listed = listed.into_iter().map(|(name, operation)| {
                    let old = old.listed.get(&name).unwrap_or(&old.others);
                    (name, operation.following(old, now))
                });
                Self::PerOperation(PerOperation {
                    others: others.following(&old.others, now),
                    listed: listed.collect(),
                })
            }
            (new, _) => new,
        }
    }
}

impl Operation {
    fn following(self, old: &Self, now: Duration) -> Self {
        Self {
            share: self.share,
            at_least: self.at_least.following(&old.at_least, now),
        }
    }
}

/// As every sampler by trace id does, so that services with the same share record the same traces.
fn in_share(share: f64, trace_id: TraceId) -> bool {
    let result = Sampler::TraceIdRatioBased(share).should_sample(
        None,
        trace_id,
        "",
        &SpanKind::Internal,
        &[],
        &[],
    );
    result.decision == SamplingDecision::RecordAndSample
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lowest and the highest id: the first is in every share above 0, the other only in 1.
    const FIRST: TraceId = TraceId::from_bytes([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    const LAST: TraceId = TraceId::from_bytes([0xff; 16]);

    fn operation(share: f64, at_least: f64) -> Operation {
        Operation {
            share,
            at_least: Limiter::new(at_least),
        }
    }

    fn per_operation(others: Operation, listed: [(&str, Operation); 2]) -> Strategy {
        let listed = listed.map(|(name, operation)| (name.to_owned(), operation));
        Strategy::PerOperation(PerOperation {
            others,
            listed: HashMap::from(listed),
        })
    }

    /// A share goes by the trace id alone.
    #[test]
    fn shares() {
        for (share, first, last) in [(0.0, false, false), (0.5, true, false), (1.0, true, true)] {
            let strategy = Strategy::Share(share);
            let decide = |id| strategy.decide(id, "a", || Duration::ZERO);
            assert_eq!((decide(FIRST), decide(LAST)), (first, last));
        }
    }

    /// Each operation has its share, and its lower bound beside it.
    #[test]
    fn operations() {
        let strategy = per_operation(
            operation(0.0, 0.0),
            [("all", operation(1.0, 0.0)), ("rare", operation(0.0, 2.0))],
        );
        let decide = |name, secs| strategy.decide(LAST, name, || Duration::from_secs(secs));
        for _ in 0..9 {
            assert!(decide("all", 0));
            assert!(!decide("other", 0));
        }
        let rare = |secs| (0..9).filter(|_| decide("rare", secs)).count();
        assert_eq!(rare(0), 2);
        assert_eq!(rare(0), 0);
        assert_eq!(rare(1), 2);
    }

    /// What is recorded for its share anyway uses up the lower bound.
    #[test]
    fn a_share_counts_for_the_lower_bound() {
        let strategy = Strategy::PerOperation(PerOperation {
            others: operation(0.5, 1.0),
            listed: HashMap::new(),
        });
        let decide = |id| strategy.decide(id, "a", || Duration::ZERO);
        assert!(decide(FIRST));
        assert!(!decide(LAST));
    }

    /// The same strategy told again grants no operation anything anew.
    #[test]
    fn told_again() {
        let now = Duration::from_secs(5);
        let make = || {
            per_operation(
                operation(0.0, 1.0),
                [("a", operation(0.0, 1.0)), ("b", operation(0.0, 1.0))],
            )
        };
        let old = make();
        let passes = |strategy: &Strategy, name| strategy.decide(LAST, name, || now);
        for name in ["a", "other"] {
            assert!(passes(&old, name));
        }
        let new = make().following(&old, now);
        assert!(!passes(&new, "a"));
        assert!(passes(&new, "b"));
        assert!(!passes(&new, "other"));

        let limited = || Strategy::Limited(Limiter::new(1.0));
        let old = limited();
        assert!(passes(&old, "a"));
        assert!(!passes(&limited().following(&old, now), "a"));
        assert!(passes(&limited().following(&new, now), "a"));
    }
}
