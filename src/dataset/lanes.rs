//! The rules behind parsing, and the two readings of a date that they carry.

use std::{borrow::Cow, collections::BTreeMap, fmt, hash::BuildHasherDefault};

use hashbrown::HashSet;
use serde::Serialize;

use super::{
    clean::CleanParams,
    dates::DateReading,
    money::Money,
    purchase::{Dropped, Purchase, Sink},
    returns::{Return, Returns, ReturnsReport},
    row_hash::AlreadyHashed,
    timestamp::Timestamp,
};

/// Which of day and month stands first in dates such as `1/2/2010`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// 1 February.
    DayFirst,
    /// 2 January.
    MonthFirst,
}

impl fmt::Display for DateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DayFirst => "the day first",
            Self::MonthFirst => "the month first",
        })
    }
}

/// A few purchases long after all others: often a typo such as 2101.
///
/// The snapshot follows the last purchase, so that one wrong date makes every
/// customer look lapsed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IsolatedDate {
    /// The day of the last purchase before the gap.
    pub before: Timestamp,
    /// The day of the first purchase after the gap.
    pub after: Timestamp,
    /// Purchases after the gap.
    pub lines: u64,
}

impl IsolatedDate {
    /// Looks for a gap before the last few purchases: half a year before at
    /// most a hundredth of all, or ten years before less than half of all.
    pub(super) fn find(days: &BTreeMap<Timestamp, u64>, kept: u64) -> Option<Self> {
        const GAP_DAYS: i64 = 182;
        const LONG_GAP_DAYS: i64 = 3653;
        let few = (kept / 100).max(1);
        let mut lines = 0;
        let mut found = None;
        let mut latest_first = days.iter().rev().peekable();
        while let Some((&after, &count)) = latest_first.next() {
            lines += count;
            if lines * 2 >= kept {
                break;
            }
            let Some(&(&before, _)) = latest_first.peek() else {
                break;
            };
            let gap = after.days_since(before);
            if gap > LONG_GAP_DAYS || (gap > GAP_DAYS && lines <= few) {
                found = Some(Self {
                    before,
                    after,
                    lines,
                });
            }
        }
        found
    }
}

/// Which lines count, beside what they say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) snapshot: Option<Timestamp>,
    pub(super) since: Option<Timestamp>,
    pub(super) returns: Returns,
    pub(super) keep_duplicates: bool,
}

impl Rules {
    pub(super) fn of(params: &CleanParams) -> Self {
        Self {
            snapshot: params.snapshot,
            since: params.since,
            returns: params.returns,
            keep_duplicates: params.keep_duplicates,
        }
    }

    pub(super) fn is_after_snapshot(&self, time: Timestamp) -> bool {
        self.snapshot.is_some_and(|snapshot| time >= snapshot)
    }

    pub(super) fn is_before_since(&self, time: Timestamp) -> bool {
        self.since.is_some_and(|since| time < since)
    }

    /// Whether lines of that time count.
    pub(super) fn counts(&self, time: Timestamp) -> bool {
        !self.is_after_snapshot(time) && !self.is_before_since(time)
    }
}

/// The values of a line on which the reading of its date has no bearing.
pub(super) struct Line<'r> {
    pub(super) customer: Cow<'r, str>,
    pub(super) invoice: Cow<'r, str>,
    pub(super) amount: Money,
    /// What was given back of it, below zero.
    pub(super) refund: Option<Money>,
    pub(super) country: Option<Cow<'r, str>>,
}

/// The reading, or readings, of the dates that are still possible.
pub(super) struct Lanes<S> {
    /// The only lane, or the one with the day first.
    lane: Lane<S>,
    /// The lane with the month first, while both are possible.
    month_first: Option<Lane<S>>,
    state: State,
}

enum State {
    /// No date so far had two readings.
    Certain,
    /// The dates so far can be read in two ways.
    Open(Ambiguous),
    /// A line could be read in one way only, so that all are.
    Settled { order: DateOrder, spot: Spot },
}

/// A line: the number of the file in the order of reading, and that of the line
/// in it.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) file: usize,
    pub(super) line: u64,
}

/// The first date that has two readings.
pub(super) struct Ambiguous {
    pub(super) spot: Spot,
    pub(super) found: String,
    pub(super) day_first: Timestamp,
    pub(super) month_first: Timestamp,
}

impl<S: Sink> Lanes<S> {
    pub(super) fn new(rules: Rules, sink: S) -> Self {
        Self {
            lane: Lane::new(rules, sink),
            month_first: None,
            state: State::Certain,
        }
    }

