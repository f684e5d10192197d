//! One table in every way in which exports are written.

use std::{cell::Cell, fs};

use proptest::{prelude::*, test_runner::TestRunner};
use rfmkit::{
    dataset::{Intake, ReadParams},
    features::{self, FeatureError},
};

use crate::oracle::{
    Beside, check_beside,
    export::{Export, export},
    foretold::{Foretold, file_name, foretell},
};

/// What came out of an export.
enum Outcome {
    Table { in_pieces: bool },
    Error,
}

/// Reads an export in pieces of some bytes, and checks that there comes out what was
/// foretold.
fn check_export(export: &Export, piece: usize) -> Result<Outcome, TestCaseError> {
    let folder = tempfile::tempdir().expect("folder");
    let mut paths = Vec::new();
    for (number, file) in export.files.iter().enumerate() {
        paths.push(folder.path().join(file_name(number)));
        fs::write(&paths[number], export.bytes(file)).expect("write");
    }
    let clean = export.clean_params();
    let read = ReadParams {
        piece,
        ..export.read_params()
    };
    let mut rejected = Vec::new();
    let mut intake = Intake::new(&read, &clean);
    if export.settings.quarantine {
        intake.rejected = Some(&mut rejected);
    }
    let found = features::build(&paths, intake);
    match (foretell(export), found) {
        (
            Foretold::Table {
                shop,
                quarantined,
                order,
            },
            found,
        ) => {
            check_beside(&shop, Beside { quarantined, order }, &found)?;
            let mut in_pieces = false;
            if let Ok(features) = found {
                in_pieces = features.in_pieces;
                let counted = features.report.inputs.iter().map(|file| file.rows);
                let written = export.files.iter().map(|file| file.lines.len() as u64);
                prop_assert_eq!(counted.collect::<Vec<_>>(), written.collect::<Vec<_>>());
            }
            Ok(Outcome::Table { in_pieces })
        }
        (Foretold::Error { text, hint }, Err(FeatureError::Dataset(error))) => {
            let here = format!("{}/", folder.path().display());
            prop_assert_eq!(error.to_string().replace(&here, ""), text);
            let given = error.hint().unwrap_or_default();
            let is_right = if hint.is_empty() {
                given.is_empty()
            } else {
                given.contains(hint)
            };
            prop_assert!(is_right, "the hint is {given:?}, expected {hint:?}");
            Ok(Outcome::Error)
        }
        (foretold, found) => {
            let found = found.map(|features| features.report.clean);
            Err(TestCaseError::fail(format!(
                "{found:?} in place of {foretold:?}"
            )))
        }
    }
}

/// Delimiters, quotes, line ends, encodings, decimal marks, dates, names and order
/// of columns, packings and the cut into files are drawn for each export.
#[test]
fn an_export_gives_its_table_or_an_error_that_says_why_not() {
    const CASES: u32 = 1000;
    let [tables, in_pieces, errors] = [const { Cell::new(0) }; 3];
    let count = |counter: &Cell<u32>| counter.set(counter.get() + 1);
    let drawn = (export(), 1_usize..2000);
    let outcome = TestRunner::new(ProptestConfig::with_cases(CASES)).run(&drawn, |drawn| {
        let (export, piece) = drawn;
        match check_export(&export, piece)? {
            Outcome::Table { in_pieces: false } => count(&tables),
            Outcome::Table { in_pieces: true } => {
                count(&tables);
                count(&in_pieces);
            }
            Outcome::Error => count(&errors),
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let [tables, in_pieces, errors] = [tables, in_pieces, errors].map(|count| count.get());
    assert!(
        tables > CASES * 2 / 3 && in_pieces > CASES / 5 && errors > CASES / 20,
        "{tables} tables, {in_pieces} of them in pieces, {errors} errors"
    );
}
