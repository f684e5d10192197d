//! Lines that count, who takes them in, and why others do not count.

use serde::{Deserialize, Serialize};

use super::{money::Money, timestamp::Timestamp};

/// A line that counts: somebody bought something.
#[derive(Clone, Copy, Debug)]
pub struct Purchase<'a> {
    /// The customer's identifier, never missing.
    pub customer: &'a str,
    /// The invoice's identifier, never missing.
    pub invoice: &'a str,
    /// When it was bought.
    pub time: Timestamp,
    /// What it cost, above zero.
    pub amount: Money,
    /// The customer's country, if the data have it.
    pub country: Option<&'a str>,
}

/// Whatever takes the purchases in.
///
/// It can be cloned because purchases go in twice, once a reading, while it is
/// not yet known whether the day or the month stands first in the dates.
pub trait Sink: Clone {
    /// Takes one purchase in. The order must not matter.
    fn push(&mut self, purchase: &Purchase<'_>);

    /// Takes in what a customer gave back, an amount below zero. The order must
    /// not matter, nor whether there was a purchase before.
    fn push_return(&mut self, customer: &str, amount: Money);
}

/// Lines that were dropped, by the rule that dropped them.
///
/// The fields stand in the order in which the rules apply; a line counts for
/// the first that fits.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Dropped {
    /// Lines that name no customer.
    pub missing_customer: u64,
    /// Lines of orders that were not paid: pending, cancelled, failed.
    pub not_paid: u64,
    /// Lines of orders whose amount stands in an earlier line.
    pub continued: u64,
    /// Lines equal in every column to an earlier one.
    pub duplicate: u64,
    /// Lines not before the snapshot that was given.
    pub after_snapshot: u64,
    /// Lines before the date since which they count.
    pub before_since: u64,
    /// Lines with an amount not above zero: returns, cancellations, gifts. Where
    /// returns are subtracted, only those of nought.
    pub not_a_purchase: u64,
}

impl Dropped {
    /// Lines dropped by any rule.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.missing_customer
            + self.not_paid
            + self.continued
            + self.duplicate
            + self.after_snapshot
            + self.before_since
            + self.not_a_purchase
    }
}
