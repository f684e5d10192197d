//! Bars: how much of something each has.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Area, Style, width},
    frame::{Frame, LABEL},
    theme::Ink,
};
use crate::{
    modeling::{Profile, Segment},
    numbers::{decimal, percent, short, thousands},
};

/// A name, and how much it has.
#[derive(Serialize)]
struct Bar {
    name: String,
    value: f64,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    ink: Ink,
}

pub(super) fn customers(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let largest = sheet.most(|profile| profile.customers as f64);
    let reading = format!(
        "{} are the largest segment: {} of {} customers.",
        largest,
        thousands(sheet.profile(largest).customers),
        thousands(sheet.table().len() as u64),
    );
    let bars = of_segments(sheet, |profile| {
        let text = format!(
            "{} ({})",
            thousands(profile.customers),
            percent(profile.share)
        );
        (profile.customers as f64, text)
    });
    Ok(figure(
        (name, "Customers by segment"),
        sheet,
        reading,
        &bars,
    ))
}

pub(super) fn revenue(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let total = sheet.table().revenue().to_f64();
    let first = sheet.most(|profile| profile.revenue_share);
    let profile = sheet.profile(first);
    let reading = format!(
        "{} bring {} of the revenue; they are {} of the customers.",
        first,
        percent(profile.revenue_share),
        percent(profile.share),
    );
    let bars = of_segments(sheet, |profile| {
        let revenue = profile.revenue_share * total;
        let text = format!(
            "{} ({})",
            decimal(revenue, 0),
            percent(profile.revenue_share)
        );
        (revenue, text)
    });
    Ok(figure((name, "Revenue by segment"), sheet, reading, &bars))
}

pub(super) fn median_recency(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let reading = median_reading(sheet, 0, |value| {
        format!("bought {} ago or earlier", counted(value, "day"))
    });
    let bars = medians(sheet, 0, |value| counted(value, "day"));
    Ok(figure(
        (name, "Median recency by segment"),
        sheet,
        reading,
        &bars,
    ))
}

pub(super) fn median_frequency(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let reading = median_reading(sheet, 1, |value| {
        format!("have {} or more", counted(value, "invoice"))
    });
    let bars = medians(sheet, 1, |value| counted(value, "invoice"));
    Ok(figure(
        (name, "Median frequency by segment"),
        sheet,
        reading,
        &bars,
    ))
}

pub(super) fn median_monetary(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let reading = median_reading(sheet, 2, |value| {
        format!("spent {} or more", decimal(value, 0))
    });
    let bars = medians(sheet, 2, |value| decimal(value, 0));
    Ok(figure(
        (name, "Median monetary value by segment"),
        sheet,
        reading,
        &bars,
    ))
}

pub(super) fn champions_countries(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    /// Countries with a bar of their own.
    const MOST: usize = 10;
    let countries = sheet
        .table()
        .country()
        .ok_or("the data have no countries")?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (country, segment) in countries.iter().zip(sheet.segments()) {
        if *segment == Segment::Champions {
            *counts
                .entry(country.as_deref().unwrap_or("not named"))
                .or_default() += 1;
        }
    }
    let champions: u64 = counts.values().sum();
    if champions == 0 {
        return Err("there are no Champions");
    }
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let share = |count: u64| percent(count as f64 / champions as f64);
    let (first, most) = counts[0];
    let reading = format!(
        "{} of {} Champions ({}) last bought from {first}.",
        thousands(most),
        thousands(champions),
        share(most),
    );
    let others: u64 = counts.iter().skip(MOST).map(|(_, count)| count).sum();
    counts.truncate(MOST);
    let mut bars: Vec<Bar> = counts
        .into_iter()
        .map(|(country, count)| Bar {
            name: clipped(country),
            value: count as f64,
            text: format!("{} ({})", thousands(count), share(count)),
            ink: Ink::Segment(Segment::Champions),
        })
        .collect();
    if others > 0 {
        bars.push(Bar {
            name: "all others".to_owned(),
            value: others as f64,
            text: format!("{} ({})", thousands(others), share(others)),
            ink: Ink::Segment(Segment::LostCustomers),
        });
    }
    Ok(figure(
        (name, "Where Champions come from"),
        sheet,
        reading,
        &bars,
    ))
}

