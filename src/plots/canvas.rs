//! What pictures are drawn with: the one module that knows of kuva.

use kuva::{
    RasterBackend,
    backend::svg::SvgBackend,
    render::{
        color::Color,
        render::{PathData, Primitive, Scene, TextAnchor, TextSpan},
    },
};

use super::theme::{Ink, Theme};

/// The size of every picture, in pixels of a screen.
pub(super) const WIDTH: f64 = 960.0;
/// See [`WIDTH`].
pub(super) const HEIGHT: f64 = 600.0;
/// Dots for each pixel in a PNG: 300 an inch in a picture of 6.4 inches.
const DENSITY: f32 = 2.0;
/// DejaVu Sans is in PNGs; Verdana is about as wide.
const FONTS: &str = "DejaVu Sans, Verdana, sans-serif";

/// A place or a size, from the left and from the top, in pixels.
pub(super) type Point = (f64, f64);

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// How a text is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) size: u32,
    pub(super) ink: Ink,
    pub(super) align: Align,
    pub(super) is_bold: bool,
}

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Align {
    Start,
    Middle,
    End,
}

/// A picture in the making. What is drawn later covers what was before.
#[derive(Debug)]
pub(super) struct Canvas {
    scene: Scene,
    theme: Theme,
}

impl Area {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn center(&self) -> Point {
        (
            self.left.midpoint(self.right),
            self.top.midpoint(self.bottom),
        )
    }

    /// The area without a margin all around.
    pub(super) fn inside(&self, margin: f64) -> Self {
        Self {
            left: self.left + margin,
            top: self.top + margin,
            right: self.right - margin,
            bottom: self.bottom - margin,
        }
    }
}

impl Style {
    /// Text of a size, from its place to the right.
    pub(super) const fn of(size: u32, ink: Ink) -> Self {
        Self {
            size,
            ink,
            align: Align::Start,
            is_bold: false,
        }
    }

    pub(super) const fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    pub(super) const fn bold(mut self) -> Self {
        self.is_bold = true;
        self
    }
}

impl Canvas {
    pub(super) fn new(theme: Theme) -> Self {
        let mut scene = Scene::new(WIDTH, HEIGHT);
        scene.background_color = Some(hex(theme.rgb(Ink::Paper)));
        scene.font_family = Some(FONTS.to_owned());
        Self { scene, theme }
    }

    pub(super) fn rect(&mut self, area: Area, ink: Ink) {
        self.scene.elements.push(Primitive::Rect {
            x: area.left,
            y: area.top,
            width: area.width().max(0.0),
            height: area.height().max(0.0),
            fill: self.color(ink),
            stroke: None,
            stroke_width: None,
            opacity: None,
        });
    }

    pub(super) fn line(&mut self, from: Point, to: Point, (ink, width): (Ink, f64)) {
        self.scene.elements.push(Primitive::Line {
            x1: from.0,
            y1: from.1,
            x2: to.0,
            y2: to.1,
            stroke: self.color(ink),
            stroke_width: width,
            stroke_dasharray: None,
        });
    }

    pub(super) fn dashes(&mut self, from: Point, to: Point, (ink, width): (Ink, f64)) {
        self.scene.elements.push(Primitive::Line {
            x1: from.0,
            y1: from.1,
            x2: to.0,
            y2: to.1,
            stroke: self.color(ink),
            stroke_width: width,
            stroke_dasharray: Some("5 4".to_owned()),
        });
    }

    /// A line over several points.
    pub(super) fn curve(&mut self, points: Vec<Point>, (ink, width): (Ink, f64)) {
        self.scene.elements.push(Primitive::PolyLine {
            points,
            stroke: self.color(ink),
            stroke_width: width,
            stroke_dasharray: None,
        });
    }

