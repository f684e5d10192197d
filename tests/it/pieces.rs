//! Files that are large for their pieces: in pieces comes out what comes out line by
//! line.

use std::{fs, path::PathBuf};

use rfmkit::{
    dataset::{
        self, CleanParams, Intake, ReadParams, Returns,
        sample::{self, IdKind, SampleParams},
    },
    features::{self, Accumulator, ExtraColumns},
    progress::Progress,
};

/// Made-up transactions, without the header.
fn lines(params: &SampleParams) -> Vec<String> {
    let mut csv = Vec::new();
    sample::write(params, &mut csv, &Progress::default()).expect("memory");
    let csv = String::from_utf8(csv).expect("text");
    csv.lines().skip(1).map(str::to_owned).collect()
}

/// Reads files of these lines both ways, in pieces of several sizes.
fn check(files: &[Vec<String>]) {
    let folder = tempfile::tempdir().expect("folder");
    let mut paths: Vec<PathBuf> = Vec::new();
    for (number, lines) in files.iter().enumerate() {
        let header =
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
        let path = folder.path().join(format!("{number}.csv"));
        fs::write(&path, format!("{header}\n{}", lines.join("\n"))).expect("write");
        paths.push(path);
    }
    for keep_duplicates in [false, true] {
        for returns in [Returns::Ignore, Returns::Net] {
            let clean = CleanParams {
                returns,
                keep_duplicates,
                ..CleanParams::default()
            };
            let read = ReadParams::default();
            let intake = Intake::new(&read, &clean);
            let expected = dataset::load(&paths, intake, Accumulator::default()).expect("plain");
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
                let found = features::build(&paths, Intake::new(&read, &clean)).expect("pieces");
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
