//! One table in every way of writing CSV, and in files of many stretches.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};
use proptest::prelude::*;
use rfmkit::dataset::{CsvFormat, ReadParams};

use crate::oracle::{
    check, clean_params,
    csv::{build, dialect, dialects, encode},
    lines::{Shop, shop},
};

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
        check_bytes(&shop, &encode(unmarked, UTF_16LE), Some(UTF_16LE))?;
        check_bytes(&shop, &encode(unmarked, WINDOWS_1252), Some(WINDOWS_1252))?;
    }
}
