//! The features step against a naive reading of the definitions.

pub(crate) mod csv;
pub(crate) mod dates;
pub(crate) mod export;
pub(crate) mod foretold;
pub(crate) mod lines;
pub(crate) mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rfmkit::{
    dataset::{CleanParams, CleanReport, DateOrder, Returns, Timestamp},
    features::{FeatureError, Features, RfmTable},
    output::Outputs,
};

use self::{
    csv::build_plain,
    lines::{DAY, Line, Shop, shop},
};

/// `value` over ten to the power of `places`, rounded half to even, by the
/// digits of its text.
pub(crate) fn round_half_even(value: i128, places: usize) -> i128 {
    let digits = format!("{:0>places$}", value.unsigned_abs());
    let (kept, cut) = digits.split_at(digits.len() - places);
    let kept: i128 = format!("0{kept}").parse().expect("digits");
    let half = format!("{:0<places$}", if places == 0 { "" } else { "5" });
    let up = cut > half.as_str() || (places > 0 && cut == half && kept % 2 == 1);
    let size = kept + i128::from(up);
    if value < 0 { -size } else { size }
}

/// One customer: name, recency, frequency, monetary in millionths, country, and
/// what came back in millionths.
type Row = (String, i64, usize, i128, Option<String>, Option<i128>);

/// What the definitions make of a shop. Times are seconds since 1970.
#[derive(Debug, Default)]
struct Expected {
    rows: usize,
    missing_customer: usize,
    duplicate: usize,
    after_snapshot: usize,
    before_since: usize,
    not_a_purchase: usize,
    kept: Vec<(Line, i128)>,
    /// Amounts below zero, whether they are kept or not.
    returned: Vec<(Line, i128)>,
    net_not_positive: Option<u64>,
    snapshot: i64,
    customers: Vec<Row>,
}

fn read_naively(shop: &Shop) -> Expected {
    let lines = shop.meanings();
    let mut expected = Expected {
        rows: lines.len(),
        ..Expected::default()
    };
    let mut earlier = BTreeSet::new();
    for line in lines {
        let product = i128::from(line.quantity) * i128::from(line.price);
        let amount = round_half_even(product, 6);
        if line.customer.is_none() {
            expected.missing_customer += 1;
        } else if !earlier.insert(line.clone()) && !shop.rules.keep_duplicates {
            expected.duplicate += 1;
        } else if shop
            .snapshot
            .is_some_and(|snapshot| line.seconds >= snapshot)
        {
            expected.after_snapshot += 1;
        } else if shop.rules.since.is_some_and(|since| line.seconds < since) {
            expected.before_since += 1;
        } else if amount <= 0 {
            if amount == 0 || !shop.rules.is_net {
                expected.not_a_purchase += 1;
            }
            if amount < 0 {
                expected.returned.push((line, amount));
            }
        } else {
            expected.kept.push((line, amount));
        }
    }
    let last = expected.kept.iter().map(|(line, _)| line.seconds).max();
    expected.snapshot = shop.snapshot.unwrap_or(last.unwrap_or(0) + DAY);
    expected.customers = roll_up(&expected.kept, expected.snapshot);
    if shop.rules.is_net {
        take_returns_off(&mut expected);
    }
    sort(&mut expected.customers);
    expected
}

fn take_returns_off(expected: &mut Expected) {
    let mut left_out = BTreeSet::new();
    for (name, _, _, monetary, _, returned) in &mut expected.customers {
        let lines = expected.returned.iter();
        let own = lines.filter(|(line, _)| line.customer.as_ref() == Some(name));
        let back: i128 = own.map(|(_, amount)| -amount).sum();
        *monetary -= back;
        *returned = Some(back);
        if *monetary <= 0 {
            left_out.insert(name.clone());
        }
    }
    expected.customers.retain(|row| !left_out.contains(&row.0));
    for (line, _) in &expected.returned {
        let name = line.customer.clone().expect("such lines name one");
        if !expected.customers.iter().any(|row| row.0 == name) {
            left_out.insert(name);
        }
    }
    expected.net_not_positive = Some(left_out.len() as u64);
}

fn roll_up(kept: &[(Line, i128)], snapshot: i64) -> Vec<Row> {
    let mut by_customer: BTreeMap<String, Vec<&(Line, i128)>> = BTreeMap::new();
    for line in kept {
        let customer = line.0.customer.clone().expect("kept lines name one");
        by_customer.entry(customer).or_default().push(line);
    }
    by_customer
        .into_iter()
        .map(|(customer, lines)| {
            let last = lines.iter().map(|(line, _)| line.seconds).max();
            let last = last.expect("a customer has lines");
            let invoices: BTreeSet<&str> = lines
                .iter()
                .map(|(line, _)| line.invoice.as_str())
                .collect();
            let countries = lines.iter().filter(|(line, _)| line.seconds == last);
            let country = countries.filter_map(|(line, _)| line.country.clone()).min();
            let monetary = lines.iter().map(|(_, amount)| amount).sum();
            let recency = (snapshot - last) / DAY;
            (customer, recency, invoices.len(), monetary, country, None)
        })
        .collect()
}

