//! How the revenue is spread over the customers.

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Style},
    frame::{Axis, Frame, LABEL},
    theme::Ink,
};
use crate::numbers::{decimal, percent};

/// The curve (Lorenz 1905), from the customers who bring the least.
#[derive(Serialize)]
struct Lorenz {
    /// Share of the customers, and their share of the revenue.
    curve: Vec<(f64, f64)>,
    /// From 0, where all bring the same, to 1, where one brings all (Gini 1914).
    gini: f64,
    /// What the fifth of the customers who bring the most have of the revenue.
    top_fifth: f64,
}

pub(super) fn revenue(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let mut amounts: Vec<i64> = sheet
        .table()
        .monetary()
        .iter()
        .map(|amount| amount.millionths())
        .collect();
    amounts.sort_unstable();
    let lorenz = Lorenz::new(&amounts);
    let reading = format!(
        "The fifth of the customers who spent the most bring {} of the revenue; the Gini coefficient is {}.",
        percent(lorenz.top_fifth),
        decimal(lorenz.gini, 2),
    );
    let title = "How few bring how much";
    let mut frame = Frame::new(sheet.theme, title, &reading, &[]);
    let axis = |label| Axis {
        label,
        values: [0.0, 1.0],
        is_logarithmic: false,
        write: |share| format!("{} %", decimal(share * 100.0, 0)),
    };
    let x = axis("customers, from those who spent the least");
    let y = axis("their share of the revenue");
    let (x, y) = frame.axes(&x, &y);
    let place = |&(customers, revenue): &(f64, f64)| (x.place(customers), y.place(revenue));
    let mut below: Vec<_> = lorenz.curve.iter().map(place).collect();
    below.push((x.place(1.0), y.place(0.0)));
    frame.canvas.shape(&below, Ink::Share(0.45), 0.5);
    frame
        .canvas
        .dashes(place(&(0.0, 0.0)), place(&(1.0, 1.0)), (Ink::Weak, 1.5));
    let curve = lorenz.curve.iter().map(place).collect();
    frame.canvas.curve(curve, (Ink::Accent, 2.5));
    let equal = Style::of(LABEL, Ink::Weak).align(Align::End);
    let middle = place(&(0.5, 0.5));
    frame
        .canvas
        .text((middle.0 - 12.0, middle.1), "if all spent the same", equal);
    let fifth = place(&(0.8, 1.0 - lorenz.top_fifth));
    frame.canvas.dots(&[fifth], 6.0, Ink::Accent, 1.0);
    let text = format!("the last fifth brings {}", percent(lorenz.top_fifth));
    let style = Style::of(LABEL, Ink::Strong).align(Align::End).bold();
    frame
        .canvas
        .text((fifth.0 - 14.0, fifth.1 - 4.0), &text, style);
    Ok(Figure::new(name, reading, &lorenz, frame))
}

impl Lorenz {
    /// `sorted` are ascending amounts above zero.
    fn new(sorted: &[i64]) -> Self {
        /// Steps of the curve, at most.
        const STEPS: usize = 100;
        let count = sorted.len();
        let total: i128 = sorted.iter().map(|&amount| i128::from(amount)).sum();
        let mut sum = 0_i128;
        let mut sums = vec![0.0];
        // Twice the area below the curve, in exact numbers until the end.
        let mut area = 0.0;
        for &amount in sorted {
            let before = sum;
            sum += i128::from(amount);
            area += (before + sum) as f64 / total as f64;
            sums.push(sum as f64 / total as f64);
        }
        let at = |share: f64| {
            let place = share * count as f64;
            let below = (place as usize).min(count - 1);
            sums[below] + (sums[below + 1] - sums[below]) * (place - below as f64)
        };
        let steps = STEPS.min(count);
        let curve = (0..=steps).map(|step| {
            let share = step as f64 / steps as f64;
            (share, at(share))
        });
        Self {
            curve: curve.collect(),
            gini: 1.0 - area / count as f64,
            top_fifth: 1.0 - at(0.8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_amounts_have_no_inequality() {
        let lorenz = Lorenz::new(&[5; 10]);
        assert!(lorenz.gini.abs() < 1e-12);
        assert!((lorenz.top_fifth - 0.2).abs() < 1e-12);
    }

    #[test]
    fn one_who_brings_nearly_all() {
        let mut amounts = vec![1; 99];
        amounts.push(9901);
        let lorenz = Lorenz::new(&amounts);
        // By the definition: half the mean difference of all pairs over the mean.
        let pairs: f64 = amounts
            .iter()
            .flat_map(|a| amounts.iter().map(move |b| (a - b).abs() as f64))
            .sum();
        let expected = pairs / (2.0 * 100.0 * 100.0 * 100.0);
        assert!((lorenz.gini - expected).abs() < 1e-12);
        assert!(lorenz.top_fifth > 0.99);
    }
}
