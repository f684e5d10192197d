//! What the bytes of a value mean.

use std::fmt;

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType},
    schema::types::ColumnDescriptor,
};

use crate::dataset::{
    record::{ROW_LIMIT, Record},
    timestamp::Timestamp,
};

/// The largest text in bytes.
const TEXT_LIMIT: usize = 16 * 1024 * 1024;
const MICROSECONDS_OF_DAY: i64 = 24 * 3600 * 1_000_000;

/// The type of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    physical: PhysicalType,
    meaning: Meaning,
}

impl Kind {
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        Self {
            physical: column.physical_type(),
            meaning: Meaning::of(column),
        }
    }

    /// Whether the values are truth values.
    pub(super) fn is_truth(self) -> bool {
        self.physical == PhysicalType::BOOLEAN
    }

    /// Digits behind the point of decimals.
    pub(super) const fn scale(self) -> Option<u32> {
        match self.meaning {
            Meaning::Decimal { scale } => Some(scale),
            _ => None,
        }
    }

    /// Appends a value as a cell; `bytes` are those of the plain encoding, without a
    /// length before them.
    pub(super) fn push(self, bytes: &[u8], record: &mut Record) -> Result<(), BadText> {
        match self.physical {
            PhysicalType::INT32 => self.push_short(i32::from_le_bytes(fixed(bytes)), record),
            PhysicalType::INT64 => self.push_integer(i64::from_le_bytes(fixed(bytes)), record),
            PhysicalType::INT96 => push_nanoseconds(fixed(bytes), record),
            PhysicalType::FLOAT => push_float(f32::from_le_bytes(fixed(bytes)), record),
            PhysicalType::DOUBLE => push_double(f64::from_le_bytes(fixed(bytes)), record),
            // Truth values have no bytes of their own.
            PhysicalType::BOOLEAN
            | PhysicalType::BYTE_ARRAY
            | PhysicalType::FIXED_LEN_BYTE_ARRAY => self.push_bytes(bytes, record)?,
        }
        Ok(())
    }

    fn push_short(self, value: i32, record: &mut Record) {
        match self.meaning {
            Meaning::Unsigned => record.push_decimal(i128::from(value as u32), 0),
            Meaning::Date => {
                let days = i64::from(value);
                push_day(days, days.checked_mul(MICROSECONDS_OF_DAY), record);
            }
            _ => self.push_integer(i64::from(value), record),
        }
    }

    fn push_integer(self, value: i64, record: &mut Record) {
        match self.meaning {
            Meaning::Unsigned => record.push_decimal(i128::from(value as u64), 0),
            Meaning::Decimal { scale } => record.push_decimal(i128::from(value), scale),
            Meaning::Timestamp { unit, is_zoned } => {
                push_time(unit.to_microseconds(value), value, is_zoned, record);
            }
            _ => record.push_decimal(i128::from(value), 0),
        }
    }

    fn push_bytes(self, bytes: &[u8], record: &mut Record) -> Result<(), BadText> {
        match (self.meaning, bytes) {
            (Meaning::Decimal { scale }, _) => match big_endian(bytes) {
                Some(unscaled) => record.push_decimal(unscaled, scale),
                // Too large for any use.
                None => record.push_number(f64::MAX),
            },
            (Meaning::Uuid, _) if bytes.len() == 16 => push_uuid(bytes, record),
            (Meaning::Half, &[low, high]) => {
                push_float(half(u16::from_le_bytes([low, high])), record);
            }
            _ => push_text(bytes, record)?,
        }
        Ok(())
    }
}

/// What the values of a column mean beside their physical type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meaning {
    Plain,
    /// Integers without a sign.
    Unsigned,
    /// Integers, in units of ten to the power of minus `scale`.
    Decimal {
        scale: u32,
    },
    /// Days since 1970.
    Date,
    /// Time since 1970.
    Timestamp {
        unit: Unit,
        is_zoned: bool,
    },
    Uuid,
    Half,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Unit {
    /// Finer fractions are cut off; what has no microseconds is out of range.
    fn to_microseconds(self, value: i64) -> Option<i64> {
        match self {
            Self::Milliseconds => value.checked_mul(1000),
            Self::Microseconds => Some(value),
            Self::Nanoseconds => Some(value.div_euclid(1000)),
        }
    }
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Self {
        let scale = |scale: i32| u32::try_from(scale).unwrap_or_default();
        match column.logical_type_ref() {
            Some(LogicalType::Integer(integer)) if !integer.is_signed => Self::Unsigned,
            Some(LogicalType::Decimal(decimal)) => Self::Decimal {
                scale: scale(decimal.scale),
            },
            Some(LogicalType::Date) => Self::Date,
            Some(LogicalType::Timestamp(time)) => Self::Timestamp {
                unit: match time.unit {
                    TimeUnit::MILLIS => Unit::Milliseconds,
                    TimeUnit::MICROS => Unit::Microseconds,
                    TimeUnit::NANOS => Unit::Nanoseconds,
                },
                is_zoned: time.is_adjusted_to_u_t_c,
            },
            Some(LogicalType::Uuid) => Self::Uuid,
            Some(LogicalType::Float16) => Self::Half,
            Some(_) => Self::Plain,
            // What older writers say instead. Their times are in UTC.
            None => match column.converted_type() {
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64 => Self::Unsigned,
                ConvertedType::DECIMAL => Self::Decimal {
                    scale: scale(column.type_scale()),
                },
                ConvertedType::DATE => Self::Date,
                ConvertedType::TIMESTAMP_MILLIS => Self::Timestamp {
                    unit: Unit::Milliseconds,
                    is_zoned: true,
                },
                ConvertedType::TIMESTAMP_MICROS => Self::Timestamp {
                    unit: Unit::Microseconds,
                    is_zoned: true,
                },
                _ if column.physical_type() == PhysicalType::INT96 => Self::Timestamp {
                    unit: Unit::Nanoseconds,
                    is_zoned: false,
                },
                _ => Self::Plain,
            },
        }
    }
}

