//! One table in every way of writing CSV.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};
use proptest::prelude::*;
use rfmkit::dataset::{CsvFormat, ReadParams};

use crate::oracle::{
    check, clean_params,
    csv::{Dialect, Quotes, build},
    lines::{Shop, shop},
};

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
const QUOTES: [Quotes; 3] = [Quotes::WhereNeeded, Quotes::AroundText, Quotes::Everywhere];
const LINE_ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

fn dialects() -> impl Iterator<Item = Dialect> {
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

pub(super) fn dialect() -> impl Strategy<Value = Dialect> {
    proptest::sample::select(dialects().collect::<Vec<_>>())
}

fn reading(encoding: Option<&'static Encoding>) -> ReadParams {
    ReadParams {
        csv: CsvFormat {
            encoding,
            ..CsvFormat::default()
        },
        ..ReadParams::default()
    }
}

/// Checks the shop as read from these bytes against the naive oracle.
fn check_bytes(
    shop: &Shop,
    bytes: &[u8],
    encoding: Option<&'static Encoding>,
) -> Result<(), TestCaseError> {
    check(shop, &build(bytes, &reading(encoding), &clean_params(shop)))
}

pub(super) fn reordered(rows: &[Vec<String>], order: &[usize]) -> Vec<Vec<String>> {
    let reorder = |row: &Vec<String>| order.iter().map(|&column| row[column].clone()).collect();
    rows.iter().map(reorder).collect()
}

fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A shop whose texts are all in Windows-1252.
fn western(mut shop: Shop) -> Shop {
    for (line, _) in &mut shop.lines {
        line.description = line.description.replace('☕', "€");
    }
    shop
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn every_dialect_gives_the_same_table(shop in shop()) {
        for dialect in dialects() {
            let text = dialect.write(&shop.rows());
            check_bytes(&shop, text.as_bytes(), None)
                .map_err(|error| TestCaseError::fail(format!("{dialect:?}: {error}")))?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn columns_in_any_order_give_the_same_table(
        shop in shop(), dialect in dialect(), order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let rows = shop.rows();
        let order: Vec<usize> = order.into_iter().filter(|&column| column < rows[0].len()).collect();
        let text = dialect.write(&reordered(&rows, &order));
        check_bytes(&shop, text.as_bytes(), None)?;
    }

    #[test]
    fn the_delimiter_may_be_named(shop in shop(), dialect in dialect(), delimiter in "[,;|:^~]") {
        let delimiter = char::from(delimiter.as_bytes()[0]);
        let text = Dialect { delimiter, ..dialect }.write(&shop.rows());
        let mut params = reading(None);
        params.csv.delimiter = Some(delimiter as u8);
        check(&shop, &build(text.as_bytes(), &params, &clean_params(&shop)))?;
    }

    #[test]
    fn windows_1252_gives_the_same_table(shop in shop().prop_map(western), dialect in dialect()) {
        let text = Dialect { mark: false, ..dialect }.write(&shop.rows());
        let (bytes, _, lossy) = WINDOWS_1252.encode(&text);
        prop_assert!(!lossy);
        check_bytes(&shop, &bytes, Some(WINDOWS_1252))?;
    }

    #[test]
    fn utf_16_gives_the_same_table(shop in shop(), dialect in dialect()) {
        let text = dialect.write(&shop.rows());
        let marked = Dialect { mark: true, ..dialect }.write(&shop.rows());
        check_bytes(&shop, &utf16le(&marked), None)?;
        check_bytes(&shop, &utf16le(&text), Some(UTF_16LE))?;
        let big_endian: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check_bytes(&shop, &big_endian, None)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// Quotes, line ends and letters of several bytes fall on every border
    /// between the stretches in which a file is read.
    #[test]
    fn a_large_file_gives_the_same_table(shop in shop().prop_map(western), dialect in dialect(), shift in 0_usize..64) {
        let mut shop = shop;
        let small = shop.lines.clone();
        while shop.lines.len() < 9000 {
            let number = shop.lines.len();
            let (mut line, noise) = small[number % small.len()].clone();
            line.description = format!("{}{number}é{:050}", line.description, 0);
            line.customer.get_or_insert_with(|| "7".to_owned());
            shop.lines.push((line, noise));
        }
        // One letter more or less moves all others to and fro over the borders.
        shop.lines[0].0.description = "é".repeat(shift);
        let text = dialect.write(&shop.rows());
        prop_assert!(text.len() > 512 * 1024);
        check_bytes(&shop, text.as_bytes(), None)?;
        let unmarked = text.trim_start_matches('\u{feff}');
        check_bytes(&shop, &utf16le(unmarked), Some(UTF_16LE))?;
        let (bytes, _, _) = WINDOWS_1252.encode(unmarked);
        check_bytes(&shop, &bytes, Some(WINDOWS_1252))?;
    }
}
