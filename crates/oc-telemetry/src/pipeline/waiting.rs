use oc_otlp::{DropReason, Ledger};

/// The items of a batch that the ledger has as waiting, until they are moved on.
///
/// It keeps count of what is left, so that after a panic exactly that can be given up.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    ledger: &'a Ledger,
    items: u64,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(ledger: &'a Ledger, items: u64) -> Self {
        Self { ledger, items }
    }

    /// How many have not been moved on.
    pub(crate) fn items(&self) -> u64 {
        self.items
    }

    /// So many are handed to every destination.
    pub(crate) fn handed_over(&mut self, items: u64) {
        let items = self.take(items);
        self.ledger.handed_over(items);
    }

    /// So many are given up for all destinations.
    pub(crate) fn dropped(&mut self, items: u64, reason: DropReason) {
        let items = self.take(items);
        self.ledger.dropped_waiting(items, reason);
    }

    fn take(&mut self, items: u64) -> u64 {
        let items = items.min(self.items);
        self.items -= items;
        items
    }
}
