//! Customers as a cloud in all three features.

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Point, Style},
    frame::{Frame, LABEL},
    scatter::sample,
    segment_legend,
    theme::Ink,
};
use crate::{
    modeling::Segment,
    numbers::{percent, thousands},
};

/// From where one looks: around the upright axis, and from above, in degrees.
const AROUND: f64 = 38.0;
const ABOVE: f64 = 22.0;
/// Standard scores beyond are drawn at the wall.
const WALL: f64 = 3.0;

/// The dots.
#[derive(Serialize)]
struct Cloud {
    customers: u64,
    sampled: Option<u64>,
    /// Segment and standard scores: recency, frequency, monetary.
    dots: Vec<(Segment, [f64; 3])>,
}

pub(super) fn customers(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let (rows, sampled) = sample(sheet);
    let scaler = sheet.material.model.scaler();
    let dots = rows.into_iter().map(|row| {
        let scores = scaler.transform(sheet.table().rfm(row));
        (sheet.segments()[row], scores)
    });
    let cloud = Cloud {
        customers: sheet.table().len() as u64,
        sampled,
        dots: dots.collect(),
    };
    let which = match sampled {
        Some(sampled) => format!(
            "a sample of {} of {} customers",
            thousands(sampled),
            thousands(cloud.customers)
        ),
        None => format!("all {} customers", thousands(cloud.customers)),
    };
    let explained = sheet.material.model.metrics().explained_variance;
    let reading = format!(
        "To know the segments explains {} of the variance in training; standard scores of {which}.",
        percent(explained),
    );
    let title = "Customers in three features";
    let mut frame = Frame::new(sheet.theme, title, &reading, &segment_legend());
    let view = View::of(&frame);
    walls(&mut frame, &view);
    let mut dots: Vec<(f64, Point, Segment)> = cloud
        .dots
        .iter()
        .map(|&(segment, scores)| {
            let scores = scores.map(|score| score.clamp(-WALL, WALL));
            (View::depth(scores), view.place(scores), segment)
        })
        .collect();
    // What is nearer covers what is behind it.
    dots.sort_by(|a, b| b.0.total_cmp(&a.0));
    for near in dots.chunk_by(|a, b| a.2 == b.2) {
        let places: Vec<Point> = near.iter().map(|dot| dot.1).collect();
        frame
            .canvas
            .dots(&places, 3.2, Ink::Segment(near[0].2), 0.7);
    }
    Ok(Figure::new(name, reading, &cloud, frame))
}

/// From scores to places.
struct View {
    center: Point,
    /// Pixels of one standard deviation.
    unit: f64,
}

impl View {
    fn of(frame: &Frame) -> Self {
        let (x, y) = frame.area.center();
        Self {
            center: (x, y - 6.0),
            unit: frame.area.height() / (2.0 * WALL) / 1.42,
        }
    }

    /// Recency runs to the right, frequency away, monetary up.
    fn turned([recency, frequency, monetary]: [f64; 3]) -> [f64; 3] {
        let (sin, cos) = AROUND.to_radians().sin_cos();
        let (across, away) = (
            recency * cos - frequency * sin,
            recency * sin + frequency * cos,
        );
        let (sin, cos) = ABOVE.to_radians().sin_cos();
        [
            across,
            monetary * cos + away * sin,
            away * cos - monetary * sin,
        ]
    }

    fn place(&self, scores: [f64; 3]) -> Point {
        let [across, up, _] = Self::turned(scores);
        (
            self.center.0 + across * self.unit * 1.45,
            self.center.1 - up * self.unit,
        )
    }

    fn depth(scores: [f64; 3]) -> f64 {
        Self::turned(scores)[2]
    }
}

/// The floor and the two walls behind the cloud, and the names of the axes.
fn walls(frame: &mut Frame, view: &View) {
    let faces: [fn(f64, f64) -> [f64; 3]; 3] = [
        |a, b| [a, b, -WALL],
        |a, b| [WALL, a, b],
        |a, b| [a, WALL, b],
    ];
    for face in faces {
        for step in [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0] {
            for ends in [
                [face(step, -WALL), face(step, WALL)],
                [face(-WALL, step), face(WALL, step)],
            ] {
                let [from, to] = ends.map(|end| view.place(end));
                frame.canvas.line(from, to, (Ink::Grid, 1.0));
            }
        }
    }
    let names = [
        ([0.0, -WALL - 0.7, -WALL], "recency →", Align::End),
        ([-WALL - 0.7, 0.0, -WALL], "frequency →", Align::End),
        ([WALL, -WALL, WALL * 0.2], "  monetary ↑", Align::Start),
    ];
    for (place, name, align) in names {
        let (x, y) = view.place(place);
        let style = Style::of(LABEL, Ink::Strong).align(align);
        frame.canvas.text((x, y + 14.0), name, style);
    }
}
