//! One table written as CSV in many ways, and what the library makes of it.

use std::{fs, path::Path};

use rfmkit::{
    dataset::{CleanParams, Intake, ReadParams},
    features::{self, FeatureError, Features},
};

/// How a CSV file is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    pub(crate) delimiter: char,
    pub(crate) quotes: Quotes,
    pub(crate) line_end: &'static str,
    /// A byte order mark at the start.
    pub(crate) mark: bool,
    /// A line end after the last row.
    pub(crate) last_line_end: bool,
    /// Blank lines between the rows.
    pub(crate) blank_lines: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Quotes {
    WhereNeeded,
    AroundText,
    Everywhere,
}

impl Dialect {
    pub(crate) const PLAIN: Self = Self {
        delimiter: ',',
        quotes: Quotes::WhereNeeded,
        line_end: "\n",
        mark: false,
        last_line_end: true,
        blank_lines: false,
    };

    pub(crate) fn write(&self, rows: &[Vec<String>]) -> String {
        let mut text = String::from(if self.mark { "\u{feff}" } else { "" });
        for (index, row) in rows.iter().enumerate() {
            let fields: Vec<String> = row.iter().map(|field| self.field(field)).collect();
            text += &fields.join(&self.delimiter.to_string());
            if self.last_line_end || index + 1 < rows.len() {
                text += self.line_end;
            }
            if self.blank_lines && index % 3 == 0 && index + 1 < rows.len() {
                text += self.line_end;
            }
        }
        text
    }

    fn field(&self, field: &str) -> String {
        let special = |c: char| c == self.delimiter || matches!(c, '"' | '\n' | '\r');
        let quoted = match self.quotes {
            Quotes::WhereNeeded => field.contains(special),
            Quotes::AroundText => field.contains(special) || field.parse::<f64>().is_err(),
            Quotes::Everywhere => true,
        };
        if quoted {
            return format!("\"{}\"", field.replace('"', "\"\""));
        }
        field.to_owned()
    }
}

/// The features of a file with these bytes.
pub(crate) fn build(
    bytes: &[u8],
    read: &ReadParams,
    clean: &CleanParams,
) -> Result<Features, FeatureError> {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("export.csv");
    fs::write(&path, bytes).expect("write");
    features::build(&[path], Intake::new(read, clean))
}

/// The features of several files with these bytes, as one data set.
pub(crate) fn build_all(
    files: &[Vec<u8>],
    read: &ReadParams,
    clean: &CleanParams,
) -> Result<Features, FeatureError> {
    let folder = tempfile::tempdir().expect("folder");
    let paths: Vec<_> = (0..files.len())
        .map(|number| folder.path().join(format!("{number:03}.csv")))
        .collect();
    for (path, bytes) in paths.iter().zip(files) {
        fs::write(path, bytes).expect("write");
    }
    features::build(&paths, Intake::new(read, clean))
}

/// The features of a plain CSV file of these rows.
pub(crate) fn build_plain(
    rows: &[Vec<String>],
    clean: &CleanParams,
) -> Result<Features, FeatureError> {
    let text = Dialect::PLAIN.write(rows);
    build(text.as_bytes(), &ReadParams::default(), clean)
}

/// A path at which no file stands.
pub(crate) fn nowhere() -> &'static Path {
    Path::new("/nonexistent/clean_report.json")
}
