use std::collections::VecDeque;

use crate::Payload;

/// The payloads of a delivery, numbered in the order in which they came.
///
/// One is sent after the other. Its bytes stay counted until it is finished, for until then it is
/// in memory.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<(u64, Payload)>,
    /// The number of the payload that was taken and is not finished.
    taken: Option<u64>,
    /// The number of the next payload to come.
    next: u64,
    bytes: usize,
}

impl Queue {
    pub(super) fn push(&mut self, payload: Payload) {
        self.bytes = self.bytes.saturating_add(payload.body().len());
        self.waiting.push_back((self.next, payload));
        self.next += 1;
    }

    pub(super) fn take(&mut self) -> Option<Payload> {
        let (number, payload) = self.waiting.pop_front()?;
        self.taken = Some(number);
        Some(payload)
    }

    /// The payload that was taken is done with.
    pub(super) fn finish(&mut self, payload: &Payload) {
        self.taken = None;
        self.bytes = self.bytes.saturating_sub(payload.body().len());
    }

    /// Takes out what waits of generations older than `newest`; returns the number of items in it.
    pub(super) fn remove_older(&mut self, newest: u64) -> u64 {
        let Self { waiting, bytes, .. } = self;
        let mut items = 0;
        waiting.retain(|(_, payload)| {
            let stays = payload.generation() >= newest;
            if !stays {
                *bytes = bytes.saturating_sub(payload.body().len());
                items += payload.items();
            }
            stays
        });
        items
    }

    /// Whether something that waits is of a newer generation than `payload`.
    pub(super) fn has_newer(&self, payload: &Payload) -> bool {
        // Generations come in order.
        let is_newer = |(_, other): &(u64, Payload)| other.generation() > payload.generation();
        self.waiting.back().is_some_and(is_newer)
    }

    /// The number that the next payload will get.
    pub(super) const fn next_number(&self) -> u64 {
        self.next
    }

    /// Whether every payload with a number below `number` is finished.
    pub(super) fn is_finished_to(&self, number: u64) -> bool {
        let first_waiting = self.waiting.front().map(|(number, _)| *number);
        let oldest = self.taken.or(first_waiting);
        oldest.is_none_or(|oldest| oldest >= number)
    }

    /// Payloads that wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Encoded bytes that wait or are being sent.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Signal;

    fn payload(generation: u64) -> Payload {
        let body = vec![0; 10].into();
        Payload::new(Signal::Metrics, body, 1).with_generation(generation)
    }

    /// What came before a number is finished when each of it was sent or removed: neither counts
    /// for the other, and what came later does not count.
    #[test]
    fn finished_by_number() {
        let mut queue = Queue::default();
        assert!(queue.is_finished_to(queue.next_number()));
        queue.push(payload(1));
        let taken = queue.take().unwrap();
        queue.push(payload(1));
        let both = queue.next_number();
        queue.push(payload(2));
        assert_eq!(queue.remove_older(2), 1);
        assert!(!queue.is_finished_to(both));
        assert!(queue.has_newer(&taken));
        queue.finish(&taken);
        assert!(queue.is_finished_to(both));
        assert!(!queue.is_finished_to(queue.next_number()));
    }

    /// Bytes are counted from the beginning of the wait to the end of the sending.
    #[test]
    fn bytes() {
        let mut queue = Queue::default();
        for generation in [1, 1, 2] {
            queue.push(payload(generation));
        }
        let taken = queue.take().unwrap();
        assert_eq!((queue.len(), queue.bytes()), (2, 30));
        queue.remove_older(2);
        assert_eq!((queue.len(), queue.bytes()), (1, 20));
        queue.finish(&taken);
        assert_eq!(queue.bytes(), 10);
    }
}
