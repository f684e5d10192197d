//! Reading the dates of an export.

use std::{borrow::Cow, str::FromStr};

use jiff::{
    civil,
    fmt::strtime,
    tz::{Offset, TimeZone},
};

use super::{error::DATE_BY_SHAPE, timestamp::Timestamp};

/// How the dates of a column are written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum DateFormat {
    /// Each date tells by its shape: ISO 8601, `2010-12-01 08:26:00`,
    /// `12/1/2010 8:26`, `01.12.2010`, RFC 3339 with a zone, epoch seconds.
    #[default]
    Auto,
    /// As `Auto`; `1/2/2010` is the first of February.
    DayFirst,
    /// As `Auto`; `1/2/2010` is the second of January, as is `1.2.2010`.
    MonthFirst,
    /// A pattern of conversion specifiers such as `%d.%m.%y %H:%M`.
    Pattern(String),
}

impl FromStr for DateFormat {
    type Err = String;

    /// Reads `auto`, `day-first`, `month-first` or a pattern with a `%`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "day-first" => Ok(Self::DayFirst),
            "month-first" => Ok(Self::MonthFirst),
            pattern if pattern.contains('%') => {
                // A pattern is of use if what it prints can be read by it.
                let format = Self::Pattern(pattern.to_owned());
                let printed = strtime::format(pattern, &SOME_TIME.to_zoned(TimeZone::UTC));
                let printed = printed.map_err(|error| {
                    let error = error.to_string();
                    error.rsplit(": ").next().unwrap_or_default().to_owned()
                })?;
                match DateParser::new(format.clone(), TimeZone::UTC).parse(&printed) {
                    Ok(_) => Ok(format),
                    Err(_) => Err("it leaves open which day it is".to_owned()),
                }
            }
            _ => Err("it has no `%`".to_owned()),
        }
    }
}

/// Any moment with a zone: what a usable pattern can print.
const SOME_TIME: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

/// What a date says, read with the day before the month and the other way.
///
/// At least one is `Some`. Both are, and are equal, unless the text has the
/// shape of `1/2/2010`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateReading {
    /// The time if the day stands before the month.
    pub day_first: Option<Timestamp>,
    /// The time if the month stands before the day.
    pub month_first: Option<Timestamp>,
    /// Whether the text named a zone and was converted.
    pub zoned: bool,
}

impl DateReading {
    /// A date that can be read in one way only.
    #[must_use]
    pub const fn certain(time: Timestamp, zoned: bool) -> Self {
        Self {
            day_first: Some(time),
            month_first: Some(time),
            zoned,
        }
    }
}

/// Why a text is not a date.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DateError {
    /// The text has none of the known shapes.
    Syntax,
    /// The calendar has no such day, or the day no such time.
    NoSuchTime,
    /// The year is not from 1000 to 9999, or the day is 9999-12-31.
    Range,
}

/// Reads the dates of one column.
#[derive(Clone, Debug)]
pub struct DateParser {
    format: DateFormat,
    zone: TimeZone,
}

impl DateParser {
    /// A reader of dates in `format`; dates with a zone, and epoch seconds,
    /// are converted to the civil time of `zone`.
    #[must_use]
    pub const fn new(format: DateFormat, zone: TimeZone) -> Self {
        Self { format, zone }
    }

    /// Reads a trimmed text.
    ///
    /// # Errors
    ///
    /// [`DateError`] if the text is no date in the format.
    pub fn parse(&self, text: &str) -> Result<DateReading, DateError> {
        match &self.format {
            DateFormat::Pattern(pattern) => self.by_pattern(pattern, text),
            DateFormat::Auto => self.by_shape(text),
            DateFormat::DayFirst => {
                let reading = self.by_shape(text)?;
                let time = reading.day_first.ok_or(DateError::NoSuchTime)?;
                Ok(DateReading::certain(time, reading.zoned))
            }
            DateFormat::MonthFirst => {
                let reading = self.by_shape(text)?;
                let time = reading.month_first.ok_or(DateError::NoSuchTime)?;
                Ok(DateReading::certain(time, reading.zoned))
            }
        }
    }

