//! What a flush or a shutdown achieved.

use std::{fmt, time::Duration};

use oc_otlp::Counts;

/// What became of everything that was recorded, at the end.
///
/// It never says that all is well after a loss: [`is_complete`](Self::is_complete) is true only if
/// every item of every signal was exported to every destination.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the report says whether anything was lost"]
pub struct ShutdownReport {
    /// The counts of each signal at each destination; all of them balance, nothing is queued.
    pub destinations: Vec<Counts>,
    /// Spans that had started and not ended. They are not exported.
    pub open_spans: u64,
    /// Log lines that did not reach the log file: its queue was full, the disk refused them, or it had
    /// not taken them by the end.
    pub lost_log_lines: u64,
    /// Collections of metrics that failed. What they would have brought is in no count.
    pub failed_collections: u64,
    /// How often a callback of an observable instrument panicked. What it would have observed is
    /// in no count.
    pub panicked_callbacks: u64,
    /// Whether everything was settled before the deadline.
    pub in_time: bool,
    /// Whether an earlier call did the work; the counts are then those of that call.
    pub repeated: bool,
    /// How long it took.
    pub elapsed: Duration,
}

impl ShutdownReport {
    /// Whether every item was exported, no span was open and every collection succeeded.
    pub fn is_complete(&self) -> bool {
        self.in_time
            && self.open_spans == 0
            && self.lost_log_lines == 0
            && self.failed_collections == 0
            && self.panicked_callbacks == 0
            && self.destinations.iter().all(Counts::is_complete)
    }
}

impl fmt::Display for ShutdownReport {
    /// One line for people, such as `traces to otlp: 12 exported; metrics to otlp: 8 exported`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for counts in &self.destinations {
            f.write_str(separator)?;
            write_counts(f, counts)?;
            separator = "; ";
        }
        if self.open_spans > 0 {
            write!(f, "{separator}{} spans still open", self.open_spans)?;
            separator = "; ";
        }
        if self.lost_log_lines > 0 {
            write!(f, "{separator}{} log lines lost", self.lost_log_lines)?;
            separator = "; ";
        }
        if self.failed_collections > 0 {
            let failed = self.failed_collections;
            write!(f, "{separator}{failed} collections of metrics failed")?;
            separator = "; ";
        }
        if self.panicked_callbacks > 0 {
            let panicked = self.panicked_callbacks;
            write!(f, "{separator}{panicked} panics of metric callbacks")?;
            separator = "; ";
        }
        if !self.in_time {
            write!(f, "{separator}stopped at the deadline")?;
            separator = "; ";
        }
        if separator.is_empty() {
            f.write_str("nothing to export")?;
        }
        Ok(())
    }
}

/// What a flush achieved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the report says whether everything was sent"]
pub struct FlushReport {
    /// The counts of each signal at each destination, after the flush.
    pub destinations: Vec<Counts>,
    /// Collections of metrics that failed so far. What they would have brought is in no count.
    pub failed_collections: u64,
    /// How often a callback of an observable instrument panicked so far. What it would have
    /// observed is in no count.
    pub panicked_callbacks: u64,
    /// Whether everything recorded before the flush was sent or given up before the deadline.
    pub in_time: bool,
}

impl FlushReport {
    /// Whether everything recorded so far was exported.
    pub fn is_complete(&self) -> bool {
        self.in_time
            && self.failed_collections == 0
            && self.panicked_callbacks == 0
            && self.destinations.iter().all(Counts::is_complete)
    }
}

fn write_counts(f: &mut fmt::Formatter<'_>, counts: &Counts) -> fmt::Result {
    let Counts {
        signal,
        destination,
        exported,
        rejected,
        ..
    } = counts;
    write!(f, "{signal} to {destination}: {exported} exported")?;
    if *rejected > 0 {
        write!(f, ", {rejected} rejected")?;
    }
    for (reason, count) in &counts.dropped {
        write!(f, ", {count} dropped ({reason})")?;
    }
    Ok(())
}
