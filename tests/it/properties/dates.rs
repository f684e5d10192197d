//! The dates of an export.

use jiff::tz::{Offset, TimeZone};
use proptest::{
    collection,
    prelude::*,
    sample::{Index, select},
};
use rfmkit::{
    dataset::{
        CleanParams, DatasetError, DateFormat, DateOrder, DateParser, DateReading, Timestamp,
        parse_snapshot,
    },
    features::{FeatureError, Features},
};

use crate::oracle::{
    at,
    csv::build_plain,
    lines::{DAY, civil, shapes},
};

/// Seconds since 1970 of any time from the year 1000 to 9999-12-30.
fn any_time() -> impl Strategy<Value = i64> {
    let days = prop_oneof![
        3 => 0_i64..25_000,
        1 => -354_285_i64..2_932_896,
    ];
    let clock = prop_oneof![
        Just(0),
        (0_i64..1440).prop_map(|minute| minute * 60),
        0..DAY
    ];
    (days, clock).prop_map(|(day, clock)| day * DAY + clock)
}

/// Seconds since 1970 with nine or ten digits.
fn recent_time() -> impl Strategy<Value = i64> {
    100_000_000_i64..4_000_000_000
}

fn parser(format: DateFormat) -> DateParser {
    DateParser::new(format, TimeZone::UTC)
}

