//! Decimal numbers with six places: quantities, unit prices and money.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, Neg, Sub},
};

use serde::{Serialize, Serializer};

/// Millionths in one unit.
const SCALE: i64 = 1_000_000;
/// Decimal places of [`Decimal`] and [`Money`].
const PLACES: i32 = 6;

/// A decimal number in millionths: a quantity or a unit price as read.
///
/// Fixed point, not `f64`: equal texts are equal numbers, and `2.10` is `2.1`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Decimal(i64);

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DecimalError {
    /// The text is not a decimal number.
    Syntax,
    /// The number is beyond ±9,223,372,036,854.775807.
    Range,
}

impl Decimal {
    /// Reads a decimal number such as `-1234.5` or `1.5e3`.
    ///
    /// `mark` is the decimal mark, `b'.'` or `b','`. Digits beyond the sixth
    /// place are rounded half to even. There are no digit groups: `1,234.50`
    /// is refused, because the same text means 1.2345 elsewhere.
    ///
    /// # Errors
    ///
    /// [`DecimalError::Syntax`] if the text is no decimal number (NaN and
    /// infinity are none), [`DecimalError::Range`] if it does not fit.
    pub fn parse(text: &[u8], mark: u8) -> Result<Self, DecimalError> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let magnitude = match Self::parse_short(digits, mark) {
            Some(short) => short.0,
            None => parse_general(digits, mark)?,
        };
        Ok(Self(if negative { -magnitude } else { magnitude }))
    }

    /// Reads a few digits with at most one mark among them, which nearly every number
    /// of an export is; `None` for whatever else, be it a number or not.
    #[inline(always)]
    pub(super) fn parse_short(text: &[u8], mark: u8) -> Option<Self> {
        // Twelve digits times a million fit an i64.
        const LONGEST: usize = 12;
        const POWERS: [i64; PLACES as usize + 1] = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
        if text.len() > LONGEST {
            return None;
        }
        let mut value = 0;
        let mut behind_mark = None;
        for (index, &byte) in text.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                value = value * 10 + i64::from(digit);
            } else if byte == mark && behind_mark.is_none() {
                behind_mark = Some(index + 1);
            } else {
                return None;
            }
        }
        let has_digits = text.len() > usize::from(behind_mark.is_some());
        let places = behind_mark.map_or(0, |start| text.len() - start);
        let power = POWERS.get(places).filter(|_| has_digits)?;
        Some(Self(value * power))
    }

    /// The decimal for which a binary double stands: its shortest text.
    ///
    /// # Errors
    ///
    /// As [`Decimal::parse`]; NaN and infinity are [`DecimalError::Syntax`].
    pub fn from_f64(value: f64) -> Result<Self, DecimalError> {
        // Most spreadsheet cells hold small whole numbers, which need no text.
        if value.fract() == 0.0 && value.abs() < 1e9 {
            return Ok(Self(value as i64 * SCALE));
        }
        Self::parse(value.to_string().as_bytes(), b'.')
    }

    /// The number `unscaled` over ten to the power of `scale`, rounded half to
    /// even to six places.
    ///
    /// # Errors
    ///
    /// [`DecimalError::Range`] if it does not fit, or `scale` is above 38.
    pub fn from_scaled(unscaled: i128, scale: u32) -> Result<Self, DecimalError> {
        const LARGEST_SCALE: u32 = 38;
        const PLACES: u32 = self::PLACES as u32;
        let millionths = if scale <= PLACES {
            unscaled.checked_mul(10_i128.pow(PLACES - scale))
        } else if scale <= LARGEST_SCALE {
            Some(round_half_even(unscaled, 10_i128.pow(scale - PLACES)))
        } else {
            None
        };
        millionths
            .and_then(|millionths| i64::try_from(millionths).ok())
            .map(Self)
            .ok_or(DecimalError::Range)
    }

    /// The number in millionths.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// A hundredth of the number, rounded half to even.
    #[must_use]
    pub fn hundredth(self) -> Self {
        Self(round_half_even(self.0.into(), 100) as i64)
    }

    /// The amount of a line: `self` pieces at `unit_price` each.
    ///
    /// The product is exact and rounded once, half to even, to six places.
    /// Returns `None` if the amount does not fit [`Money`].
    #[must_use]
    pub fn times(self, unit_price: Self) -> Option<Money> {
        // Division by a constant is quick up to 64 bits, which nearly all products fit.
        if let Some(product) = self.0.checked_mul(unit_price.0) {
            let (amount, rest) = (product / SCALE, product % SCALE);
            if rest == 0 {
                return Some(Money(amount));
            }
        }
        let product = i128::from(self.0) * i128::from(unit_price.0);
        let amount = round_half_even(product, i128::from(SCALE));
        i64::try_from(amount).ok().map(Money)
    }
}

/// An amount of money, in millionths of the dataset's currency unit.
///
/// Fixed point, not `f64`: a sum is the same in any order, so a partitioned
/// run agrees with a local one to the last digit.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Money(i64);

