//! Points to put into clusters.

use proptest::prelude::*;

pub(super) type Point = [f64; 3];

/// A point of a plane grid, where ties and equal points abound.
pub(super) fn on_grid() -> impl Strategy<Value = Point> {
    [-4_i8..4, -4..4, 0..2].prop_map(|p| p.map(|x| f64::from(x) / 2.0))
}

pub(super) fn anywhere() -> impl Strategy<Value = Point> {
    [-3.0..3.0, -3.0..3.0, -3.0..3.0_f64]
}

pub(super) fn mean<'a>(points: impl Iterator<Item = &'a Point>) -> Point {
    let (mut sum, mut count) = ([0.0; 3], 0.0);
    for point in points {
        for i in 0..3 {
            sum[i] += point[i];
        }
        count += 1.0;
    }
    sum.map(|x| x / count)
}

/// The square of the distance of two points.
pub(super) fn squared(a: &Point, b: &Point) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}
