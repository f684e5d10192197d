//! How a feature is spread: a histogram with a smoothed curve.

use std::f64::consts::TAU;

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Area, Style},
    frame::{Axis, Frame, LABEL},
    theme::Ink,
};
use crate::numbers::{decimal, percent, short, thousands};

/// Bars and a curve over a feature.
#[derive(Serialize)]
struct Distribution {
    /// Edges of the bars, ascending: one more than bars.
    edges: Vec<f64>,
    /// Customers in each bar: from its lower edge to below its upper one.
    customers: Vec<u64>,
    median: f64,
    /// Values of the feature, and how many customers a bar there would have.
    curve: Vec<(f64, f64)>,
}

/// Where the bars of a feature end, and how it is laid out.
struct Layout {
    is_logarithmic: bool,
    edges: Vec<f64>,
    /// The curve is smoothed over no less than that, where values are whole numbers.
    least_bandwidth: f64,
}

pub(super) fn recency(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    /// Bars, at most.
    const BARS: u32 = 40;
    let mut values: Vec<f64> = sheet
        .table()
        .recency()
        .iter()
        .map(|&days| days.into())
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values[values.len() - 1] as u32;
    let width = (last + 1).div_ceil(BARS);
    let edges = (0..=last / width + 1).map(|bar| f64::from(bar * width));
    let layout = Layout {
        is_logarithmic: false,
        edges: edges.collect(),
        least_bandwidth: f64::from(width) / 2.0,
    };
    let distribution = Distribution::new(&values, layout);
    let reading = format!(
        "Half of the {} customers bought within the {} days before the snapshot, all within {}.",
        thousands(values.len() as u64),
        short(distribution.median),
        thousands(last.into()),
    );
    let axis = ("days from the last purchase to the snapshot", false);
    Ok(distribution.figure(
        (name, "How long ago customers bought"),
        sheet,
        reading,
        axis,
    ))
}

pub(super) fn frequency(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let mut values: Vec<f64> = sheet
        .table()
        .frequency()
        .iter()
        .map(|&count| count.into())
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    let most = values[values.len() - 1];
    // Each bar reaches twice as far as the one before, so that each has a whole number.
    let mut edges = vec![0.5_f64.sqrt()];
    while edges[edges.len() - 1] <= most {
        edges.push(edges[edges.len() - 1] * 2.0);
    }
    let layout = Layout {
        is_logarithmic: true,
        edges,
        least_bandwidth: 0.35,
    };
    let distribution = Distribution::new(&values, layout);
    let once = values.partition_point(|&value| value <= 1.0) as f64 / values.len() as f64;
    let reading = format!(
        "{} of the customers have one invoice; half have {} or fewer, and the most has {}.",
        percent(once),
        short(distribution.median),
        thousands(most as u64),
    );
    let axis = (
        "invoices, each bar up to twice as many as the one before",
        true,
    );
    Ok(distribution.figure((name, "How often customers bought"), sheet, reading, axis))
}

pub(super) fn monetary(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    const BARS: u32 = 40;
    let mut values: Vec<f64> = sheet
        .table()
        .monetary()
        .iter()
        .map(|amount| amount.to_f64())
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    let ratio = (most / least).powf(1.0 / f64::from(BARS)).max(1.02);
    let mut edges = vec![least];
    while edges[edges.len() - 1] <= most {
        edges.push(edges[edges.len() - 1] * ratio);
    }
    let layout = Layout {
        is_logarithmic: true,
        edges,
        least_bandwidth: 0.02,
    };
    let distribution = Distribution::new(&values, layout);
    let reading = format!(
        "Half of the customers spent {} or less; the least is {}, the most {}.",
        decimal(distribution.median, 0),
        decimal(least, 2),
        decimal(most, 0),
    );
    let axis = ("sum of amounts, equal steps for equal ratios", true);
    Ok(distribution.figure((name, "How much customers spent"), sheet, reading, axis))
}