pub(super) fn orders(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    /// Customers with so many orders or more share a bar.
    const MANY: u32 = 10;
    let mut counts = vec![0_u64; MANY as usize];
    for &frequency in sheet.table().frequency() {
        counts[(frequency.min(MANY) - 1) as usize] += 1;
    }
    let all = sheet.table().len() as f64;
    let share = |count: u64| percent(count as f64 / all);
    let reading = format!(
        "{} of the customers ordered once; {} ordered {MANY} times or more.",
        share(counts[0]),
        share(counts[MANY as usize - 1]),
    );
    let bars = counts.into_iter().zip(1..).map(|(count, orders)| Bar {
        name: match orders {
            1 => "1 order".to_owned(),
            MANY => format!("{MANY} or more"),
            _ => format!("{orders}"),
        },
        value: count as f64,
        text: format!("{} ({})", thousands(count), share(count)),
        ink: Ink::Accent,
    });
    Ok(figure(
        (name, "Customers by number of orders"),
        sheet,
        reading,
        &bars.collect::<Vec<_>>(),
    ))
}

fn medians(sheet: &Sheet<'_>, feature: usize, write: impl Fn(f64) -> String) -> Vec<Bar> {
    of_segments(sheet, |profile| {
        let median = profile.median[feature];
        (median, write(median))
    })
}

/// So many of something.
fn counted(number: f64, one: &str) -> String {
    let plural = if (number - 1.0).abs() < f64::EPSILON {
        ""
    } else {
        "s"
    };
    format!("{} {one}{plural}", short(number))
}

/// Half of which segment do something the most.
fn median_reading(sheet: &Sheet<'_>, feature: usize, what: impl Fn(f64) -> String) -> String {
    let first = sheet.most(|profile| profile.median[feature]);
    format!(
        "Half of the {first} {}.",
        what(sheet.profile(first).median[feature])
    )
}

fn of_segments(sheet: &Sheet<'_>, value: impl Fn(&Profile) -> (f64, String)) -> Vec<Bar> {
    let bars = Segment::ALL.map(|segment| {
        let profile = sheet.profile(segment);
        let (value, text) = value(profile);
        let text = if profile.customers == 0 {
            "no customers".to_owned()
        } else {
            text
        };
        Bar {
            name: segment.name().to_owned(),
            value,
            text,
            ink: Ink::Segment(segment),
        }
    });
    bars.into()
}

/// A name that leaves room for its bar.
fn clipped(name: &str) -> String {
    const MOST: usize = 28;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let start: String = name.chars().take(MOST - 1).collect();
    format!("{start}…")
}

/// Horizontal bars from the top to the bottom, each with its value at its end.
fn figure(
    (name, title): (&'static str, &str),
    sheet: &Sheet<'_>,
    reading: String,
    bars: &[Bar],
) -> Figure {
    let mut frame = Frame::new(sheet.theme, title, &reading, &[]);
    let widest = |of: fn(&Bar) -> &str| {
        let widths = bars.iter().map(|bar| width(of(bar), LABEL));
        widths.fold(0.0, f64::max)
    };
    let area = Area {
        left: frame.area.left + widest(|bar| &bar.name) + 14.0,
        right: frame.area.right - widest(|bar| &bar.text) - 14.0,
        ..frame.area
    };
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let step = (area.height() / bars.len() as f64).min(118.0);
    for (bar, number) in bars.iter().zip(0_u32..) {
        let top = area.top + step * f64::from(number);
        let length = if most > 0.0 {
            area.width() * bar.value / most
        } else {
            0.0
        };
        let rect = Area {
            left: area.left,
            top: top + step * 0.14,
            right: area.left + length,
            bottom: top + step * 0.86,
        };
        let baseline = top + step / 2.0 + 5.0;
        frame.canvas.rect(rect, bar.ink);
        let left = Style::of(LABEL, Ink::Strong).align(Align::End);
        frame
            .canvas
            .text((area.left - 10.0, baseline), &bar.name, left);
        let value = Style::of(LABEL, Ink::Strong);
        frame
            .canvas
            .text((rect.right + 10.0, baseline), &bar.text, value);
    }
    Figure::new(name, reading, &bars, frame)
}
