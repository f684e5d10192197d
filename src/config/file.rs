//! Reading TOML files.

use std::{fs, io, path::Path};

use toml::Table;

use super::ConfigError;

/// The keys and values of a file; none if there is no such file.
pub(super) fn read_table(path: &Path) -> Result<Table, ConfigError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => {
            return Err(ConfigError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    text.parse().map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        ConfigError::Syntax {
            path: path.to_owned(),
            reason: format!("{} in line {line}", error.message()),
        }
    })
}
