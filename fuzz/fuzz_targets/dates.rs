//! Any text as a date, in any format: what is read and written is read the same.

#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use rfmkit::dataset::{DateFormat, DateParser, Timestamp, parse_snapshot};
use rfmkit_fuzz::parts;

const ZONES: [&str; 4] = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
];

fuzz_target!(|input: &[u8]| {
    let Some((&choice, bytes)) = input.split_first() else {
        return;
    };
    let zone = ZONES[usize::from(choice ^ b'0') % ZONES.len()];
    let zone = TimeZone::get(zone).expect("a zone");
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (text, pattern) = match parts(text.as_bytes()) {
        [Some(text), Some(pattern)] => (text, Some(pattern)),
        _ => (text.as_bytes(), None),
    };
    let text = std::str::from_utf8(text).expect("a part of a text");
    let pattern = pattern.map(|bytes| std::str::from_utf8(bytes).expect("a part of a text"));
    let pattern = pattern.and_then(|pattern| pattern.parse::<DateFormat>().ok());
    let by_shape = [
        DateFormat::Auto,
        DateFormat::DayFirst,
        DateFormat::MonthFirst,
    ];
    for format in by_shape.into_iter().chain(pattern) {
        let parser = DateParser::new(format, zone.clone());
        match parser.parse(text) {
            Ok(reading) => {
                let times = [reading.day_first, reading.month_first];
                assert_ne!(times, [None, None], "a date is a time");
                times.into_iter().flatten().for_each(check);
            }
            Err(error) => assert!(!parser.expected(error).is_empty()),
        }
    }
    if let Ok(time) = parse_snapshot(text, &zone) {
        check(time);
    }
});

/// A time is within its range, and its text is read as the same time.
fn check(time: Timestamp) {
    assert_eq!(
        Timestamp::from_microseconds(time.microseconds()),
        Some(time)
    );
    let parser = DateParser::new(DateFormat::Auto, TimeZone::UTC);
    let again = parser.parse(&time.to_string()).expect("a time has a text");
    assert_eq!([again.day_first, again.month_first], [Some(time); 2]);
    assert!(!again.zoned);
    let day = parser
        .parse(&format!("{time:.10}"))
        .expect("a day has a text");
    assert_eq!(day.day_first, Some(time.midnight()));
    assert!((0..1).contains(&time.days_since(time.midnight())));
}
