//! What can be wrong with the settings.

use std::{io, path::PathBuf};

use super::Key;
use crate::modeling::ModelError;

/// As many keys as an error lists.
const LISTED_KEYS: usize = 5;

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
    #[error(
        "{}: unknown key `{key}`{}", path.display(),
        if expected.len() <= LISTED_KEYS {
            format!(", expected {}", expected.join(", "))
        } else {
            String::new()
        }
    )]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key, after the name of its table.
        key: String,
        /// The keys that there are in its table.
        expected: Vec<&'static str>,
    },
    /// The parameters of training do not fit together.
    #[error(transparent)]
    Train(ModelError),
}

impl ConfigError {
    /// What the user can do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let Self::UnknownKey { key, expected, .. } = self else {
            return None;
        };
        if key == Key::Root.name() {
            return Some("the folder of the file is the project's".to_owned());
        }
        let typed = key.rsplit('.').next().unwrap_or(key);
        let distance = |name: &&str| strsim::damerau_levenshtein(name, typed);
        match expected.iter().copied().min_by_key(|name| distance(name)) {
            // Every third letter may be wrong, and one of the shortest.
            Some(nearest) if distance(&nearest) <= 1.max(nearest.len() / 3) => {
                Some(format!("did you mean `{nearest}`?"))
            }
            _ if expected.len() > LISTED_KEYS => Some("`rfm config` lists all keys".to_owned()),
            _ => None,
        }
    }
}
