//! The ways in which exports write numbers.

use proptest::{prelude::*, sample::select};

/// How the numbers of a file are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberStyle {
    pub(crate) mark: char,
    /// What stands between thousands.
    pub(crate) groups: Option<char>,
    /// The least number of decimal places of a price.
    pub(crate) places: usize,
    pub(crate) dress: Dress,
}

/// What stands around a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dress {
    None,
    Before(&'static str),
    Behind(&'static str),
    /// Brackets in place of a minus.
    Brackets,
    /// A minus behind the number.
    MinusBehind,
}

pub(crate) fn dress() -> impl Strategy<Value = Dress> {
    select(
        &[
            Dress::Before("£"),
            Dress::Before("$ "),
            Dress::Behind(" €"),
            Dress::Behind("EUR"),
            Dress::Brackets,
            Dress::MinusBehind,
        ][..],
    )
}

impl NumberStyle {
    /// Numbers that can be read where `mark` is the decimal mark.
    pub(crate) const fn plain(mark: char, places: usize) -> Self {
        Self {
            mark,
            groups: None,
            places,
            dress: Dress::None,
        }
    }

    /// The text of a number of pieces, with the places that it needs.
    pub(crate) fn pieces(&self, millionths: i64) -> String {
        self.write(millionths, 0)
    }

    /// The text of a price.
    pub(crate) fn price(&self, millionths: i64) -> String {
        self.write(millionths, self.places)
    }

    fn write(&self, millionths: i64, least: usize) -> String {
        let size = millionths.unsigned_abs();
        let mut text = self.grouped(&(size / 1_000_000).to_string());
        let fraction = format!("{:06}", size % 1_000_000);
        let needed = fraction.trim_end_matches('0').len().max(least);
        if needed > 0 {
            text.push(self.mark);
            text += &fraction[..needed];
        }
        let minus = if millionths < 0 { "-" } else { "" };
        match self.dress {
            Dress::None => format!("{minus}{text}"),
            Dress::Before(sign) => format!("{minus}{sign}{text}"),
            Dress::Behind(sign) => format!("{minus}{text}{sign}"),
            Dress::Brackets if millionths < 0 => format!("({text})"),
            Dress::MinusBehind => format!("{text}{minus}"),
            Dress::Brackets => text,
        }
    }

    fn grouped(&self, digits: &str) -> String {
        let Some(separator) = self.groups else {
            return digits.to_owned();
        };
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// Words of the advice that a text of this style asks for.
    pub(crate) fn advice(&self, text: &str) -> &'static str {
        if self
            .groups
            .is_some_and(|separator| text.contains(separator))
        {
            "separators between thousands are not read"
        } else if self.dress == Dress::None {
            "decimal"
        } else {
            "signs of currencies, brackets and a minus at the end are not read"
        }
    }
}
