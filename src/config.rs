//! Settings: defaults < `rfm.toml` < `RFM_*` variables < command line.
//!
//! Each layer holds the settings that it gives, as text; [`resolve`] takes the
//! strongest of each, checks it once, and builds the parameters of every stage.
//!
//! ```
//! use rfmkit::config::{self, Layer};
//!
//! let (environment, unknown) = Layer::from_variables([("RFM_SEED".into(), "7".into())])?;
//! assert!(unknown.is_empty());
//! let config = config::resolve(&[environment])?;
//! assert_eq!(config.model.path, std::path::Path::new("models/segmentation.json"));
//! # Ok::<(), config::ConfigError>(())
//! ```

mod download;
mod error;
mod file;
mod key;
mod layer;
mod playbook;
mod service;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use jiff::tz::TimeZone;

pub use self::{
    download::{DownloadCheck, DownloadConfig, is_safe_address},
    error::ConfigError,
    key::{Group, Key},
    layer::{Layer, Origin},
    playbook::Playbook,
    service::{LogFormat, LogLevel, ServiceConfig},
};
use crate::{
    dataset::{CleanParams, CsvFormat, ReadParams, choose, parse_snapshot},
    modeling::{ModelSource, TrainParams},
};

/// The name of the settings file in the project's folder.
pub const FILE_NAME: &str = "rfm.toml";

/// All settings, checked, as the stages take them.
#[derive(Clone, Debug)]
pub struct Config {
    /// The project's folder, which has `data/` and `models/`.
    pub root: PathBuf,
    /// The model file, and what stands in for it.
    pub model: ModelSource,
    /// The number of threads; `None` for one on each core.
    pub threads: Option<usize>,
    /// How files are read.
    pub read: ReadParams,
    /// How rows are understood.
    pub clean: CleanParams,
    /// What happens to lines that do not parse.
    pub on_bad_row: OnBadRow,
    /// Where the reference data come from.
    pub download: DownloadConfig,
    /// How the model is trained.
    pub train: TrainParams,
    /// How the service runs.
    pub service: ServiceConfig,
    /// Every setting with its value and where it comes from, in a fixed order.
    pub settings: Vec<Setting>,
}

/// What happens to lines that do not parse.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnBadRow {
    /// The run ends, with the first of them.
    #[default]
    Stop,
    /// They are written to a file of their own, and the run goes on.
    Quarantine,
}

impl FromStr for OnBadRow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        choose(
            text,
            &[("stop", Self::Stop), ("quarantine", Self::Quarantine)],
        )
    }
}

/// One setting as it was resolved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setting {
    /// The setting.
    pub key: Key,
    /// Its value as text; `None` where nothing is set.
    pub value: Option<String>,
    /// The layer that gave it.
    pub origin: Origin,
    /// How it is written there.
    pub place: String,
}

/// The project's folder, as far as it is known without the settings file.
#[must_use]
pub fn root(layers: &[Layer]) -> PathBuf {
    let strongest = layers.iter().find_map(|layer| layer.get(Key::Root));
    match strongest.or(Key::Root.default()) {
        // `data/raw` reads better than `./data/raw` in every message.
        None | Some(".") => PathBuf::new(),
        Some(folder) => folder.into(),
    }
}

