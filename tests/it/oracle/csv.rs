//! One table written as CSV in many ways, and what the library makes of it.

use std::{fs, path::Path};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use proptest::{prelude::*, sample::select};
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
    /// Not even where a field has a delimiter in it.
    Never,
}

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
const QUOTES: [Quotes; 3] = [Quotes::WhereNeeded, Quotes::AroundText, Quotes::Everywhere];
const LINE_ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

/// Every dialect that gives any table back, the plainest first.
pub(crate) fn dialects() -> impl Iterator<Item = Dialect> {
    let choices = DELIMITERS.len() * QUOTES.len() * LINE_ENDS.len() * 8;
    (0..choices).map(|choice| {
        let (bits, rest) = (choice % 8, choice / 8);
        Dialect {
            mark: bits & 1 > 0,
            last_line_end: bits & 2 > 0,
            blank_lines: bits & 4 > 0,
            delimiter: DELIMITERS[rest % 4],
            quotes: QUOTES[rest / 4 % 3],
            line_end: LINE_ENDS[rest / 12],
        }
    })
}

pub(crate) fn dialect() -> impl Strategy<Value = Dialect> {
    select(dialects().collect::<Vec<_>>())
}

/// A text in an encoding that has all its letters.
pub(crate) fn encode(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_16LE {
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    if encoding == UTF_16BE {
        return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    }
    let (bytes, _, is_lossy) = encoding.encode(text);
    assert!(!is_lossy, "{} has all letters", encoding.name());
    bytes.into_owned()
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
        self.write_lines(rows).0
    }

    /// The text, and the line at which each row starts, counted from 1.
    pub(crate) fn write_lines(&self, rows: &[Vec<String>]) -> (String, Vec<u64>) {
        let mut text = String::from(if self.mark { "\u{feff}" } else { "" });
        let mut starts = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let line_ends = text.replace("\r\n", "\n").replace('\r', "\n");
            starts.push(line_ends.matches('\n').count() as u64 + 1);
            let fields: Vec<String> = row.iter().map(|field| self.field(field)).collect();
            text += &fields.join(&self.delimiter.to_string());
            if self.last_line_end || index + 1 < rows.len() {
                text += self.line_end;
            }
            if self.blank_lines && index % 3 == 0 && index + 1 < rows.len() {
                text += self.line_end;
            }
        }
        (text, starts)
    }

    fn field(&self, field: &str) -> String {
        let special = |c: char| c == self.delimiter || matches!(c, '"' | '\n' | '\r');
        let quoted = match self.quotes {
            Quotes::WhereNeeded => field.contains(special),
            Quotes::AroundText => field.contains(special) || field.parse::<f64>().is_err(),
            Quotes::Everywhere => true,
            Quotes::Never => false,
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
