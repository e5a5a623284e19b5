use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::Signal;

/// Counts every item of one signal from its creation until its end, for each destination.
///
/// For every destination, at every moment:
///
/// ```text
/// created = exported + rejected + dropped{reason} + queued + in_flight + spooled
/// ```
///
/// All counts of a signal stand behind one lock, and every change moves items from one term of
/// the equation to another, so that a [`snapshot`](Self::snapshot) balances by construction.
///
/// ```
/// use oc_otlp::{DropReason, Ledger, Signal};
///
/// let ledger = Ledger::new(Signal::Traces, ["otlp"]);
/// let destination = ledger.destinations().next().unwrap();
/// ledger.created(3);
/// ledger.handed_over(3);
/// ledger.sending(destination, 3);
/// ledger.sent(destination, 3, 1);
/// let counts = ledger.snapshot().into_iter().next().unwrap();
/// assert_eq!((counts.exported, counts.rejected), (2, 1));
/// assert!(counts.is_balanced());
/// # let _ = DropReason::QueueFull;
/// ```
pub struct Ledger {
    signal: Signal,
    state: Mutex<State>,
}

/// One destination in a [`Ledger`]. Valid for the ledger it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DestinationId(usize);

/// Why an item was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full when the item was created.
    QueueFull,
    /// What waits, encoded or not yet, took as much memory as it may.
    BytesFull,
    /// It is larger alone than OTLP allows a request to be (64 MiB).
    TooLarge,
    /// The destination refused the whole request and it must not be sent again.
    Rejected,
    /// The destination's answer was larger than 4 MiB or not understood. Whether it took the items
    /// is not known, and sending them again might duplicate them.
    Response,
    /// It was retried for as long as is allowed.
    Expired,
    /// It could not be encoded.
    Encode,
    /// Code under the library panicked while it handled the item.
    Panic,
    /// It was still unsent when the shutdown's deadline came.
    ShutdownDeadline,
    /// It was created after the shutdown.
    AfterShutdown,
    /// A newer collection of the same metric points replaced it.
    Superseded,
}

impl DropReason {
    /// All reasons.
    pub const ALL: [Self; 11] = [
        Self::QueueFull,
        Self::BytesFull,
        Self::TooLarge,
        Self::Rejected,
        Self::Response,
        Self::Expired,
        Self::Encode,
        Self::Panic,
        Self::ShutdownDeadline,
        Self::AfterShutdown,
        Self::Superseded,
    ];

    /// The reason as a label value, such as `queue_full`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::BytesFull => "bytes_full",
            Self::TooLarge => "too_large",
            Self::Rejected => "rejected",
            Self::Response => "response",
            Self::Expired => "expired",
            Self::Encode => "encode",
            Self::Panic => "panic",
            Self::ShutdownDeadline => "shutdown_deadline",
            Self::AfterShutdown => "after_shutdown",
            Self::Superseded => "superseded",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The counts of one signal at one destination at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// The signal.
    pub signal: Signal,
    /// The destination's name, such as `otlp`.
    pub destination: String,
    /// Items that were created for this destination: ended and sampled spans, records, points;
    /// without those that it leaves out on purpose ([`Ledger::skipped`]).
    pub created: u64,
    /// Items that the destination took.
    pub exported: u64,
    /// Items that the destination refused within an accepted request.
    pub rejected: u64,
    /// Items that were given up, by reason; reasons without items are left out.
    pub dropped: Vec<(DropReason, u64)>,
    /// Items that wait, not yet encoded or encoded.
    pub queued: u64,
    /// Items in a request that is under way.
    pub in_flight: u64,
    /// Items on disk.
    pub spooled: u64,
}

impl Counts {
    /// The sum of [`dropped`](Self::dropped).
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().map(|(_, count)| count).sum()
    }

    /// Whether the equation of [`Ledger`] holds.
    pub fn is_balanced(&self) -> bool {
        self.created
            == self.exported
                + self.rejected
                + self.dropped_total()
                + self.queued
                + self.in_flight
                + self.spooled
    }

    /// Whether nothing was rejected or dropped and nothing waits.
    pub fn is_complete(&self) -> bool {
        self.created == self.exported
    }
}

/// The counts of all destinations of a signal, taken under one lock.
pub type LedgerSnapshot = Vec<Counts>;

#[derive(Default)]
struct State {
    /// Items that were created, and those of them not yet handed to the destinations.
    created: u64,
    waiting: u64,
    /// Nothing waits any more.
    closed: bool,
    /// Items dropped before they were handed over; they count for every destination.
    dropped: DropCounts,
    destinations: Vec<Destination>,
}

