//! How far a long step has come, for whoever wants to show it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rfmkit::progress::Progress;
//!
//! let progress = Arc::new(Progress::default());
//! let step = Arc::clone(&progress);
//! let worker = std::thread::spawn(move || {
//!     step.start(3, "lines");
//!     (0..3).for_each(|_| step.advance(1));
//! });
//! worker.join().expect("no panic");
//! assert_eq!(progress.get(), (3, 3));
//! assert_eq!(progress.unit(), "lines");
//! assert_eq!(progress.starts(), 1);
//! ```

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

/// Counters that a step moves on and a display reads, from any thread.
///
/// Each serves one step, which may start several times: with each file, and with
/// each pass over the files.
#[derive(Debug, Default)]
pub struct Progress {
    unit: OnceLock<&'static str>,
    starts: AtomicUsize,
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Starts a step of `total` units, which are called `unit`: bytes, rows,
    /// lines, restarts. A total of 0 is not known.
    pub fn start(&self, total: u64, unit: &'static str) {
        self.start_from(0, total, unit);
    }

    /// Starts a step of which an earlier run has done some units.
    pub fn start_from(&self, done: u64, total: u64, unit: &'static str) {
        // A step that starts anew keeps the name of its units.
        self.unit.get_or_init(|| unit);
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        // Last, so that who sees the start sees from where it counts.
        self.starts.fetch_add(1, Ordering::Release);
    }

    /// How often the step has started.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.starts.load(Ordering::Acquire)
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

    /// What the units are called; empty before the step starts.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.unit.get().copied().unwrap_or_default()
    }
}
