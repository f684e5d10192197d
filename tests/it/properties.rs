//! Facts that hold for any input, a file for each part of the library.

mod dates;
mod dialects;
mod evaluate;
mod explain;
mod files;
mod history;
mod kmeans;
mod metrics;
pub(crate) mod model;
mod money;
mod parquet;
mod roll_up;
mod titles;
mod transitions;
