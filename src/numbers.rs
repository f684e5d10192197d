//! Numbers as people write them: in tables, figures and reports.
//!
//! ```
//! use rfmkit::numbers::{exact, percent, short, thousands};
//!
//! assert_eq!(thousands(541_909), "541,909");
//! assert_eq!(exact("1559934.9"), "1,559,934.90");
//! assert_eq!(percent(0.249), "24.9 %");
//! assert_eq!(short(2_500_000.0), "2.5 M");
//! ```

/// A whole number with commas between thousands: `541,909`.
#[must_use]
pub fn thousands(number: u64) -> String {
    group(&number.to_string())
}

/// A number with commas between thousands and some decimal places.
#[must_use]
pub fn decimal(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", group(whole)),
        None => group(&text),
    }
}

/// An exact amount, with commas between thousands and no digit lost; a fraction
/// has two decimal places or more: `1,559,934.90`, `8,887,208.894`, `350`.
#[must_use]
pub fn exact(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction:0<2}", group(whole)),
        None => group(number),
    }
}

/// A share from 0 to 1 in percent: `24.9 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference with its sign, with commas between thousands and some decimal
/// places: `+1,234`; `0` for what rounds to nothing.
#[must_use]
pub fn signed(number: f64, places: usize) -> String {
    let size = decimal(number.abs(), places);
    if !size.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return size;
    }
    let sign = if number < 0.0 { '-' } else { '+' };
    format!("{sign}{size}")
}

/// A number in as few characters as an axis needs: `0.25`, `1,500`, `2.5 M`, `1 bn`.
#[must_use]
pub fn short(number: f64) -> String {
    let size = number.abs();
    let (scaled, unit) = match size {
        1e9.. => (number / 1e9, " bn"),
        1e6.. => (number / 1e6, " M"),
        _ => (number, ""),
    };
    let places = match scaled.abs() {
        0.0 | 100.0.. => 0,
        1.0.. => 1,
        _ => 3,
    };
    let text = decimal(scaled, places);
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => &text,
    };
    format!("{text}{unit}")
}

/// A whole number, which may have a sign, with commas between thousands.
fn group(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    let mut grouped = number[..number.len() - digits.len()].to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_keep_what_tells_them_apart() {
        let cases = [
            (0.0, "0"),
            (0.025, "0.025"),
            (-1.5, "-1.5"),
            (50.0, "50"),
            (1500.0, "1,500"),
            (250_000.0, "250,000"),
            (2_500_000.0, "2.5 M"),
            (20_000_000.0, "20 M"),
            (1e9, "1 bn"),
        ];
        for (number, expected) in cases {
            assert_eq!(short(number), expected);
        }
    }

    #[test]
    fn a_sign_is_no_digit() {
        assert_eq!(exact("-884.61"), "-884.61");
        assert_eq!(exact("-80995"), "-80,995");
        assert_eq!(exact("-123456.5"), "-123,456.50");
        assert_eq!(decimal(-884.6, 1), "-884.6");
        assert_eq!(decimal(-1000.0, 0), "-1,000");
    }

    #[test]
    fn an_exact_amount_loses_no_digit() {
        assert_eq!(exact("1559934.9"), "1,559,934.90");
        assert_eq!(exact("8887208.894"), "8,887,208.894");
        assert_eq!(exact("350"), "350");
        assert_eq!(exact("0.000001"), "0.000001");
    }
}