    /// A filled polygon.
    pub(super) fn shape(&mut self, points: &[Point], ink: Ink, opacity: f64) {
        let mut path = String::new();
        for (number, (x, y)) in points.iter().enumerate() {
            path.push_str(&format!(
                "{}{x:.2},{y:.2}",
                if number == 0 { "M" } else { "L" }
            ));
        }
        path.push('Z');
        self.scene.elements.push(Primitive::Path(Box::new(PathData {
            d: path,
            fill: Some(self.color(ink)),
            stroke: Color::None,
            stroke_width: 0.0,
            opacity: Some(opacity),
            stroke_dasharray: None,
        })));
    }

    /// Round dots, all alike.
    pub(super) fn dots(&mut self, centers: &[Point], radius: f64, ink: Ink, opacity: f64) {
        self.scene.elements.push(Primitive::CircleBatch {
            cx: centers.iter().map(|center| center.0).collect(),
            cy: centers.iter().map(|center| center.1).collect(),
            r: radius,
            fill: self.color(ink),
            fill_opacity: Some(opacity),
            stroke: None,
            stroke_width: None,
        });
    }

    /// A text in one line; its baseline is at the place.
    pub(super) fn text(&mut self, (x, y): Point, text: &str, style: Style) {
        let anchor = style.align.anchor();
        let color = Some(self.color(style.ink));
        let size = style.size;
        self.scene.elements.push(if style.is_bold {
            let mut span = TextSpan::plain(shown(text));
            span.bold = true;
            Primitive::RichText {
                x,
                y,
                spans: vec![span],
                size,
                anchor,
                color,
            }
        } else {
            Primitive::Text {
                x,
                y,
                content: shown(text),
                size,
                anchor,
                rotate: None,
                bold: false,
                color,
            }
        });
    }

    /// A text that is read from the bottom to the top.
    pub(super) fn upright(&mut self, (x, y): Point, text: &str, style: Style) {
        self.scene.elements.push(Primitive::Text {
            x,
            y,
            content: shown(text),
            size: style.size,
            anchor: style.align.anchor(),
            rotate: Some(-90.0),
            bold: false,
            color: Some(self.color(style.ink)),
        });
    }

    /// The picture as SVG; `label` is what a screen reader says of it.
    pub(super) fn svg(&self, label: &str) -> String {
        let svg = SvgBackend::new().render_scene(&self.scene);
        // Without a view box it would not shrink with a page.
        let size = format!(r#"width="{WIDTH}" height="{HEIGHT}""#);
        let label = escaped(label);
        let more =
            format!(r#"{size} viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}""#);
        svg.replacen(&size, &more, 1)
    }

    /// The picture as PNG.
    pub(super) fn png(&self) -> Vec<u8> {
        let png = RasterBackend::new().with_scale(DENSITY);
        // It fails for a picture without a size only.
        png.render_scene(&self.scene).unwrap_or_default()
    }

    fn color(&self, ink: Ink) -> Color {
        let [red, green, blue] = self.theme.rgb(ink);
        Color::Rgb(red, green, blue)
    }
}

impl Align {
    const fn anchor(self) -> TextAnchor {
        match self {
            Self::Start => TextAnchor::Start,
            Self::Middle => TextAnchor::Middle,
            Self::End => TextAnchor::End,
        }
    }
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A text without what XML forbids, and with what kuva would take for a formula.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '$' => shown.push_str("\\$"),
            '\u{fffe}' | '\u{ffff}' => shown.push(char::REPLACEMENT_CHARACTER),
            _ if character.is_control() => shown.push(char::REPLACEMENT_CHARACTER),
            _ => shown.push(character),
        }
    }
    shown
}

/// A text in which nothing is markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ if character.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// About how wide a text is in DejaVu Sans, in pixels.
pub(super) fn width(text: &str, size: u32) -> f64 {
    let ems = text.chars().map(|character| match character {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | ':' | ';' | '!' | ' ' | 'I' => 0.32,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '-' | '/' => 0.40,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.95,
        'A'..='Z' => 0.70,
        ' '..='~' => 0.62,
        _ => 0.75,
    });
    ems.sum::<f64>() * f64::from(size)
}