#[derive(Default)]
struct Destination {
    name: String,
    exported: u64,
    rejected: u64,
    dropped: DropCounts,
    queued: u64,
    in_flight: u64,
    /// Handed over with the others, and not meant for this destination.
    skipped: u64,
}

type DropCounts = [u64; DropReason::ALL.len()];

impl Ledger {
    /// A ledger of a signal that goes to the destinations named.
    pub fn new<S: Into<String>>(signal: Signal, destinations: impl IntoIterator<Item = S>) -> Self {
        let destinations = destinations
            .into_iter()
            .map(|name| Destination {
                name: name.into(),
                ..Destination::default()
            })
            .collect();
        Self {
            signal,
            state: Mutex::new(State {
                destinations,
                ..State::default()
            }),
        }
    }

    /// The signal that is counted.
    pub const fn signal(&self) -> Signal {
        self.signal
    }

    /// The destinations, in the order of their names in [`new`](Self::new).
    pub fn destinations(&self) -> impl Iterator<Item = DestinationId> + use<> {
        let count = self.lock().destinations.len();
        (0..count).map(DestinationId)
    }

    /// Items were created and wait. After [`close`](Self::close) they are dropped as
    /// [`DropReason::AfterShutdown`].
    pub fn created(&self, items: u64) {
        let mut state = self.lock();
        state.created += items;
        if state.closed {
            state.dropped[DropReason::AfterShutdown as usize] += items;
        } else {
            state.waiting += items;
        }
    }

    /// Items were created and given up at once.
    pub fn created_and_dropped(&self, items: u64, reason: DropReason) {
        let mut state = self.lock();
        state.created += items;
        state.dropped[reason as usize] += items;
    }

    /// Items that wait are given up, for all destinations.
    pub fn dropped_waiting(&self, items: u64, reason: DropReason) {
        let mut state = self.lock();
        let items = items.min(state.waiting);
        state.waiting -= items;
        state.dropped[reason as usize] += items;
    }

    /// Items that wait are handed to every destination, where they are queued.
    pub fn handed_over(&self, items: u64) {
        let mut state = self.lock();
        let items = items.min(state.waiting);
        state.waiting -= items;
        for destination in &mut state.destinations {
            destination.queued += items;
        }
    }

    /// Items that were handed to every destination are none of this one's, which leaves such items
    /// out on purpose: it has them as never created.
    pub fn skipped(&self, id: DestinationId, items: u64) {
        self.at(id, |destination| {
            let items = items.min(destination.queued);
            destination.queued -= items;
            destination.skipped += items;
        });
    }

    /// A destination starts to send queued items.
    pub fn sending(&self, id: DestinationId, items: u64) {
        self.at(id, |destination| {
            let items = items.min(destination.queued);
            destination.queued -= items;
            destination.in_flight += items;
        });
    }

    /// An attempt failed; its items are queued again.
    pub fn postponed(&self, id: DestinationId, items: u64) {
        self.at(id, |destination| {
            let items = items.min(destination.in_flight);
            destination.in_flight -= items;
            destination.queued += items;
        });
    }

    /// The destination answered: of `items` it refused `rejected` and took the others.
    pub fn sent(&self, id: DestinationId, items: u64, rejected: u64) {
        self.at(id, |destination| {
            let items = items.min(destination.in_flight);
            // A server may claim to have refused more than it got.
            let rejected = rejected.min(items);
            destination.in_flight -= items;
            destination.rejected += rejected;
            destination.exported += items - rejected;
        });
    }

    /// A destination gives up queued items.
    pub fn dropped_queued(&self, id: DestinationId, items: u64, reason: DropReason) {
        self.at(id, |destination| {
            let items = items.min(destination.queued);
            destination.queued -= items;
            destination.dropped[reason as usize] += items;
        });
    }

    /// A destination gives up items that were under way.
    pub fn dropped_in_flight(&self, id: DestinationId, items: u64, reason: DropReason) {
        self.at(id, |destination| {
            let items = items.min(destination.in_flight);
            destination.in_flight -= items;
            destination.dropped[reason as usize] += items;
        });
    }