/// Checks the strongest value of each setting; `layers` are the strongest first.
///
/// # Errors
///
/// [`ConfigError`] names the place of a value that will not do.
pub fn resolve(layers: &[Layer]) -> Result<Config, ConfigError> {
    let values = Values { layers };
    let root = root(layers);
    let time_zone = values
        .parse(Key::TimeZone, |name| {
            TimeZone::get(name).map_err(|_| "a time zone such as Europe/London".to_owned())
        })?
        .unwrap_or(TimeZone::UTC);
    let restarts = values.parse(Key::Restarts, |text| whole(text, 1, u32::MAX.into()))?;
    let seed = values.parse(Key::Seed, |text| whole(text, 0, u64::MAX))?;
    let train = TrainParams::new(
        seed.unwrap_or_default(),
        restarts.unwrap_or_default() as u32,
    );
    Ok(Config {
        model: ModelSource {
            path: values.path(Key::Model, &root).unwrap_or_default(),
            is_given: values
                .find(Key::Model)
                .is_some_and(|found| found.origin != Origin::Default),
        },
        service: ServiceConfig::resolve(&values, &root)?,
        threads: values
            .parse(Key::Threads, |text| whole(text, 0, 1024))?
            .map(|threads| threads as usize)
            .filter(|&threads| threads > 0),
        read: ReadParams {
            csv: CsvFormat {
                delimiter: values.parse(Key::Delimiter, parse_delimiter)?,
                encoding: values.parse(Key::Encoding, |label| {
                    encoding_rs::Encoding::for_label(label.as_bytes())
                        .ok_or_else(|| "an encoding such as utf-8 or windows-1252".to_owned())
                })?,
            },
            sheet: values.parse(Key::Sheet, |name| Ok(name.to_owned()))?,
            skip_lines: values
                .parse(Key::SkipLines, |text| whole(text, 0, 1000))?
                .unwrap_or_default(),
            ..ReadParams::default()
        },
        clean: CleanParams {
            source: values.parse(Key::Source, str::parse)?,
            unit: values.parse(Key::Unit, str::parse)?,
            paid: values.parse(Key::Paid, |text| {
                Ok(text
                    .split(',')
                    .map(|status| status.trim().to_owned())
                    .collect())
            })?,
            columns: values
                .parse(Key::Columns, |text| {
                    text.parse()
                        .map_err(|reason| format!("ROLE=NAME,…: {reason}"))
                })?
                .unwrap_or_default(),
            decimal: values
                .parse(Key::Decimal, |text| {
                    choose(text, &[(".", b'.'), (",", b',')])
                })?
                .unwrap_or(b'.'),
            date_format: values
                .parse(Key::DateFormat, |text| {
                    text.parse().map_err(|reason| {
                        format!(
                            "auto, day-first, month-first or a pattern such as %d.%m.%y: {reason}"
                        )
                    })
                })?
                .unwrap_or_default(),
            snapshot: values.parse(Key::Snapshot, |text| {
                parse_snapshot(text, &time_zone)
                    .map_err(|reason| format!("a time such as 2011-12-10 12:50:00, but {reason}"))
            })?,
            since: values.parse(Key::Since, |text| {
                parse_snapshot(text, &time_zone)
                    .map_err(|reason| format!("a time such as 2011-01-01, but {reason}"))
            })?,
            returns: values.parse(Key::Returns, str::parse)?.unwrap_or_default(),
            keep_duplicates: values
                .parse(Key::KeepDuplicates, switch)?
                .unwrap_or_default(),
            time_zone,
        },
        on_bad_row: values.parse(Key::OnBadRow, str::parse)?.unwrap_or_default(),
        download: DownloadConfig::resolve(&values)?,
        train: train.map_err(ConfigError::Train)?,
        settings: Key::ALL
            .into_iter()
            .map(|key| values.setting(key))
            .collect(),
        root,
    })
}

/// The place of the settings file in a project's folder.
#[must_use]
pub fn file_in(root: &Path) -> PathBuf {
    root.join(FILE_NAME)
}

/// The layers, from which each setting is taken.
struct Values<'a> {
    layers: &'a [Layer],
}

/// A setting as its strongest layer has it.
struct Found<'a> {
    text: &'a str,
    origin: Origin,
    place: &'a str,
}

impl Values<'_> {
    fn find(&self, key: Key) -> Option<Found<'_>> {
        let mut layers = self.layers.iter();
        let given = layers.find_map(|layer| {
            Some(Found {
                text: layer.get(key)?,
                origin: layer.origin(),
                place: layer.place(key)?,
            })
        });
        let default = || {
            Some(Found {
                text: key.default()?,
                origin: Origin::Default,
                place: key.name(),
            })
        };
        given.or_else(default)
    }

    /// The value of a setting; `parse` fails with what was expected.
    fn parse<T>(
        &self,
        key: Key,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(found) = self.find(key) else {
            return Ok(None);
        };
        let value = parse(found.text).map_err(|expected| ConfigError::Value {
            place: found.place.to_owned(),
            found: found.text.to_owned(),
            expected,
        })?;
        Ok(Some(value))
    }

    /// The file that a setting names: what is typed is relative to where it is
    /// typed, what stands in the settings file to the project's folder.
    fn path(&self, key: Key, root: &Path) -> Option<PathBuf> {
        self.find(key).map(|found| match found.origin {
            Origin::CommandLine | Origin::Environment => found.text.into(),
            Origin::File | Origin::Default => root.join(found.text),
        })
    }

    fn setting(&self, key: Key) -> Setting {
        let found = self.find(key);
        Setting {
            key,
            value: found.as_ref().map(|found| found.text.to_owned()),
            origin: found.as_ref().map_or(Origin::Default, |found| found.origin),
            place: found.map_or(key.name(), |found| found.place).to_owned(),
        }
    }
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | br"\t" => Ok(b'\t'),
        &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(byte),
        _ => Err("one character, or `tab`".to_owned()),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "`true` or `false`".to_owned())
}

fn whole(text: &str, least: u64, most: u64) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("a whole number from {least} to {most}"))
}
