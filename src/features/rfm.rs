//! The three values of a customer, and the limits within which they make sense.

use std::{fmt, ops::RangeInclusive};

use serde::Serialize;

/// Recency in whole periods of 24 hours.
pub const RECENCY: RangeInclusive<u32> = 0..=100_000;
/// Frequency in invoices.
pub const FREQUENCY: RangeInclusive<u32> = 1..=1_000_000_000;

/// One of the three values, in the order of all columns and arrays.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Feature {
    /// Whole periods of 24 hours from the last purchase to the snapshot.
    Recency,
    /// Distinct invoices.
    Frequency,
    /// Sum of the amounts, in the currency of the data.
    Monetary,
}

impl Feature {
    /// Every feature in order.
    pub const ALL: [Self; 3] = [Self::Recency, Self::Frequency, Self::Monetary];

    /// The name of the feature's column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency",
            Self::Frequency => "frequency",
            Self::Monetary => "monetary",
        }
    }

    /// The range of valid values, in words.
    #[must_use]
    pub const fn range(self) -> &'static str {
        match self {
            Self::Recency => "a whole number of days from 0 to 100000",
            Self::Frequency => "a whole number of invoices from 1 to 1000000000",
            Self::Monetary => "a finite amount above 0",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value is out of its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{feature} is {found}, expected {}", feature.range())]
pub struct RfmError {
    /// The feature.
    pub feature: Feature,
    /// The value as it was given.
    pub found: String,
}

/// The recency, frequency and monetary value of one customer, each in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rfm {
    recency: u32,
    frequency: u32,
    monetary: f64,
}

impl Rfm {
    /// Checks the three values: days, invoices, and an amount of money.
    ///
    /// # Errors
    ///
    /// [`RfmError`] names the first that is out of range.
    ///
    /// ```
    /// # use rfmkit::features::Rfm;
    /// assert!(Rfm::new(15, 2, 350.75).is_ok());
    /// assert!(Rfm::new(15, 0, 350.75).is_err());
    /// assert!(Rfm::new(15, 2, f64::NAN).is_err());
    /// ```
    pub fn new(recency: u64, frequency: u64, monetary: f64) -> Result<Self, RfmError> {
        let within = |feature, value: u64, range: &RangeInclusive<u32>| {
            u32::try_from(value)
                .ok()
                .filter(|value| range.contains(value))
                .ok_or_else(|| RfmError {
                    feature,
                    found: value.to_string(),
                })
        };
        let recency = within(Feature::Recency, recency, &RECENCY)?;
        let frequency = within(Feature::Frequency, frequency, &FREQUENCY)?;
        if !(monetary > 0.0 && monetary.is_finite()) {
            return Err(RfmError {
                feature: Feature::Monetary,
                found: monetary.to_string(),
            });
        }
        Ok(Self {
            recency,
            frequency,
            monetary,
        })
    }

    /// The values of a row that was checked before.
    pub(super) const fn checked(recency: u32, frequency: u32, monetary: f64) -> Self {
        Self {
            recency,
            frequency,
            monetary,
        }
    }

    /// Days since the last purchase.
    #[must_use]
    pub const fn recency(self) -> u32 {
        self.recency
    }

    /// Distinct invoices.
    #[must_use]
    pub const fn frequency(self) -> u32 {
        self.frequency
    }

    /// What was spent.
    #[must_use]
    pub const fn monetary(self) -> f64 {
        self.monetary
    }

    /// Checks three values that are all doubles, in the order recency, frequency,
    /// monetary; days and invoices must be whole numbers.
    ///
    /// # Errors
    ///
    /// [`RfmError`] names the first that is out of range.
    pub fn from_array(values: [f64; 3]) -> Result<Self, RfmError> {
        let whole = |feature: Feature| {
            let value = values[feature as usize];
            // Both ranges end far below 2^53, to which doubles are exact.
            if f64::from(value as u32) - value == 0.0 {
                Ok(value as u64)
            } else {
                Err(RfmError {
                    feature,
                    found: value.to_string(),
                })
            }
        };
        Self::new(
            whole(Feature::Recency)?,
            whole(Feature::Frequency)?,
            values[2],
        )
    }

    /// The values as doubles, in the order recency, frequency, monetary.
    #[must_use]
    pub fn to_array(self) -> [f64; 3] {
        [self.recency.into(), self.frequency.into(), self.monetary]
    }
}

/// The natural logarithm of one plus each value.
///
/// By the `libm` crate: the platform's own function differs in the last bits
/// between systems, and with them the model would.
#[must_use]
pub fn log1p<const N: usize>(values: [f64; N]) -> [f64; N] {
    values.map(libm::log1p)
}
