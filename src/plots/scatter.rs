//! Customers as dots in two features.

use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    frame::{Axis, Frame},
    segment_legend,
    theme::Ink,
};
use crate::{
    modeling::{Segment, choose},
    numbers::{decimal, short, thousands},
};

/// Customers that are drawn, at most: more would cover each other.
const MOST: usize = 6000;
/// From which the sample is drawn.
const SEED: u64 = 42;

/// The dots.
#[derive(Serialize)]
struct Scatter {
    /// Of the logarithms, among those that are drawn (Pearson 1895).
    correlation: f64,
    customers: u64,
    /// Customers that are drawn, if not all.
    sampled: Option<u64>,
    /// By segment: the value on the axis to the right, and the monetary value.
    dots: [Vec<(f64, f64)>; 4],
}

pub(super) fn frequency_monetary(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let axis = ("invoices, equal steps for equal ratios", 1, true);
    let words = [
        "Who bought more often spent more",
        "Who bought more often spent less",
    ];
    Ok(figure(
        (name, "Frequency and monetary value"),
        sheet,
        words,
        axis,
    ))
}

pub(super) fn recency_monetary(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let axis = ("days from the last purchase to the snapshot", 0, false);
    let words = [
        "Who bought longer ago spent more",
        "Who bought longer ago spent less",
    ];
    Ok(figure(
        (name, "Recency and monetary value"),
        sheet,
        words,
        axis,
    ))
}

/// The rows that are drawn, and how many they are, if not all.
pub(super) fn sample(sheet: &Sheet<'_>) -> (Vec<usize>, Option<u64>) {
    let all = sheet.table().len();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let rows = choose(MOST.min(all), all, &mut random);
    let sampled = (rows.len() < all).then_some(rows.len() as u64);
    (rows, sampled)
}

fn figure(
    (name, title): (&'static str, &str),
    sheet: &Sheet<'_>,
    [more, less]: [&str; 2],
    (label, feature, is_logarithmic): (&str, usize, bool),
) -> Figure {
    let all = sheet.table().len();
    let (rows, sampled) = sample(sheet);
    let mut dots: [Vec<(f64, f64)>; 4] = Default::default();
    for row in rows {
        let values = sheet.table().rfm(row).to_array();
        dots[sheet.segments()[row].label()].push((values[feature], values[2]));
    }
    let correlation = correlation(
        dots.iter()
            .flatten()
            .map(|dot| (dot.0.ln_1p(), dot.1.ln_1p())),
    );
    let strength = decimal(correlation, 2);
    let start = match correlation {
        0.2.. => format!("{more}: the correlation of logarithms is {strength}"),
        ..=-0.2 => format!("{less}: the correlation of logarithms is {strength}"),
        _ => format!("The two hardly go together: the correlation of logarithms is {strength}"),
    };
    let reading = match sampled {
        Some(sampled) => format!(
            "{start}. A sample of {} of {} customers.",
            thousands(sampled),
            thousands(all as u64)
        ),
        None => format!(
            "{start}; each dot is one of {} customers.",
            thousands(all as u64)
        ),
    };
    let scatter = Scatter {
        correlation,
        customers: all as u64,
        sampled,
        dots,
    };
    let range = |of: fn(&(f64, f64)) -> f64| {
        let values = scatter.dots.iter().flatten().map(of);
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
            [low.min(value), high.max(value)]
        })
    };
    let mut frame = Frame::new(sheet.theme, title, &reading, &segment_legend());
    let x = Axis {
        label,
        values: range(|dot| dot.0),
        is_logarithmic,
        write: short,
    };
    let y = Axis {
        label: "sum of amounts",
        values: range(|dot| dot.1),
        is_logarithmic: true,
        write: short,
    };
    let (x, y) = frame.axes(&x, &y);
    // The larger a segment, the earlier it is drawn.
    let mut order = Segment::ALL;
    order.sort_by_key(|segment| std::cmp::Reverse(scatter.dots[segment.label()].len()));
    for segment in order {
        let dots = scatter.dots[segment.label()].iter();
        let places: Vec<_> = dots.map(|dot| (x.place(dot.0), y.place(dot.1))).collect();
        frame.canvas.dots(&places, 3.0, Ink::Segment(segment), 0.55);
    }
    Figure::new(name, reading, &scatter, frame)
}

/// From -1 to 1; 0 where one of both is the same in all.
fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let count = pairs.clone().count() as f64;
    let sum = pairs
        .clone()
        .fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let mean = (sum.0 / count, sum.1 / count);
    let [mut xx, mut yy, mut xy] = [0.0; 3];
    for (x, y) in pairs {
        let (x, y) = (x - mean.0, y - mean.1);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    if xx > 0.0 && yy > 0.0 {
        xy / (xx * yy).sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations() {
        let of = |pairs: &[(f64, f64)]| correlation(pairs.iter().copied());
        assert!((of(&[(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]) - 1.0).abs() < 1e-12);
        assert!((of(&[(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]) + 1.0).abs() < 1e-12);
        assert!(of(&[(1.0, 5.0), (2.0, 1.0), (3.0, 5.0)]).abs() < 1e-12);
        assert!(of(&[(1.0, 5.0), (1.0, 1.0)]).abs() < 1e-12);
        // As `statistics.correlation` of Python has it.
        let found = of(&[(1.0, 10.0), (2.0, 9.0), (3.0, 2.5), (4.0, 6.0), (5.0, 4.0)]);
        assert!((found - -0.742_610_657_233).abs() < 1e-9, "{found}");
    }
}
