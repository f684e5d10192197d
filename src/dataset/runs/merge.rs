//! The runs of all pieces become one for each key.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::{Line, Lines, Names, Run, RunKey, Runs};
use crate::dataset::{
    lanes::Rules, money::TotalMoney, purchase::Dropped, returns::Returns, timestamp::Timestamp,
};

/// Purchases by day.
type Days = HashMap<Timestamp, u64>;

/// The runs of some customers, and what their lines come to.
#[derive(Default)]
pub(super) struct Part {
    pub(super) customers: Names,
    pub(super) runs: Runs,
    /// Lines that stood in an earlier piece.
    pub(super) duplicates: u64,
    /// Keys that came in several pieces, and how many lines they had; their runs were
    /// taken out, as their lines are not at hand.
    pub(super) open: BTreeMap<RunKey, u64>,
    /// The pieces in which those stand.
    pub(super) pieces: BTreeSet<u32>,
}

impl Part {
    /// Makes one run of those with the same key. `kept` are the lines that
    /// [`Lines::Kept`] speaks of.
    ///
    /// `None` if a sum does not fit.
    pub(super) fn merge(mut runs: Runs, kept: &[Line], rules: &Rules) -> Option<Self> {
        let mut part = Self::default();
        runs.merge(|group| {
            let key = group[0].key;
            if rules.keep_duplicates || is_one_piece(group) {
                return sum(group).map(Some);
            }
            let Some(lines) = lines_of(group, kept) else {
                let lines = group.iter().map(|run| u64::from(run.len())).sum();
                part.open.insert(key, lines);
                part.pieces.extend(group.iter().map(|run| run.piece));
                return Some(None);
            };
            let (run, duplicates) = distinct(key, lines)?;
            part.duplicates += duplicates;
            Some(Some(run))
        })?;
        part.runs = runs;
        Some(part)
    }
}

fn is_one_piece(group: &[Run]) -> bool {
    group.iter().all(|run| run.piece == group[0].piece)
}

fn sum(group: &[Run]) -> Option<Run> {
    let mut all = group[0];
    for run in &group[1..] {
        all.merge(run)?;
    }
    Some(all)
}

/// The lines of some runs; `None` if they are not all at hand.
fn lines_of(group: &[Run], kept: &[Line]) -> Option<Vec<Line>> {
    let mut lines = Vec::new();
    for run in group {
        match run.lines {
            Lines::InFile => return None,
            Lines::One(hash) => lines.push(run.only_line(hash)),
            Lines::Kept(start) => {
                let start = start as usize;
                lines.extend_from_slice(&kept[start..start + run.len() as usize]);
            }
        }
    }
    Some(lines)
}

/// The run of some lines, each counted once, and how many were left out.
fn distinct(key: RunKey, mut lines: Vec<Line>) -> Option<(Run, u64)> {
    let all = lines.len();
    lines.sort_unstable_by_key(|line| line.hash);
    lines.dedup_by_key(|line| line.hash);
    let mut run = Run::new(key);
    for line in &lines {
        run.add(line)?;
    }
    Some((run, (all - lines.len()) as u64))
}

/// What the lines that are left come to, by the rules behind duplicates.
#[derive(Default)]
pub(super) struct Count {
    pub(super) dropped: Dropped,
    pub(super) kept: u64,
    pub(super) returns: u64,
    pub(super) returned: TotalMoney,
    pub(super) span: Option<(Timestamp, Timestamp)>,
    pub(super) days: Days,
}

impl Count {
    /// Counts the lines of runs, and leaves those runs that count for a customer.
    pub(super) fn of(runs: &mut Runs, rules: &Rules) -> Self {
        let mut count = Self::default();
        runs.retain(|run| count.run(run, rules));
        count
    }

    fn run(&mut self, run: &Run, rules: &Rules) -> bool {
        let time = run.key.time;
        let lines = u64::from(run.len());
        if rules.is_after_snapshot(time) {
            self.dropped.after_snapshot += lines;
            return false;
        }
        if rules.is_before_since(time) {
            self.dropped.before_since += lines;
            return false;
        }
        let (purchases, returns) = (u64::from(run.purchases), u64::from(run.returns));
        self.returns += returns + u64::from(run.refunds);
        self.returned = self.returned + run.returned();
        self.dropped.not_a_purchase += u64::from(run.gifts);
        self.kept += purchases;
        let is_net = rules.returns == Returns::Net;
        if is_net {
            self.kept += returns;
        } else {
            self.dropped.not_a_purchase += returns;
        }
        if purchases > 0 {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
            *self.days.entry(time.midnight()).or_default() += purchases;
        }
        purchases > 0 || (is_net && returns > 0)
    }

    pub(super) fn add(mut self, other: Self) -> Self {
        self.dropped.after_snapshot += other.dropped.after_snapshot;
        self.dropped.before_since += other.dropped.before_since;
        self.dropped.not_a_purchase += other.dropped.not_a_purchase;
        self.kept += other.kept;
        self.returns += other.returns;
        self.returned = self.returned + other.returned;
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        for (day, lines) in other.days {
            *self.days.entry(day).or_default() += lines;
        }
        self
    }
}
