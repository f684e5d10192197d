//! A ring of shares.

use std::f64::consts::TAU;

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Point, Style},
    frame::Frame,
    theme::Ink,
};
use crate::{
    modeling::Segment,
    numbers::{percent, thousands},
};

/// The share of a segment in all customers.
#[derive(Serialize)]
struct Slice {
    segment: Segment,
    customers: u64,
    share: f64,
}

pub(super) fn proportions(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let slices = Segment::ALL.map(|segment| {
        let profile = sheet.profile(segment);
        Slice {
            segment,
            customers: profile.customers,
            share: profile.share,
        }
    });
    let largest = sheet.most(|profile| profile.share);
    let smallest = Segment::ALL
        .into_iter()
        .rev()
        .reduce(|least, next| {
            if sheet.profile(next).share <= sheet.profile(least).share {
                next
            } else {
                least
            }
        })
        .unwrap_or(largest);
    let reading = format!(
        "{} of the customers are {largest}, {} are {smallest}.",
        percent(sheet.profile(largest).share),
        percent(sheet.profile(smallest).share),
    );
    let mut frame = Frame::new(sheet.theme, "How customers are divided", &reading, &[]);
    let center = frame.area.center();
    let radius = frame.area.height().min(frame.area.width()) / 2.0 - 8.0;
    let mut start = 0.0;
    for slice in slices.iter().filter(|slice| slice.customers > 0) {
        let end = start + slice.share;
        let ring = ring(center, [radius * 0.58, radius], [start, end]);
        frame.canvas.shape(&ring, Ink::Segment(slice.segment), 1.0);
        start = end;
    }
    // Gaps between slices, so that neighbours stand apart without their colours too.
    let mut start = 0.0;
    for slice in slices
        .iter()
        .filter(|slice| (1..).contains(&slice.customers))
    {
        if slice.share < 1.0 {
            let from = on_circle(center, radius * 0.56, start);
            let to = on_circle(center, radius + 2.0, start);
            frame.canvas.line(from, to, (Ink::Paper, 3.0));
        }
        start += slice.share;
    }
    label(&mut frame, &slices, center, radius);
    let middle = Style::of(26, Ink::Strong).align(Align::Middle).bold();
    frame.canvas.text(
        (center.0, center.1 + 2.0),
        &thousands(sheet.table().len() as u64),
        middle,
    );
    let below = Style::of(14, Ink::Weak).align(Align::Middle);
    frame
        .canvas
        .text((center.0, center.1 + 26.0), "customers", below);
    Ok(Figure::new(name, reading, &slices, frame))
}

/// Writes beside each slice what it is; labels of small neighbours are moved apart.
fn label(frame: &mut Frame, slices: &[Slice], center: Point, radius: f64) {
    /// From label to label, in pixels.
    const APART: f64 = 46.0;
    let mut start = 0.0;
    let mut sides: [Vec<(f64, &Slice)>; 2] = [Vec::new(), Vec::new()];
    for slice in slices.iter().filter(|slice| slice.customers > 0) {
        let middle = start + slice.share / 2.0;
        let place = on_circle(center, radius + 14.0, middle);
        sides[usize::from(middle >= 0.5)].push((place.1, slice));
        start += slice.share;
    }
    for (side, labels) in sides.iter_mut().enumerate() {
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        for i in 1..labels.len() {
            labels[i].0 = labels[i].0.max(labels[i - 1].0 + APART);
        }
        let overflow = labels
            .last()
            .map_or(0.0, |last| (last.0 - frame.area.bottom + 20.0).max(0.0));
        let (left, align) = match side {
            0 => (center.0 + radius + 24.0, Align::Start),
            _ => (center.0 - radius - 24.0, Align::End),
        };
        for (top, slice) in labels {
            let top = *top - overflow;
            let strong = Style::of(16, Ink::Strong).align(align).bold();
            frame.canvas.text((left, top), slice.segment.name(), strong);
            let text = format!("{} · {}", percent(slice.share), thousands(slice.customers));
            let weak = Style::of(14, Ink::Weak).align(align);
            frame.canvas.text((left, top + 19.0), &text, weak);
        }
    }
}

/// The place on a circle at a share of the way around, from the top to the right.
fn on_circle(center: Point, radius: f64, share: f64) -> Point {
    let angle = share * TAU;
    (
        center.0 + radius * angle.sin(),
        center.1 - radius * angle.cos(),
    )
}

/// The outline of a part of a ring.
fn ring(center: Point, [inner, outer]: [f64; 2], [from, to]: [f64; 2]) -> Vec<Point> {
    let steps = ((to - from) * 240.0).ceil().max(2.0) as u32;
    let share = |step: u32| from + (to - from) * f64::from(step) / f64::from(steps);
    let outside = (0..=steps).map(|step| on_circle(center, outer, share(step)));
    let inside = (0..=steps)
        .rev()
        .map(|step| on_circle(center, inner, share(step)));
    outside.chain(inside).collect()
}
