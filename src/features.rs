//! From purchases to the RFM table: one row per customer.
//!
//! ```no_run
//! # use rfmkit::{dataset::{CleanParams, ReadParams}, features};
//! let made = features::build("orders.csv".as_ref(), &ReadParams::default(), &CleanParams::default())?;
//! println!("{} customers as of {}", made.table.len(), made.report.snapshot);
//! # Ok::<(), rfmkit::features::FeatureError>(())
//! ```

mod accumulator;
mod csv;
mod error;
mod report;
mod rfm;
mod table;

use std::path::Path;

pub use self::{
    accumulator::Accumulator,
    error::FeatureError,
    report::{FeaturesReport, TrainingData, Warning},
    rfm::{FREQUENCY, Feature, RECENCY, Rfm, RfmError, log1p},
    table::{CustomerRow, RfmTable},
};
use crate::dataset::{self, CleanParams, ReadParams, Role};

/// The RFM table of a file, and how it came about.
#[derive(Debug)]
pub struct Features {
    /// One row per customer.
    pub table: RfmTable,
    /// What was read, dropped and found.
    pub report: FeaturesReport,
}

/// Reads and cleans a file and rolls it up to one row per customer.
///
/// The snapshot is the one in `clean`, else 24 hours after the last purchase.
///
/// # Errors
///
/// [`FeatureError`] if the file cannot be read or understood, no purchase is
/// left, or a customer's value is out of range.
pub fn build(
    path: &Path,
    read: &ReadParams,
    clean: &CleanParams,
) -> Result<Features, FeatureError> {
    let data = dataset::load(path, read, clean, Accumulator::default())?;
    let Some(last) = data.report.last else {
        return Err(FeatureError::NoPurchases {
            path: path.to_owned(),
            rows: data.report.rows,
            dropped: data.report.dropped,
        });
    };
    let snapshot = clean.snapshot.unwrap_or_else(|| last.next_day());
    let warnings = report::warnings(&data.report, &data.sink);
    let with_country = data.report.columns.contains_key(&Role::Country);
    let table = data.sink.finish(snapshot, with_country)?;
    let report = FeaturesReport::new(data.input, data.report, snapshot, &table, warnings);
    Ok(Features { table, report })
}
