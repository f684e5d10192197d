//! Where the segments lie in standard scores.

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Style},
    frame::{Axis, Frame, LABEL},
    segment_legend,
    theme::Ink,
};
use crate::{modeling::Segment, numbers::short};

/// A centroid.
#[derive(Serialize)]
struct Centroid {
    segment: Segment,
    /// Recency, frequency, monetary.
    scores: [f64; 3],
}

pub(super) fn centroids(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    const ROWS: [(&str, &str); 3] = [
        ("recency", "the lower, the more recent"),
        ("frequency", "the higher, the more orders"),
        ("monetary", "the higher, the more revenue"),
    ];
    let centroids = sheet
        .material
        .model
        .segments()
        .each_ref()
        .map(|segment| Centroid {
            segment: segment.segment,
            scores: segment.centroid,
        });
    let doubted = sheet
        .material
        .model
        .segments()
        .iter()
        .filter(|segment| !segment.doubts.is_empty());
    let doubted: Vec<&str> = doubted.map(|segment| segment.segment.name()).collect();
    let doubts = match doubted.as_slice() {
        [] => "no name is in doubt".to_owned(),
        names => format!("doubtful: {}", names.join(", ")),
    };
    let reading = format!(
        "The centre of each segment in standard deviations from the mean customer, after logarithms; {doubts}."
    );
    let title = "What tells the segments apart";
    let mut frame = Frame::new(sheet.theme, title, &reading, &segment_legend());
    let all = centroids.iter().flat_map(|centroid| centroid.scores);
    let most = all.map(f64::abs).fold(1.0, f64::max) * 1.1;
    frame.area.left += 210.0;
    frame.area.right -= 16.0;
    frame.area.bottom -= 48.0;
    let axis = Axis {
        label: "standard score",
        values: [-most, most],
        is_logarithmic: false,
        write: short,
    };
    let x = frame.x_axis(&axis);
    let zero = x.place(0.0);
    let ends = [(zero, frame.area.top), (zero, frame.area.bottom)];
    frame.canvas.line(ends[0], ends[1], (Ink::Weak, 1.5));
    let step = frame.area.height() / 3.0;
    for (row, (feature, meaning)) in ROWS.into_iter().enumerate() {
        let middle = frame.area.top + step * (row as f64 + 0.5);
        let left = frame.area.left - 18.0;
        let strong = Style::of(16, Ink::Strong).align(Align::End).bold();
        frame.canvas.text((left, middle - 2.0), feature, strong);
        let weak = Style::of(12, Ink::Weak).align(Align::End);
        frame.canvas.text((left, middle + 16.0), meaning, weak);
        let ends = [(frame.area.left, middle), (frame.area.right, middle)];
        frame.canvas.line(ends[0], ends[1], (Ink::Grid, 6.0));
        let mut order: Vec<&Centroid> = centroids.iter().collect();
        order.sort_by(|a, b| a.scores[row].total_cmp(&b.scores[row]));
        for (number, centroid) in order.into_iter().enumerate() {
            let score = centroid.scores[row];
            let place = (x.place(score), middle);
            frame
                .canvas
                .dots(&[place], 11.0, Ink::Segment(centroid.segment), 1.0);
            // Above and below by turns, so that neighbours do not cover each other.
            let baseline = if number % 2 == 0 {
                middle - 20.0
            } else {
                middle + 32.0
            };
            let style = Style::of(LABEL, Ink::Strong).align(Align::Middle);
            frame
                .canvas
                .text((place.0, baseline), &format!("{score:+.2}"), style);
        }
    }
    Ok(Figure::new(name, reading, &centroids, frame))
}
