//! What can go wrong between the RFM table and the named segments.

use std::{io, path::PathBuf};

/// A model could not be trained, or not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A parameter is out of range.
    #[error("{name} is {found}, expected {expected}")]
    Params {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: u64,
        /// What would do.
        expected: &'static str,
    },
    /// Fewer customers differ than there are clusters.
    #[error(
        "customers that differ in recency, frequency or monetary: {found}, \
         expected at least {needed} for {needed} clusters"
    )]
    TooFewDistinct {
        /// Customers that differ.
        found: usize,
        /// Clusters.
        needed: usize,
    },
    /// Too few customers differ for two numbers of clusters.
    #[error(
        "customers that differ in recency, frequency or monetary: {found}, \
         expected at least 3 to compare numbers of clusters"
    )]
    TooFewToCompare {
        /// Customers that differ.
        found: usize,
    },
    /// The model file could not be read.
    #[error("cannot read the model {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no model, or a broken one.
    #[error("{} is not a segmentation model: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file was written by a newer version.
    #[error(
        "{} has schema version {found}, this version reads up to {supported}",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's schema version.
        found: u64,
        /// The newest version that can be read.
        supported: u64,
    },
    /// The content does not fit its checksum.
    #[error(
        "{} was changed after it was written: its content has the checksum {found}, \
         expected {expected}",
        path.display()
    )]
    Tampered {
        /// The file.
        path: PathBuf,
        /// The checksum of the content.
        found: String,
        /// The checksum that the file states.
        expected: String,
    },
}

impl ModelError {
    /// What the user can do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::TooFewDistinct { .. } => "four segments need more customers than that",
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "`rfm train` makes a model"
            }
            Self::Newer { .. } => "update rfm, or train the model anew",
            Self::Broken { .. } | Self::Tampered { .. } => "train the model anew with `rfm train`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
