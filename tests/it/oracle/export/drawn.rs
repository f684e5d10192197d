//! Exports as they are drawn: most with nothing wrong, some with one thing.

use encoding_rs::{Encoding, ISO_8859_15, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use proptest::{collection, option, prelude::*, sample::Index, sample::select};
use rfmkit::dataset::{DateFormat, DateOrder};

use super::{Export, File, Packing, SPELLINGS, Settings};
use crate::oracle::{
    csv::{Quotes, dialect},
    dates::{DateStyle, EPOCH, ISO, Kind, style_of},
    lines::shop,
    numbers::{Dress, NumberStyle, dress},
};

/// What may be wrong with an export, or with what is said about it.
#[derive(Clone, Debug)]
enum Twist {
    Groups(char),
    OtherMark,
    OtherMarkAndGroups,
    Dress(Dress),
    /// Dates that need a pattern, and none is given.
    NoPattern(DateStyle),
    OtherPattern,
    OtherZone(DateStyle),
    NeverQuoted,
    Undeclared(&'static Encoding),
}

fn packing() -> impl Strategy<Value = Packing> {
    select(
        &[
            Packing::Plain,
            Packing::Gzip,
            Packing::GzipTwice,
            Packing::Zstandard,
        ][..],
    )
}

/// The dates of up to three files, and what is said about them.
fn dates() -> impl Strategy<Value = (Vec<DateStyle>, DateFormat)> {
    let auto = || select(&[DateFormat::Auto, DateFormat::DayFirst][..]);
    let slashed = |order| {
        let fits = move |kind| [Kind::Slashed(order), Kind::Certain].contains(&kind);
        let styles = collection::vec(style_of(fits), 3);
        let told = match order {
            DateOrder::DayFirst => DateFormat::DayFirst,
            DateOrder::MonthFirst => DateFormat::Auto,
        };
        (styles, select(vec![DateFormat::Auto, told]))
    };
    let month_first = [Kind::Slashed(DateOrder::MonthFirst), Kind::DottedMonthFirst];
    let told = collection::vec(style_of(move |kind| month_first.contains(&kind)), 3);
    let patterned = style_of(|_| true).prop_filter_map("has a pattern", |style| {
        let pattern = style.pattern()?;
        Some((vec![style; 3], pattern.parse().expect("a pattern")))
    });
    prop_oneof![
        3 => (collection::vec(style_of(|kind| kind == Kind::Certain), 3), auto()),
        2 => (collection::vec(style_of(|kind| kind == Kind::Zoned), 3), auto()),
        1 => slashed(DateOrder::DayFirst),
        1 => slashed(DateOrder::MonthFirst),
        1 => (told, Just(DateFormat::MonthFirst)),
        2 => patterned,
    ]
}

fn twist() -> impl Strategy<Value = Twist> {
    let encodings = vec![WINDOWS_1252, UTF_16LE, UTF_16BE];
    let zoned = style_of(|kind| [Kind::Certain, Kind::Zoned].contains(&kind));
    prop_oneof![
        select(&[',', '.', ' ', '\u{a0}', '\''][..]).prop_map(Twist::Groups),
        Just(Twist::OtherMark),
        Just(Twist::OtherMarkAndGroups),
        dress().prop_map(Twist::Dress),
        style_of(|kind| kind == Kind::Patterned).prop_map(Twist::NoPattern),
        Just(Twist::OtherPattern),
        zoned.prop_map(Twist::OtherZone),
        Just(Twist::NeverQuoted),
        select(encodings).prop_map(Twist::Undeclared),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    let encodings = vec![WINDOWS_1252, UTF_16LE, UTF_16BE, ISO_8859_15, MACINTOSH];
    (
        select(&['.', ','][..]),
        option::weighted(0.4, select(encodings)),
        option::weighted(0.2, select(&[',', ';', '\t', '|', '^', '~', ':'][..])),
        -720_i64..=840,
        any::<bool>(),
    )
        .prop_map(|(mark, encoding, delimiter, zone, quarantine)| Settings {
            mark,
            dates: DateFormat::Auto,
            encoding,
            delimiter,
            zone,
            quarantine,
        })
}

/// A file without lines; dates, marks and what is not marked follow the
/// settings.
fn file() -> impl Strategy<Value = File> {
    let order = Just((0..8).collect::<Vec<usize>>()).prop_shuffle();
    let marked = select(vec![UTF_8, UTF_16LE, UTF_16BE]);
    let zone = (-48_i64..=56).prop_map(|quarters| quarters * 15);
    (
        dialect(),
        marked,
        packing(),
        order,
        0..SPELLINGS,
        zone,
        0_usize..3,
    )
        .prop_map(
            |(dialect, encoding, packing, order, spelling, zone, places)| File {
                lines: Vec::new(),
                dialect,
                encoding,
                packing,
                order,
                spelling,
                numbers: NumberStyle::plain('.', places),
                dates: ISO,
                zone,
            },
        )
}

/// Exports of which most have nothing wrong, and others one thing.
pub(crate) fn export() -> impl Strategy<Value = Export> {
    let files = collection::vec(file(), 1..=3);
    let places = collection::vec(any::<Index>(), 1..64);
    let twist = option::weighted(0.3, (twist(), any::<Index>()));
    (
        shop(),
        files,
        settings(),
        dates(),
        places,
        twist,
        any::<u64>(),
    )
        .prop_map(|(shop, files, settings, dates, places, twist, names)| {
            let mut export = Export {
                shop,
                files,
                settings,
                names,
            };
            export.follow_settings(dates);
            for number in 0..export.shop.lines.len() {
                let file = places[number % places.len()].index(export.files.len());
                export.files[file].lines.push(number);
            }
            if let Some((twist, file)) = twist {
                let file = file.index(export.files.len());
                export.twist(&twist, file);
            }
            export.fit_shop();
            export
        })
}

impl Export {
    fn follow_settings(&mut self, (styles, format): (Vec<DateStyle>, DateFormat)) {
        self.settings.dates = format;
        for (file, dates) in self.files.iter_mut().zip(styles) {
            file.dates = dates;
            file.numbers.mark = self.settings.mark;
            if !file.dialect.mark {
                file.encoding = self.settings.encoding.unwrap_or(UTF_8);
            }
            if let Some(delimiter) = self.settings.delimiter {
                file.dialect.delimiter = delimiter;
            }
        }
    }

    fn twist(&mut self, twist: &Twist, at: usize) {
        let other_mark = if self.settings.mark == '.' { ',' } else { '.' };
        let file = &mut self.files[at];
        let with_groups = |file: &mut File, groups| {
            // Only formatted numbers have groups, and those have a fixed number of
            // places: beside `1.234` there is `0,50`.
            file.numbers.places = 2;
            file.numbers.groups = Some(groups);
        };
        match twist {
            Twist::Groups(',' | '.') => with_groups(file, other_mark),
            Twist::Groups(separator) => with_groups(file, *separator),
            Twist::OtherMark => file.numbers.mark = other_mark,
            Twist::OtherMarkAndGroups => {
                with_groups(file, self.settings.mark);
                file.numbers.mark = other_mark;
            }
            Twist::Dress(dress) => file.numbers.dress = *dress,
            Twist::NoPattern(dates) => {
                if let DateFormat::Pattern(_) = self.settings.dates {
                    // The other files have the style of this one.
                    self.settings.dates = match file.dates.kind {
                        Kind::DottedMonthFirst => DateFormat::MonthFirst,
                        _ => DateFormat::Auto,
                    };
                }
                file.dates = *dates;
            }
            Twist::OtherPattern => {
                self.settings.dates = DateFormat::Pattern("%Y|%m|%d".to_owned());
            }
            Twist::OtherZone(dates) => {
                let other = match dates.kind {
                    Kind::Zoned => ISO,
                    _ => EPOCH,
                };
                self.settings.dates = DateFormat::Auto;
                for file in &mut self.files {
                    file.dates = other;
                }
                self.files[at].dates = *dates;
            }
            Twist::NeverQuoted => file.dialect.quotes = Quotes::Never,
            Twist::Undeclared(encoding) => {
                if self.settings.encoding.is_some() {
                    self.settings.encoding = None;
                    for file in self.files.iter_mut().filter(|file| !file.dialect.mark) {
                        file.encoding = UTF_8;
                    }
                }
                let file = &mut self.files[at];
                (file.encoding, file.dialect.mark) = (encoding, false);
            }
        }
    }

    /// Makes the lines mean what can be written: only letters that the encodings
    /// have, times as exact as the dates, and no line ends where nothing is quoted.
    fn fit_shop(&mut self) {
        let is_bare = |file: &File| file.dialect.quotes == Quotes::Never;
        if self.files.iter().any(is_bare) {
            let bare = |text: &mut String| {
                let words = text.replace(['"', '\r', '\n'], " ");
                words.trim().clone_into(text);
            };
            for (line, _) in &mut self.shop.lines {
                bare(&mut line.description);
                if let Some(customer) = &mut line.customer {
                    bare(customer);
                }
            }
        }
        let is_unicode = |file: &File| [UTF_8, UTF_16LE, UTF_16BE].contains(&file.encoding);
        if !self.files.iter().all(is_unicode) {
            for (line, _) in &mut self.shop.lines {
                line.description = line.description.replace('☕', "€");
            }
        }
        for file in &self.files {
            for &number in &file.lines {
                let seconds = &mut self.shop.lines[number].0.seconds;
                *seconds -= seconds.rem_euclid(file.dates.precision());
            }
        }
    }
}
