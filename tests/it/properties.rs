//! Facts that hold for any input, a file for each part of the library.

mod dates;
mod dialects;
mod explain;
mod history;
mod kmeans;
pub(crate) mod model;
mod money;
mod roll_up;
mod transitions;
