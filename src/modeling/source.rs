//! Which model is used: the own one, or the built-in one while there is none.

use std::path::PathBuf;

use super::{error::ModelError, model::SegmentationModel};

/// Where the model is looked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelSource {
    /// The model file.
    pub path: PathBuf,
    /// Whether somebody named the file; if so, it must be there.
    pub is_given: bool,
}

/// A model, and whether it is the built-in one.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedModel {
    /// The model.
    pub model: SegmentationModel,
    /// Whether it is the model of the reference data.
    pub is_reference: bool,
}

impl ModelSource {
    /// What the built-in model is called.
    pub const REFERENCE: &str = "the built-in reference model (UCI Online Retail)";

    /// Reads the model file, or takes the reference model where there is none
    /// and none was named.
    ///
    /// # Errors
    ///
    /// As [`SegmentationModel::load`].
    pub fn load(&self) -> Result<LoadedModel, ModelError> {
        if !self.is_given && !self.path.exists() {
            return Ok(LoadedModel {
                model: SegmentationModel::reference(),
                is_reference: true,
            });
        }
        Ok(LoadedModel {
            model: SegmentationModel::load(&self.path)?,
            is_reference: false,
        })
    }

    /// The name of the model for people.
    #[must_use]
    pub fn describe(&self, loaded: &LoadedModel) -> String {
        if loaded.is_reference {
            Self::REFERENCE.to_owned()
        } else {
            self.path.display().to_string()
        }
    }
}
