//! Any text as an amount: what is read and written is read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rfmkit::dataset::{Decimal, Money, TotalMoney, identifier, is_missing};
use rfmkit_fuzz::parts;

fuzz_target!(|input: &[u8]| {
    let [Some(text), other] = parts(input) else {
        return;
    };
    let numbers = [b'.', b','].map(|mark| {
        let number = Decimal::parse(text, mark).ok();
        if let Some(number) = number {
            check(number, mark);
        }
        number
    });
    if let Ok(text) = std::str::from_utf8(text) {
        check_identifier(text);
    }
    if let (Some(number), Some(other)) = (numbers[0], other)
        && let Ok(other) = Decimal::parse(other, b'.')
    {
        check_product(number, other);
    }
    if let Some(bits) = input.first_chunk() {
        let double = f64::from_bits(u64::from_le_bytes(*bits));
        if let Ok(number) = Decimal::from_f64(double) {
            check(number, b'.');
            let text = double.to_string();
            assert_eq!(Decimal::parse(text.as_bytes(), b'.'), Ok(number));
        }
    }
    if let Some(bits) = input.first_chunk::<17>() {
        let unscaled = i128::from_le_bytes(std::array::from_fn(|i| bits[i]));
        let scale = u32::from(bits[16] % 40);
        if let Ok(number) = Decimal::from_scaled(unscaled, scale) {
            check(number, b'.');
            let text = format!("{unscaled}e-{scale}");
            assert_eq!(Decimal::parse(text.as_bytes(), b'.'), Ok(number));
        }
    }
});

/// A number has a text that is read as the same number, and a double near to it.
fn check(number: Decimal, mark: u8) {
    let money = Money::from(number);
    let text = money
        .to_string()
        .replace('.', &char::from(mark).to_string());
    assert_eq!(Decimal::parse(text.as_bytes(), mark), Ok(number));
    assert!(!text.ends_with(char::from(mark)));
    assert_eq!(money, Money::from_millionths(number.millionths()));
    assert_eq!(TotalMoney::from(money).to_money(), Some(money));
    let double: f64 = money.to_string().parse().expect("a number");
    assert_eq!(
        money.to_f64().to_bits(),
        (double + 0.0).to_bits(),
        "{money}"
    );
    let hundredth = i128::from(number.hundredth().millionths());
    assert!((hundredth * 100 - i128::from(number.millionths())).abs() <= 50);
}

fn check_product(one: Decimal, other: Decimal) {
    let amount = one.times(other);
    assert_eq!(amount, other.times(one));
    let exact = i128::from(one.millionths()) * i128::from(other.millionths());
    if let Some(amount) = amount {
        let error = i128::from(amount.millionths()) * 1_000_000 - exact;
        assert!(error.abs() <= 500_000);
    }
}

/// An identifier is its own identifier.
fn check_identifier(text: &str) {
    let text = text.trim();
    if !is_missing(text) {
        assert_eq!(identifier(identifier(text)), identifier(text));
    }
}