    /// Everything that is still queued or under way, anywhere, is given up: the last entry of a
    /// shutdown whose deadline has come.
    ///
    /// It is final: what is [`created`](Self::created) later is dropped at once, and what becomes of
    /// items that are given up here is not counted again.
    pub fn close(&self, reason: DropReason) {
        let mut state = self.lock();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        state.dropped[reason as usize] += waiting;
        for destination in &mut state.destinations {
            let open = std::mem::take(&mut destination.queued)
                + std::mem::take(&mut destination.in_flight);
            destination.dropped[reason as usize] += open;
        }
    }

    /// The counts of all destinations at one moment.
    pub fn snapshot(&self) -> LedgerSnapshot {
        let state = self.lock();
        state
            .destinations
            .iter()
            .map(|destination| Counts {
                signal: self.signal,
                destination: destination.name.clone(),
                created: state.created - destination.skipped,
                exported: destination.exported,
                rejected: destination.rejected,
                dropped: DropReason::ALL
                    .into_iter()
                    .map(|reason| {
                        let index = reason as usize;
                        (reason, state.dropped[index] + destination.dropped[index])
                    })
                    .filter(|(_, count)| *count > 0)
                    .collect(),
                queued: state.waiting + destination.queued,
                in_flight: destination.in_flight,
                spooled: 0,
            })
            .collect()
    }

    fn at(&self, id: DestinationId, change: impl FnOnce(&mut Destination)) {
        if let Some(destination) = self.lock().destinations.get_mut(id.0) {
            change(destination);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("signal", &self.signal)
            .field("counts", &self.snapshot())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reasons_are_numbered_as_listed() {
        for (index, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
    }

    /// What one destination leaves out is none of its items; the other one has them all.
    #[test]
    fn skipped_items_were_never_created() {
        let ledger = Ledger::new(Signal::Traces, ["a", "b"]);
        ledger.created(3);
        ledger.handed_over(3);
        ledger.skipped(DestinationId(1), 2);
        let counts = ledger.snapshot();
        assert_eq!((counts[0].created, counts[0].queued), (3, 3));
        assert_eq!((counts[1].created, counts[1].queued), (1, 1));
    }

    /// A collection that comes too late for the shutdown is counted as such, whatever follows.
    #[test]
    fn the_end_is_final() {
        let ledger = Ledger::new(Signal::Metrics, ["a"]);
        let id = DestinationId(0);
        ledger.created(1);
        ledger.close(DropReason::ShutdownDeadline);
        ledger.handed_over(1);
        ledger.created(2);
        ledger.handed_over(2);
        ledger.sending(id, 2);
        ledger.sent(id, 2, 0);
        let counts = ledger.snapshot().remove(0);
        let dropped = [
            (DropReason::ShutdownDeadline, 1),
            (DropReason::AfterShutdown, 2),
        ];
        assert_eq!(counts.dropped, dropped);
        assert_eq!((counts.created, counts.queued, counts.in_flight), (3, 0, 0));
    }

    proptest! {
        /// Whatever happens in whatever order, with any counts, the equation holds; after the end
        /// nothing waits any more.
        #[test]
        fn balances_after_every_step(
            steps in prop::collection::vec((0_u8..10, 0_u64..20, 0_usize..2), 0..200),
            end in prop::option::of(0_usize..200),
        ) {
            let ledger = Ledger::new(Signal::Traces, ["a", "b"]);
            for (index, (step, items, destination)) in steps.into_iter().enumerate() {
                let id = DestinationId(destination);
                match step {
                    _ if end.is_some_and(|end| index == end) => ledger.close(DropReason::ShutdownDeadline),
                    0 => ledger.created(items),
                    1 => ledger.created_and_dropped(items, DropReason::QueueFull),
                    2 => ledger.dropped_waiting(items, DropReason::Encode),
                    3 => ledger.handed_over(items),
                    4 => ledger.sending(id, items),
                    5 => ledger.postponed(id, items),
                    6 => ledger.sent(id, items, items / 2),
                    7 => ledger.dropped_queued(id, items, DropReason::BytesFull),
                    8 => ledger.skipped(id, items),
                    _ => ledger.dropped_in_flight(id, items, DropReason::Rejected),
                }
                for counts in ledger.snapshot() {
                    prop_assert!(counts.is_balanced(), "{counts:?}");
                    if end.is_some_and(|end| index >= end) {
                        prop_assert_eq!(counts.queued + counts.in_flight, 0);
                    }
                }
            }
            ledger.close(DropReason::ShutdownDeadline);
            for counts in ledger.snapshot() {
                prop_assert!(counts.is_balanced());
                prop_assert_eq!(counts.queued + counts.in_flight, 0);
            }
        }
    }
}
