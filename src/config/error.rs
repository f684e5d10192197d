//! What can be wrong with the settings.

use std::{io, path::PathBuf};

use crate::modeling::ModelError;

/// A setting will not do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value is not what its setting takes.
    #[error("`{place}` is {found:?}, expected {expected}")]
    Value {
        /// The option, variable or key.
        place: String,
        /// The value.
        found: String,
        /// What would do.
        expected: String,
    },
    /// A variable is not valid Unicode.
    #[error("`{name}` is not valid Unicode")]
    NotUnicode {
        /// The variable.
        name: String,
    },
    /// The settings file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The settings file is no TOML.
    #[error("{} is not valid TOML: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The settings file has a key that no setting has.
    #[error("{}: unknown key `{key}`, expected {expected}", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The keys that there are.
        expected: String,
    },
    /// The parameters of training do not fit together.
    #[error(transparent)]
    Train(ModelError),
}
