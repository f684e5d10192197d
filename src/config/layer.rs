//! The settings that one place gives.

use std::{collections::BTreeMap, ffi::OsString, fmt, path::Path};

use toml::Value;

use super::{ConfigError, FILE_NAME, Key, file::read_table};

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// It is built in.
    Default,
    /// The file in the project's folder.
    File,
    /// A variable.
    Environment,
    /// An option.
    CommandLine,
}

impl Origin {
    /// How the setting is written there.
    #[must_use]
    pub fn place(self, key: Key) -> String {
        match self {
            Self::Default => key.name().to_owned(),
            Self::File => format!("{FILE_NAME}: {}", key.name()),
            Self::Environment => key.variable(),
            Self::CommandLine => format!("--{}", key.option()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::File => FILE_NAME,
            Self::Environment => "environment",
            Self::CommandLine => "command line",
        })
    }
}

/// The settings that one place gives, as text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Layer {
    origin: Origin,
    values: BTreeMap<Key, String>,
}

/// A variable that belongs to the project's tests, not to its settings.
const TEST_VARIABLE: &str = "RFM_REFERENCE_DATA";

impl Layer {
    /// The settings of the command line.
    pub fn from_options(options: impl IntoIterator<Item = (Key, String)>) -> Self {
        Self {
            origin: Origin::CommandLine,
            values: options.into_iter().collect(),
        }
    }

    /// The settings among environment variables, and the names of `RFM_*`
    /// variables that are no setting. Empty variables count as not set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NotUnicode`].
    pub fn from_variables(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(Self, Vec<String>), ConfigError> {
        let mut values = BTreeMap::new();
        let mut unknown = Vec::new();
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with("RFM_")) else {
                continue;
            };
            let key = Key::ALL.into_iter().find(|key| key.variable() == name);
            let Some(key) = key else {
                if name != TEST_VARIABLE {
                    unknown.push(name.to_owned());
                }
                continue;
            };
            let value = value.into_string().map_err(|_| ConfigError::NotUnicode {
                name: name.to_owned(),
            })?;
            if !value.is_empty() {
                values.insert(key, value);
            }
        }
        unknown.sort();
        let origin = Origin::Environment;
        Ok((Self { origin, values }, unknown))
    }

    /// The settings of a file; none if there is no such file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the file cannot be read, is no TOML or has a key that
    /// no setting has.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        // The folder of the file is the project's; a file cannot move itself.
        let keys = || Key::ALL.into_iter().filter(|&key| key != Key::Root);
        let mut values = BTreeMap::new();
        let mut given = read_table(path)?;
        // `[source]` is a heading for settings that go together.
        if let Some(Value::Table(source)) = given.get_mut("source") {
            let source = std::mem::take(source);
            given.remove("source");
            for (name, value) in source {
                let name = if name == "preset" {
                    "source".to_owned()
                } else {
                    name
                };
                given.insert(name, value);
            }
        }
        for (name, value) in given {
            let Some(key) = keys().find(|key| key.name() == name) else {
                let names: Vec<_> = keys().map(Key::name).collect();
                return Err(ConfigError::UnknownKey {
                    path: path.to_owned(),
                    key: name,
                    expected: names.join(", "),
                });
            };
            values.insert(key, text_of(key, value)?);
        }
        let origin = Origin::File;
        Ok(Self { origin, values })
    }

    /// The value that the layer gives for a setting.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(String::as_str)
    }

    /// Where the layer comes from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }
}

/// A value of the file as it would be typed on the command line.
fn text_of(key: Key, value: Value) -> Result<String, ConfigError> {
    let (expected, found) = match (key, value) {
        (_, Value::String(text)) => return Ok(text),
        (_, Value::Integer(number)) => return Ok(number.to_string()),
        (_, Value::Datetime(time)) => return Ok(time.to_string()),
        (key, Value::Boolean(on)) if key.is_switch() => return Ok(on.to_string()),
        (Key::CorsOrigins | Key::AllowedHosts | Key::Paid, Value::Array(names)) => {
            let name = |name: Value| match name {
                Value::String(name) => Ok(name),
                other => Err(("a list of names".to_owned(), other.type_str())),
            };
            match names.into_iter().map(name).collect::<Result<Vec<_>, _>>() {
                Ok(names) => return Ok(names.join(",")),
                Err(wrong) => wrong,
            }
        }
        (Key::Columns, Value::Table(columns)) => {
            let pair = |(role, name): (String, Value)| match name {
                Value::String(name) => Ok(format!("{role}={name}")),
                other => Err((format!("a name for {role}"), other.type_str())),
            };
            match columns.into_iter().map(pair).collect::<Result<Vec<_>, _>>() {
                Ok(pairs) => return Ok(pairs.join(",")),
                Err(wrong) => wrong,
            }
        }
        (_, other) => ("a text or a whole number".to_owned(), other.type_str()),
    };
    Err(ConfigError::Value {
        place: Origin::File.place(key),
        found: found.to_owned(),
        expected,
    })
}