fn auto(text: &str) -> DateReading {
    let reading = parser(DateFormat::Auto).parse(text);
    reading.unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// The date with the day or the month first, and the time of day.
fn slashed(seconds: i64, order: DateOrder, separator: char) -> String {
    let [year, month, day, hour, minute, second] = civil(seconds);
    let (first, next) = match order {
        DateOrder::DayFirst => (day, month),
        DateOrder::MonthFirst => (month, day),
    };
    format!("{first}{separator}{next}{separator}{year:04} {hour}:{minute:02}:{second:02}")
}

fn zone(minutes: i32) -> (Offset, String) {
    let offset = Offset::from_seconds(minutes * 60).expect("less than a day");
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    (offset, format!("{sign}{hours:02}:{rest:02}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn all_shapes_of_an_instant_are_one_time(seconds in any_time()) {
        for shape in shapes(seconds) {
            prop_assert_eq!(auto(&shape), DateReading::certain(at(seconds), false), "{}", shape);
            let mut formats = vec![DateFormat::DayFirst];
            // Told so, it stands first with dots, too.
            if shape.find('.').is_none_or(|dot| dot > 2) {
                formats.push(DateFormat::MonthFirst);
            }
            for format in formats {
                let reading = parser(format).parse(&shape);
                prop_assert_eq!(reading, Ok(DateReading::certain(at(seconds), false)));
            }
        }
        prop_assert_eq!(parse_snapshot(&shapes(seconds)[0], &TimeZone::UTC), Ok(at(seconds)));
        prop_assert_eq!(at(seconds).to_string(), shapes(seconds)[0].clone());
    }

    #[test]
    fn fractions_finer_than_a_microsecond_are_cut_off(seconds in any_time(), nanos in 0_u32..1_000_000_000) {
        let text = format!("{}.{nanos:09}", shapes(seconds)[0]);
        let micros = at(seconds).microseconds() + i64::from(nanos / 1000);
        prop_assert_eq!(auto(&text).day_first, Timestamp::from_microseconds(micros));
        if (100_000_000..=9_999_999_999).contains(&seconds) {
            let epoch = auto(&format!("{seconds}.{nanos:09}"));
            prop_assert_eq!(epoch.day_first, Timestamp::from_microseconds(micros));
            let short = auto(&format!("{seconds}.{:03}", nanos / 1_000_000));
            let milliseconds = auto(&format!("{seconds}{:03}", nanos / 1_000_000));
            prop_assert_eq!(short, milliseconds);
        }
    }

    #[test]
    fn a_slashed_date_has_every_reading_that_the_calendar_has(seconds in any_time(), dash in any::<bool>()) {
        let separator = if dash { '-' } else { '/' };
        let [_, month, day, ..] = civil(seconds);
        let text = slashed(seconds, DateOrder::DayFirst, separator);
        let reading = auto(&text);
        prop_assert_eq!(reading.day_first, Some(at(seconds)));
        prop_assert_eq!(reading.month_first.is_some(), day <= 12);
        prop_assert_eq!(reading.month_first == Some(at(seconds)), day == month);
        prop_assert!(!reading.zoned);
        let mirrored = auto(&slashed(seconds, DateOrder::MonthFirst, separator));
        prop_assert_eq!(mirrored.month_first, Some(at(seconds)));
        prop_assert_eq!(mirrored.day_first, reading.month_first);
        let certain = Ok(DateReading::certain(at(seconds), false));
        prop_assert_eq!(parser(DateFormat::DayFirst).parse(&text), certain);
        let dotted = slashed(seconds, DateOrder::DayFirst, '.');
        prop_assert_eq!(parser(DateFormat::Auto).parse(&dotted), certain);
        let dotted = slashed(seconds, DateOrder::MonthFirst, '.');
        prop_assert_eq!(parser(DateFormat::MonthFirst).parse(&dotted), certain);
    }

    #[test]
    fn a_zone_in_the_text_is_converted(seconds in recent_time(), minutes in -720_i32..=840, to in -720_i32..=840) {
        let (_, text) = zone(minutes);
        let local = shapes(seconds + i64::from(minutes) * 60)[0].clone();
        let compact = text.replace(':', "");
        let utc = shapes(seconds)[0].clone();
        let mut texts = vec![
            format!("{}{text}", local.replace(' ', "T")),
            format!("{local} {text}"),
            format!("{local} {compact}"),
            format!("{local}.000{compact}"),
            format!("{utc} +0000"),
            format!("{utc}Z"),
            format!("{utc} UTC"),
            format!("{utc} GMT"),
            format!("{seconds}"),
            format!("{seconds}000"),
            format!("{seconds}.0"),
        ];
        if minutes % 60 == 0 {
            texts.push(format!("{local}{}", &compact[..3]));
        }
        let (offset, _) = zone(to);
        let elsewhere = DateParser::new(DateFormat::Auto, TimeZone::fixed(offset));
        let there = at(seconds + i64::from(to) * 60);
        for text in texts {
            prop_assert_eq!(auto(&text), DateReading::certain(at(seconds), true), "{}", text);
            prop_assert_eq!(elsewhere.parse(&text), Ok(DateReading::certain(there, true)), "{}", text);
        }
        let unzoned = elsewhere.parse(&utc);
        prop_assert_eq!(unzoned, Ok(DateReading::certain(at(seconds), false)));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[0-9./: TZ+-]{0,24}|.{0,12}", pattern in "%?[a-zA-Z%: ]{0,6}") {
        let _ = parser(DateFormat::Auto).parse(&text);
        let _ = parse_snapshot(&text, &TimeZone::UTC);
        if let Ok(format) = pattern.parse::<DateFormat>() {
            let _ = parser(format).parse(&text);
        }
    }
}

/// A file with a line for each date; customers and invoices take turns.
fn file(dates: &[String]) -> Vec<Vec<String>> {
    let header = [
        "Invoice", "Date", "Quantity", "Price", "Customer", "Country",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(dates.iter().enumerate().map(|(index, date)| {
        vec![
            (index % 7).to_string(),
            date.clone(),
            "1".to_owned(),
            (index % 3 + 1).to_string(),
            (index % 5).to_string(),
            ["France", "EIRE"][index % 2].to_owned(),
        ]
    }));
    rows
}

fn build(dates: &[String]) -> Result<Features, FeatureError> {
    build_plain(&file(dates), &CleanParams::default())
}

fn dataset_error(dates: &[String]) -> DatasetError {
    match build(dates) {
        Err(FeatureError::Dataset(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn texts(times: &[i64], write: impl Fn(i64) -> String) -> Vec<String> {
    times.iter().map(|&time| write(time)).collect()
}

fn iso(seconds: i64) -> String {
    shapes(seconds)[0].clone()
}

/// Times of a few years, some of them equal, on the days that `keep` accepts.
fn times(keep: fn(month: i64, day: i64) -> bool) -> impl Strategy<Value = Vec<i64>> {
    let days = (14_000_i64..15_500).filter(|day| {
        let [_, month, day, ..] = civil(day * DAY);
        keep(month, day)
    });
    let time = (
        select(days.collect::<Vec<_>>()),
        select(&[0, 30_360, 43_200, 86_399][..]),
    )
        .prop_map(|(day, clock)| day * DAY + clock);
    (
        collection::vec(time, 1..12),
        collection::vec(any::<Index>(), 0..8),
    )
        .prop_map(|(mut times, again)| {
            let again: Vec<i64> = again.iter().map(|index| *index.get(&times)).collect();
            times.extend(again);
            times
        })
}

const ORDERS: [DateOrder; 2] = [DateOrder::DayFirst, DateOrder::MonthFirst];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn one_line_with_a_day_above_12_settles_all_wherever_it_stands(
        times in times(|_, day| day <= 12), telling in times(|_, day| day > 12),
        place in any::<Index>(), dash in any::<bool>(),
    ) {
        let mut times = times;
        times.insert(place.index(times.len() + 1), telling[0]);
        let expected = build(&texts(&times, iso)).expect("ISO dates");
        prop_assert_eq!(expected.report.clean.date_order, None);
        for order in ORDERS {
            let separator = if dash { '-' } else { '/' };
            let dates = texts(&times, |time| slashed(time, order, separator));
            let found = build(&dates).expect("settled dates");
            prop_assert_eq!(&found.table, &expected.table);
            prop_assert_eq!(found.report.clean.date_order, Some(order));
            prop_assert_eq!(found.report.clean.dropped, expected.report.clean.dropped);
            prop_assert_eq!(found.report.snapshot, expected.report.snapshot);
            prop_assert_eq!(found.report.clean.first, expected.report.clean.first);
        }
    }

    #[test]
    fn dates_that_nothing_settles_are_refused_with_the_first_of_them(
        plain in times(|month, day| month == day), times in times(|month, day| day <= 12 && month != day),
    ) {
        for order in ORDERS {
            let dates = [&plain[..], &times[..]].concat();
            let dates = texts(&dates, |time| slashed(time, order, '/'));
            let error = dataset_error(&dates);
            let DatasetError::AmbiguousDates { line, column, found, day_first, month_first, .. } = error else {
                panic!("{error}");
            };
            // Lines count from 1, and the header is the first.
            prop_assert_eq!(line, plain.len() as u64 + 2);
            prop_assert_eq!(&found, &dates[plain.len()]);
            prop_assert_eq!(column, "Date");
            let right = if order == DateOrder::DayFirst { day_first } else { month_first };
            prop_assert_eq!(right, at(times[0]));
            prop_assert_ne!(day_first, month_first);

            let told = CleanParams {
                date_format: if order == DateOrder::DayFirst {
                    DateFormat::DayFirst
                } else {
                    DateFormat::MonthFirst
                },
                ..CleanParams::default()
            };
            let found = build_plain(&file(&dates), &told).expect("told the order");
            let all = [&plain[..], &times[..]].concat();
            prop_assert_eq!(found.table, build(&texts(&all, iso)).expect("ISO dates").table);
        }
    }

    #[test]
    fn dates_with_equal_day_and_month_need_no_settling(times in times(|month, day| month == day)) {
        let found = build(&texts(&times, |time| slashed(time, DateOrder::DayFirst, '/')));
        let found = found.expect("one reading");
        prop_assert_eq!(found.report.clean.date_order, None);
        prop_assert_eq!(found.table, build(&texts(&times, iso)).expect("ISO dates").table);
    }

    #[test]
    fn lines_that_contradict_each_other_are_a_fault(
        between in times(|_, day| day <= 12), telling in times(|_, day| day > 12), turned in any::<bool>(),
    ) {
        let orders = if turned { [ORDERS[1], ORDERS[0]] } else { ORDERS };
        let mut dates = vec![slashed(telling[0], orders[0], '/')];
        dates.extend(texts(&between, |time| slashed(time, orders[0], '/')));
        dates.push(slashed(telling[0], orders[1], '/'));
        let error = dataset_error(&dates);
        let DatasetError::Faults { faults, .. } = &error else {
            panic!("{error}");
        };
        prop_assert_eq!(faults.len(), 1);
        let text = error.to_string();
        let line = dates.len() + 1;
        let end = format!("{}, as in line 2", orders[0]);
        prop_assert!(text.contains(&format!("csv:{line}: `Date`")) && text.ends_with(&end), "{}", text);
    }

    #[test]
    fn a_line_without_a_customer_settles_nothing(
        times in times(|month, day| day <= 12 && month != day), telling in times(|_, day| day > 12),
        place in any::<Index>(),
    ) {
        let place = place.index(times.len() + 1);
        let mut times = times;
        times.insert(place, telling[0]);
        let mut rows = file(&texts(&times, |time| slashed(time, DateOrder::DayFirst, '/')));
        rows[place + 1][4].clear();
        let found = build_plain(&rows, &CleanParams::default());
        let is_ambiguous = matches!(
            found,
            Err(FeatureError::Dataset(DatasetError::AmbiguousDates { .. }))
        );
        prop_assert!(is_ambiguous);
    }

    #[test]
    fn zoned_and_unzoned_dates_do_not_mix(
        times in times(|_, _| true), other in times(|_, _| true), zoned_first in any::<bool>(), shape in 0..3,
    ) {
        let zoned = |time| match shape {
            0 => format!("{} +0000", iso(time)),
            1 => time.to_string(),
            _ => format!("{}+01:00", iso(time + 3600).replace(' ', "T")),
        };
        let (first, next) = if zoned_first {
            (texts(&times, zoned), texts(&other, iso))
        } else {
            (texts(&times, iso), texts(&other, zoned))
        };
        let change = first.len() as u64 + 2;
        let error = dataset_error(&[first, next].concat());
        let lines = if zoned_first { (2, change) } else { (change, 2) };
        let DatasetError::MixedZones { zoned: with, unzoned: without, .. } = error else {
            panic!("{error}");
        };
        prop_assert_eq!((with.line, without.line), lines);

        let all = [times, other].concat();
        let found = build(&texts(&all, zoned)).expect("all zoned");
        prop_assert_eq!(found.table, build(&texts(&all, iso)).expect("ISO dates").table);
    }
}

#[test]
fn summer_time_moves_the_clock_of_a_zone() {
    let london = TimeZone::get("Europe/London").expect("a zone of the database");
    let parser = DateParser::new(DateFormat::Auto, london);
    for (text, civil) in [
        ("2010-12-01 08:26:00 +0000", "2010-12-01 08:26:00"),
        ("2011-07-01T12:00:00Z", "2011-07-01 13:00:00"),
        ("2011-07-01T12:00:00+02:00", "2011-07-01 11:00:00"),
        ("1309521600", "2011-07-01 13:00:00"),
        ("2011-07-01 12:00:00", "2011-07-01 12:00:00"),
    ] {
        let reading = parser.parse(text).expect("a date");
        assert_eq!(
            reading.day_first.map(|time| time.to_string()).as_deref(),
            Some(civil)
        );
        assert_eq!(reading.zoned, text != civil);
    }
}
