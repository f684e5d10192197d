//! The ways in which exports write dates.

use proptest::{prelude::*, sample::select};
use rfmkit::dataset::DateOrder;

use super::lines::{DAY, civil};

/// What a date of some style tells by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// One time, without a zone.
    Certain,
    /// One time, with a zone.
    Zoned,
    /// A time with the day first, and one with the month first.
    Slashed(DateOrder),
    /// Nothing without a pattern.
    Patterned,
    /// The wrong time, unless it is told that the month stands first.
    DottedMonthFirst,
}

/// How the dates of a file are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateStyle {
    /// The conversion specifiers of `strftime`.
    form: &'static str,
    pub(crate) kind: Kind,
    /// Whether the form, taken as a pattern, reads what it writes.
    is_pattern: bool,
}

const fn style(kind: Kind, form: &'static str) -> DateStyle {
    DateStyle {
        form,
        kind,
        is_pattern: true,
    }
}

/// A style with something that patterns have no specifier for.
const fn odd(kind: Kind, form: &'static str) -> DateStyle {
    DateStyle {
        is_pattern: false,
        ..style(kind, form)
    }
}

/// Times without a zone.
pub(crate) const ISO: DateStyle = style(Kind::Certain, "%Y-%m-%d %H:%M:%S");
/// Instants.
pub(crate) const EPOCH: DateStyle = style(Kind::Zoned, "%s");

const DAY_FIRST: Kind = Kind::Slashed(DateOrder::DayFirst);
const MONTH_FIRST: Kind = Kind::Slashed(DateOrder::MonthFirst);

const STYLES: [DateStyle; 39] = [
    ISO,
    style(Kind::Certain, "%Y-%m-%dT%H:%M:%S"),
    odd(Kind::Certain, "%Y-%m-%d %H:%M:%S.0"),
    odd(Kind::Certain, "%Y-%m-%dT%H:%M:%S.000"),
    // Finer than what is kept.
    odd(Kind::Certain, "%Y-%m-%d %H:%M:%S,0000009"),
    style(Kind::Certain, "%Y-%m-%d %H:%M"),
    style(Kind::Certain, "%Y-%m-%d %-I:%M:%S %p"),
    style(Kind::Certain, "%Y/%-m/%-d %-H:%M:%S"),
    style(Kind::Certain, "%Y-%m-%d"),
    style(Kind::Certain, "%Y%m%d"),
    style(Kind::Certain, "%d.%m.%Y %H:%M:%S"),
    style(Kind::Certain, "%-d.%-m.%Y %-H:%M"),
    style(Kind::Certain, "%d.%m.%Y, %I:%M %p"),
    style(Kind::Certain, "%d.%m.%Y"),
    odd(Kind::Zoned, "%Y-%m-%dT%H:%M:%SZ"),
    odd(Kind::Zoned, "%Y-%m-%d %H:%M:%S.000 UTC"),
    style(Kind::Zoned, "%Y-%m-%dT%H:%M:%S%:z"),
    style(Kind::Zoned, "%Y-%m-%d %H:%M:%S %z"),
    style(Kind::Zoned, "%d.%m.%Y %I:%M:%S %p %z"),
    EPOCH,
    odd(Kind::Zoned, "%s000"),
    odd(Kind::Zoned, "%s.000"),
    style(DAY_FIRST, "%d/%m/%Y %H:%M:%S"),
    style(DAY_FIRST, "%-d/%-m/%Y %-H:%M"),
    style(DAY_FIRST, "%d-%m-%Y, %I:%M:%S %p"),
    style(DAY_FIRST, "%d/%m/%Y"),
    style(MONTH_FIRST, "%m/%d/%Y %H:%M:%S"),
    style(MONTH_FIRST, "%-m/%-d/%Y %-I:%M %p"),
    style(MONTH_FIRST, "%m-%d-%Y %H:%M"),
    style(MONTH_FIRST, "%-m/%-d/%Y"),
    style(Kind::DottedMonthFirst, "%m.%d.%Y %H:%M:%S"),
    style(Kind::DottedMonthFirst, "%-m.%-d.%Y"),
    style(Kind::Patterned, "%d.%m.%y %H:%M"),
    style(Kind::Patterned, "%-m/%-d/%y"),
    style(Kind::Patterned, "%d %b %Y %H:%M:%S"),
    style(Kind::Patterned, "%B %-d, %Y %-I:%M %p"),
    style(Kind::Patterned, "%d-%b-%y"),
    style(Kind::Patterned, "%Y%m%d%H%M%S"),
    style(Kind::Patterned, "%H:%M:%S %Y-%m-%d"),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The zones of dates, in minutes before Greenwich.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Zones {
    /// In which a file has its dates.
    pub(crate) written: i64,
    /// To which they are converted.
    pub(crate) wanted: i64,
}

impl DateStyle {
    /// How many seconds may pass until the text is another.
    pub(crate) fn precision(&self) -> i64 {
        match self.form {
            form if form.contains("%S") || form.contains("%s") => 1,
            form if form.contains("%M") => 60,
            _ => DAY,
        }
    }

    /// The pattern that reads dates of this style.
    pub(crate) fn pattern(&self) -> Option<&'static str> {
        self.is_pattern.then_some(self.form)
    }

    /// The text of a civil time in the wanted zone, in seconds since 1970.
    pub(crate) fn write(&self, seconds: i64, zones: Zones) -> String {
        let instant = seconds - zones.wanted * 60;
        let (local, offset) = match self.kind {
            Kind::Zoned if self.form.contains('z') => (instant + zones.written * 60, zones.written),
            Kind::Zoned => (instant, 0),
            _ => (seconds, 0),
        };
        let [year, month, day, hour, minute, second] = civil(local);
        let month_name = MONTHS[month as usize - 1];
        let (sign, size) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        let mut text = String::new();
        let mut rest = self.form;
        while let Some((before, behind)) = rest.split_once('%') {
            text += before;
            let (is_short, behind) = behind
                .strip_prefix('-')
                .map_or((false, behind), |behind| (true, behind));
            let width = if is_short { 1 } else { 2 };
            let number = |number: i64| format!("{number:0width$}");
            text += &match behind.as_bytes()[0] {
                b'Y' => format!("{year:04}"),
                b'y' => number(year % 100),
                b'm' => number(month),
                b'd' => number(day),
                b'H' => number(hour),
                b'I' => number((hour + 11) % 12 + 1),
                b'M' => number(minute),
                b'S' => number(second),
                b's' => instant.to_string(),
                b'p' => ["AM", "PM"][usize::from(hour >= 12)].to_owned(),
                b'b' => month_name[..3].to_owned(),
                b'B' => month_name.to_owned(),
                b'z' => format!("{sign}{:02}{:02}", size / 60, size % 60),
                b':' => format!("{sign}{:02}:{:02}", size / 60, size % 60),
                other => panic!("no specifier: {}", char::from(other)),
            };
            let length = if behind.starts_with(":z") { 2 } else { 1 };
            rest = &behind[length..];
        }
        text + rest
    }
}

/// Any style of these kinds.
pub(crate) fn style_of(fits: impl Fn(Kind) -> bool) -> impl Strategy<Value = DateStyle> {
    let fits = |style: &DateStyle| fits(style.kind);
    select(STYLES.into_iter().filter(fits).collect::<Vec<_>>())
}
