//! How much closer customers come to their centroids with every further cluster.

use serde::Serialize;

use super::{
    Drawn, Figure, NOT_EVALUATED, Sheet,
    canvas::{Align, Style},
    frame::{Axis, Frame, LABEL},
    theme::Ink,
};
use crate::{
    modeling::SEGMENTS,
    numbers::{percent, short},
};

/// Inertia by the number of clusters.
#[derive(Serialize)]
struct Elbow {
    points: Vec<(usize, f64)>,
}

pub(super) fn inertia(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let evaluation = sheet
        .material
        .evaluation
        .filter(|evaluation| evaluation.features_blake3 == sheet.features_blake3)
        .ok_or(NOT_EVALUATED)?;
    let by_clusters = evaluation.by_clusters.iter();
    let points: Vec<(usize, f64)> = by_clusters
        .filter_map(|quality| Some((quality.clusters, quality.inertia?)))
        .collect();
    let ([first, .., last], Some(chosen)) = (
        points.as_slice(),
        points.iter().find(|point| point.0 == SEGMENTS),
    ) else {
        return Err("too few customers differ");
    };
    let of = |clusters| {
        points
            .iter()
            .find(|point| point.0 == clusters)
            .unwrap_or(chosen)
            .1
    };
    let reading = format!(
        "The fourth cluster takes {} off the inertia of three; a fifth would take {} off that of four.",
        percent(1.0 - chosen.1 / of(SEGMENTS - 1)),
        percent(1.0 - of(SEGMENTS + 1) / chosen.1),
    );
    let title = "Inertia by the number of clusters";
    let mut frame = Frame::new(sheet.theme, title, &reading, &[]);
    let x = Axis {
        label: "clusters",
        values: [first.0 as f64, last.0 as f64],
        is_logarithmic: false,
        write: short,
    };
    let y = Axis {
        label: "inertia, squared standard scores",
        values: [0.0, first.1 * 1.05],
        is_logarithmic: false,
        write: short,
    };
    let (x, y) = frame.axes(&x, &y);
    let places: Vec<_> = points
        .iter()
        .map(|&(clusters, inertia)| (x.place(clusters as f64), y.place(inertia)))
        .collect();
    frame.canvas.curve(places.clone(), (Ink::Accent, 2.5));
    frame.canvas.dots(&places, 5.0, Ink::Accent, 1.0);
    let here = (x.place(chosen.0 as f64), y.place(chosen.1));
    frame.canvas.dots(
        &[here],
        9.0,
        Ink::Segment(crate::modeling::Segment::AtRisk),
        1.0,
    );
    let style = Style::of(LABEL, Ink::Strong).align(Align::Start).bold();
    frame
        .canvas
        .text((here.0 + 14.0, here.1 - 12.0), "the four segments", style);
    Ok(Figure::new(name, reading, &Elbow { points }, frame))
}
