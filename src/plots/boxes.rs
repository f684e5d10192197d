//! Boxes: the middle half of the customers of each segment.

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Area, Style},
    frame::{Axis, Frame, LABEL},
    segment_legend,
    theme::Ink,
};
use crate::{modeling::Segment, numbers::short};

/// From one panel to the next, in pixels.
const GAP: f64 = 26.0;

/// One segment in one feature.
#[derive(Serialize)]
struct Spread {
    segment: Segment,
    feature: &'static str,
    /// The values between which nine of ten customers lie.
    ends: [f64; 2],
    quartiles: [f64; 2],
    median: f64,
}

pub(super) fn by_segment(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    const FEATURES: [&str; 3] = ["recency, days", "frequency, invoices", "monetary value"];
    let mut spreads = Vec::new();
    for (feature, &label) in FEATURES.iter().enumerate() {
        for segment in Segment::ALL {
            let profile = sheet.profile(segment);
            if profile.customers > 0 {
                spreads.push(Spread {
                    segment,
                    feature: label,
                    ends: ends(sheet, segment, feature),
                    quartiles: [
                        profile.first_quartile[feature],
                        profile.third_quartile[feature],
                    ],
                    median: profile.median[feature],
                });
            }
        }
    }
    let richest = sheet.most(|profile| profile.median[2]);
    let reading = format!(
        "Boxes hold the middle half of each segment, lines nine of ten customers; medians stand below. {richest} have the highest median monetary value: {}.",
        short(sheet.profile(richest).median[2]),
    );
    let title = "How segments differ";
    let mut frame = Frame::new(sheet.theme, title, &reading, &segment_legend());
    let whole = frame.area;
    let width = (whole.width() - 2.0 * GAP) / 3.0;
    for (number, &label) in FEATURES.iter().enumerate() {
        frame.area = Area {
            left: whole.left + (width + GAP) * number as f64,
            right: whole.left + (width + GAP) * number as f64 + width,
            ..whole
        };
        let own: Vec<&Spread> = spreads
            .iter()
            .filter(|spread| spread.feature == label)
            .collect();
        panel(&mut frame, &own, (label, number > 0));
    }
    Ok(Figure::new(name, reading, &spreads, frame))
}

/// Draws the boxes of one feature; the area of the frame is theirs.
fn panel(frame: &mut Frame, spreads: &[&Spread], (label, is_logarithmic): (&str, bool)) {
    let values = spreads.iter().flat_map(|spread| spread.ends);
    let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(value), high.max(value)]
    });
    let axis = Axis {
        label: "",
        values: if is_logarithmic {
            [low, high]
        } else {
            [0.0, high]
        },
        is_logarithmic,
        write: short,
    };
    let heading = Style::of(LABEL, Ink::Strong);
    frame.canvas.text(
        (frame.area.left, frame.area.top + 14.0),
        label,
        heading.bold(),
    );
    frame.area.top += 30.0;
    frame.area.bottom -= 26.0;
    let y = frame.y_axis(&axis);
    let step = frame.area.width() / Segment::ALL.len() as f64;
    for spread in spreads {
        let middle = frame.area.left + step * (spread.segment.label() as f64 + 0.5);
        let ink = Ink::Segment(spread.segment);
        let half = step * 0.32;
        let (low, high) = (y.place(spread.ends[0]), y.place(spread.ends[1]));
        frame.canvas.line((middle, low), (middle, high), (ink, 2.0));
        for end in [low, high] {
            let cap = half * 0.5;
            frame
                .canvas
                .line((middle - cap, end), (middle + cap, end), (ink, 2.0));
        }
        let area = Area {
            left: middle - half,
            right: middle + half,
            top: y.place(spread.quartiles[1]) - 1.0,
            bottom: y.place(spread.quartiles[0]) + 1.0,
        };
        frame.canvas.rect(area, ink);
        let median = y.place(spread.median);
        frame
            .canvas
            .line((area.left, median), (area.right, median), (Ink::Paper, 3.0));
        let style = Style::of(LABEL, Ink::Strong).align(Align::Middle);
        let below = (middle, frame.area.bottom + 22.0);
        frame.canvas.text(below, &short(spread.median), style);
    }
}

/// Below the first value lie five percent of a segment, above the second as many.
fn ends(sheet: &Sheet<'_>, segment: Segment, feature: usize) -> [f64; 2] {
    let rows = sheet.table().rows().zip(sheet.segments());
    let own = rows.filter(|(_, found)| **found == segment);
    let mut values: Vec<f64> = own.map(|(rfm, _)| rfm.to_array()[feature]).collect();
    let last = values.len() - 1;
    [0.05, 0.95].map(|share| {
        let place = (share * last as f64).round() as usize;
        *values.select_nth_unstable_by(place, f64::total_cmp).1
    })
}
