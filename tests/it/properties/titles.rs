//! What may stand above the header.

use proptest::prelude::*;
use rfmkit::{
    dataset::{DatasetError, ReadParams},
    features::FeatureError,
};

use crate::oracle::{
    check, clean_params,
    csv::{Dialect, build, dialect},
    lines::shop,
};

/// Lines that are no header, whatever stands between the delimiters.
fn titles() -> impl Strategy<Value = Vec<String>> {
    let title = "[A-Za-z][A-Za-z0-9 ,;.'é-]{0,29}";
    proptest::collection::vec(title, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn titles_that_are_passed_over_do_not_matter(
        shop in shop(), dialect in dialect(), titles in titles(),
    ) {
        let dialect = Dialect { mark: false, ..dialect };
        let above: String = titles.iter().map(|title| format!("{title}{}", dialect.line_end)).collect();
        let text = above + &dialect.write(&shop.rows());
        let params = ReadParams { skip_lines: titles.len() as u64, ..ReadParams::default() };
        check(&shop, &build(text.as_bytes(), &params, &clean_params(&shop)))?;
    }

    #[test]
    fn a_first_line_may_name_the_delimiter(
        shop in shop(), dialect in dialect(), delimiter in "[,;|:^~\t]", sep in "sep|SEP|Sep",
    ) {
        let delimiter = delimiter.chars().next().expect("one");
        let dialect = Dialect { delimiter, mark: false, ..dialect };
        let first = format!("{sep}={delimiter}{}", dialect.line_end);
        let text = first + &dialect.write(&shop.rows());
        check(&shop, &build(text.as_bytes(), &ReadParams::default(), &clean_params(&shop)))?;
    }

    #[test]
    fn a_header_below_titles_is_pointed_at(shop in shop(), titles in titles()) {
        let dialect = Dialect::PLAIN;
        let text = format!("{}\n{}", titles.join("\n").replace([',', ';'], " "), dialect.write(&shop.rows()));
        let line = titles.len() as u64 + 1;
        match build(text.as_bytes(), &ReadParams::default(), &clean_params(&shop)) {
            Err(FeatureError::Dataset(DatasetError::MissingColumns { later, .. })) => {
                prop_assert_eq!(later, Some(line));
            }
            other => prop_assert!(false, "{:?}", other.map(|found| found.report)),
        }
    }
}
