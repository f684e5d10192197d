//! Facts that hold for any input, a file for each part of the library.

mod dates;
mod dialects;
mod evaluate;
mod explain;
mod exports;
mod history;
mod identifiers;
mod kmeans;
mod metrics;
pub(crate) mod model;
pub(crate) mod money;
pub(crate) mod parquet;
mod points;
mod roll_up;
mod titles;
mod transitions;
