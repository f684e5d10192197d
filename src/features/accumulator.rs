//! The roll-up of purchases to customers, in parts that can be merged.

use hashbrown::{HashMap, hash_map::Entry};

use super::totals::{CustomerTotal, Invoice, Last, Repeats, Totals};
use crate::dataset::{Money, Purchase, Sink, TotalMoney};

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

    /// What the purchases of each customer come to.
    #[must_use]
    pub fn totals(self) -> Totals {
        let mut repeats = Repeats::default();
        let totals = self.customers.into_iter().map(|(customer, known)| {
            for invoice in known.invoices.values() {
                repeats.count(invoice);
            }
            CustomerTotal {
                customer,
                last: known.last,
                frequency: known.invoices.len() as u64,
                bought: known.monetary,
                returned: known.returned,
                lines: known.lines,
            }
        });
        let customers = totals.collect();
        Totals { customers, repeats }
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
