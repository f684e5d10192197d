//! What to do about each segment, in the user's own words.

use std::path::Path;

use toml::Value;

use super::{ConfigError, file::read_table};
use crate::modeling::{SEGMENTS, Segment};

/// The place of the playbook in a project's folder.
const FILE: &str = "references/playbook.toml";

/// A strategy for each segment: the built-in one unless the project's
/// `references/playbook.toml` has another.
///
/// ```toml
/// Champions = "invite them to the summer party"
/// "At-Risk" = "call them"
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Playbook([String; SEGMENTS]);

impl Default for Playbook {
    fn default() -> Self {
        Self(Segment::ALL.map(|segment| segment.strategy().to_owned()))
    }
}

impl Playbook {
    /// Reads the playbook of a project, if it has one.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the file cannot be read, is no TOML, or names a
    /// segment that does not exist.
    pub fn load(root: &Path) -> Result<Self, ConfigError> {
        let path = root.join(FILE);
        let mut playbook = Self::default();
        for (name, value) in read_table(&path)? {
            let Ok(segment) = name.parse::<Segment>() else {
                return Err(ConfigError::UnknownKey {
                    path,
                    key: name,
                    expected: Segment::ALL.map(Segment::name).to_vec(),
                });
            };
            let Value::String(strategy) = value else {
                return Err(ConfigError::Value {
                    place: format!("{FILE}: {name}"),
                    found: value.type_str().to_owned(),
                    expected: "a text".to_owned(),
                });
            };
            playbook.0[segment.label()] = strategy;
        }
        Ok(playbook)
    }

    /// What to do about the customers of a segment.
    #[must_use]
    pub fn strategy(&self, segment: Segment) -> &str {
        &self.0[segment.label()]
    }
}
