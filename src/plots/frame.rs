//! What all figures have around what they show: title, reading, legend, axes.

use super::{
    canvas::{Align, Area, Canvas, HEIGHT, Style, WIDTH, width},
    scale::Scale,
    theme::{Ink, Theme},
};

/// From every side of a picture to what is in it, in pixels.
const MARGIN: f64 = 32.0;
/// Sizes of text.
const TITLE: u32 = 24;
const READING: u32 = 15;
pub(super) const LABEL: u32 = 14;
/// From line to line of the reading.
const LINE: f64 = 21.0;
/// The values at an axis, at most.
const TICKS: usize = 7;

/// A picture with its title, and the area that is left for what it shows.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) canvas: Canvas,
    pub(super) area: Area,
}

/// One of the two directions of a plot.
pub(super) struct Axis<'a> {
    /// What is measured, with its unit.
    pub(super) label: &'a str,
    pub(super) values: [f64; 2],
    pub(super) is_logarithmic: bool,
    /// How a value is written.
    pub(super) write: fn(f64) -> String,
}

impl Frame {
    /// A picture with nothing but words; the legend names colours.
    pub(super) fn new(theme: Theme, title: &str, reading: &str, legend: &[(&str, Ink)]) -> Self {
        let mut canvas = Canvas::new(theme);
        let mut top = MARGIN + f64::from(TITLE) * 0.75;
        canvas.text((MARGIN, top), title, Style::of(TITLE, Ink::Strong).bold());
        top += 8.0;
        for line in lines(reading, WIDTH - 2.0 * MARGIN) {
            top += LINE;
            canvas.text((MARGIN, top), &line, Style::of(READING, Ink::Weak));
        }
        top += 10.0;
        if !legend.is_empty() {
            top += 20.0;
            let mut left = MARGIN;
            for (name, ink) in legend {
                const MARK: f64 = 12.0;
                let mark = Area {
                    left,
                    top: top - MARK + 1.0,
                    right: left + MARK,
                    bottom: top + 1.0,
                };
                canvas.rect(mark, *ink);
                left += MARK + 6.0;
                canvas.text((left, top), name, Style::of(LABEL, Ink::Strong));
                left += width(name, LABEL) + 22.0;
            }
        }
        let area = Area {
            left: MARGIN,
            top: top + 16.0,
            right: WIDTH - MARGIN,
            bottom: HEIGHT - MARGIN,
        };
        Self { canvas, area }
    }

    /// Draws both axes with lines to read values by; what is left for the plot is the
    /// area from now on.
    pub(super) fn axes(&mut self, x: &Axis<'_>, y: &Axis<'_>) -> (Scale, Scale) {
        self.area.bottom -= 48.0;
        self.area.top += 8.0;
        self.area.right -= 8.0;
        let label = (self.area.left + 10.0, self.area.center().1);
        let middle = Style::of(LABEL, Ink::Strong).align(Align::Middle);
        self.canvas.upright(label, y.label, middle);
        self.area.left += 22.0;
        let y = self.y_axis(y);
        (self.x_axis(x), y)
    }

    /// Draws the axis to the left, for which the area gives room.
    pub(super) fn y_axis(&mut self, y: &Axis<'_>) -> Scale {
        let scale = y.scale([self.area.bottom, self.area.top]);
        let ticks = scale.ticks(TICKS);
        let names: Vec<String> = ticks.iter().map(|&tick| (y.write)(tick)).collect();
        let widest = names.iter().map(|name| width(name, LABEL));
        self.area.left += 8.0 + widest.fold(0.0, f64::max);
        for (tick, name) in ticks.into_iter().zip(names) {
            let place = scale.place(tick);
            let ends = [(self.area.left, place), (self.area.right, place)];
            self.canvas.line(ends[0], ends[1], (Ink::Grid, 1.0));
            let style = Style::of(LABEL, Ink::Weak).align(Align::End);
            let left = self.area.left - 8.0;
            self.canvas.text((left, place + 5.0), &name, style);
        }
        scale
    }

    /// Draws the axis below the area.
    pub(super) fn x_axis(&mut self, x: &Axis<'_>) -> Scale {
        let area = self.area;
        let scale = x.scale([area.left, area.right]);
        let mut free_from = f64::NEG_INFINITY;
        for tick in scale.ticks(TICKS) {
            let place = scale.place(tick);
            let ends = [(place, area.top), (place, area.bottom)];
            self.canvas.line(ends[0], ends[1], (Ink::Grid, 1.0));
            let name = (x.write)(tick);
            let half = width(&name, LABEL) / 2.0;
            // A name that would touch the one before is left out.
            if place - half > free_from {
                let style = Style::of(LABEL, Ink::Weak).align(Align::Middle);
                self.canvas.text((place, area.bottom + 20.0), &name, style);
                free_from = place + half + 8.0;
            }
        }
        let style = Style::of(LABEL, Ink::Strong).align(Align::Middle);
        self.canvas
            .text((area.center().0, area.bottom + 42.0), x.label, style);
        scale
    }
}

impl Axis<'_> {
    fn scale(&self, places: [f64; 2]) -> Scale {
        if self.is_logarithmic {
            Scale::logarithmic(self.values, places)
        } else {
            Scale::linear(self.values, places)
        }
    }
}

/// Breaks a text into lines of a width.
fn lines(text: &str, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line, READING) + width(word, READING) + 5.0 <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
