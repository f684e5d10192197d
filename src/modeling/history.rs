//! The present model and those that it replaced.
//!
//! Earlier models lie in a folder `history` beside the model file, as
//! `NNNN-HASH.json`: a number that counts up, and the first digits of the
//! checksum. Nothing is ever removed from it.

mod files;

use std::path::{Path, PathBuf};

pub(super) use self::files::replace;
use self::files::{files, folder_of, padded, parts};
use super::{
    artifact::{REFERENCE, read},
    error::ModelError,
    model::{SegmentationModel, model_name},
    source::{LoadedModel, ModelSource},
};
use crate::output::{OutputError, Outputs};

/// The fewest digits of a checksum that name a model.
const LEAST_DIGITS: usize = 4;

/// The models of a project: the present one, and those before it.
///
/// ```
/// use rfmkit::modeling::{History, ModelSource, SegmentationModel};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("models/segmentation.json");
/// SegmentationModel::reference().save(&path)?;
///
/// let history = History::open(ModelSource { path, is_given: true })?;
/// assert!(history.earlier().is_empty());
/// let found = history.find("current")?;
/// assert_eq!(history.find(&found.model.checksum()[..8])?.model, found.model);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct History {
    source: ModelSource,
    current: Result<LoadedModel, ModelError>,
    earlier: Vec<EarlierModel>,
}

/// A model of the history.
#[derive(Debug)]
pub struct EarlierModel {
    /// Its number; later ones have greater numbers.
    pub number: u32,
    /// Its file.
    pub path: PathBuf,
    /// The model, or what is wrong with the file.
    pub model: Result<SegmentationModel, ModelError>,
}

/// A model that was asked for by a name.
#[derive(Debug)]
pub struct NamedModel {
    /// The model.
    pub model: SegmentationModel,
    /// Where it comes from, for people.
    pub place: String,
    /// Its file, byte for byte.
    bytes: Vec<u8>,
}

/// What became of the present model when another one took its place.
#[derive(Debug)]
pub struct Promotion {
    /// Whether there was another one; otherwise nothing was written.
    pub changed: bool,
    /// Where the model that was replaced is kept; `None` where there was none,
    /// or the same one.
    pub kept: Option<PathBuf>,
    /// Why the file that was replaced could not be kept: it was no model.
    pub lost: Option<ModelError>,
}

impl History {
    /// Reads the present model and every earlier one.
    ///
    /// # Errors
    ///
    /// [`ModelError::History`] if the folder cannot be read. A broken model is
    /// no error here.
    pub fn open(source: ModelSource) -> Result<Self, ModelError> {
        let folder = folder_of(&source.path);
        let files = files(&folder).map_err(|source| ModelError::History {
            path: folder,
            source,
        })?;
        Ok(Self {
            current: source.load(),
            earlier: files
                .into_iter()
                .map(|(number, path)| EarlierModel {
                    number,
                    model: SegmentationModel::load(&path),
                    path,
                })
                .collect(),
            source,
        })
    }

    /// The earlier models by ascending number.
    #[must_use]
    pub fn earlier(&self) -> &[EarlierModel] {
        &self.earlier
    }

    /// The present model, or what is wrong with its file.
    ///
    /// # Errors
    ///
    /// As [`ModelSource::load`].
    pub const fn current(&self) -> Result<&LoadedModel, &ModelError> {
        self.current.as_ref()
    }

    /// The model that was replaced last.
    ///
    /// # Errors
    ///
    /// [`ModelError::NoHistory`] if there is none, [`ModelError::Named`] if its
    /// file will not do.
    pub fn last(&self) -> Result<NamedModel, ModelError> {
        let Some(last) = self.earlier.last() else {
            return Err(ModelError::NoHistory {
                path: folder_of(&self.source.path),
            });
        };
        NamedModel::other(&last.path)
    }

    /// The model of a name: `current`, `reference`, a number of the history,
    /// the first four or more digits of a checksum, or a path, in this order.
    ///
    /// # Errors
    ///
    /// [`ModelError::Unknown`] if there is no such model,
    /// [`ModelError::Ambiguous`] if there are several, [`ModelError::Named`] if
    /// its file will not do; for `current`, what is wrong with that.
    pub fn find(&self, name: &str) -> Result<NamedModel, ModelError> {
        if name == "reference" {
            return Ok(NamedModel::reference());
        }
        if name == "current" {
            return match &self.current {
                Ok(current) if current.is_reference => Ok(NamedModel::reference()),
                _ => NamedModel::load(&self.source.path),
            };
        }
        let mut candidates = self.numbered(name);
        if candidates.is_empty() {
            candidates = self.with_checksum(name);
        }
        // A model may be there several times, as the present one and before.
        candidates.sort_by(|a, b| a.checksum.cmp(&b.checksum));
        candidates.dedup_by(|a, b| a.checksum == b.checksum);
        match &candidates[..] {
            [only] => only.path.map_or_else(
                || Ok(NamedModel::reference()),
                |path| NamedModel::other(path),
            ),
            [] if Path::new(name).exists() => NamedModel::other(Path::new(name)),
            [] => Err(ModelError::Unknown {
                name: name.to_owned(),
            }),
            several => Err(ModelError::Ambiguous {
                name: name.to_owned(),
                found: several
                    .iter()
                    .map(|candidate| model_name(&candidate.checksum).to_owned())
                    .collect(),
            }),
        }
    }

