//! Where a table comes from, as cleaning left it in its report.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::dataset::Dropped;

/// What a report says of the run that made a table.
#[derive(Clone, Debug, Deserialize)]
pub struct Origin {
    /// The files that were read.
    pub(super) inputs: Vec<File>,
    /// The column of each role.
    pub(super) columns: BTreeMap<String, String>,
    /// Lines read, without headers.
    pub(super) rows: u64,
    dropped: Dropped,
    quarantined: u64,
    kept: u64,
    pub(super) snapshot: String,
    features_blake3: String,
    pub(super) warnings: Vec<String>,
}

/// One of the files.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) format: String,
    pub(super) bytes: u64,
    pub(super) rows: u64,
    pub(super) blake3: String,
}

impl Origin {
    /// Reads what cleaning left of the table with that hash; `None` if it left nothing
    /// that can be read, or it is of another table.
    #[must_use]
    pub fn load(path: &Path, features_blake3: &str) -> Option<Self> {
        let origin: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (origin.features_blake3 == features_blake3).then_some(origin)
    }

    /// Lines by what became of them: name, number, reason. Rules without lines are left
    /// out.
    pub(super) fn counts(&self) -> Vec<(&'static str, u64, &'static str)> {
        let dropped = &self.dropped;
        let rules = [
            (
                "no customer",
                dropped.missing_customer,
                "nobody to count them for",
            ),
            ("not paid", dropped.not_paid, "by the status of the order"),
            (
                "continued",
                dropped.continued,
                "the amount stands in an earlier line",
            ),
            ("do not parse", self.quarantined, "put aside"),
            (
                "duplicate",
                dropped.duplicate,
                "equal in every column to an earlier line",
            ),
            (
                "after the snapshot",
                dropped.after_snapshot,
                "not before it",
            ),
            ("before the first day", dropped.before_since, "as was asked"),
            (
                "not a purchase",
                dropped.not_a_purchase,
                "returns, cancellations, gifts",
            ),
        ];
        let mut counts = vec![("read", self.rows, "")];
        counts.extend(rules.into_iter().filter(|(_, lines, _)| *lines > 0));
        counts.push(("kept", self.kept, ""));
        counts
    }
}
