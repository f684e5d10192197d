//! The model file.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    error::ModelError,
    history,
    model::{Content, SegmentationModel},
    segment::Segment,
};
use crate::output::{OutputError, Outputs};

/// The version of the file's layout. It counts up when an older tool could
/// misunderstand a newer file.
const SCHEMA_VERSION: u64 = 1;
/// The largest file that is read; a model has a few kilobytes.
const SIZE_LIMIT: u64 = 1024 * 1024;

/// The model of the reference data, UCI Online Retail (CC BY 4.0).
pub(super) const REFERENCE: &str = include_str!("../../models/reference.json");

impl SegmentationModel {
    /// The model of the reference data, for use until there is an own one.
    ///
    /// # Panics
    ///
    /// Never: a test loads it.
    #[must_use]
    pub fn reference() -> Self {
        Self::from_json(REFERENCE.as_bytes(), "reference model".as_ref())
            .expect("the built-in model is whole")
    }

    /// Reads a model file. Nothing in it is executed.
    ///
    /// # Errors
    ///
    /// [`ModelError`] if the file cannot be read, is no model, comes from a
    /// newer version, or was changed after it was written.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let bytes = read(path).map_err(|source| ModelError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_json(&bytes, path)
    }

    /// Reads the bytes of a model file; `path` is for errors.
    pub(super) fn from_json(bytes: &[u8], path: &Path) -> Result<Self, ModelError> {
        let broken = |reason: String| ModelError::Broken {
            path: path.to_owned(),
            reason,
        };
        if bytes.len() as u64 > SIZE_LIMIT {
            return Err(broken(format!("it is larger than {SIZE_LIMIT} bytes")));
        }
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| broken(error.to_string()))?;
        let Value::Object(mut members) = value else {
            return Err(broken("it is not a JSON object".to_owned()));
        };
        let version = members.get("schema_version").and_then(Value::as_u64);
        match version {
            None => return Err(broken("it has no `schema_version`".to_owned())),
            Some(SCHEMA_VERSION) => {}
            Some(found) if found > SCHEMA_VERSION => {
                return Err(ModelError::Newer {
                    path: path.to_owned(),
                    found,
                    supported: SCHEMA_VERSION,
                });
            }
            Some(found) => return Err(broken(format!("it has schema version {found}"))),
        }
        let Some(Value::String(expected)) = members.remove("checksum") else {
            return Err(broken("it has no `checksum`".to_owned()));
        };
        let found = checksum(&Value::Object(members.clone()));
        if found != expected {
            return Err(ModelError::Tampered {
                path: path.to_owned(),
                found,
                expected,
            });
        }
        members.remove("schema_version");
        let content: Content = serde_json::from_value(Value::Object(members))
            .map_err(|error| broken(error.to_string()))?;
        content
            .check()
            .map_err(|reason| broken(reason.to_owned()))?;
        // `1` for `1.0`, or a member that nobody knows, would be lost in writing:
        // the file would then no longer be what its checksum says.
        let model = Self::from_content(content);
        if model.checksum != found {
            let reason = "it has a member or a way of writing numbers that no model file has";
            return Err(broken(reason.to_owned()));
        }
        Ok(model)
    }

    pub(super) fn from_content(content: Content) -> Self {
        let checksum = checksum(&body(&content));
        Self { content, checksum }
    }

    /// The model file as a JSON value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut file = body(&self.content);
        if let Value::Object(members) = &mut file {
            members.insert("checksum".to_owned(), self.checksum.clone().into());
        }
        file
    }

    /// The model file as bytes: indented, with a last line end.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(&self.to_value()).expect("a value is JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Writes the model file. The model that stood there before goes into the
    /// history; gives its place there, or `None` where there was no other.
    ///
    /// # Errors
    ///
    /// [`OutputError`]; an earlier file is then untouched.
    pub fn save(&self, path: &Path) -> Result<Option<PathBuf>, OutputError> {
        let mut outputs = Outputs::default();
        let kept = self.write(&mut outputs, path)?;
        outputs.commit()?;
        Ok(kept)
    }

    /// Writes the model file together with others, as [`save`](Self::save)
    /// does it alone.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn write(
        &self,
        outputs: &mut Outputs,
        path: &Path,
    ) -> Result<Option<PathBuf>, OutputError> {
        history::replace(outputs, path, &self.checksum, &self.to_bytes())
    }
}

/// The bytes of a file, up to one more than a model may have.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// All of a model file but its checksum.
fn body(content: &Content) -> Value {
    let mut body = serde_json::to_value(content).expect("a model has finite numbers and text keys");
    if let Value::Object(members) = &mut body {
        members.insert("schema_version".to_owned(), SCHEMA_VERSION.into());
    }
    body
}

/// The hash of the members in the order of their names, without white space,
/// so that neither order nor layout of the file matter.
fn checksum(body: &Value) -> String {
    blake3::hash(body.to_string().as_bytes())
        .to_hex()
        .to_string()
}

impl Content {
    /// Checks what the types leave open, for a file that was written by hand.
    fn check(&self) -> Result<(), &'static str> {
        let scaler = &self.scaler;
        let finite = |values: &[f64; 3]| values.iter().all(|value| value.is_finite());
        if ![&scaler.min, &scaler.max, &scaler.mean, &scaler.deviation]
            .into_iter()
            .all(finite)
        {
            return Err("a number of its scaler is not finite");
        }
        if (0..3).any(|i| scaler.min[i] > scaler.max[i] || scaler.deviation[i] <= 0.0) {
            return Err("its scaler has an empty range or no deviation");
        }
        for (label, model) in self.segments.iter().enumerate() {
            if model.label != label || model.segment != Segment::ALL[label] {
                return Err("its segments are not in the order of their labels");
            }
            if !finite(&model.centroid) {
                return Err("a centroid is not finite");
            }
        }
        Ok(())
    }
}
