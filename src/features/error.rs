//! What can go wrong between purchases and one row per customer.

use std::path::PathBuf;

use super::rfm::Feature;
use crate::dataset::{CleanReport, DatasetError, TotalMoney};

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
    #[error("{} has no purchases among {}", path.display(), reasons(report))]
    NoPurchases {
        /// The file.
        path: PathBuf,
        /// Why none of its lines counts.
        report: Box<CleanReport>,
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

/// How many lines were dropped by which rule.
fn reasons(report: &CleanReport) -> String {
    let dropped = &report.dropped;
    let statuses: Vec<&str> = report.unpaid.keys().map(String::as_str).collect();
    let unpaid = format!("not paid by their status ({})", statuses.join(", "));
    let reasons = [
        (dropped.missing_customer, "without a customer"),
        (dropped.not_paid, unpaid.as_str()),
        (dropped.continued, "without an amount, behind one with it"),
        (report.quarantined, "that do not parse"),
        (dropped.duplicate, "duplicates"),
        (dropped.after_snapshot, "not before the snapshot"),
        (
            dropped.before_since,
            "before the date since which lines count",
        ),
        (
            dropped.not_a_purchase,
            "returns or without a positive amount",
        ),
    ];
    let found = reasons.iter().filter(|(lines, _)| *lines > 0);
    let found: Vec<String> = found
        .map(|(lines, reason)| format!("{lines} {reason}"))
        .collect();
    let plural = if report.rows == 1 { "" } else { "s" };
    format!("{} line{plural}: {}", report.rows, found.join(", "))
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
            Self::Dataset(error) => {
                let aside = "`--on-bad-row quarantine` puts such lines aside";
                match (error.hint(), error.is_about_single_lines()) {
                    (hint, false) => hint,
                    (Some(hint), true) => Some(format!("{hint}; {aside}")),
                    (None, true) => Some(aside.to_owned()),
                }
            }
            Self::Table(error) => error.hint(),
            Self::NoPurchases { report, .. } if report.dropped.not_paid * 2 > report.rows => {
                Some("say which statuses count with `--paid STATUS,…`".to_owned())
            }
            Self::NoPurchases { report, .. } if report.quarantined * 2 > report.rows => {
                Some("`rfm inspect` shows why they do not parse".to_owned())
            }
            _ => None,
        }
    }
}
