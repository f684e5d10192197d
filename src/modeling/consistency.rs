//! Whether the files of the last run still belong together.

use std::{error::Error, fs::File, io, iter, path::Path};

use serde::Serialize;

use super::{error::ModelError, model::SegmentationModel, predict::Run};
use crate::features::RfmTable;

/// The files that a run tied together, as they are now.
///
/// ```
/// use rfmkit::modeling::{FileState, Run, SegmentationModel};
///
/// # let folder = tempfile::tempdir()?;
/// let model = SegmentationModel::reference();
/// let run = Run {
///     version: "0.1.0".to_owned(),
///     features_blake3: String::new(),
///     training_features_blake3: String::new(),
///     model_blake3: model.checksum().to_owned(),
///     segments_blake3: String::new(),
/// };
/// let nowhere = folder.path().join("none.csv");
/// let found = run.check(&nowhere, Ok(&model), &nowhere);
/// assert_eq!(found.model, FileState::Same);
/// assert!(matches!(found.features, FileState::Unreadable { .. }));
/// assert!(!found.holds());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Consistency {
    /// The features file.
    pub features: FileState,
    /// The present model.
    pub model: FileState,
    /// The segments file.
    pub segments: FileState,
    /// Whether the model of the run was trained on the features of the run.
    pub trained_on_features: bool,
}

/// A file beside what the record of a run says of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// It is the file of the run.
    Same,
    /// It is another one.
    Other {
        /// Its hash.
        found: String,
        /// The hash of the file of the run.
        expected: String,
    },
    /// It cannot be read.
    Unreadable {
        /// What is wrong.
        reason: String,
    },
}

impl Consistency {
    /// Whether all three files are those of the run.
    #[must_use]
    pub fn holds(&self) -> bool {
        [&self.features, &self.model, &self.segments]
            .into_iter()
            .all(|state| *state == FileState::Same)
    }
}

impl FileState {
    fn new<E: Error>(found: Result<String, E>, expected: &str) -> Self {
        match found {
            Ok(found) if found == expected => Self::Same,
            Ok(found) => Self::Other {
                found,
                expected: expected.to_owned(),
            },
            Err(error) => {
                let causes = iter::successors(Some(&error as &dyn Error), |&error| error.source());
                let causes: Vec<String> = causes.map(ToString::to_string).collect();
                Self::Unreadable {
                    reason: causes.join(": "),
                }
            }
        }
    }
}

impl Run {
    /// Hashes features and segments anew and looks whether they and the model
    /// are still those of the run.
    #[must_use]
    pub fn check(
        &self,
        features: &Path,
        model: Result<&SegmentationModel, &ModelError>,
        segments: &Path,
    ) -> Consistency {
        Consistency {
            features: FileState::new(
                RfmTable::read_csv(features).map(|table| table.hash()),
                &self.features_blake3,
            ),
            model: FileState::new(
                model.map(|model| model.checksum().to_owned()),
                &self.model_blake3,
            ),
            segments: FileState::new(hash(segments), &self.segments_blake3),
            trained_on_features: self.belongs_together(),
        }
    }
}

/// The hash of a file.
fn hash(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}
