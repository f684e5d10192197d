//! Text as it stands in a cell: missing values, identifiers and their order.

use std::cmp::Ordering;

use rayon::prelude::*;

/// Whether a trimmed text says that there is no value.
#[must_use]
pub fn is_missing(text: &str) -> bool {
    matches!(
        text,
        "" | "NULL" | "null" | "NaN" | "nan" | "N/A" | "#N/A" | "NA" | "None" | r"\N"
    )
}

/// A text without white space around it.
pub(super) fn trim(text: &str) -> &str {
    // Nearly all fields start and end with a visible character of ASCII.
    match text.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] | [b'!'..=b'~'] | [] => text,
        _ => text.trim(),
    }
}

/// The identifier in a trimmed text.
///
/// Identifiers are text as they stand (`007` is not `7`), except that digits,
/// a point and only zeros lose the point and the zeros: spreadsheets leave
/// `17850.0` where `17850` was meant.
///
/// ```
/// # use rfmkit::dataset::identifier;
/// assert_eq!(identifier("17850.0"), "17850");
/// assert_eq!(identifier("007"), "007");
/// assert_eq!(identifier("1.50"), "1.50");
/// ```
#[must_use]
pub fn identifier(text: &str) -> &str {
    if !text.ends_with('0') {
        return text;
    }
    let without_zeros = text.trim_end_matches('0');
    match without_zeros.strip_suffix('.') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => text,
    }
}

/// Sorts customers: as numbers of any length where every identifier is digits
/// only, ties (`7` and `007`) and all others by bytes.
///
/// `key` gives the identifier of an item.
pub fn sort_customers<T: Sync>(items: &mut [T], key: impl Fn(&T) -> &str + Sync) {
    if items.iter().all(|item| is_digits(key(item))) {
        sort(
            items,
            |item| numeric_start(key(item)),
            |a, b| numeric_order(key(a), key(b)),
        );
    } else {
        sort(
            items,
            |item| start(key(item).as_bytes()),
            |a, b| key(a).cmp(key(b)),
        );
    }
}

/// Sorts items by `order`, most of which are told apart by what `start` says.
fn sort<T: Sync>(
    items: &mut [T],
    start: impl Fn(&T) -> u128,
    order: impl Fn(&T, &T) -> Ordering + Sync,
) {
    let mut places: Vec<(u128, usize)> = items.iter().map(start).zip(0..).collect();
    places.par_sort_unstable_by(|a, b| {
        let by_start = a.0.cmp(&b.0);
        by_start.then_with(|| order(&items[a.1], &items[b.1]))
    });
    for place in 0..items.len() {
        // What stood there may have been moved on, to the place that it was swapped with.
        let mut from = places[place].1;
        while from < place {
            from = places[from].1;
        }
        places[place].1 = from;
        items.swap(place, from);
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn numeric_order(a: &str, b: &str) -> Ordering {
    let (x, y) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    x.len()
        .cmp(&y.len())
        .then_with(|| x.cmp(y))
        .then_with(|| a.cmp(b))
}

/// The first bytes as one number, in whose order they are.
fn start(bytes: &[u8]) -> u128 {
    let mut first = [0; size_of::<u128>()];
    let length = bytes.len().min(first.len());
    first[..length].copy_from_slice(&bytes[..length]);
    u128::from_be_bytes(first)
}

/// How many digits there are, and the first of them, as one number in whose order
/// numbers are.
fn numeric_start(digits: &str) -> u128 {
    let digits = digits.trim_start_matches('0').as_bytes();
    let length = u8::try_from(digits.len()).unwrap_or(u8::MAX);
    u128::from(length) << (u128::BITS - u8::BITS) | start(digits) >> u8::BITS
}