    /// Opens a second lane at the first date that has two readings, and closes
    /// one at the first that fits only the other.
    ///
    /// Fails if an earlier line settled it otherwise, with that order and line.
    pub(super) fn settle(
        &mut self,
        reading: DateReading,
        spot: Spot,
        found: impl FnOnce() -> String,
    ) -> Result<(), (DateOrder, Spot)> {
        let order = match (reading.day_first, reading.month_first) {
            (Some(one), Some(other)) if one == other => return Ok(()),
            (Some(day_first), Some(month_first)) => {
                if let State::Certain = self.state {
                    self.month_first = Some(self.lane.clone());
                    self.state = State::Open(Ambiguous {
                        spot,
                        found: found(),
                        day_first,
                        month_first,
                    });
                }
                return Ok(());
            }
            (_, None) => DateOrder::DayFirst,
            (None, _) => DateOrder::MonthFirst,
        };
        if let State::Settled {
            order: settled,
            spot,
        } = self.state
        {
            if settled == order {
                return Ok(());
            }
            return Err((settled, spot));
        }
        if let (Some(lane), DateOrder::MonthFirst) = (self.month_first.take(), order) {
            self.lane = lane;
        }
        self.state = State::Settled { order, spot };
        Ok(())
    }

    /// Puts a line into each lane; `hash` gives its hash for a time.
    pub(super) fn take(
        &mut self,
        line: &Line<'_>,
        reading: DateReading,
        mut hash: impl FnMut(Timestamp) -> u128,
    ) {
        let time = match self.state {
            State::Settled {
                order: DateOrder::MonthFirst,
                ..
            } => reading.month_first,
            _ => reading.day_first,
        };
        if let Some(time) = time {
            self.lane.take(line, time, hash(time));
        }
        if let (Some(lane), Some(time)) = (&mut self.month_first, reading.month_first) {
            lane.take(line, time, hash(time));
        }
    }

    /// The lane that is left, and the order of day and month if one settled it.
    pub(super) fn close(self) -> Result<(Lane<S>, Option<DateOrder>), Ambiguous> {
        match self.state {
            State::Certain => Ok((self.lane, None)),
            State::Settled { order, .. } => Ok((self.lane, Some(order))),
            State::Open(example) => Err(example),
        }
    }
}

/// The rules behind parsing, under one reading of the dates.
#[derive(Clone)]
pub(super) struct Lane<S> {
    rules: Rules,
    seen: HashSet<u128, BuildHasherDefault<AlreadyHashed>>,
    pub(super) dropped: Dropped,
    pub(super) kept: u64,
    pub(super) returns: ReturnsReport,
    pub(super) span: Option<(Timestamp, Timestamp)>,
    days: Days,
    pub(super) sink: S,
}

impl<S: Sink> Lane<S> {
    fn new(rules: Rules, sink: S) -> Self {
        Self {
            rules,
            seen: HashSet::default(),
            dropped: Dropped::default(),
            kept: 0,
            returns: ReturnsReport::default(),
            span: None,
            days: Days::default(),
            sink,
        }
    }

    fn take(&mut self, line: &Line<'_>, time: Timestamp, hash: u128) {
        if !self.rules.keep_duplicates && !self.seen.insert(hash) {
            self.dropped.duplicate += 1;
        } else if self.rules.is_after_snapshot(time) {
            self.dropped.after_snapshot += 1;
        } else if self.rules.is_before_since(time) {
            self.dropped.before_since += 1;
        } else if !line.amount.is_positive() {
            self.take_back(line, time);
        } else {
            self.kept += 1;
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
            self.days.count(time.midnight());
            self.sink.push(&Purchase {
                customer: &line.customer,
                invoice: &line.invoice,
                time,
                amount: line.amount,
                country: line.country.as_deref(),
            });
            if let Some(refund) = line.refund {
                self.give_back(line, time, refund);
            }
        }
    }

    fn take_back(&mut self, line: &Line<'_>, time: Timestamp) {
        if line.amount.is_negative() {
            self.give_back(line, time, line.amount);
        }
        if line.amount.is_negative() && self.rules.returns == Returns::Net {
            self.kept += 1;
        } else {
            self.dropped.not_a_purchase += 1;
        }
    }

    /// Counts what was given back, and takes it off if that is the rule.
    fn give_back(&mut self, line: &Line<'_>, time: Timestamp, amount: Money) {
        self.returns.count(amount, || Return {
            amount,
            invoice: line.invoice.as_ref().to_owned(),
            customer: line.customer.as_ref().to_owned(),
            time,
        });
        if self.rules.returns == Returns::Net {
            self.sink.push_return(&line.customer, amount);
        }
    }

    pub(super) fn isolated_date(&self) -> Option<IsolatedDate> {
        IsolatedDate::find(&self.days.by_day(), self.kept)
    }
}

/// Purchases by day.
#[derive(Clone, Default)]
struct Days {
    counted: BTreeMap<Timestamp, u64>,
    /// The day of the last lines, counted apart: most lines stand beside others
    /// of their day.
    current: Option<(Timestamp, u64)>,
}

impl Days {
    fn count(&mut self, day: Timestamp) {
        match &mut self.current {
            Some((current, lines)) if *current == day => *lines += 1,
            current => {
                if let Some((day, lines)) = current.replace((day, 1)) {
                    *self.counted.entry(day).or_default() += lines;
                }
            }
        }
    }

    fn by_day(&self) -> BTreeMap<Timestamp, u64> {
        let mut counted = self.counted.clone();
        if let Some((day, lines)) = self.current {
            *counted.entry(day).or_default() += lines;
        }
        counted
    }
}
