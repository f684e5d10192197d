//! Large files rolled up in pieces, by several threads at once.
//!
//! An exact duplicate has the same customer, invoice, time and country. So no set of
//! all lines is needed: lines of a piece that follow each other and have these four
//! in common make a [`Run`], and only where the same four come again in another piece
//! their lines are compared once more.

mod merge;
mod names;
mod packed;
mod queue;
mod roll;
mod worker;

use std::sync::Arc;

pub(crate) use self::{names::Names, packed::Runs, roll::roll};
use super::{CleanReport, InputFile, money::Money, timestamp::Timestamp};

/// Stands for a country that is not named.
pub(super) const NO_COUNTRY: u32 = u32::MAX;

/// What the lines of a run have in common.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct RunKey {
    /// The customer's number among the names of their part.
    pub(crate) customer: u32,
    /// The hash of the invoice's identifier.
    pub(crate) invoice: u64,
    pub(crate) time: Timestamp,
    /// The country's number among the names, or [`NO_COUNTRY`].
    country: u32,
}

/// Lines of one customer, invoice, time and country, each counted once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) key: RunKey,
    /// The number of the piece in which the lines stand.
    piece: u32,
    /// Lines with an amount above zero.
    pub(crate) purchases: u32,
    /// Lines with an amount of zero.
    gifts: u32,
    /// Lines with an amount below zero.
    pub(crate) returns: u32,
    /// Purchases of which something was given back.
    refunds: u32,
    /// Whether all purchases have the same amount.
    is_uniform: bool,
    /// The sum of the amounts above zero, in millionths.
    bought: i64,
    /// The sum of what was given back, in millionths, not above zero.
    returned: i64,
    lines: Lines,
}

/// Where the lines of a run are to be found, should it have to be compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lines {
    /// Only in the file.
    InFile,
    /// The run has one line, with this hash.
    One(u64),
    /// From this place on among the lines that were kept.
    Kept(u64),
}

/// One line of a run.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// The hash of all values that are not in the key.
    hash: u64,
    /// The amount in millionths.
    amount: i64,
    /// What was given back of it, in millionths, not above zero.
    refund: i64,
}

/// Files that were read, cleaned and rolled up to runs.
pub(crate) struct Rolled {
    pub(crate) parts: Vec<RolledPart>,
    pub(crate) countries: Vec<Arc<str>>,
    pub(crate) inputs: Vec<InputFile>,
    pub(crate) report: CleanReport,
}

/// The runs of some customers.
pub(crate) struct RolledPart {
    pub(crate) customers: Names,
    /// The runs with purchases or returns that count, by customer, invoice and time.
    pub(crate) runs: Runs,
}

impl Line {
    /// What was given back, not above zero.
    fn given_back(&self) -> i64 {
        self.amount.min(0) + self.refund
    }
}

impl RunKey {
    /// The country's number among the names.
    pub(crate) fn country(&self) -> Option<u32> {
        (self.country != NO_COUNTRY).then_some(self.country)
    }
}

impl Run {
    const fn new(key: RunKey) -> Self {
        Self {
            key,
            piece: 0,
            purchases: 0,
            gifts: 0,
            returns: 0,
            refunds: 0,
            is_uniform: true,
            bought: 0,
            returned: 0,
            lines: Lines::InFile,
        }
    }

    /// Adds a line; `None` if a sum does not fit.
    fn add(&mut self, line: &Line) -> Option<()> {
        match line.amount {
            0 => self.gifts += 1,
            ..0 => {
                self.returns += 1;
                self.returned = self.returned.checked_add(line.amount)?;
            }
            1.. => {
                let as_before = line.amount.checked_mul(self.purchases.into());
                self.is_uniform &= as_before == Some(self.bought);
                self.purchases += 1;
                self.bought = self.bought.checked_add(line.amount)?;
                if line.refund != 0 {
                    self.refunds += 1;
                    self.returned = self.returned.checked_add(line.refund)?;
                }
            }
        }
        Some(())
    }

    /// Adds the lines of another run of the same key; `None` if a sum does not fit.
    fn merge(&mut self, other: &Self) -> Option<()> {
        let same = match (self.amount(), other.amount()) {
            (Some(amount), Some(other)) => amount == other,
            _ => true,
        };
        self.is_uniform &= other.is_uniform && same;
        self.purchases += other.purchases;
        self.gifts += other.gifts;
        self.returns += other.returns;
        self.refunds += other.refunds;
        self.bought = self.bought.checked_add(other.bought)?;
        self.returned = self.returned.checked_add(other.returned)?;
        Some(())
    }

    /// The amount of each purchase, if there is one and all have the same.
    fn amount(&self) -> Option<i64> {
        (self.is_uniform && self.purchases > 0).then(|| self.bought / i64::from(self.purchases))
    }

    /// All lines.
    const fn len(&self) -> u32 {
        self.purchases + self.gifts + self.returns
    }

    /// The line of a run that has one, with its hash.
    const fn only_line(&self, hash: u64) -> Line {
        if self.purchases == 1 {
            Line {
                hash,
                amount: self.bought,
                refund: self.returned,
            }
        } else {
            Line {
                hash,
                amount: self.returned,
                refund: 0,
            }
        }
    }

    /// The amount of each purchase, if it is the same in all.
    pub(crate) fn uniform_amount(&self) -> Option<Money> {
        self.amount().map(Money::from_millionths)
    }

    /// The sum of the purchases.
    pub(crate) const fn bought(&self) -> Money {
        Money::from_millionths(self.bought)
    }

    /// What was given back, not above zero.
    pub(crate) const fn returned(&self) -> Money {
        Money::from_millionths(self.returned)
    }
}
