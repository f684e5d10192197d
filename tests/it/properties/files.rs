//! One table cut into files, each written and packed in its own way.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::{collection, prelude::*, sample::Index};
use rfmkit::dataset::ReadParams;

use super::dialects::{dialect, reordered};
use crate::oracle::{
    check, clean_params,
    csv::{Dialect, build_all},
    lines::shop,
};

/// How a file is packed.
#[derive(Clone, Copy, Debug)]
enum Packing {
    Plain,
    Gzip,
    /// Two gzip files in one, as appending makes them.
    GzipTwice,
    Zstandard,
}

impl Packing {
    fn pack(self, bytes: &[u8]) -> Vec<u8> {
        let gzip = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).expect("pack");
            encoder.finish().expect("pack")
        };
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Gzip => gzip(bytes),
            Self::GzipTwice => {
                let (first, second) = bytes.split_at(bytes.len() / 2);
                [gzip(first), gzip(second)].concat()
            }
            Self::Zstandard => zstd::encode_all(bytes, 1).expect("pack"),
        }
    }
}

fn packing() -> impl Strategy<Value = Packing> {
    proptest::sample::select(
        &[
            Packing::Plain,
            Packing::Gzip,
            Packing::GzipTwice,
            Packing::Zstandard,
        ][..],
    )
}

/// How one of the files is written.
fn way() -> impl Strategy<Value = (Dialect, Packing, Vec<usize>)> {
    let order = Just((0..8).collect::<Vec<usize>>()).prop_shuffle();
    (dialect(), packing(), order)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn files_are_one_data_set(
        shop in shop(),
        ways in collection::vec(way(), 1..6),
        places in collection::vec(any::<Index>(), 1..64),
    ) {
        let rows = shop.rows();
        let (header, lines) = rows.split_first().expect("header");
        let mut parts: Vec<Vec<Vec<String>>> = vec![vec![header.clone()]; ways.len()];
        for (number, line) in lines.iter().enumerate() {
            let place = places[number % places.len()].index(parts.len());
            parts[place].push(line.clone());
        }
        let files: Vec<Vec<u8>> = parts
            .iter()
            .zip(&ways)
            .map(|(rows, (dialect, packing, order))| {
                let order: Vec<usize> =
                    order.iter().copied().filter(|&column| column < header.len()).collect();
                packing.pack(dialect.write(&reordered(rows, &order)).as_bytes())
            })
            .collect();
        let found = build_all(&files, &ReadParams::default(), &clean_params(&shop));
        check(&shop, &found)?;
        if let Ok(features) = found {
            let counted: Vec<u64> = features.report.inputs.iter().map(|file| file.rows).collect();
            let expected: Vec<u64> = parts.iter().map(|rows| rows.len() as u64 - 1).collect();
            prop_assert_eq!(counted, expected);
        }
    }
}
