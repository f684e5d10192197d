//! From purchases to the RFM table: one row per customer.
//!
//! ```
//! use rfmkit::{
//!     dataset::{CleanParams, ReadParams},
//!     features,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let orders = folder.path().join("orders.csv");
//! std::fs::write(&orders, "invoice,date,customer,amount\n1,2024-01-01,anna,0.1\n2,2024-01-03,anna,0.2\n")?;
//! let made = features::build(&[orders], &ReadParams::default(), &CleanParams::default())?;
//! assert_eq!(made.report.snapshot.to_string(), "2024-01-04 00:00:00");
//! assert_eq!(made.table.recency(), [1]);
//! assert_eq!(made.table.frequency(), [2]);
//! assert_eq!(made.table.monetary()[0].to_string(), "0.3");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accumulator;
mod csv;
mod error;
mod report;
mod rfm;
mod table;

use std::path::PathBuf;

pub use self::{
    accumulator::Accumulator,
    error::FeatureError,
    report::{FeaturesReport, TrainingData, Warning},
    rfm::{FREQUENCY, Feature, RECENCY, Rfm, RfmError, log1p},
    table::{CustomerRow, RfmTable},
};
use crate::dataset::{self, CleanParams, ReadParams, Role};

/// The RFM table of a data set, and how it came about.
#[derive(Debug)]
pub struct Features {
    /// One row per customer.
    pub table: RfmTable,
    /// What was read, dropped and found.
    pub report: FeaturesReport,
}

/// Reads and cleans files as one data set and rolls it up to one row per
/// customer.
///
/// The snapshot is the one in `clean`, else 24 hours after the last purchase.
///
/// # Errors
///
/// [`FeatureError`] if the file cannot be read or understood, no purchase is
/// left, or a customer's value is out of range.
pub fn build(
    paths: &[PathBuf],
    read: &ReadParams,
    clean: &CleanParams,
) -> Result<Features, FeatureError> {
    let data = dataset::load(paths, read, clean, Accumulator::default())?;
    let Some(last) = data.report.last else {
        return Err(FeatureError::NoPurchases {
            path: paths.first().cloned().unwrap_or_default(),
            rows: data.report.rows,
            dropped: data.report.dropped,
        });
    };
    let snapshot = clean.snapshot.unwrap_or_else(|| last.next_day());
    let warnings = report::warnings(&data.report, &data.sink);
    let with_country = data.report.columns.contains_key(&Role::Country);
    let table = data.sink.finish(snapshot, with_country)?;
    let report = FeaturesReport::new(data.inputs, data.report, snapshot, &table, warnings);
    Ok(Features { table, report })
}
