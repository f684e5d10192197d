//! The settings that one place gives.

use std::{collections::BTreeMap, ffi::OsString, fmt, path::Path};

use toml::{Table, Value};

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
    values: BTreeMap<Key, Given>,
}

/// A setting as a place gives it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Given {
    /// Where it stands, as it is written there.
    place: String,
    text: String,
}

impl Given {
    fn new(origin: Origin, key: Key, text: String) -> Self {
        let place = origin.place(key);
        Self { place, text }
    }
}

/// The keys of `[source]`, a heading for settings that go together.
const SOURCE: [(&str, Key); 3] = [
    ("preset", Key::Source),
    ("unit", Key::Unit),
    ("paid", Key::Paid),
];

/// A variable that belongs to the project's tests, not to its settings.
const TEST_VARIABLE: &str = "RFM_REFERENCE_DATA";

impl Layer {
    /// The settings of the command line.
    pub fn from_options(options: impl IntoIterator<Item = (Key, String)>) -> Self {
        let origin = Origin::CommandLine;
        let options = options.into_iter();
        Self {
            values: options
                .map(|(key, text)| (key, Given::new(origin, key, text)))
                .collect(),
            origin,
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
        let origin = Origin::Environment;
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
                values.insert(key, Given::new(origin, key, value));
            }
        }
        unknown.sort();
        Ok((Self { origin, values }, unknown))
    }

    /// The settings of a file; none if there is no such file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the file cannot be read, is no TOML or has a key that
    /// no setting has.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let mut table = read_table(path)?;
        let source = match table.remove("source") {
            Some(Value::Table(source)) => source,
            Some(name) => Table::from_iter([("preset".to_owned(), name)]),
            None => Table::new(),
        };
        // The folder of the file is the project's; a file cannot move itself.
        let keys = Key::ALL.into_iter().filter(|&key| key != Key::Root);
        let keys: Vec<_> = keys.map(|key| (key.name(), key)).collect();
        let mut values = BTreeMap::new();
        for (heading, keys, table) in [("", &keys[..], table), ("source.", &SOURCE, source)] {
            for (name, value) in table {
                let key = format!("{heading}{name}");
                let Some(&(_, found)) = keys.iter().find(|(known, _)| *known == name) else {
                    return Err(ConfigError::UnknownKey {
                        path: path.to_owned(),
                        key,
                        expected: keys.iter().map(|(known, _)| *known).collect(),
                    });
                };
                let place = format!("{FILE_NAME}: {key}");
                let text = text_of(found, value, &place)?;
                values.insert(found, Given { place, text });
            }
        }
        let origin = Origin::File;
        Ok(Self { origin, values })
    }

    /// The value that the layer gives for a setting.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(|given| given.text.as_str())
    }

    /// Where a setting that the layer gives stands, as it is written there.
    #[must_use]
    pub fn place(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(|given| given.place.as_str())
    }

    /// Where the layer comes from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }
}

/// A value of the file as it would be typed on the command line.
fn text_of(key: Key, value: Value, place: &str) -> Result<String, ConfigError> {
    let (expected, found) = match (key, value) {
        (_, Value::String(text)) => return Ok(text),
        (_, Value::Integer(number)) => return Ok(number.to_string()),
        (_, Value::Datetime(time)) => return Ok(time.to_string()),
        (key, Value::Boolean(on)) if key.is_switch() => return Ok(on.to_string()),
        (key, Value::Array(names)) if key.is_list() && key != Key::Columns => {
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
        place: place.to_owned(),
        found: found.to_owned(),
        expected,
    })
}
