//! Counts the bytes that the detectors read.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

pub(in crate::privacy) fn add(bytes: usize) {
    STEPS.with(|steps| steps.set(steps.get() + bytes));
}

/// How many bytes `work` read on this thread.
pub(super) fn of(work: impl FnOnce()) -> usize {
    let before = STEPS.with(Cell::get);
    work();
    STEPS.with(Cell::get) - before
}
