//! Decimal numbers and money.

use proptest::{prelude::*, string::string_regex};
use rfmkit::dataset::{Decimal, DecimalError, Money, TotalMoney};

use crate::oracle::round_half_even;

/// The definition, by the digits of the text: any number of digits with one
/// mark among them, an exponent, six places kept, half to even.
pub(crate) fn parse_naively(text: &str, mark: char) -> Result<i64, DecimalError> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        None => (rest, 0_i64),
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !is_digits(digits) {
                return Err(DecimalError::Syntax);
            }
            (mantissa, exponent.parse().expect("a short exponent"))
        }
    };
    let (whole, fraction) = mantissa.split_once(mark).unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !is_digits(&digits) {
        return Err(DecimalError::Syntax);
    }
    let digits = digits.trim_start_matches('0');
    let places = i64::try_from(fraction.len()).expect("a short text");
    let shift = exponent - places + 6;
    let size = match usize::try_from(shift) {
        _ if digits.is_empty() => 0,
        Ok(zeros) if digits.len() + zeros > 30 => return Err(DecimalError::Range),
        Ok(zeros) => format!("{digits}{}", "0".repeat(zeros))
            .parse()
            .expect("digits"),
        Err(_) => {
            // Ones in front of a long tail stand for any digit but nought.
            let cut = shift.unsigned_abs() as usize;
            if cut > digits.len() {
                0
            } else if digits.len() - cut > 30 {
                return Err(DecimalError::Range);
            } else {
                let (kept, tail) = digits.split_at(digits.len() - cut);
                let more = if tail[1..].bytes().any(|b| b != b'0') {
                    "1"
                } else {
                    "0"
                };
                let number = format!("0{kept}{}{more}", &tail[..1]);
                round_half_even(number.parse().expect("digits"), 2)
            }
        }
    };
    i64::try_from(size)
        .map(|size| sign * size)
        .map_err(|_| DecimalError::Range)
}

fn millionths(text: &str, mark: u8) -> Result<i64, DecimalError> {
    Decimal::parse(text.as_bytes(), mark).map(Decimal::millionths)
}

fn decimal(millionths: i64) -> Decimal {
    let text = Money::from_millionths(millionths).to_string();
    Decimal::parse(text.as_bytes(), b'.').expect("what was printed")
}

/// Any number of millionths, most of them of the size of prices.
fn sizes() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -20_000_000_i64..20_000_000,
        2 => (-2000_i64..2000).prop_map(|halves| halves * 500),
        2 => (-20_000_000_i64..20_000_000).prop_map(|halves| halves * 500_000),
        1 => (0_u32..63, any::<bool>()).prop_map(|(bits, up)| (1_i64 << bits) - i64::from(up)),
        2 => -i64::MAX..=i64::MAX,
    ]
}

