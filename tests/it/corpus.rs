//! The seeds of the fuzz target for Parquet, whole and damaged.

use std::{fs, path::Path};

use rfmkit::{
    dataset::{CleanParams, Intake, ReadParams},
    features::{self, FeatureError, Features},
};

/// Settings, which stand before each seed.
const SETTINGS: usize = 3;
/// Stands between the pages of a seed and its footer.
const BORDER: &[u8] = b"\n----\n";

/// The Parquet files that the seeds stand for, by their names.
fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/parquet");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("seeds")
        .map(|entry| {
            let path = entry.expect("entry").path();
            let name = path.file_name().expect("name").to_string_lossy();
            let seed = fs::read(&path).expect("seed")[SETTINGS..].to_vec();
            let border = (0..seed.len()).find(|&at| seed[at..].starts_with(BORDER));
            let file = border.map(|border| {
                let (pages, footer) = (&seed[..border], &seed[border + BORDER.len()..]);
                let length = u32::try_from(footer.len()).expect("small");
                [pages, footer, &length.to_le_bytes(), b"PAR1"].concat()
            });
            (name.into_owned(), file.unwrap_or(seed))
        })
        .collect();
    files.sort();
    files
}

fn build(path: &Path, bytes: &[u8]) -> Result<Features, FeatureError> {
    fs::write(path, bytes).expect("write");
    let (read, clean) = (ReadParams::default(), CleanParams::default());
    features::build(&[path.to_owned()], Intake::new(&read, &clean))
}

#[test]
fn every_encoding_of_the_seeds_says_the_same() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("orders.parquet");
    // Those that were found need not be sound.
    for (name, bytes) in files()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("found_"))
    {
        let found = build(&path, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.report.clean.rows, 6, "{name}");
        assert!(found.table.len() > 1, "{name}");
    }
}

#[test]
fn parquet_with_any_byte_changed_is_read_or_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("orders.parquet");
    let mut refused = 0;
    for (_, bytes) in files() {
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= [0x01, 0x7f, 0xff][place % 3];
            refused += u32::from(build(&path, &damaged).is_err());
        }
    }
    assert!(refused > 5000, "damage is found: {refused}");
}
