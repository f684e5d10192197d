//! The reference data, where they are to be had.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use rfmkit::{
    dataset::{CleanParams, Intake, ReadParams},
    features::{self, Features},
};

/// The folder with `data/` and `golden/`, from the variable
/// `RFM_REFERENCE_DATA`.
#[expect(clippy::disallowed_methods, reason = "a test has no settings")]
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = env::var_os("RFM_REFERENCE_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: RFM_REFERENCE_DATA does not name the reference data");
    }
    folder
}

/// Reads a table of the golden results: a map from column to values.
pub(crate) fn golden_columns(folder: &Path, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = fs::read_to_string(folder.join("golden").join(name)).expect("golden file");
    let mut lines = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect());
    let header = lines.next().expect("header");
    (header, lines.collect())
}

/// The features of the reference xlsx, read once for all tests.
pub(crate) static FROM_XLSX: LazyLock<Option<Features>> =
    LazyLock::new(|| folder().map(|folder| build(&[folder.join("data/online_retail.xlsx")])));

/// The features of the reference CSV, read once for all tests.
pub(crate) static FROM_CSV: LazyLock<Option<Features>> =
    LazyLock::new(|| folder().map(|folder| build(&[folder.join("data/online_retail.csv.gz")])));

/// The features of the reference Parquet file, read once for all tests.
pub(crate) static FROM_PARQUET: LazyLock<Option<Features>> =
    LazyLock::new(|| folder().map(|folder| build(&[folder.join("data/online_retail.parquet")])));

pub(crate) fn build(paths: &[PathBuf]) -> Features {
    let (read, clean) = (ReadParams::default(), CleanParams::default());
    features::build(paths, Intake::new(&read, &clean)).unwrap_or_else(|error| panic!("{error}"))
}

/// The text of the reference CSV.
pub(crate) fn csv(folder: &Path) -> String {
    let packed = fs::File::open(folder.join("data/online_retail.csv.gz")).expect("open");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(packed)
        .read_to_string(&mut text)
        .expect("unpack");
    text
}
