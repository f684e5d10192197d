//! The roll-up of purchases to customers, in parts that can be merged.

use std::cmp::Ordering;

use hashbrown::{HashMap, HashSet};

use super::{
    error::FeatureError,
    table::{CustomerRow, RfmTable},
};
use crate::dataset::{Purchase, Sink, Timestamp, TotalMoney};

/// Purchases rolled up by customer.
///
/// Parts of a dataset can be accumulated apart and merged: merging is
/// associative and commutative, and an empty accumulator changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    customers: HashMap<Box<str>, Customer>,
}

/// What is known of one customer so far.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Customer {
    last: Last,
    invoices: HashSet<Box<str>>,
    monetary: TotalMoney,
    lines: u64,
}

/// The last purchase, and the country that stands beside it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Last {
    time: Timestamp,
    country: Option<Box<str>>,
}

impl Last {
    /// Whether a purchase comes after this one: later, or at the same instant
    /// with the country that is first in byte order, a missing one being last.
    fn is_before(&self, time: Timestamp, country: Option<&str>) -> bool {
        match time.cmp(&self.time) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => match (country, self.country.as_deref()) {
                (Some(new), Some(known)) => new < known,
                (new, known) => new.is_some() && known.is_none(),
            },
        }
    }
}

impl Sink for Accumulator {
    fn push(&mut self, purchase: &Purchase<'_>) {
        let Purchase {
            customer,
            invoice,
            time,
            amount,
            country,
        } = *purchase;
        let known = match self.customers.get_mut(customer) {
            Some(known) => known,
            None => self
                .customers
                .entry(customer.into())
                .or_insert(Customer::new(time, country)),
        };
        if known.last.is_before(time, country) {
            known.last.time = time;
            if known.last.country.as_deref() != country {
                known.last.country = country.map(Into::into);
            }
        }
        known
            .invoices
            .get_or_insert_with(invoice, |name| name.into());
        known.monetary = known.monetary + amount;
        known.lines += 1;
    }
}

impl Accumulator {
    /// Combines two parts of a dataset.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let (mut large, small) = if self.customers.len() < other.customers.len() {
            (other, self)
        } else {
            (self, other)
        };
        for (name, customer) in small.customers {
            match large.customers.entry(name) {
                hashbrown::hash_map::Entry::Vacant(entry) => {
                    entry.insert(customer);
                }
                hashbrown::hash_map::Entry::Occupied(mut entry) => entry.get_mut().merge(customer),
            }
        }
        large
    }

    /// One row per customer, as seen from `snapshot`.
    ///
    /// `snapshot` must not be before any purchase. A country column is made if
    /// `with_country` says that the data have one.
    ///
    /// # Errors
    ///
    /// [`FeatureError`] if there are no purchases, or a value of a customer is
    /// beyond the limits of [`RfmTable`].
    pub fn finish(self, snapshot: Timestamp, with_country: bool) -> Result<RfmTable, FeatureError> {
        let rows = self
            .customers
            .into_iter()
            .map(|(name, customer)| CustomerRow {
                customer: name,
                recency: snapshot.days_since(customer.last.time).unsigned_abs(),
                frequency: customer.invoices.len() as u64,
                monetary: customer.monetary,
                country: customer.last.country,
            });
        RfmTable::new(rows.collect(), with_country)
    }

    /// The customer with the most lines, and how many; at a tie the first in
    /// byte order.
    #[must_use]
    pub fn busiest_customer(&self) -> Option<(&str, u64)> {
        self.customers
            .iter()
            .map(|(name, customer)| (&**name, customer.lines))
            .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))
    }

    /// The number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }
}

impl Customer {
    fn new(time: Timestamp, country: Option<&str>) -> Self {
        Self {
            last: Last {
                time,
                country: country.map(Into::into),
            },
            invoices: HashSet::new(),
            monetary: TotalMoney::default(),
            lines: 0,
        }
    }

    fn merge(&mut self, other: Self) {
        if self
            .last
            .is_before(other.last.time, other.last.country.as_deref())
        {
            self.last = other.last;
        }
        self.invoices.extend(other.invoices);
        self.monetary = self.monetary + other.monetary;
        self.lines += other.lines;
    }
}