/// A value that is no text of an export.
#[derive(Clone, Copy, Debug)]
pub(super) enum BadText {
    NotUtf8,
    TooLong,
    Nul,
    /// With the other texts of its row.
    LongRow,
    /// With all texts before it.
    TooMuch,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => write!(f, "a text that is not UTF-8"),
            Self::TooLong => write!(f, "a text of more than {TEXT_LIMIT} bytes"),
            Self::Nul => write!(f, "the character NUL"),
            Self::LongRow => write!(f, "more than {ROW_LIMIT} bytes of text"),
            Self::TooMuch => write!(f, "more text before it than the file can hold"),
        }
    }
}

/// The bytes of a number, of which there are as many as its type has.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("as wide as its type")
}

/// Appends a time of 96 bits: nanoseconds of a day, and the number of the day in the
/// Julian count.
fn push_nanoseconds(bytes: [u8; 12], record: &mut Record) {
    const JULIAN_1970: i64 = 2_440_588;
    let (nanoseconds, day) = bytes.split_at(8);
    let nanoseconds = u64::from_le_bytes(fixed(nanoseconds));
    let days = i64::from(u32::from_le_bytes(fixed(day))) - JULIAN_1970;
    let time = days
        .checked_mul(MICROSECONDS_OF_DAY)
        .and_then(|time| time.checked_add(i64::try_from(nanoseconds / 1000).ok()?));
    push_day(days, time, record);
}

/// Appends a number by its own shortest decimal: 2.55, not 2.549999952316284.
fn push_float(value: f32, record: &mut Record) {
    let shortest = value.to_string().parse();
    push_double(shortest.unwrap_or(f64::NAN), record);
}

fn push_double(value: f64, record: &mut Record) {
    if value.is_nan() {
        record.push_text("");
    } else {
        record.push_number(value);
    }
}

fn push_uuid(bytes: &[u8], record: &mut Record) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    record.push_text(&parts.join("-"));
}

fn push_text(bytes: &[u8], record: &mut Record) -> Result<(), BadText> {
    if bytes.len() > TEXT_LIMIT {
        return Err(BadText::TooLong);
    }
    let text = str::from_utf8(bytes).map_err(|_| BadText::NotUtf8)?;
    if memchr::memchr(0, bytes).is_some() {
        return Err(BadText::Nul);
    }
    record.push_text(text);
    Ok(())
}

/// An integer in two's complement, the highest byte first; `None` if it has more
/// than 128 bits.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let is_negative = bytes.first().is_some_and(|first| first >> 7 == 1);
    let (sign, start) = if is_negative { (0xff, -1) } else { (0, 0) };
    let (extension, low) = bytes.split_at(bytes.len().saturating_sub(16));
    let value = low
        .iter()
        .fold(start, |value: i128, &byte| value << 8 | i128::from(byte));
    let fits = extension.iter().all(|&byte| byte == sign) && (value < 0) == is_negative;
    fits.then_some(value)
}

/// The value of a floating-point number of 16 bits.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    match exponent {
        0 => sign * fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15),
    }
}

/// Appends a time in microseconds since 1970; what is out of range stands as the
/// number that it is in the file.
fn push_time(microseconds: Option<i64>, number: i64, is_zoned: bool, record: &mut Record) {
    let time = microseconds.and_then(Timestamp::from_microseconds);
    match (time, microseconds) {
        (Some(_), Some(microseconds)) if is_zoned => record.push_instant(microseconds),
        (Some(time), _) => record.push_time(time),
        _ => record.push_decimal(i128::from(number), 0),
    }
}

/// Appends the time of a day since 1970 in microseconds; what is out of range stands
/// as no number, which could pass for seconds since 1970.
fn push_day(days: i64, microseconds: Option<i64>, record: &mut Record) {
    match microseconds.and_then(Timestamp::from_microseconds) {
        Some(time) => record.push_time(time),
        None => record.push_text(&format!("day {days} from 1970")),
    }
}
