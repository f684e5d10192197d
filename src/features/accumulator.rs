//! The roll-up of purchases to customers, in parts that can be merged.

use std::cmp::Ordering;

use hashbrown::{HashMap, hash_map::Entry};

use super::{
    error::FeatureError,
    table::{CustomerRow, ExtraColumns, RfmTable},
};
use crate::dataset::{Money, Purchase, Sink, Timestamp, TotalMoney};

/// Purchases rolled up by customer.
///
/// Parts of a dataset can be accumulated apart and merged: merging is
/// associative and commutative, and an empty accumulator changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    customers: HashMap<Box<str>, Customer>,
}

/// What is known of one customer so far.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Customer {
    /// `None` before the first purchase.
    last: Option<Last>,
    invoices: HashMap<Box<str>, Invoice>,
    monetary: TotalMoney,
    /// What came back, not above zero.
    returned: TotalMoney,
    lines: u64,
}

/// What is known of one invoice of a customer so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Invoice {
    lines: u64,
    /// The amount of each line, if it is the same in all.
    amount: Option<Money>,
}

impl Invoice {
    fn merge(&mut self, other: Self) {
        self.lines += other.lines;
        self.amount = self.amount.filter(|_| self.amount == other.amount);
    }
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
        let known = self.customer(customer);
        match &mut known.last {
            Some(last) if !last.is_before(time, country) => {}
            Some(last) if last.country.as_deref() == country => last.time = time,
            last => {
                let country = country.map(Into::into);
                *last = Some(Last { time, country });
            }
        }
        let line = Invoice {
            lines: 1,
            amount: Some(amount),
        };
        match known.invoices.get_mut(invoice) {
            Some(invoice) => invoice.merge(line),
            None => {
                known.invoices.insert(invoice.into(), line);
            }
        }
        known.monetary = known.monetary + amount;
        known.lines += 1;
    }

    fn push_return(&mut self, customer: &str, amount: Money) {
        let known = self.customer(customer);
        known.returned = known.returned + amount;
    }
}

impl Accumulator {
    fn customer(&mut self, name: &str) -> &mut Customer {
        // A name is copied only where it is new.
        if !self.customers.contains_key(name) {
            self.customers.insert(name.into(), Customer::default());
        }
        self.customers.get_mut(name).expect("it is there now")
    }

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
                Entry::Vacant(entry) => {
                    entry.insert(customer);
                }
                Entry::Occupied(mut entry) => entry.get_mut().merge(customer),
            }
        }
        large
    }

    /// One row per customer, as seen from `snapshot`.
    ///
    /// `snapshot` must not be before any purchase. Customers whose returns reach
    /// what they bought are left out.
    ///
    /// # Errors
    ///
    /// [`FeatureError`] if a value of a customer is beyond the limits of
    /// [`RfmTable`].
    pub fn finish(
        self,
        snapshot: Timestamp,
        extra: ExtraColumns,
    ) -> Result<RfmTable, FeatureError> {
        let rows = self.customers.into_iter().filter_map(|(name, customer)| {
            let monetary = customer.net();
            let last = customer.last.filter(|_| monetary > TotalMoney::default())?;
            Some(CustomerRow {
                customer: name,
                recency: snapshot.days_since(last.time).unsigned_abs(),
                frequency: customer.invoices.len() as u64,
                monetary,
                country: last.country,
                returned: -customer.returned,
            })
        });
        RfmTable::new(rows.collect(), extra)
    }

    /// The number of customers whose returns reach what they bought.
    #[must_use]
    pub fn net_not_positive(&self) -> u64 {
        let is_left = |customer: &&Customer| customer.net() > TotalMoney::default();
        let left = self.customers.values().filter(is_left).count();
        (self.customers.len() - left) as u64
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

    /// The lines behind the first of their invoice, if nearly all have its amount:
    /// that may then be the total of the whole invoice.
    #[must_use]
    pub fn repeated_totals(&self) -> Option<u64> {
        let (mut same, mut other) = (0, 0);
        let customers = self.customers.values();
        for invoice in customers.flat_map(|customer| customer.invoices.values()) {
            match invoice.amount {
                Some(_) => same += invoice.lines - 1,
                None => other += invoice.lines - 1,
            }
        }
        (same > 0 && other * 20 <= same).then_some(same)
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
    /// What was bought, less what came back.
    fn net(&self) -> TotalMoney {
        self.monetary + self.returned
    }

    fn merge(&mut self, other: Self) {
        let is_before = |last: &Last| match &self.last {
            Some(known) => known.is_before(last.time, last.country.as_deref()),
            None => true,
        };
        if other.last.as_ref().is_some_and(is_before) {
            self.last = other.last;
        }
        for (name, invoice) in other.invoices {
            match self.invoices.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(invoice);
                }
                Entry::Occupied(mut entry) => entry.get_mut().merge(invoice),
            }
        }
        self.monetary = self.monetary + other.monetary;
        self.returned = self.returned + other.returned;
        self.lines += other.lines;
    }
}
