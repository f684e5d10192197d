//! What can go wrong between purchases and one row per customer.

use std::path::PathBuf;

use super::rfm::Feature;
use crate::dataset::{DatasetError, Dropped, TotalMoney};

/// The RFM table could not be made, or not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// The raw data could not be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A features file could not be read.
    #[error(transparent)]
    Table(DatasetError),
    /// Cleaning left nothing.
    #[error(
        "{} has no purchases: of {rows} lines {} name no customer, {} are duplicates, \
         {} are not before the snapshot{} and {} are returns or have no positive amount{}",
        path.display(), dropped.missing_customer, dropped.duplicate, dropped.after_snapshot,
        among(dropped.before_since, ", ", "are before the date since which lines count"),
        dropped.not_a_purchase,
        among(*quarantined, "; ", "do not parse")
    )]
    NoPurchases {
        /// The file.
        path: PathBuf,
        /// The lines that it has.
        rows: u64,
        /// Why none of them counts.
        dropped: Dropped,
        /// Lines that do not parse and were put aside.
        quarantined: u64,
    },
    /// Every customer gave back what they bought, or more.
    #[error(
        "{} leaves no customer: each of {customers} gave back what they bought, or more",
        path.display()
    )]
    NothingLeft {
        /// The file.
        path: PathBuf,
        /// The customers.
        customers: u64,
    },
    /// A customer's value is out of its range.
    #[error("customer {customer:?}: {feature} is {found}, expected {}", feature.range())]
    OutOfRange {
        /// The customer.
        customer: Box<str>,
        /// The feature.
        feature: Feature,
        /// Its value.
        found: u64,
    },
    /// A customer's monetary value is not above zero or too large for exact sums.
    #[error(
        "customer {customer:?}: monetary is {found}, \
         expected an amount above 0 and below 9223372036854.775808"
    )]
    Monetary {
        /// The customer.
        customer: Box<str>,
        /// The sum.
        found: TotalMoney,
    },
    /// A customer has several rows in a features file.
    #[error("customer {customer:?} has more than one row")]
    DoubledCustomer {
        /// The customer.
        customer: Box<str>,
    },
}

/// A clause for lines of which there may be none.
fn among(lines: u64, before: &str, what: &str) -> String {
    if lines == 0 {
        String::new()
    } else {
        format!("{before}{lines} {what}")
    }
}

impl FeatureError {
    /// What the user can do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::OutOfRange {
                feature: Feature::Recency,
                ..
            } => Some("look for a date that is far from all others".to_owned()),
            Self::Table(DatasetError::NamedColumn { .. } | DatasetError::Read { .. }) => {
                Some("`rfm features` makes such a file".to_owned())
            }
            Self::Dataset(error) | Self::Table(error) => error.hint(),
            _ => None,
        }
    }
}
