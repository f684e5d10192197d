//! Tiles as large as what they stand for.

use serde::Serialize;

use super::{
    Drawn, Figure, Sheet,
    canvas::{Area, Style, width},
    frame::Frame,
    theme::Ink,
};
use crate::{modeling::Segment, numbers::percent};

/// From the side of a tile to its text, in pixels.
const INDENT: f64 = 10.0;

/// One tile.
#[derive(Serialize)]
struct Tile {
    segment: Segment,
    revenue_share: f64,
    share: f64,
}

pub(super) fn revenue(name: &'static str, sheet: &Sheet<'_>) -> Drawn {
    let tiles = Segment::ALL.map(|segment| Tile {
        segment,
        revenue_share: sheet.profile(segment).revenue_share,
        share: sheet.profile(segment).share,
    });
    let mut order: Vec<&Tile> = tiles
        .iter()
        .filter(|tile| tile.revenue_share > 0.0)
        .collect();
    order.sort_by(|a, b| b.revenue_share.total_cmp(&a.revenue_share));
    let reading = format!(
        "Each tile is as large as its segment's part of the revenue: {} have {}.",
        order[0].segment,
        percent(order[0].revenue_share),
    );
    let mut frame = Frame::new(sheet.theme, "Where the revenue comes from", &reading, &[]);
    let mut free = frame.area;
    for (number, tile) in order.iter().enumerate() {
        // The longer side is cut, so that tiles stay near squares.
        let left: f64 = order[number..].iter().map(|tile| tile.revenue_share).sum();
        let share = tile.revenue_share / left;
        let mut own = free;
        if free.width() > free.height() {
            own.right = free.left + free.width() * share;
            free.left = own.right;
        } else {
            own.bottom = free.top + free.height() * share;
            free.top = own.bottom;
        }
        draw(&mut frame, tile, own.inside(2.0));
    }
    Ok(Figure::new(name, reading, &tiles, frame))
}

fn draw(frame: &mut Frame, tile: &Tile, area: Area) {
    frame.canvas.rect(area, Ink::Segment(tile.segment));
    let ink = Ink::On(tile.segment);
    let name = tile.segment.name().to_owned();
    let (revenue, customers) = (percent(tile.revenue_share), percent(tile.share));
    // The widest wording that fits is taken, and none if none does.
    let lines = [
        vec![
            (name.clone(), Style::of(18, ink).bold()),
            (name, Style::of(14, ink).bold()),
        ],
        vec![
            (format!("{revenue} of the revenue"), Style::of(14, ink)),
            (revenue, Style::of(14, ink)),
        ],
        vec![(format!("{customers} of the customers"), Style::of(14, ink))],
    ];
    let mut top = area.top + 28.0;
    for wordings in lines {
        let fits = |(text, style): &(String, Style)| {
            width(text, style.size) + 2.0 * INDENT <= area.width() && top + 8.0 <= area.bottom
        };
        if let Some((text, style)) = wordings.into_iter().find(fits) {
            frame.canvas.text((area.left + INDENT, top), &text, style);
        }
        top += 22.0;
    }
}