/// Texts of numbers, with any number of digits on each side of the mark.
fn number_text(mark: char) -> impl Strategy<Value = String> {
    let limit = "922337203685477580[0-9]";
    let text = |pattern: String| string_regex(&pattern).expect("a pattern");
    prop_oneof![
        3 => text(format!("[+-]?[0-9]{{0,13}}[{mark}]?[0-9]{{0,8}}")),
        2 => text(format!("[+-]?[0-9]{{0,25}}[{mark}]?[0-9]{{0,40}}")),
        2 => text(format!("[+-]?0{{0,8}}[{mark}][0-9]{{5,7}}(5|50|500001|4999|5000000000001)")),
        2 => text(format!("[+-]?[0-9]{{0,6}}[{mark}]?[0-9]{{0,30}}[eE][+-]?[0-9]{{1,2}}")),
        1 => text(format!("-?9223372036854[{mark}]77580[5-9][0-9]{{0,3}}")),
        1 => text(format!("-?{limit}(e|E)-(5|6|7)")),
        1 => text(format!("-?{limit}[{mark}]5e-6")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn a_number_is_rounded_half_to_even_at_the_sixth_place(
        point in number_text('.'), comma in number_text(','),
    ) {
        prop_assert_eq!(millionths(&point, b'.'), parse_naively(&point, '.'), "{}", point);
        prop_assert_eq!(millionths(&comma, b','), parse_naively(&comma, ','), "{}", comma);
    }

    #[test]
    fn any_other_text_is_no_number(text in "[0-9.,eE+ -]{0,9}|.{0,6}|(nan|NaN|inf|0x1F|1_000|١)") {
        prop_assert_eq!(millionths(&text, b'.'), parse_naively(&text, '.'), "{}", text);
        prop_assert_eq!(millionths(&text, b','), parse_naively(&text, ','), "{}", text);
    }

    #[test]
    fn zeros_at_the_end_change_nothing(size in sizes(), zeros in "0{0,12}") {
        let text = Money::from_millionths(size).to_string();
        let longer = if text.contains('.') { text.clone() + &zeros } else { format!("{text}.0{zeros}") };
        prop_assert_eq!(millionths(&text, b'.'), Ok(size));
        prop_assert_eq!(millionths(&longer, b'.'), Ok(size));
    }

    #[test]
    fn money_is_printed_exactly_and_without_zeros_at_the_end(size in any::<i64>(), small in sizes()) {
        for size in [size, small] {
            let digits = format!("{:07}", size.unsigned_abs());
            let (whole, places) = digits.split_at(digits.len() - 6);
            let places = places.trim_end_matches('0');
            let sign = if size < 0 { "-" } else { "" };
            let mark = if places.is_empty() { "" } else { "." };
            let text = Money::from_millionths(size).to_string();
            prop_assert_eq!(&text, &format!("{sign}{whole}{mark}{places}"));
            prop_assert_eq!(TotalMoney::from(Money::from_millionths(size)).to_string(), text);
        }
    }

    #[test]
    fn an_amount_is_the_exact_product_rounded_once_half_to_even(a in sizes(), b in sizes()) {
        let exact = i128::from(a) * i128::from(b);
        let expected = i64::try_from(round_half_even(exact, 6)).ok();
        let found = decimal(a).times(decimal(b));
        prop_assert_eq!(found.map(Money::millionths), expected);
        prop_assert_eq!(decimal(b).times(decimal(a)), found);
        if let Some(amount) = found {
            prop_assert_eq!(amount.is_positive(), expected > Some(0));
        }
    }

    #[test]
    fn a_double_is_the_nearest_to_the_decimal(size in any::<i64>(), small in sizes(), near in -2000_i64..2000) {
        for size in [size, small, (1 << 53) + near, -(1 << 53) + near] {
            let money = Money::from_millionths(size);
            // The standard library reads decimals to the nearest double.
            let nearest: f64 = format!("{size}e-6").parse().expect("a number");
            prop_assert_eq!(money.to_f64().to_bits(), nearest.to_bits());
            prop_assert_eq!(TotalMoney::from(money).to_f64().to_bits(), nearest.to_bits());
            let shown: f64 = money.to_string().parse().expect("a number");
            prop_assert_eq!(shown.to_bits(), nearest.to_bits());
        }
    }

    #[test]
    fn a_double_stands_for_its_shortest_decimal(
        size in -1_000_000_000_000_000_i64..1_000_000_000_000_000, any in any::<f64>(), exponent in -8_i32..16,
    ) {
        let double: f64 = format!("{size}e-6").parse().expect("a number");
        prop_assert_eq!(Decimal::from_f64(double).map(Decimal::millionths), Ok(size));
        for double in [any, size as f64 * 10_f64.powi(-exponent), (size / 1_000_000) as f64] {
            let found = Decimal::from_f64(double).map(Decimal::millionths);
            prop_assert_eq!(found, parse_naively(&double.to_string(), '.'), "{}", double);
        }
    }

    #[test]
    fn a_sum_is_the_same_in_any_order_and_never_wraps(
        (amounts, shuffled) in proptest::collection::vec(any::<i64>(), 0..20)
            .prop_flat_map(|amounts| (Just(amounts.clone()), Just(amounts).prop_shuffle()))
    ) {
        let sum = |amounts: &[i64]| -> TotalMoney {
            amounts.iter().copied().map(Money::from_millionths).sum()
        };
        let exact: i128 = amounts.iter().copied().map(i128::from).sum();
        prop_assert_eq!(sum(&amounts), sum(&shuffled));
        prop_assert_eq!(sum(&amounts).to_money().map(Money::millionths), i64::try_from(exact).ok());
        let (front, back) = amounts.split_at(amounts.len() / 2);
        prop_assert_eq!(sum(front) + sum(back), sum(&amounts));
    }
}

#[test]
fn two_point_ten_is_two_point_one() {
    assert_eq!(Decimal::parse(b"2.10", b'.'), Decimal::parse(b"2.1", b'.'));
    assert_eq!(millionths("2.1", b'.'), Ok(2_100_000));
    assert_eq!(millionths("2,1", b'.'), Err(DecimalError::Syntax));
    assert_eq!(millionths("1,234.50", b'.'), Err(DecimalError::Syntax));
}

#[test]
fn what_is_beyond_the_range_is_refused() {
    for text in [
        "9223372036854.7758075",
        "1e13",
        "-1e13",
        "1e999999999999999999999",
    ] {
        assert_eq!(millionths(text, b'.'), Err(DecimalError::Range), "{text}");
    }
    assert_eq!(millionths("9223372036854.775807", b'.'), Ok(i64::MAX));
    assert_eq!(millionths("1e-999999999999999999999", b'.'), Ok(0));
    assert_eq!(millionths("0e999999999999999999999", b'.'), Ok(0));
    assert_eq!(Decimal::from_f64(f64::NAN), Err(DecimalError::Syntax));
    assert_eq!(Decimal::from_f64(f64::INFINITY), Err(DecimalError::Syntax));
}