    /// The models of the history with a number.
    fn numbered(&self, name: &str) -> Vec<Candidate<'_>> {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let number = name.parse::<u32>().ok().filter(|_| is_number);
        let earlier = self.earlier.iter();
        earlier
            .filter(|earlier| Some(earlier.number) == number)
            .filter_map(|earlier| earlier.whole().or_else(|| earlier.broken()))
            .collect()
    }

    /// The models whose checksum starts with some digits; where there is none,
    /// the broken files whose names say so.
    fn with_checksum(&self, digits: &str) -> Vec<Candidate<'_>> {
        if digits.len() < LEAST_DIGITS {
            return Vec::new();
        }
        let reference = Candidate {
            checksum: SegmentationModel::reference().checksum().to_owned(),
            path: None,
        };
        let current = self.current.iter().map(|current| Candidate {
            checksum: current.model.checksum().to_owned(),
            path: (!current.is_reference).then_some(&self.source.path),
        });
        let digits = digits.to_lowercase();
        let is_meant = |candidate: &Candidate<'_>| candidate.checksum.starts_with(&digits);
        let earlier = self.earlier.iter().filter_map(EarlierModel::whole);
        let whole = current.chain(earlier).chain([reference]).filter(is_meant);
        let found: Vec<Candidate<'_>> = whole.collect();
        if found.is_empty() {
            let broken = self.earlier.iter().filter_map(EarlierModel::broken);
            return broken.filter(is_meant).collect();
        }
        found
    }
}

impl EarlierModel {
    /// Its number as the name of its file has it: `0007`.
    #[must_use]
    pub fn name(&self) -> String {
        padded(self.number)
    }

    fn whole(&self) -> Option<Candidate<'_>> {
        let model = self.model.as_ref().ok()?;
        Some(Candidate {
            checksum: model.checksum().to_owned(),
            path: Some(&self.path),
        })
    }

    fn broken(&self) -> Option<Candidate<'_>> {
        let (_, digits) = parts(&self.path)?;
        self.model.is_err().then(|| Candidate {
            checksum: digits.to_owned(),
            path: Some(&self.path),
        })
    }
}

/// A model that may be meant.
struct Candidate<'a> {
    /// All digits of its checksum, or as many as the name of a broken file has.
    checksum: String,
    /// Its file; `None` for the built-in reference model.
    path: Option<&'a PathBuf>,
}

impl NamedModel {
    fn load(path: &Path) -> Result<Self, ModelError> {
        let bytes = read(path).map_err(|source| ModelError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            model: SegmentationModel::from_json(&bytes, path)?,
            place: path.display().to_string(),
            bytes,
        })
    }

    /// A model that no training replaces.
    fn other(path: &Path) -> Result<Self, ModelError> {
        Self::load(path).map_err(|error| ModelError::Named(Box::new(error)))
    }

    fn reference() -> Self {
        Self {
            model: SegmentationModel::reference(),
            place: ModelSource::REFERENCE.to_owned(),
            bytes: REFERENCE.as_bytes().to_owned(),
        }
    }

    /// Puts the model in the place of the present one, which goes into the
    /// history.
    ///
    /// # Errors
    ///
    /// [`OutputError`]; the present model is then as it was.
    pub fn promote(&self, source: &ModelSource) -> Result<Promotion, OutputError> {
        let path = &source.path;
        let present = path.exists().then(|| SegmentationModel::load(path));
        if let Some(Ok(present)) = &present
            && present.checksum() == self.model.checksum()
        {
            return Ok(Promotion {
                changed: false,
                kept: None,
                lost: None,
            });
        }
        let mut outputs = Outputs::default();
        let kept = replace(&mut outputs, path, self.model.checksum(), &self.bytes)?;
        outputs.commit()?;
        Ok(Promotion {
            changed: true,
            kept,
            lost: present.and_then(Result::err),
        })
    }
}
