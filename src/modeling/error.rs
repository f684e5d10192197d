//! What can go wrong between the RFM table and the named segments.

use std::{io, path::PathBuf};

use crate::dataset::DatasetError;

/// A model could not be trained, loaded or found, or segments not be read.
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
    /// The folder of earlier models could not be read.
    #[error("cannot read the history {}", path.display())]
    History {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no earlier model.
    #[error("{} has no model", path.display())]
    NoHistory {
        /// The folder.
        path: PathBuf,
    },
    /// No model has that name.
    #[error(
        "no model is named {name:?}, expected `current`, `reference`, a number of the history, \
         the first four or more digits of a checksum, or a path"
    )]
    Unknown {
        /// The name.
        name: String,
    },
    /// The model that was asked for by a name cannot be used.
    #[error(transparent)]
    Named(Box<ModelError>),
    /// Several models have that name.
    #[error("{name:?} could be any of {} models: {}", found.len(), found.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// The models that it could be, as one can name them.
        found: Vec<String>,
    },
    /// A segments file could not be read.
    #[error(transparent)]
    Segments(DatasetError),
    /// A customer has several rows in a segments file.
    #[error("{}: customer {customer:?} has more than one row", path.display())]
    DoubledCustomer {
        /// The file.
        path: PathBuf,
        /// The customer.
        customer: Box<str>,
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
            Self::NoHistory { .. } => {
                "name the models to compare: `rfm model diff reference current`"
            }
            Self::Unknown { .. } => "`rfm model list` shows those of the history",
            Self::Named(_) => "name another one; `rfm model list` shows which are whole",
            Self::Ambiguous { .. } => "name it by more digits of its checksum",
            Self::Segments(DatasetError::NamedColumn { .. } | DatasetError::Read { .. }) => {
                "`rfm predict` makes such a file"
            }
            Self::Segments(error) => return error.hint(),
            Self::Newer { .. } => "update rfm, or train the model anew",
            Self::Broken { .. } | Self::Tampered { .. } => "train the model anew with `rfm train`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
