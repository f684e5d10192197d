//! RFM customer segmentation: from raw transactions to named segments.
//!
//! ```
//! use std::fs::File;
//!
//! use rfmkit::{
//!     dataset::{CleanParams, Intake, ReadParams, sample::{self, SampleParams}},
//!     features,
//!     modeling::{self, TrainParams},
//!     progress::Progress,
//! };
//!
//! // Made-up transactions stand for the export of a shop.
//! let folder = tempfile::tempdir()?;
//! let orders = folder.path().join("orders.csv");
//! let params = SampleParams { lines: 10_000, ..SampleParams::default() };
//! sample::write(&params, &mut File::create(&orders)?, &Progress::default())?;
//!
//! let (read, clean) = (ReadParams::default(), CleanParams::default());
//! let made = features::build(&[orders], Intake::new(&read, &clean))?;
//! let data = made.report.training_data();
//! let params = TrainParams::new(42, 10)?;
//! let model = modeling::train(&made.table, data, &params, &Progress::default())?;
//! let segments = model.predict_table(&made.table);
//! for (customer, segment) in made.table.customers().iter().zip(segments).take(3) {
//!     println!("{customer}: {segment}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod config;
pub mod dataset;
pub mod features;
pub mod modeling;
pub mod numbers;
pub mod output;
#[cfg(feature = "plots")]
pub mod plots;
pub mod progress;
#[cfg(feature = "plots")]
pub mod report;
