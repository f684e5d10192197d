//! Mean monetary value by recency and frequency.

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Align, Area, Style},
    frame::{Frame, LABEL},
    theme::Ink,
};
use crate::numbers::{decimal, short, thousands};

/// Bins of each feature, at most: as near to fifths of the customers as ties allow.
const BINS: usize = 5;

/// From that share of the most on, light text is the easier to read.
const LIGHT: f64 = 0.6;

/// The cells, rows from the fewest invoices, columns from the most recent.
#[derive(Serialize)]
struct Heatmap {
    /// First and last value of each bin.
    recency: Vec<(u32, u32)>,
    frequency: Vec<(u32, u32)>,
    /// Customers and the mean of what they spent, by frequency, then recency.
    cells: Vec<Vec<(u64, f64)>>,
}

pub(super) fn monetary(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let table = sheet.table();
    let (recency, frequency) = (bins(table.recency()), bins(table.frequency()));
    let mut cells = vec![vec![(0_u64, 0.0); recency.len()]; frequency.len()];
    for row in 0..table.len() {
        let of = |bins: &[(u32, u32)], value| bins.partition_point(|bin| bin.1 < value);
        let cell =
            &mut cells[of(&frequency, table.frequency()[row])][of(&recency, table.recency()[row])];
        cell.0 += 1;
        cell.1 += table.monetary()[row].to_f64();
    }
    for (customers, sum) in cells.iter_mut().flatten().filter(|cell| cell.0 > 0) {
        *sum /= *customers as f64;
    }
    let map = Heatmap {
        recency,
        frequency,
        cells,
    };
    let all = map.cells.iter().enumerate();
    let all = all.flat_map(|(y, row)| row.iter().enumerate().map(move |(x, cell)| (y, x, *cell)));
    let best = all
        .max_by(|a, b| a.2.1.total_cmp(&b.2.1))
        .ok_or("there are no customers")?;
    let reading = format!(
        "Customers with {} invoices who bought {} days ago spent the most on average: {}.",
        range(map.frequency[best.0]),
        range(map.recency[best.1]),
        decimal(best.2.1, 0),
    );
    let title = "Mean monetary value by recency and frequency";
    let mut frame = Frame::new(sheet.theme, title, &reading, &[]);
    draw(&mut frame, &map, best.2.1);
    Ok(Figure::new(name, reading, &map, frame))
}

fn draw(frame: &mut Frame, map: &Heatmap, most: f64) {
    let area = Area {
        left: frame.area.left + 110.0,
        bottom: frame.area.bottom - 48.0,
        ..frame.area
    };
    let width = area.width() / map.recency.len() as f64;
    let height = area.height() / map.frequency.len() as f64;
    let middle = Style::of(LABEL, Ink::Weak).align(Align::Middle);
    for (x, &bin) in map.recency.iter().enumerate() {
        let center = area.left + width * (x as f64 + 0.5);
        frame
            .canvas
            .text((center, area.bottom + 20.0), &range(bin), middle);
    }
    let label = Style::of(LABEL, Ink::Strong).align(Align::Middle);
    let below = (area.center().0, area.bottom + 42.0);
    frame
        .canvas
        .text(below, "days from the last purchase to the snapshot", label);
    let beside = (frame.area.left + 10.0, area.center().1);
    frame.canvas.upright(beside, "invoices", label);
    // Amounts spread over powers of ten: so does the colour.
    let least = map
        .cells
        .iter()
        .flatten()
        .filter(|cell| cell.0 > 0)
        .map(|cell| cell.1);
    let least = least.fold(most, f64::min);
    for (y, row) in map.cells.iter().enumerate() {
        let top = area.bottom - height * (y as f64 + 1.0);
        let end = Style::of(LABEL, Ink::Weak).align(Align::End);
        let left = (area.left - 10.0, top + height / 2.0 + 5.0);
        frame.canvas.text(left, &range(map.frequency[y]), end);
        for (x, &(customers, mean)) in row.iter().enumerate() {
            let cell = Area {
                left: area.left + width * x as f64,
                right: area.left + width * (x as f64 + 1.0),
                top,
                bottom: top + height,
            };
            if customers == 0 {
                let dash = Style::of(LABEL, Ink::Weak).align(Align::Middle);
                frame
                    .canvas
                    .text((cell.center().0, cell.center().1 + 5.0), "none", dash);
                continue;
            }
            let share = if most > least {
                (mean / least).ln() / (most / least).ln()
            } else {
                0.5
            };
            frame.canvas.rect(cell.inside(1.5), Ink::Share(share));
            let ink = if share > LIGHT {
                Ink::Paper
            } else {
                Ink::Strong
            };
            let strong = Style::of(16, ink).align(Align::Middle).bold();
            frame.canvas.text(
                (cell.center().0, cell.center().1),
                &short(mean.round()),
                strong,
            );
            let count = Style::of(12, ink).align(Align::Middle);
            let text = format!("{} customers", thousands(customers));
            frame
                .canvas
                .text((cell.center().0, cell.center().1 + 19.0), &text, count);
        }
    }
}

/// First and last values of bins with about as many customers each; equal values are
/// in one bin.
fn bins(values: &[u32]) -> Vec<(u32, u32)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let mut bins: Vec<(u32, u32)> = Vec::new();
    let mut from = 0;
    for bin in 1..=BINS {
        let wanted = sorted.len() * bin / BINS;
        if wanted <= from {
            continue;
        }
        let last = sorted[wanted - 1];
        bins.push((sorted[from], last));
        from = sorted.partition_point(|&value| value <= last);
    }
    bins
}

fn range((first, last): (u32, u32)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_in_one_bin() {
        assert_eq!(
            bins(&[1, 1, 1, 1, 1, 1, 2, 3, 9, 9]),
            [(1, 1), (2, 3), (9, 9)]
        );
        assert_eq!(bins(&[7]), [(7, 7)]);
        assert_eq!(
            bins(&[1, 2, 3, 4, 5]),
            [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
        );
    }
}