impl Money {
    /// An amount given in millionths of the currency unit.
    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The amount in millionths of the currency unit.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The double nearest to the decimal amount.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a decimal number is a number")]
    pub fn to_f64(self) -> f64 {
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
        if self.0.unsigned_abs() <= EXACT {
            // One correctly rounded division of two exact numbers.
            return self.0 as f64 / SCALE as f64;
        }
        self.to_string()
            .parse()
            .expect("a decimal amount is a number")
    }
}

impl From<Decimal> for Money {
    fn from(amount: Decimal) -> Self {
        Self(amount.0)
    }
}

impl fmt::Display for Money {
    /// Writes the exact decimal without trailing zeros: `77183.6`, `4310`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = SCALE.unsigned_abs();
        let size = self.0.unsigned_abs();
        write_decimal(f, self.0 < 0, (size / scale, size % scale))
    }
}

/// A sum of [`Money`], in millionths.
///
/// Wide enough that 2^64 amounts cannot overflow it, so that a sum can be
/// checked once, at its end, and does not depend on the order of its parts.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct TotalMoney(i128);

impl TotalMoney {
    /// The sum as [`Money`], or `None` if it does not fit.
    #[must_use]
    pub fn to_money(self) -> Option<Money> {
        i64::try_from(self.0).ok().map(Money)
    }

    /// The double nearest to the decimal sum.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a decimal number is a number")]
    pub fn to_f64(self) -> f64 {
        self.to_string()
            .parse()
            .expect("a decimal amount is a number")
    }
}

impl From<Money> for TotalMoney {
    fn from(amount: Money) -> Self {
        Self(amount.0.into())
    }
}

impl Add<Money> for TotalMoney {
    type Output = Self;
    fn add(self, amount: Money) -> Self {
        Self(self.0 + i128::from(amount.0))
    }
}

impl Neg for TotalMoney {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Add for TotalMoney {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for TotalMoney {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum<Money> for TotalMoney {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |total, amount| total + amount)
    }
}

impl fmt::Display for TotalMoney {
    /// Writes the exact decimal without trailing zeros: `8887208.894`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = u128::from(SCALE.unsigned_abs());
        let size = self.0.unsigned_abs();
        write_decimal(f, self.0 < 0, (size / scale, (size % scale) as u64))
    }
}

/// Writes whole units and millionths without trailing zeros.
fn write_decimal(
    f: &mut fmt::Formatter<'_>,
    is_negative: bool,
    (whole, mut millionths): (impl fmt::Display, u64),
) -> fmt::Result {
    let sign = if is_negative { "-" } else { "" };
    if millionths == 0 {
        return write!(f, "{sign}{whole}");
    }
    let mut places = PLACES as usize;
    while millionths.is_multiple_of(10) {
        millionths /= 10;
        places -= 1;
    }
    write!(f, "{sign}{whole}.{millionths:0places$}")
}

impl Serialize for Money {
    /// As [`TotalMoney`] does it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for TotalMoney {
    /// As the exact decimal in a text: a JSON number would be read as a double.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Any number of digits and an exponent, such as `1.5E+03`.
fn parse_general(text: &[u8], mark: u8) -> Result<i64, DecimalError> {
    let at_exponent = text.iter().position(|b| matches!(b, b'e' | b'E'));
    let (mantissa, exponent) = match at_exponent {
        Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|&b| b == mark) {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    let digits = || whole.iter().chain(fraction);
    if (whole.is_empty() && fraction.is_empty()) || !digits().all(u8::is_ascii_digit) {
        return Err(DecimalError::Syntax);
    }
    let significant = || {
        digits()
            .map(|digit| digit - b'0')
            .skip_while(|&digit| digit == 0)
    };
    let count = significant().count() as i64;
    if count == 0 {
        return Ok(0);
    }
    // The value is 0.d1d2d3… × 10^point; `keep` digits stand before the cut.
    let point = count - fraction.len() as i64 + exponent;
    let keep = point + i64::from(PLACES);
    if keep > 19 {
        return Err(DecimalError::Range);
    }
    if keep < 0 {
        return Ok(0);
    }
    let mut kept = 0_i128;
    for digit in significant()
        .chain(std::iter::repeat(0))
        .take(keep as usize)
    {
        kept = kept * 10 + i128::from(digit);
    }
    let mut rest = significant().skip(keep as usize);
    let first = rest.next().unwrap_or(0);
    let beyond_half = first > 5 || (first == 5 && rest.any(|digit| digit != 0));
    let half = first == 5 && !beyond_half;
    let rounded = kept + i128::from(beyond_half || (half && kept % 2 == 1));
    i64::try_from(rounded).map_err(|_| DecimalError::Range)
}

fn parse_exponent(text: &[u8]) -> Result<i64, DecimalError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DecimalError::Syntax);
    }
    // Beyond a million every exponent means the same: nothing or too much.
    let exponent = digits.iter().fold(0_i64, |sum, digit| {
        (sum * 10 + i64::from(digit - b'0')).min(1_000_000)
    });
    Ok(if negative { -exponent } else { exponent })
}

fn round_half_even(value: i128, divisor: i128) -> i128 {
    let (quotient, remainder) = (value.div_euclid(divisor), value.rem_euclid(divisor));
    match (2 * remainder).cmp(&divisor) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + (quotient & 1),
    }
}
