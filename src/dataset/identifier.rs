//! Text as it stands in a cell: missing values, identifiers and their order.

use std::cmp::Ordering;

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
pub fn sort_customers<T>(items: &mut [T], key: impl Fn(&T) -> &str) {
    let numeric = items.iter().all(|item| is_digits(key(item)));
    if numeric {
        items.sort_unstable_by(|a, b| numeric_order(key(a), key(b)));
    } else {
        items.sort_unstable_by(|a, b| key(a).cmp(key(b)));
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