/// Puts customers who are left into order: as numbers if all are.
fn sort(customers: &mut [Row]) {
    let is_number = |row: &Row| row.0.bytes().all(|b| b.is_ascii_digit());
    if customers.iter().all(is_number) {
        customers.sort_by_key(|row| (format!("{:0>40}", row.0), row.0.clone()));
    }
}

fn table_rows(table: &RfmTable) -> Vec<Row> {
    let country = |row: usize| {
        let countries = table.country()?;
        countries[row].as_deref().map(str::to_owned)
    };
    (0..table.len())
        .map(|row| {
            (
                table.customers()[row].to_string(),
                table.recency()[row].into(),
                table.frequency()[row] as usize,
                table.monetary()[row].millionths().into(),
                country(row),
                table
                    .returned()
                    .map(|returned| millionths(&returned[row].to_string())),
            )
        })
        .collect()
}

fn millionths(decimal: &str) -> i128 {
    let decimal = rfmkit::dataset::Decimal::parse(decimal.as_bytes(), b'.');
    decimal.expect("a decimal").millionths().into()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_microseconds(seconds * 1_000_000).expect("a year from 1000 to 9999")
}

pub(crate) fn clean_params(shop: &Shop) -> CleanParams {
    CleanParams {
        snapshot: shop.snapshot.map(at),
        since: shop.rules.since.map(at),
        returns: if shop.rules.is_net {
            Returns::Net
        } else {
            Returns::Ignore
        },
        keep_duplicates: shop.rules.keep_duplicates,
        ..CleanParams::default()
    }
}

fn counts(clean: &CleanReport) -> [u64; 8] {
    let dropped = &clean.dropped;
    [
        clean.rows,
        dropped.missing_customer,
        dropped.duplicate,
        dropped.after_snapshot,
        dropped.before_since,
        dropped.not_a_purchase,
        clean.quarantined,
        clean.kept,
    ]
}

/// What stands in a report beside what the lines of a shop mean.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside {
    /// Lines that are not among those of the shop, as they do not parse.
    pub(crate) quarantined: u64,
    /// Whether the day or the month stands first, where lines had to tell.
    pub(crate) order: Option<DateOrder>,
}

/// Checks table and report against the naive reading of the same lines.
pub(crate) fn check(
    shop: &Shop,
    found: &Result<Features, FeatureError>,
) -> Result<(), TestCaseError> {
    check_beside(shop, Beside::default(), found)
}

