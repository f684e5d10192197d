//! Goods that came back.

use std::str::FromStr;

use serde::Serialize;

use super::{
    choice::choose,
    money::{Money, TotalMoney},
    timestamp::Timestamp,
};

/// The largest returns that are remembered.
pub(super) const LARGEST: usize = 5;

/// What lines with an amount below zero are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Returns {
    /// No purchases: they are dropped.
    #[default]
    Ignore,
    /// Returns: they are subtracted from what their customer spent, and count for
    /// nothing else.
    Net,
}

impl FromStr for Returns {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        choose(text, &[("ignore", Self::Ignore), ("net", Self::Net)])
    }
}

/// The lines with an amount below zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReturnsReport {
    /// How many there are.
    pub lines: u64,
    /// What they come to, not above zero.
    pub amount: TotalMoney,
    /// The largest, the largest first.
    pub largest: Vec<Return>,
}

/// One line with an amount below zero.
///
/// The order is that of the amounts; the others settle ties.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Return {
    /// What came back, below zero.
    pub amount: Money,
    /// The invoice.
    pub invoice: String,
    /// The customer.
    pub customer: String,
    /// When.
    pub time: Timestamp,
}

impl ReturnsReport {
    /// Counts a line; `named` gives it with its names.
    pub(super) fn count(&mut self, amount: Money, named: impl FnOnce() -> Return) {
        self.lines += 1;
        self.amount = self.amount + amount;
        let is_large = match self.largest.last() {
            Some(least) if self.largest.len() == LARGEST => amount <= least.amount,
            _ => true,
        };
        if is_large {
            let line = named();
            let place = self.largest.partition_point(|other| *other <= line);
            self.largest.insert(place, line);
            self.largest.truncate(LARGEST);
        }
    }
}
