//! RFM customer segmentation: from raw transactions to named segments.

pub mod config;
pub mod dataset;
pub mod features;
pub mod modeling;
pub mod output;
pub mod progress;
