//! What was done to the data: `data/interim/clean_report.json`.

use std::{fmt, path::Path};

use serde::{Deserialize, Serialize, Serializer};

use super::{table::RfmTable, totals::Totals};
use crate::dataset::{CleanReport, InputFile, IsolatedDate, JoinReport, Role, Timestamp};

/// What was read, what cleaning dropped, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeaturesReport {
    /// The version of the tool.
    pub version: &'static str,
    /// The files with lines, in the order in which they were read.
    pub inputs: Vec<InputFile>,
    /// What was joined to the lines, where that stands in other files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<JoinReport>,
    /// What cleaning did.
    #[serde(flatten)]
    pub clean: CleanReport,
    /// The instant from which recency counts.
    pub snapshot: Timestamp,
    /// The number of customers.
    pub customers: u64,
    /// Customers who gave back what they bought, or more, and are left out; only
    /// where returns are subtracted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_not_positive: Option<u64>,
    /// The sum of all amounts, as an exact decimal.
    pub revenue: String,
    /// The hash of the RFM table.
    pub features_blake3: String,
    /// What looks wrong in the data.
    #[serde(serialize_with = "as_texts")]
    pub warnings: Vec<Warning>,
}

fn as_texts<S: Serializer>(warnings: &[Warning], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(warnings.iter().map(Warning::to_string))
}

/// Something in the data that may well be wrong, and is taken as it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The last purchases stand far from all others.
    IsolatedDate(IsolatedDate),
    /// One customer has so many lines that it may stand for several.
    GuestAccount {
        /// The customer.
        customer: String,
        /// Its lines.
        lines: u64,
        /// Lines of all customers.
        of: u64,
    },
    /// Amounts in several currencies are summed as they stand.
    Currencies(Vec<String>),
    /// The lines of an invoice have the same amount, which may be its total.
    RepeatedTotals {
        /// Lines with the amount of the first of their invoice.
        lines: u64,
        /// The column of the amounts.
        column: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IsolatedDate(IsolatedDate {
                before,
                after,
                lines,
            }) => {
                let plural = if *lines == 1 { " stands" } else { "s stand" };
                write!(
                    f,
                    "{lines} last purchase{plural} far from the rest: none between {before:.10} \
                     and {after:.10}; if that is a wrong date, every recency is wrong with it"
                )
            }
            Self::Currencies(found) => write!(
                f,
                "amounts in several currencies are added up as they stand: {}",
                found.join(", ")
            ),
            Self::RepeatedTotals { lines, column } => {
                let plural = if *lines == 1 { " has" } else { "s have" };
                write!(
                    f,
                    "{lines} line{plural} the same `{column}` as an earlier line of the same invoice: \
                     if it is the total of the invoice, it counts too often"
                )
            }
            Self::GuestAccount {
                customer,
                lines,
                of,
            } => {
                let share = *lines as f64 / *of as f64 * 100.0;
                write!(
                    f,
                    "customer {customer:?} has {lines} of {of} lines ({share:.1} %): \
                     is it an account for guests?"
                )
            }
        }
    }
}

/// Looks for a last date far from the rest, a guest account, several currencies and
/// totals that stand in every line.
///
/// A guest account has over 5 % of the lines, and over three times the mean of
/// all customers, so that a handful of customers is none.
pub(super) fn warnings(report: &CleanReport, totals: &Totals) -> Vec<Warning> {
    let isolated = report.isolated_date.map(Warning::IsolatedDate);
    let guest = totals
        .busiest_customer()
        .filter(|&(_, lines)| {
            lines * 20 > report.kept && lines * totals.len() as u64 > report.kept * 3
        })
        .map(|(customer, lines)| Warning::GuestAccount {
            customer: customer.to_owned(),
            lines,
            of: report.kept,
        });
    let currencies = (report.currencies.len() > 1)
        .then(|| Warning::Currencies(report.currencies.iter().cloned().collect()));
    let repeated = report.columns.get(&Role::Amount).and_then(|column| {
        Some(Warning::RepeatedTotals {
            lines: totals.repeated_totals()?,
            column: column.clone(),
        })
    });
    isolated
        .into_iter()
        .chain(guest)
        .chain(currencies)
        .chain(repeated)
        .collect()
}

impl FeaturesReport {
    pub(super) fn new(
        (inputs, joined): (Vec<InputFile>, Option<JoinReport>),
        clean: CleanReport,
        snapshot: Timestamp,
        (table, net_not_positive): (&RfmTable, Option<u64>),
        warnings: Vec<Warning>,
    ) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            inputs,
            joined,
            clean,
            snapshot,
            customers: table.len() as u64,
            net_not_positive,
            revenue: table.revenue().to_string(),
            features_blake3: table.hash(),
            warnings,
        }
    }

    /// What the model file says of the data behind the table.
    #[must_use]
    pub fn training_data(&self) -> TrainingData {
        TrainingData {
            rows: Some(self.clean.rows),
            kept: Some(self.clean.kept),
            snapshot: Some(self.snapshot.to_string()),
            customers: self.customers,
            features_blake3: self.features_blake3.clone(),
        }
    }
}

/// The data behind a table, as far as they are known.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TrainingData {
    /// Lines read; `None` for a table from elsewhere.
    pub rows: Option<u64>,
    /// Lines that count; `None` for a table from elsewhere.
    pub kept: Option<u64>,
    /// The instant from which recency counts; `None` for a table from elsewhere.
    pub snapshot: Option<String>,
    /// Rows of the table.
    pub customers: u64,
    /// The hash of the table.
    pub features_blake3: String,
}

impl TrainingData {
    /// What is known of a table that was read from a file: all that a report
    /// says, if it is the report of that table, else only the table itself.
    #[must_use]
    pub fn of(table: &RfmTable, report: &Path) -> Self {
        #[derive(Deserialize)]
        struct Report {
            rows: u64,
            kept: u64,
            snapshot: String,
            features_blake3: String,
        }
        let features_blake3 = table.hash();
        let report = std::fs::read(report)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Report>(&bytes).ok())
            .filter(|report| report.features_blake3 == features_blake3);
        let (rows, kept, snapshot) = match report {
            Some(report) => (Some(report.rows), Some(report.kept), Some(report.snapshot)),
            None => (None, None, None),
        };
        Self {
            rows,
            kept,
            snapshot,
            customers: table.len() as u64,
            features_blake3,
        }
    }
}
