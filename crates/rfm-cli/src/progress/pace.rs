//! How fast a step goes, and how long it will take.

use std::{collections::VecDeque, time::Duration};

/// The stretch of time of which the rate is taken.
const RECENT: Duration = Duration::from_secs(5);
/// How long nothing comes before that is said.
const STALLED: Duration = Duration::from_secs(3);

/// What was seen of a step since it started last, the latest at the back.
#[derive(Default)]
pub(super) struct Pace {
    starts: usize,
    seen: VecDeque<(Duration, u64)>,
    /// When something was done last.
    moved: Duration,
    now: Duration,
}

impl Pace {
    /// Takes down that the step had done so much at a time, which is counted from
    /// any instant; it counts from when it was seen to have started.
    pub(super) fn see(&mut self, time: Duration, starts: usize, done: u64) {
        self.now = time;
        if starts == 0 {
            return;
        }
        let last = self.seen.back().map(|&(_, done)| done);
        // What is less belongs to another start, which will show in a moment.
        if starts != self.starts || last.is_some_and(|last| done < last) {
            self.starts = starts;
            self.seen.clear();
        }
        if self.seen.is_empty() || last.is_some_and(|last| done > last) {
            self.moved = time;
        }
        self.seen.push_back((time, done));
        while self
            .seen
            .get(1)
            .is_some_and(|&(old, _)| time.saturating_sub(old) >= RECENT)
        {
            self.seen.pop_front();
        }
    }

    /// Units a second of late; `None` before there is anything to tell from.
    fn rate(&self) -> Option<f64> {
        let (&(first, before), &(last, after)) = (self.seen.front()?, self.seen.back()?);
        let time = last.saturating_sub(first).as_secs_f64();
        (after > before && time > 0.0).then(|| (after - before) as f64 / time)
    }

    /// The rate and the time that is left of `total` units, or that nothing comes.
    pub(super) fn words(&self, total: u64, unit: &str) -> String {
        if self.now.saturating_sub(self.moved) >= STALLED {
            return "waiting".to_owned();
        }
        let (Some(&(_, done)), Some(rate)) = (self.seen.back(), self.rate()) else {
            return String::new();
        };
        let mut words = format!("{} {unit}/s", scaled(rate));
        if total > 0 {
            let left = total.saturating_sub(done) as f64 / rate;
            words += &format!("  {} left", time(left.ceil() as u64));
        }
        words
    }
}

/// A rate in two or three digits: `394 M`.
fn scaled(rate: f64) -> String {
    const PREFIXES: [(f64, &str); 3] = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let prefix = PREFIXES.into_iter().find(|(size, _)| rate >= *size);
    let (size, prefix) = prefix.unwrap_or((1.0, ""));
    let scaled = rate / size;
    let places = usize::from(scaled < 10.0);
    format!("{scaled:.places$}{prefix}")
}

/// A time in its largest unit: `40s`, `12m`, `3h`.
fn time(seconds: u64) -> String {
    match seconds {
        0..100 => format!("{seconds}s"),
        100..6000 => format!("{}m", seconds.div_ceil(60)),
        _ => format!("{}h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said after a step had done so much at some tenths of a second.
    fn said(seen: &[(u64, usize, u64)], total: u64) -> String {
        let mut pace = Pace::default();
        for &(tenths, starts, done) in seen {
            pace.see(Duration::from_millis(tenths * 100), starts, done);
        }
        pace.words(total, "rows")
    }

    #[test]
    fn time_counts_from_when_the_step_starts() {
        let seen = [(0, 0, 0), (50, 0, 0), (60, 1, 0), (70, 1, 1000)];
        assert_eq!(said(&seen, 11_000), "1.0 k rows/s  10s left");
    }

    #[test]
    fn what_an_earlier_run_has_done_is_no_rate() {
        let seen = [(0, 1, 900_000), (10, 1, 900_100)];
        assert_eq!(said(&seen, 901_100), "100 rows/s  10s left");
    }

    #[test]
    fn the_rate_is_that_of_late() {
        let mut seen: Vec<_> = (0..=100).map(|t| (t, 1, t * 1000)).collect();
        seen.extend((1..=50).map(|t| (100 + t, 1, 100_000 + t * 10)));
        assert_eq!(said(&seen, 100_600), "100 rows/s  1s left");
    }

    #[test]
    fn where_nothing_comes_that_is_said() {
        assert_eq!(said(&[(0, 0, 0), (10, 0, 0)], 0), "");
        assert_eq!(said(&[(0, 0, 0), (30, 0, 0)], 0), "waiting");
        assert_eq!(said(&[(20, 1, 0), (49, 1, 0)], 100), "");
        assert_eq!(said(&[(20, 1, 0), (50, 1, 0)], 100), "waiting");
        let seen = [(0, 1, 0), (10, 1, 50), (39, 1, 50)];
        assert_eq!(said(&seen, 100), "13 rows/s  4s left");
        let seen = [(0, 1, 0), (10, 1, 50), (40, 1, 50)];
        assert_eq!(said(&seen, 100), "waiting");
        let seen = [(0, 1, 0), (10, 1, 50), (40, 1, 50), (41, 1, 60)];
        assert!(said(&seen, 100).ends_with(" left"));
    }

    #[test]
    fn another_file_counts_anew() {
        let seen = [(0, 1, 0), (10, 1, 5000), (20, 2, 10), (30, 2, 30)];
        assert_eq!(said(&seen, 0), "20 rows/s");
    }
}