/// As [`check`], with what else the report must say.
pub(crate) fn check_beside(
    shop: &Shop,
    beside: Beside,
    found: &Result<Features, FeatureError>,
) -> Result<(), TestCaseError> {
    let quarantined = beside.quarantined as usize;
    let expected = read_naively(shop);
    let expected_counts = [
        expected.rows + quarantined,
        expected.missing_customer,
        expected.duplicate,
        expected.after_snapshot,
        expected.before_since,
        expected.not_a_purchase,
        quarantined,
        expected.kept.len()
            + if shop.rules.is_net {
                expected.returned.len()
            } else {
                0
            },
    ]
    .map(|count| count as u64);
    match found {
        Ok(Features { table, report, .. }) => {
            prop_assert_eq!(&table_rows(table), &expected.customers);
            prop_assert_eq!(table.country().is_some(), shop.with_country);
            prop_assert_eq!(counts(&report.clean), expected_counts);
            prop_assert_eq!(report.snapshot, at(expected.snapshot));
            let times = || expected.kept.iter().map(|(line, _)| at(line.seconds));
            prop_assert_eq!(report.clean.first, times().min());
            prop_assert_eq!(report.clean.last, times().max());
            prop_assert_eq!(report.customers, expected.customers.len() as u64);
            prop_assert_eq!(report.clean.date_order, beside.order);
            let revenue: i128 = expected.customers.iter().map(|row| row.3).sum();
            prop_assert_eq!(millionths(&report.revenue), revenue);
            prop_assert_eq!(report.net_not_positive, expected.net_not_positive);
            let mut returned = expected.returned;
            returned.sort_by_key(|(line, amount)| {
                (
                    *amount,
                    line.invoice.clone(),
                    line.customer.clone(),
                    line.seconds,
                )
            });
            let found = &report.clean.returns;
            prop_assert_eq!(found.lines, returned.len() as u64);
            let amount: i128 = returned.iter().map(|(_, amount)| amount).sum();
            prop_assert_eq!(millionths(&found.amount.to_string()), amount);
            let largest: Vec<_> = returned
                .iter()
                .take(5)
                .map(|(line, _)| (line.invoice.clone(), at(line.seconds)))
                .collect();
            let listed = found
                .largest
                .iter()
                .map(|line| (line.invoice.clone(), line.time));
            prop_assert_eq!(listed.collect::<Vec<_>>(), largest);
        }
        Err(FeatureError::NothingLeft { customers, .. }) => {
            prop_assert_eq!(expected.customers.len(), 0);
            prop_assert_eq!(Some(*customers), expected.net_not_positive);
        }
        Err(FeatureError::NoPurchases { report, .. }) => {
            prop_assert_eq!(expected.kept.len(), 0);
            prop_assert_eq!(counts(report), expected_counts);
        }
        Err(error) => prop_assert!(false, "{}", error),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1200))]

    #[test]
    fn table_and_counts_are_those_of_a_naive_reading(shop in shop()) {
        check(&shop, &build_plain(&shop.rows(), &clean_params(&shop)))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn rows_in_any_order_give_the_same_table_and_counts(
        (shop, shuffled) in shop().prop_flat_map(|shop| {
            let lines = Just(shop.lines.clone()).prop_shuffle();
            (Just(shop), lines)
        })
    ) {
        let params = clean_params(&shop);
        let found = build_plain(&shop.rows(), &params);
        let again = build_plain(&Shop { lines: shuffled, ..shop }.rows(), &params);
        match (found, again) {
            (Ok(found), Ok(again)) => {
                prop_assert_eq!(found.table, again.table);
                prop_assert_eq!(found.report.clean, again.report.clean);
                prop_assert_eq!(found.report.features_blake3, again.report.features_blake3);
                prop_assert_eq!(found.report.warnings, again.report.warnings);
            }
            (
                Err(FeatureError::NoPurchases { report: found, .. }),
                Err(FeatureError::NoPurchases { report: again, .. }),
            ) => prop_assert_eq!(found, again),
            (found, again) => prop_assert!(false, "{:?} and {:?}", found, again),
        }
    }

    #[test]
    fn every_row_is_kept_or_dropped_by_one_rule(shop in shop()) {
        if let Ok(found) = build_plain(&shop.rows(), &clean_params(&shop)) {
            let [rows, parts @ ..] = counts(&found.report.clean);
            prop_assert_eq!(rows, parts.iter().sum::<u64>());
            prop_assert_eq!(rows, shop.lines.len() as u64);
        }
    }

    #[test]
    fn a_features_file_reads_back_as_the_same_table(shop in shop()) {
        if let Ok(found) = build_plain(&shop.rows(), &clean_params(&shop)) {
            let folder = tempfile::tempdir().expect("folder");
            let path = folder.path().join("rfm_features.csv");
            let without_country = |table: &RfmTable| {
                table_rows(table).into_iter().map(|row| (row.0, row.1, row.2, row.3))
                    .collect::<Vec<_>>()
            };
            for is_parquet in [false, true] {
                Outputs::write_one(&path, |out| {
                    if is_parquet { found.table.write_parquet(out) } else { found.table.write_csv(out) }
                })
                .expect("write");
                let again = RfmTable::read_csv(&path).expect("read");
                prop_assert_eq!(again.hash(), found.table.hash());
                prop_assert_eq!(without_country(&again), without_country(&found.table));
            }
        }
    }
}

#[test]
fn every_word_for_missing_is_a_missing_customer() {
    for word in lines::MISSING {
        let row = |customer: &str, rest: &str| {
            let mut row = vec![rest.to_owned(); 4];
            row.push(customer.to_owned());
            row
        };
        let mut header: Vec<String> = vec![];
        header.extend(["Invoice", "Date", "Quantity", "Price", "Customer"].map(str::to_owned));
        let bought = ["1", "2010-12-01", "1", "2", "Null"].map(str::to_owned);
        let rows = [header, row(word, "not parsed"), bought.to_vec()];
        let found = build_plain(&rows, &CleanParams::default()).expect("one purchase");
        assert_eq!(
            counts(&found.report.clean),
            [2, 1, 0, 0, 0, 0, 0, 1],
            "{word:?}"
        );
        assert_eq!(&*found.table.customers()[0], "Null");
    }
}
