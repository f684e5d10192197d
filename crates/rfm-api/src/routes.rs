//! One file for each group of paths: extract, call, convert.

pub(crate) mod model;
pub(crate) mod operations;
pub(crate) mod pages;
pub(crate) mod segment;
