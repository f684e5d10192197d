//! Settings by the first bytes of an input.

use encoding_rs::{
    Encoding, GB18030, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use jiff::tz::TimeZone;
use rfmkit::dataset::{
    CleanParams, CsvFormat, DateFormat, Preset, ReadParams, Returns, Unit, parse_snapshot,
};

const DELIMITERS: [Option<u8>; 8] = [
    None,
    Some(b','),
    Some(b';'),
    Some(b'\t'),
    Some(b'|'),
    Some(b'^'),
    Some(b' '),
    Some(b'0'),
];
const ENCODINGS: [&Encoding; 8] = [
    UTF_8,
    WINDOWS_1252,
    UTF_16LE,
    UTF_16BE,
    SHIFT_JIS,
    GB18030,
    ISO_2022_JP,
    UTF_8,
];
const ZONES: [&str; 4] = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
];

/// How an input is read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How the file is read.
    pub read: ReadParams,
    /// How its rows are understood.
    pub clean: CleanParams,
    /// Whether lines that do not parse are put aside.
    pub quarantine: bool,
    /// Whether the file is inspected, too.
    pub inspect: bool,
    /// Whether the input is two files, cut in the middle.
    pub two_files: bool,
}

impl Settings {
    /// The settings of the first three bytes, and the rest; the figure `0` thrice
    /// stands for what is usual.
    ///
    /// # Panics
    ///
    /// Never: the zones and days are known.
    #[must_use]
    pub fn take(input: &[u8]) -> Option<(Self, &[u8])> {
        let (&[first, second, third], rest) = input.split_first_chunk()?;
        let [first, second, third] = [first, second, third].map(|byte| byte ^ b'0');
        let choice = |byte: u8, shift: u8, count: u8| usize::from(byte >> shift & (count - 1));
        let is_set = |byte: u8, bit: u8| byte >> bit & 1 == 1;
        let zone = TimeZone::get(ZONES[choice(second, 6, 4)]).expect("a zone");
        let day = |text| parse_snapshot(text, &zone).expect("a date");
        let clean = CleanParams {
            returns: if is_set(first, 1) {
                Returns::Net
            } else {
                Returns::Ignore
            },
            date_format: match choice(first, 2, 4) {
                0 => DateFormat::Auto,
                1 => DateFormat::DayFirst,
                2 => DateFormat::MonthFirst,
                _ => DateFormat::Pattern("%d.%m.%y %H:%M".to_owned()),
            },
            keep_duplicates: is_set(first, 4),
            decimal: if is_set(first, 5) { b',' } else { b'.' },
            snapshot: is_set(first, 6).then(|| day("2024-06-01")),
            since: is_set(first, 7).then(|| day("2011-01-01 12:00")),
            source: is_set(third, 2).then(|| Preset::ALL[choice(third, 3, 4)]),
            unit: is_set(third, 5).then_some(Unit::Cents),
            time_zone: zone.clone(),
            ..CleanParams::default()
        };
        let csv = CsvFormat {
            delimiter: DELIMITERS[choice(second, 0, 8)],
            encoding: Some(ENCODINGS[choice(second, 3, 8)]),
        };
        let read = ReadParams {
            csv,
            ..ReadParams::default()
        };
        let settings = Self {
            read,
            clean,
            quarantine: is_set(first, 0),
            inspect: is_set(third, 0),
            two_files: is_set(third, 1),
        };
        Some((settings, rest))
    }
}