impl Distribution {
    /// `sorted` are ascending values, all within the edges of the layout.
    fn new(sorted: &[f64], layout: Layout) -> Self {
        let edges = layout.edges;
        let below: Vec<usize> = edges
            .iter()
            .map(|&edge| sorted.partition_point(|&value| value < edge))
            .collect();
        let customers = below
            .windows(2)
            .map(|ends| (ends[1] - ends[0]) as u64)
            .collect();
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            sorted[middle - 1].midpoint(sorted[middle])
        };
        let lay = |value: f64| {
            if layout.is_logarithmic {
                value.ln()
            } else {
                value
            }
        };
        let (low, high) = (lay(edges[0]), lay(edges[edges.len() - 1]));
        let bar = (high - low) / (edges.len() - 1) as f64;
        let density = Density::new(
            sorted.iter().map(|&value| lay(value)),
            [low, high],
            layout.least_bandwidth,
        );
        let curve = density.curve.into_iter().map(|(place, density)| {
            let value = if layout.is_logarithmic {
                place.exp()
            } else {
                place
            };
            (value, density * bar * sorted.len() as f64)
        });
        Self {
            curve: curve.collect(),
            edges,
            customers,
            median,
        }
    }

    fn figure(
        self,
        (name, title): (&'static str, &str),
        sheet: &Sheet<'_>,
        reading: String,
        (label, is_logarithmic): (&str, bool),
    ) -> Figure {
        let mut frame = Frame::new(sheet.theme, title, &reading, &[]);
        let most = self.customers.iter().copied().max().unwrap_or(0) as f64;
        let top = self.curve.iter().map(|point| point.1).fold(most, f64::max);
        let x = Axis {
            label,
            values: [self.edges[0], self.edges[self.edges.len() - 1]],
            is_logarithmic,
            write: short,
        };
        let y = Axis {
            label: "customers",
            values: [0.0, top * 1.08],
            is_logarithmic: false,
            write: short,
        };
        let (x, y) = frame.axes(&x, &y);
        for (ends, &count) in self.edges.windows(2).zip(&self.customers) {
            let bar = Area {
                left: x.place(ends[0]) + 0.5,
                right: x.place(ends[1]) - 0.5,
                top: y.place(count as f64),
                bottom: y.place(0.0),
            };
            frame.canvas.rect(bar, Ink::Share(0.45));
        }
        let curve = self
            .curve
            .iter()
            .map(|&(value, count)| (x.place(value), y.place(count)));
        frame.canvas.curve(curve.collect(), (Ink::Accent, 2.5));
        let place = x.place(self.median);
        let ends = [(place, frame.area.top), (place, frame.area.bottom)];
        frame.canvas.dashes(ends[0], ends[1], (Ink::Strong, 1.5));
        let (left, align) = if place > frame.area.center().0 {
            (place - 8.0, Align::End)
        } else {
            (place + 8.0, Align::Start)
        };
        let text = format!("median {}", short(self.median));
        let style = Style::of(LABEL, Ink::Strong).align(align).bold();
        frame
            .canvas
            .text((left, frame.area.top + 14.0), &text, style);
        Figure::new(name, reading, &self, frame)
    }
}

/// A Gaussian kernel estimate, mirrored at both ends, so that nothing lies beyond.
struct Density {
    curve: Vec<(f64, f64)>,
}

impl Density {
    /// `low` and `high` are the ends; the bandwidth is Silverman's (1986), eq. 3.31.
    fn new(values: impl ExactSizeIterator<Item = f64>, [low, high]: [f64; 2], least: f64) -> Self {
        /// Cells into which values are put, and points of the curve: time does not grow
        /// with the square of the customers.
        const CELLS: usize = 512;
        const POINTS: usize = 241;
        let count = values.len() as f64;
        let cell = (high - low) / CELLS as f64;
        let mut cells = [0.0_f64; CELLS];
        let (mut sum, mut squares) = (0.0, 0.0);
        let mut quartiles = [0.0; 2];
        for (value, number) in values.zip(0_u32..) {
            let place = ((value - low) / cell) as usize;
            cells[place.min(CELLS - 1)] += 1.0;
            sum += value - low;
            squares += (value - low) * (value - low);
            let rank = f64::from(number) / count;
            for (quartile, share) in quartiles.iter_mut().zip([0.25, 0.75]) {
                if rank <= share {
                    *quartile = value;
                }
            }
        }
        let deviation = (squares / count - (sum / count) * (sum / count))
            .max(0.0)
            .sqrt();
        let range = (quartiles[1] - quartiles[0]) / 1.34;
        let spread = if range > 0.0 {
            deviation.min(range)
        } else {
            deviation
        };
        let width = (0.9 * spread * count.powf(-0.2)).max(least).max(cell);
        let kernel = |distance: f64| (-0.5 * (distance / width).powi(2)).exp();
        let curve = (0..POINTS).map(|point| {
            let place = low + (high - low) * point as f64 / (POINTS - 1) as f64;
            let mut density = 0.0;
            for (number, &weight) in cells
                .iter()
                .enumerate()
                .filter(|(_, weight)| **weight > 0.0)
            {
                let value = low + (number as f64 + 0.5) * cell;
                let mirrored = [value, 2.0 * low - value, 2.0 * high - value];
                density += weight
                    * mirrored
                        .iter()
                        .map(|value| kernel(place - value))
                        .sum::<f64>();
            }
            (place, density / (count * width * TAU.sqrt()))
        });
        Self {
            curve: curve.collect(),
        }
    }
}
