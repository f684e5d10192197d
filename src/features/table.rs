//! The RFM table: one row per customer.

use std::sync::Arc;

use super::{
    error::FeatureError,
    rfm::{FREQUENCY, Feature, RECENCY, Rfm},
};
use crate::dataset::{Money, TotalMoney, sort_customers};

/// One customer's row before it is checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CustomerRow {
    /// The customer's identifier.
    pub customer: Box<str>,
    /// Whole periods of 24 hours from the last purchase to the snapshot.
    pub recency: u64,
    /// Distinct invoices.
    pub frequency: u64,
    /// Sum of the amounts.
    pub monetary: TotalMoney,
    /// The country of the last purchase.
    pub country: Option<Arc<str>>,
    /// What came back, and is taken off from the monetary value.
    pub returned: TotalMoney,
}

/// The columns that a table has beside identifiers and the three values.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ExtraColumns {
    /// The country of the last purchase.
    pub country: bool,
    /// What came back.
    pub returned: bool,
}

/// Recency, frequency and monetary value of every customer.
///
/// Rows are in the order of [`sort_customers`], each customer has one, and
/// every value is within the limits of [`Rfm`]. Columns are kept apart, as
/// whatever reads the table reads it by column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RfmTable {
    customers: Vec<Box<str>>,
    recency: Vec<u32>,
    frequency: Vec<u32>,
    monetary: Vec<Money>,
    country: Option<Vec<Option<Arc<str>>>>,
    returned: Option<Vec<TotalMoney>>,
}

impl RfmTable {
    /// Checks the rows and puts them into order.
    ///
    /// # Errors
    ///
    /// [`FeatureError`] if a value is out of range or a customer has two rows.
    pub fn new(mut rows: Vec<CustomerRow>, extra: ExtraColumns) -> Result<Self, FeatureError> {
        sort_customers(&mut rows, |row| &row.customer);
        let mut table = Self {
            customers: Vec::with_capacity(rows.len()),
            recency: Vec::with_capacity(rows.len()),
            frequency: Vec::with_capacity(rows.len()),
            monetary: Vec::with_capacity(rows.len()),
            country: extra.country.then(|| Vec::with_capacity(rows.len())),
            returned: extra.returned.then(|| Vec::with_capacity(rows.len())),
        };
        for row in rows {
            table.push(row)?;
        }
        Ok(table)
    }

    fn push(&mut self, row: CustomerRow) -> Result<(), FeatureError> {
        let CustomerRow { customer, .. } = row;
        if self.customers.last() == Some(&customer) {
            return Err(FeatureError::DoubledCustomer { customer });
        }
        let within = |feature, found: u64, range: &std::ops::RangeInclusive<u32>| {
            u32::try_from(found)
                .ok()
                .filter(|value| range.contains(value))
                .ok_or_else(|| FeatureError::OutOfRange {
                    customer: customer.clone(),
                    feature,
                    found,
                })
        };
        self.recency
            .push(within(Feature::Recency, row.recency, &RECENCY)?);
        self.frequency
            .push(within(Feature::Frequency, row.frequency, &FREQUENCY)?);
        let found = row.monetary;
        let Some(monetary) = found.to_money().filter(|money| money.is_positive()) else {
            return Err(FeatureError::Monetary { customer, found });
        };
        self.monetary.push(monetary);
        if let Some(country) = &mut self.country {
            country.push(row.country);
        }
        if let Some(returned) = &mut self.returned {
            returned.push(row.returned);
        }
        self.customers.push(customer);
        Ok(())
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

    /// The customers' identifiers.
    #[must_use]
    pub fn customers(&self) -> &[Box<str>] {
        &self.customers
    }

    /// Whole periods of 24 hours from each last purchase to the snapshot.
    #[must_use]
    pub fn recency(&self) -> &[u32] {
        &self.recency
    }

    /// Distinct invoices of each customer.
    #[must_use]
    pub fn frequency(&self) -> &[u32] {
        &self.frequency
    }

    /// The sum of each customer's amounts.
    #[must_use]
    pub fn monetary(&self) -> &[Money] {
        &self.monetary
    }

    /// The country of each last purchase, if the data have countries.
    #[must_use]
    pub fn country(&self) -> Option<&[Option<Arc<str>>]> {
        self.country.as_deref()
    }

    /// What came back of each customer's purchases, not below zero, if returns
    /// were taken off from the monetary values.
    #[must_use]
    pub fn returned(&self) -> Option<&[TotalMoney]> {
        self.returned.as_deref()
    }

    /// What came back of a customer's purchases over all that was bought, from 0 to
    /// below 1, if returns were taken off.
    #[must_use]
    pub fn return_rate(&self, row: usize) -> Option<f64> {
        let returned = self.returned.as_ref()?[row];
        let bought = returned + self.monetary[row];
        Some(returned.to_f64() / bought.to_f64())
    }

    /// The three values of the customer in a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn rfm(&self, row: usize) -> Rfm {
        let monetary = self.monetary[row].to_f64();
        Rfm::checked(self.recency[row], self.frequency[row], monetary)
    }

    /// The three values of every customer, in the order of the rows.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Rfm> {
        (0..self.len()).map(|row| self.rfm(row))
    }

    /// The sum of all amounts.
    #[must_use]
    pub fn revenue(&self) -> TotalMoney {
        self.monetary.iter().copied().sum()
    }

    /// The BLAKE3 hash of the table's content, in hexadecimal.
    ///
    /// It covers identifiers and the three values of every row, not countries,
    /// and depends on no file format.
    #[must_use]
    pub fn hash(&self) -> String {
        /// Bytes that are hashed at once, which is much quicker than one row after
        /// the other.
        const AT_ONCE: usize = 1 << 16;
        let mut hasher = blake3::Hasher::new();
        let mut rows = Vec::with_capacity(AT_ONCE);
        for index in 0..self.len() {
            rows.extend((self.customers[index].len() as u64).to_le_bytes());
            rows.extend(self.customers[index].as_bytes());
            rows.extend(self.recency[index].to_le_bytes());
            rows.extend(self.frequency[index].to_le_bytes());
            rows.extend(self.monetary[index].millionths().to_le_bytes());
            if rows.len() >= AT_ONCE {
                hasher.update(&rows);
                rows.clear();
            }
        }
        hasher.update(&rows);
        hasher.finalize().to_hex().to_string()
    }
}
