//! Files that are large for their pieces: in pieces comes out what comes out line by
//! line.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use ::parquet::file::properties::WriterProperties;
use rfmkit::{
    dataset::{
        self, CleanParams, Intake, ReadParams, Returns,
        sample::{self, IdKind, SampleParams},
    },
    features::{self, Accumulator, ExtraColumns},
    progress::Progress,
};

use crate::properties::parquet;

/// Made-up transactions, without the header.
fn lines(params: &SampleParams) -> Vec<String> {
    let mut csv = Vec::new();
    sample::write(params, &mut csv, &Progress::default()).expect("memory");
    let csv = String::from_utf8(csv).expect("text");
    csv.lines().skip(1).map(str::to_owned).collect()
}

const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

/// Reads files of these lines both ways, in pieces of several sizes.
fn check(files: &[Vec<String>]) {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, write: &dyn Fn(&Path, &[String])| -> Vec<PathBuf> {
        let numbered = files.iter().enumerate();
        let written = numbered.map(|(number, lines)| {
            let path = folder.path().join(format!("{number}.{name}"));
            write(&path, lines);
            path
        });
        written.collect()
    };
    check_files(&write("csv", &|path, lines| {
        fs::write(path, format!("{HEADER}\n{}", lines.join("\n"))).expect("write");
    }));
    for has_dictionary in [true, false] {
        check_files(&write("parquet", &|path, lines| {
            write_parquet(path, lines, has_dictionary);
        }));
    }
}

/// Writes lines as texts, some of them in each row group.
fn write_parquet(path: &Path, lines: &[String], has_dictionary: bool) {
    let columns = HEADER.split(',').enumerate().map(|(column, name)| {
        let field = |line: &String| line.split(',').nth(column).map(str::to_owned);
        let fields: Vec<_> = lines.iter().map(field).collect();
        parquet::identifiers(name, &fields, 0)
    });
    let columns: Vec<_> = columns.collect();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(has_dictionary)
        .build();
    let file = File::create(path).expect("create");
    parquet::write(file, &columns, lines.len(), 900, properties);
}

fn check_files(paths: &[PathBuf]) {
    for keep_duplicates in [false, true] {
        for returns in [Returns::Ignore, Returns::Net] {
            let clean = CleanParams {
                returns,
                keep_duplicates,
                ..CleanParams::default()
            };
            let read = ReadParams::default();
            let intake = Intake::new(&read, &clean);
            let expected = dataset::load(paths, intake, Accumulator::default()).expect("plain");
            let extra = ExtraColumns {
                country: true,
                returned: returns == Returns::Net,
            };
            let snapshot = expected.report.last.expect("a purchase").next_day();
            let totals = expected.sink.totals();
            let table = totals.table(snapshot, extra).expect("in range");
            for piece in [3000, 40_000, ReadParams::default().piece] {
                let read = ReadParams {
                    piece,
                    ..ReadParams::default()
                };
                let found = features::build(paths, Intake::new(&read, &clean)).expect("pieces");
                assert!(found.in_pieces);
                assert_eq!(found.table, table, "pieces of {piece}");
                assert_eq!(found.report.clean, expected.report, "pieces of {piece}");
                assert_eq!(found.report.inputs, expected.inputs, "pieces of {piece}");
            }
        }
    }
}

fn params(seed: u64) -> SampleParams {
    SampleParams {
        lines: 4000,
        seed,
        ids: [IdKind::Numeric, IdKind::Email, IdKind::Uuid][seed as usize % 3],
        duplicate_share: 0.05,
        ..SampleParams::default()
    }
}

#[test]
fn lines_in_the_order_of_invoices() {
    check(&[lines(&params(1))]);
}

/// Every line has its twin far from it, in another piece and another file.
#[test]
fn the_same_lines_in_two_files() {
    let lines = lines(&params(2));
    check(&[lines.clone(), lines]);
}

/// Some invoices go on where the lines of others stand between, and some lines with
/// them come again.
#[test]
fn invoices_that_go_on_elsewhere() {
    let (first, second): (Vec<_>, Vec<_>) = lines(&params(3))
        .into_iter()
        .enumerate()
        .partition(|(number, _)| number % 2 == 0);
    let mut all: Vec<String> = first.into_iter().map(|(_, line)| line).collect();
    let again: Vec<String> = all.iter().skip(300).step_by(7).cloned().collect();
    all.extend(second.into_iter().map(|(_, line)| line));
    all.extend(again);
    check(&[all]);
}

#[test]
fn lines_in_no_order() {
    let shuffled = SampleParams {
        shuffle: true,
        ..params(4)
    };
    check(&[lines(&shuffled)]);
}
