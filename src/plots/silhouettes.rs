//! Silhouettes: how near customers are to their cluster, beside the clusters.

use serde::Serialize;

use super::{
    Drawn, Figure, NOT_EVALUATED, Sheet,
    canvas::{Align, Area, Point, Style},
    frame::{Axis, Frame, LABEL},
    scatter::sample,
    theme::Ink,
};
use crate::{
    modeling::{Blades, nearest},
    numbers::{decimal, percent, short},
};

/// From the blades to the clusters, in pixels.
const GAP: f64 = 36.0;

/// Blades, and the share of the customers who are nearer to another cluster.
#[derive(Serialize)]
struct Analysis<'a> {
    blades: &'a Blades,
    misplaced: f64,
}

/// The figure of so many clusters.
pub(super) fn of<const CLUSTERS: usize>(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let found = sheet.material.silhouettes;
    let found = found.filter(|found| found.features_blake3 == sheet.features_blake3);
    let all = &found.ok_or(NOT_EVALUATED)?.by_clusters;
    let blades = all.iter().find(|blades| blades.clusters == CLUSTERS);
    let blades = blades.ok_or("too few customers differ")?;
    if sheet.material.model.training().features_blake3 != sheet.features_blake3 {
        return Err("the model was trained on other customers");
    }
    let customers: u64 = blades.blades.iter().map(|blade| blade.customers).sum();
    let below = blades.blades.iter().map(|blade| {
        let below = blade.widths.iter().filter(|width| **width < 0.0).count() as f64;
        below / blade.widths.len() as f64 * blade.customers as f64
    });
    let analysis = Analysis {
        blades,
        misplaced: below.sum::<f64>() / customers as f64,
    };
    let reading = format!(
        "The mean silhouette width of {CLUSTERS} clusters is {}; about {} of the customers are nearer to another cluster than to their own.",
        decimal(blades.mean, 2),
        percent(analysis.misplaced),
    );
    let title = format!("Silhouettes of {CLUSTERS} clusters");
    let mut frame = Frame::new(sheet.theme, &title, &reading, &[]);
    let whole = frame.area;
    let middle = whole.center().0;
    frame.area.right = middle - GAP / 2.0;
    draw_blades(&mut frame, blades);
    frame.area = Area {
        left: middle + GAP / 2.0,
        ..whole
    };
    draw_clusters(&mut frame, blades, sheet);
    Ok(Figure::new(name, reading, &analysis, frame))
}

/// One blade below the other, as thick as their clusters have customers.
fn draw_blades(frame: &mut Frame, blades: &Blades) {
    frame.area.left += 14.0;
    frame.area.right -= 8.0;
    frame.area.bottom -= 48.0;
    let widths = blades.blades.iter().flat_map(|blade| &blade.widths);
    let least = widths.fold(0.0_f64, |least, width| least.min(*width));
    let axis = Axis {
        label: "silhouette width",
        values: [least.min(-0.1), 1.0],
        is_logarithmic: false,
        write: short,
    };
    let x = frame.x_axis(&axis);
    let area = frame.area;
    let customers: u64 = blades.blades.iter().map(|blade| blade.customers).sum();
    let gap = 8.0;
    let room = area.height() - gap * (blades.blades.len() - 1) as f64;
    let mut top = area.top;
    for (number, blade) in blades.blades.iter().enumerate() {
        let height = room * blade.customers as f64 / customers as f64;
        let steps = blade.widths.len() as f64;
        let edge = blade.widths.iter().enumerate().flat_map(|(step, &width)| {
            let from = top + height * step as f64 / steps;
            let to = top + height * (step + 1) as f64 / steps;
            [(x.place(width), from), (x.place(width), to)]
        });
        let mut outline: Vec<Point> = vec![(x.place(0.0), top)];
        outline.extend(edge);
        outline.push((x.place(0.0), top + height));
        frame.canvas.shape(&outline, Ink::Cluster(number), 0.9);
        let style = Style::of(LABEL, Ink::Strong).align(Align::End).bold();
        let baseline = top + height / 2.0 + 5.0;
        frame.canvas.text(
            (x.place(0.0) - 6.0, baseline),
            &(number + 1).to_string(),
            style,
        );
        top += height + gap;
    }
    let mean = x.place(blades.mean);
    frame
        .canvas
        .dashes((mean, area.top), (mean, area.bottom), (Ink::Strong, 1.5));
}

/// The customers by recency and monetary value in standard scores, with the centroids.
fn draw_clusters(frame: &mut Frame, blades: &Blades, sheet: &Sheet<'_>) {
    let centroids: Vec<[f64; 3]> = blades.blades.iter().map(|blade| blade.centroid).collect();
    let scaler = sheet.material.model.scaler();
    let (rows, _) = sample(sheet);
    let mut dots: Vec<Vec<[f64; 3]>> = vec![Vec::new(); centroids.len()];
    for row in rows {
        let scores = scaler.transform(sheet.table().rfm(row));
        dots[nearest(&scores, &centroids).unwrap_or_default()].push(scores);
    }
    let range = |feature: usize| {
        let values = dots
            .iter()
            .flatten()
            .chain(&centroids)
            .map(|scores| scores[feature]);
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
            [low.min(value), high.max(value)]
        })
    };
    let axis = |label, feature| Axis {
        label,
        values: range(feature),
        is_logarithmic: false,
        write: short,
    };
    let (x, y) = frame.axes(
        &axis("recency, standard score", 0),
        &axis("monetary, standard score", 2),
    );
    let place = |scores: &[f64; 3]| (x.place(scores[0]), y.place(scores[2]));
    for (number, own) in dots.iter().enumerate() {
        let places: Vec<Point> = own.iter().map(place).collect();
        frame.canvas.dots(&places, 2.4, Ink::Cluster(number), 0.55);
    }
    for (number, centroid) in centroids.iter().enumerate() {
        let center = place(centroid);
        frame.canvas.dots(&[center], 12.0, Ink::Strong, 1.0);
        frame.canvas.dots(&[center], 10.5, Ink::Paper, 1.0);
        let style = Style::of(LABEL, Ink::Strong).align(Align::Middle).bold();
        frame
            .canvas
            .text((center.0, center.1 + 5.0), &(number + 1).to_string(), style);
    }
}
