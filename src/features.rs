//! From purchases to the RFM table: one row per customer.
//!
//! ```
//! use rfmkit::{
//!     dataset::{CleanParams, Intake, ReadParams},
//!     features,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let orders = folder.path().join("orders.csv");
//! std::fs::write(&orders, "invoice,date,customer,amount\n1,2024-01-01,anna,0.1\n2,2024-01-03,anna,0.2\n")?;
//! let (read, clean) = (ReadParams::default(), CleanParams::default());
//! let made = features::build(&[orders], Intake::new(&read, &clean))?;
//! assert_eq!(made.report.snapshot.to_string(), "2024-01-04 00:00:00");
//! assert_eq!(made.table.recency(), [1]);
//! assert_eq!(made.table.frequency(), [2]);
//! assert_eq!(made.table.monetary()[0].to_string(), "0.3");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accumulator;
mod csv;
mod error;
mod inspection;
mod parquet;
mod report;
mod rfm;
mod runs;
mod table;
mod totals;

use std::path::PathBuf;

pub use self::{
    accumulator::Accumulator,
    error::FeatureError,
    inspection::{ColumnInspection, Finding, Inspection, inspect},
    report::{FeaturesReport, TrainingData, Warning},
    rfm::{FREQUENCY, Feature, RECENCY, Rfm, RfmError, log1p},
    table::{CustomerRow, ExtraColumns, RfmTable},
    totals::Totals,
};
use crate::dataset::{self, Intake, Returns, Role};

/// The RFM table of a data set, and how it came about.
#[derive(Debug)]
pub struct Features {
    /// One row per customer.
    pub table: RfmTable,
    /// What was read, dropped and found.
    pub report: FeaturesReport,
    /// Whether the files were rolled up in pieces, which is much the faster, or line
    /// by line. Nothing else depends on it.
    pub in_pieces: bool,
}

/// Reads and cleans files as one data set and rolls it up to one row per
/// customer.
///
/// The snapshot is the one that was given, else 24 hours after the last purchase.
///
/// # Errors
///
/// [`FeatureError`] if the file cannot be read or understood, no purchase is
/// left, or a customer's value is out of range.
pub fn build(paths: &[PathBuf], mut intake: Intake<'_>) -> Result<Features, FeatureError> {
    let clean = intake.clean;
    let rolled = dataset::roll(paths, &mut intake);
    let in_pieces = rolled.is_some();
    let (totals, inputs, joined, report) = if let Some(rolled) = rolled {
        let totals = runs::totals(&rolled, clean.returns);
        (totals, rolled.inputs, None, rolled.report)
    } else {
        let data = dataset::load(paths, intake, Accumulator::default())?;
        (data.sink.totals(), data.inputs, data.joined, data.report)
    };
    let Some(last) = report.last else {
        return Err(FeatureError::NoPurchases {
            path: paths.first().cloned().unwrap_or_default(),
            report: Box::new(report),
        });
    };
    let snapshot = clean.snapshot.unwrap_or_else(|| last.next_day());
    let warnings = report::warnings(&report, &totals);
    let extra = ExtraColumns {
        country: report.columns.contains_key(&Role::Country),
        returned: clean.returns == Returns::Net,
    };
    let net_not_positive = extra.returned.then(|| totals.net_not_positive());
    let table = totals.table(snapshot, extra)?;
    if table.is_empty() {
        return Err(FeatureError::NothingLeft {
            path: paths.first().cloned().unwrap_or_default(),
            customers: net_not_positive.unwrap_or_default(),
        });
    }
    let report = FeaturesReport::new(
        (inputs, joined),
        report,
        snapshot,
        (&table, net_not_positive),
        warnings,
    );
    Ok(Features {
        table,
        report,
        in_pieces,
    })
}
