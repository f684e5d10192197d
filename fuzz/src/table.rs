//! From files to the table of customers, and what must hold on the way.

use std::path::{Path, PathBuf};

use rfmkit::{
    dataset::{self, Intake, ReadParams},
    features::{self, FeatureError, Features, RfmTable},
};

use crate::{MemoryFile, Settings};

/// Reads files as the command does, and checks what came out.
///
/// # Panics
///
/// If something does not hold.
pub fn check(paths: &[PathBuf], settings: &Settings, spare: &mut MemoryFile) {
    let mut rejected = Vec::new();
    let strict = build(paths, settings, None);
    let lenient = build(paths, settings, Some(&mut rejected));
    if settings.inspect {
        let inspection = features::inspect(paths, &settings.read, &settings.clean);
        if let Ok(inspection) = inspection {
            let _ = inspection.findings.iter().map(ToString::to_string).count();
        }
    }
    if let Err(error) = &strict {
        let _ = (error.to_string(), error.hint());
    }
    let found = match (strict, lenient) {
        (Ok(strict), Ok(lenient)) => {
            assert_eq!(lenient.report.clean.quarantined, 0, "nothing was wrong");
            assert_eq!(strict.table, lenient.table, "nothing was put aside");
            strict
        }
        (Ok(_), Err(error)) => panic!("putting lines aside made it fail: {error}"),
        (Err(_), Ok(lenient)) if settings.quarantine => lenient,
        (Err(_), _) => return,
    };
    let clean = &found.report.clean;
    let counted = clean.kept + clean.dropped.total() + clean.quarantined;
    assert_eq!(clean.rows, counted, "each line is counted once");
    let read: u64 = found.report.inputs.iter().map(|input| input.rows).sum();
    assert_eq!(clean.rows, read, "each line is of one file");
    check_rejected(&rejected, clean.quarantined, spare);
    check_features(&found, spare);
}

fn build(
    paths: &[PathBuf],
    settings: &Settings,
    rejected: Option<&mut Vec<u8>>,
) -> Result<Features, FeatureError> {
    let intake = Intake {
        rejected: rejected.map(|out| out as _),
        ..Intake::new(&settings.read, &settings.clean)
    };
    features::build(paths, intake)
}

/// Lines that were put aside are CSV, one line each.
fn check_rejected(rejected: &[u8], lines: u64, spare: &mut MemoryFile) {
    if lines == 0 {
        return;
    }
    spare.fill(rejected);
    let file = std::fs::File::open(spare.path()).expect("the file");
    let shape = dataset::shape(Path::new("rejected"), file, &ReadParams::default());
    let shape = shape.expect("what was put aside is CSV");
    assert_eq!(shape.file.rows, lines, "each line put aside is a line");
}

/// The features file says what the table says.
fn check_features(found: &Features, spare: &mut MemoryFile) {
    let mut bytes = Vec::new();
    found.table.write_csv(&mut bytes).expect("memory");
    spare.fill(&bytes);
    let read = RfmTable::read_csv(spare.path()).expect("the features file can be read");
    assert_eq!(read.hash(), found.table.hash(), "it is the same table");
    bytes.clear();
    found.table.write_parquet(&mut bytes).expect("memory");
    spare.fill(&bytes);
    let read = RfmTable::read_csv(spare.path());
    assert_eq!(
        read.map(|table| table.hash()).ok(),
        Some(found.table.hash()),
        "it is the same table in Parquet"
    );
}