    /// What would have done in place of a text that failed.
    #[must_use]
    pub fn expected(&self, error: DateError) -> Cow<'static, str> {
        match (error, &self.format) {
            (DateError::Range, _) => "a date from 1000-01-01 to 9999-12-30".into(),
            (DateError::Syntax, DateFormat::Pattern(pattern)) => {
                format!("a date of the form {pattern}").into()
            }
            (DateError::Syntax, _) => DATE_BY_SHAPE.into(),
            (DateError::NoSuchTime, DateFormat::DayFirst) => {
                "a date and time that exist, with the day first".into()
            }
            (DateError::NoSuchTime, DateFormat::MonthFirst) => {
                "a date and time that exist, with the month first".into()
            }
            (DateError::NoSuchTime, _) => "a date and time that exist".into(),
        }
    }

    fn by_pattern(&self, pattern: &str, text: &str) -> Result<DateReading, DateError> {
        let parts = strtime::parse(pattern, text).map_err(|_| DateError::Syntax)?;
        let (time, zoned) = if parts.offset().is_some() || parts.iana_time_zone().is_some() {
            let zoned = parts.to_zoned().map_err(|_| DateError::NoSuchTime)?;
            (self.zone.to_datetime(zoned.timestamp()), true)
        } else if let Ok(instant) = parts.to_timestamp() {
            (self.zone.to_datetime(instant), true)
        } else if let Ok(time) = parts.to_datetime() {
            (time, false)
        } else {
            let date = parts.to_date().map_err(|_| DateError::NoSuchTime)?;
            (date.to_datetime(civil::Time::midnight()), false)
        };
        let time = Timestamp::from_civil(time).ok_or(DateError::Range)?;
        Ok(DateReading::certain(time, zoned))
    }

    fn by_shape(&self, text: &str) -> Result<DateReading, DateError> {
        let bytes = text.as_bytes();
        if let Some([year, month, day, hour, minute, second]) = fixed_parts(bytes) {
            let time = civil::Time::new(hour as i8, minute as i8, second as i8, 0);
            let time = time.map_err(|_| DateError::NoSuchTime)?;
            let [year, month, day] =
                [(year, 4), (month, 2), (day, 2)].map(|(value, width)| Number { value, width });
            return self
                .civil(year, month, day, time, None)
                .map(|time| DateReading::certain(time, false));
        }
        if bytes.iter().all(u8::is_ascii_digit) {
            return self.by_digits(bytes);
        }
        if let Some(b'.') = bytes.get(9).filter(|b| **b == b'.').or(bytes.get(10))
            && let Some(seconds) = text.split_once('.').and_then(epoch_with_fraction)
        {
            return self.unix(seconds);
        }
        let mut rest = Scanner(bytes);
        let (first, separator) = (rest.number()?, rest.date_separator()?);
        let second = rest.number()?;
        rest.expect(separator)?;
        let third = rest.number()?;
        let (time, offset) = rest.time_and_offset()?;
        let read = |year, month, day| self.civil(year, month, day, time, offset);
        let zoned = offset.is_some();

        if first.width >= 4 {
            let time = read(first, second, third)?;
            return Ok(DateReading::certain(time, zoned));
        }
        if third.width < 4 {
            // Two digits of a year: `10/12/01` has three readings.
            return Err(DateError::Syntax);
        }
        if separator == b'.' && self.format != DateFormat::MonthFirst {
            // Wherever dates have dots, the day stands first, unless told otherwise.
            let time = read(third, second, first)?;
            return Ok(DateReading::certain(time, zoned));
        }
        let day_first = read(third, second, first);
        let month_first = read(third, first, second);
        if let (Err(error), Err(_)) = (day_first, month_first) {
            return Err(error);
        }
        Ok(DateReading {
            day_first: day_first.ok(),
            month_first: month_first.ok(),
            zoned,
        })
    }

    /// `20101201`, epoch seconds of 9 or 10 digits or milliseconds of 12 or 13.
    fn by_digits(&self, digits: &[u8]) -> Result<DateReading, DateError> {
        let value = |digits: &[u8]| {
            digits
                .iter()
                .fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'))
        };
        match digits.len() {
            8 => {
                let part = |digits: &[u8]| Number {
                    value: value(digits) as i32,
                    width: digits.len(),
                };
                let (year, month, day) = (&digits[..4], &digits[4..6], &digits[6..]);
                let midnight = civil::Time::midnight();
                self.civil(part(year), part(month), part(day), midnight, None)
                    .map(|time| DateReading::certain(time, false))
            }
            9 | 10 => self.unix(value(digits) * 1_000_000),
            12 | 13 => self.unix(value(digits) * 1000),
            _ => Err(DateError::Syntax),
        }
    }

    fn unix(&self, microseconds: i64) -> Result<DateReading, DateError> {
        Timestamp::from_unix(microseconds, &self.zone)
            .map(|time| DateReading::certain(time, true))
            .ok_or(DateError::Range)
    }

    fn civil(
        &self,
        year: Number,
        month: Number,
        day: Number,
        time: civil::Time,
        offset: Option<Offset>,
    ) -> Result<Timestamp, DateError> {
        if year.width > 4 || year.value < 1000 {
            return Err(DateError::Range);
        }
        let part = |number: Number| i8::try_from(number.value).ok();
        let date = part(month)
            .zip(part(day))
            .and_then(|(month, day)| civil::Date::new(year.value as i16, month, day).ok())
            .ok_or(DateError::NoSuchTime)?;
        let civil = date.to_datetime(time);
        let civil = match offset {
            None => civil,
            Some(offset) => {
                let instant = offset.to_timestamp(civil).map_err(|_| DateError::Range)?;
                self.zone.to_datetime(instant)
            }
        };
        Timestamp::from_civil(civil).ok_or(DateError::Range)
    }
}

