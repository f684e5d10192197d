//! The order of customers.

use std::cmp::Ordering;

use proptest::prelude::*;
use rfmkit::dataset::sort_customers;

/// Identifiers that differ late, or only in the zeros at their start.
fn identifiers(pattern: &'static str) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(pattern, 0..60)
}

fn check(mut customers: Vec<String>, order: impl Fn(&str, &str) -> Ordering) {
    let mut expected = customers.clone();
    expected.sort_by(|a, b| order(a, b));
    sort_customers(&mut customers, |customer| customer);
    assert_eq!(customers, expected);
}

proptest! {
    #[test]
    fn digits_are_numbers(customers in identifiers("0{0,3}1{0,20}[0-9]{1,3}|[0-9]{1,40}|7{253,258}")) {
        check(customers, |a, b| {
            let (x, y) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            (x.len(), x, a).cmp(&(y.len(), y, b))
        });
    }

    #[test]
    fn all_others_are_bytes(customers in identifiers("customer-00000000[0-9]{1,3}@a|[a-zä\0]{0,18}|[0-9]{1,3}")) {
        let has_text = customers.iter().any(|text| text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()));
        prop_assume!(has_text);
        check(customers, Ord::cmp);
    }
}
