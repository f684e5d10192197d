//! What the purchases of each customer come to, and what looks odd in them.

use std::{cmp::Ordering, sync::Arc};

use super::{
    error::FeatureError,
    table::{CustomerRow, ExtraColumns, RfmTable},
};
use crate::dataset::{Money, Timestamp, TotalMoney};

/// All customers of a data set, once every line is taken in.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub(super) customers: Vec<CustomerTotal>,
    pub(super) repeats: Repeats,
}

/// What the purchases of one customer come to.
#[derive(Clone, Debug)]
pub(super) struct CustomerTotal {
    pub(super) customer: Box<str>,
    /// `None` if there is no purchase.
    pub(super) last: Option<Last>,
    /// Distinct invoices.
    pub(super) frequency: u64,
    /// The sum of the purchases.
    pub(super) bought: TotalMoney,
    /// What came back, not above zero.
    pub(super) returned: TotalMoney,
    /// Lines with a purchase.
    pub(super) lines: u64,
}

/// What is known of one invoice of a customer so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Invoice {
    pub(super) lines: u64,
    /// The amount of each line, if it is the same in all.
    pub(super) amount: Option<Money>,
}

impl Invoice {
    pub(super) fn merge(&mut self, other: Self) {
        self.lines += other.lines;
        self.amount = self.amount.filter(|_| self.amount == other.amount);
    }
}

/// The last purchase, and the country that stands beside it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Last {
    pub(super) time: Timestamp,
    pub(super) country: Option<Arc<str>>,
}

/// Whether a purchase comes after another one: later, or at the same instant with
/// the country that is first in byte order, a missing one being last.
pub(super) fn is_after(
    (time, country): (Timestamp, Option<&str>),
    (known_time, known): (Timestamp, Option<&str>),
) -> bool {
    match time.cmp(&known_time) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => match (country, known) {
            (Some(new), Some(known)) => new < known,
            (new, known) => new.is_some() && known.is_none(),
        },
    }
}

impl Last {
    pub(super) fn is_before(&self, time: Timestamp, country: Option<&str>) -> bool {
        is_after((time, country), (self.time, self.country.as_deref()))
    }
}

/// Lines behind the first of their invoice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Repeats {
    /// Of invoices whose lines all have one amount.
    same: u64,
    other: u64,
}

impl Repeats {
    pub(super) const fn add(&mut self, other: Self) {
        self.same += other.same;
        self.other += other.other;
    }

    pub(super) const fn count(&mut self, invoice: &Invoice) {
        match invoice.amount {
            Some(_) => self.same += invoice.lines - 1,
            None => self.other += invoice.lines - 1,
        }
    }
}

impl CustomerTotal {
    /// What was bought, less what came back.
    fn net(&self) -> TotalMoney {
        self.bought + self.returned
    }
}

impl Totals {
    /// One row per customer, as seen from `snapshot`.
    ///
    /// `snapshot` must not be before any purchase. Customers whose returns reach
    /// what they bought are left out.
    ///
    /// # Errors
    ///
    /// [`FeatureError`] if a value of a customer is beyond the limits of
    /// [`RfmTable`].
    pub fn table(self, snapshot: Timestamp, extra: ExtraColumns) -> Result<RfmTable, FeatureError> {
        let rows = self.customers.into_iter().filter_map(|total| {
            let monetary = total.net();
            let last = total.last.filter(|_| monetary > TotalMoney::default())?;
            Some(CustomerRow {
                customer: total.customer,
                recency: snapshot.days_since(last.time).unsigned_abs(),
                frequency: total.frequency,
                monetary,
                country: last.country,
                returned: -total.returned,
            })
        });
        RfmTable::new(rows.collect(), extra)
    }

    /// The number of customers whose returns reach what they bought.
    #[must_use]
    pub fn net_not_positive(&self) -> u64 {
        let is_left = |total: &&CustomerTotal| total.net() > TotalMoney::default();
        let left = self.customers.iter().filter(is_left).count();
        (self.customers.len() - left) as u64
    }

    /// The customer with the most lines, and how many; at a tie the first in
    /// byte order.
    #[must_use]
    pub fn busiest_customer(&self) -> Option<(&str, u64)> {
        self.customers
            .iter()
            .map(|total| (&*total.customer, total.lines))
            .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))
    }

    /// The lines behind the first of their invoice, if nearly all have its amount:
    /// that may then be the total of the whole invoice.
    #[must_use]
    pub const fn repeated_totals(&self) -> Option<u64> {
        let Repeats { same, other } = self.repeats;
        if same > 0 && other * 20 <= same {
            Some(same)
        } else {
            None
        }
    }

    /// The number of customers.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no customers.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }
}