/// The parts of a date such as `2010-12-01 08:26:00`, as most exports have it: each
/// stands in its place, and need not be looked for.
fn fixed_parts(text: &[u8]) -> Option<[i32; 6]> {
    const SHAPE: [u8; 19] = *b"0000-00-00 00:00:00";
    let text: &[u8; SHAPE.len()] = text.try_into().ok()?;
    let fits = |(&byte, shape): (&u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        mark => byte == mark,
    };
    if !text.iter().zip(SHAPE).all(fits) {
        return None;
    }
    let two = |at: usize| i32::from(text[at] - b'0') * 10 + i32::from(text[at + 1] - b'0');
    let year = two(0) * 100 + two(2);
    Some([year, two(5), two(8), two(11), two(14), two(17)])
}

/// Microseconds in `1291191960.25`, given as its two parts.
fn epoch_with_fraction((whole, fraction): (&str, &str)) -> Option<i64> {
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let plausible = matches!(whole.len(), 9 | 10) && is_digits(whole) && is_digits(fraction);
    if !plausible || fraction.is_empty() {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6.6}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 1_000_000 + micros)
}

/// A run of digits: its value, and how many digits it had.
#[derive(Clone, Copy)]
struct Number {
    value: i32,
    width: usize,
}

/// What is left of a date's text.
struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn take(&mut self, accept: impl Fn(u8) -> bool) -> Option<u8> {
        let byte = self.peek().filter(|&byte| accept(byte))?;
        self.0 = &self.0[1..];
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Result<(), DateError> {
        self.take(|b| b == byte).map(drop).ok_or(DateError::Syntax)
    }

    fn date_separator(&mut self) -> Result<u8, DateError> {
        self.take(|b| matches!(b, b'-' | b'/' | b'.'))
            .ok_or(DateError::Syntax)
    }

    fn skip_spaces(&mut self) {
        while self.take(|b| b == b' ').is_some() {}
    }

    /// One to eight digits.
    fn number(&mut self) -> Result<Number, DateError> {
        let mut number = Number { value: 0, width: 0 };
        while let Some(digit) = self.take(|b| b.is_ascii_digit()) {
            number.value = number.value * 10 + i32::from(digit - b'0');
            number.width += 1;
            if number.width > 8 {
                return Err(DateError::Syntax);
            }
        }
        if number.width == 0 {
            return Err(DateError::Syntax);
        }
        Ok(number)
    }

    /// A number of one or two digits, as hours, minutes and seconds are.
    fn clock_number(&mut self) -> Result<i8, DateError> {
        match self.number()? {
            Number {
                value,
                width: 1..=2,
            } => Ok(value as i8),
            _ => Err(DateError::Syntax),
        }
    }

    /// What follows a date: nothing, a time, or a time and a zone.
    fn time_and_offset(&mut self) -> Result<(civil::Time, Option<Offset>), DateError> {
        if self.0.is_empty() {
            return Ok((civil::Time::midnight(), None));
        }
        if self.take(|b| matches!(b, b'T' | b't')).is_none() {
            self.take(|b| matches!(b, b' ' | b','))
                .ok_or(DateError::Syntax)?;
            self.skip_spaces();
        }
        let mut hour = self.clock_number()?;
        self.expect(b':')?;
        let minute = self.clock_number()?;
        let (mut second, mut nanosecond) = (0, 0);
        if self.take(|b| b == b':').is_some() {
            second = self.clock_number()?;
            if self.take(|b| matches!(b, b'.' | b',')).is_some() {
                nanosecond = self.fraction()?;
            }
        }
        self.skip_spaces();
        if let Some(half) = self.take(|b| matches!(b.to_ascii_lowercase(), b'a' | b'p')) {
            self.take(|b| b.eq_ignore_ascii_case(&b'm'))
                .ok_or(DateError::Syntax)?;
            if !(1..=12).contains(&hour) {
                return Err(DateError::NoSuchTime);
            }
            hour = hour % 12
                + if half.eq_ignore_ascii_case(&b'p') {
                    12
                } else {
                    0
                };
            self.skip_spaces();
        }
        let offset = self.offset()?;
        let time = civil::Time::new(hour, minute, second, nanosecond);
        Ok((time.map_err(|_| DateError::NoSuchTime)?, offset))
    }

    /// Nanoseconds in the digits after a second's mark; further ones are cut.
    fn fraction(&mut self) -> Result<i32, DateError> {
        let (mut nanoseconds, mut unit) = (0, 100_000_000);
        let mut any = false;
        while let Some(digit) = self.take(|b| b.is_ascii_digit()) {
            nanoseconds += i32::from(digit - b'0') * unit;
            unit /= 10;
            any = true;
        }
        if any {
            Ok(nanoseconds)
        } else {
            Err(DateError::Syntax)
        }
    }

    /// Nothing, `Z`, `UTC`, `GMT`, `+01:00`, `+0100` or `+01`.
    fn offset(&mut self) -> Result<Option<Offset>, DateError> {
        let sign = match self.0 {
            [] => return Ok(None),
            b"Z" | b"z" | b"UTC" | b"GMT" => return Ok(Some(Offset::UTC)),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return Err(DateError::Syntax),
        };
        self.0 = &self.0[1..];
        let first = self.number()?;
        let (hours, minutes) = match first.width {
            2 if self.0.is_empty() => (first.value, 0),
            2 => {
                self.expect(b':')?;
                (first.value, i32::from(self.clock_number()?))
            }
            4 => (first.value / 100, first.value % 100),
            _ => return Err(DateError::Syntax),
        };
        if !self.0.is_empty() || minutes > 59 {
            return Err(DateError::Syntax);
        }
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60))
            .map(Some)
            .map_err(|_| DateError::NoSuchTime)
    }
}

/// Reads a snapshot: a date as in the data, or a bare date for its midnight.
///
/// # Errors
///
/// A sentence if the text is no date, or could be two.
pub fn parse_snapshot(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let parser = DateParser::new(DateFormat::Auto, zone.clone());
    match parser.parse(text.trim()) {
        Ok(DateReading {
            day_first: Some(one),
            month_first: Some(other),
            ..
        }) if one == other => Ok(one),
        Ok(_) => Err("it can be read with the day or the month first".to_owned()),
        Err(DateError::Syntax) => Err("it is no date".to_owned()),
        Err(DateError::NoSuchTime) => Err("there is no such day or time".to_owned()),
        Err(DateError::Range) => Err("the year is not from 1000 to 9999".to_owned()),
    }
}
