//! How far a long step has come, for whoever wants to show it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that a step moves on and a display reads, from any thread.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Starts a step of `total` units (bytes, rows, restarts); 0 if unknown.
    pub fn start(&self, total: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Moves on by `units`.
    pub fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
    }

    /// Units done and units in all.
    #[must_use]
    pub fn get(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.done), read(&self.total))
    }
}
