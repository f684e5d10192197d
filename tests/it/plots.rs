//! Figures: what they show, and that all of it is to be seen.

use std::sync::Arc;

use quick_xml::{Reader, events::Event};
use rfmkit::{
    dataset::Money,
    features::{CustomerRow, ExtraColumns, RfmTable},
    modeling::{Segment, SegmentationModel},
    plots::{self, Figure, Material, Theme},
};

/// Pixels of a picture.
const SIZE: (f64, f64) = (960.0, 600.0);

/// A customer: recency, frequency, monetary in millionths, country.
type Row<'a> = (u64, u64, i64, Option<&'a str>);

fn table(rows: &[Row<'_>]) -> RfmTable {
    let rows = rows.iter().zip(1..).map(|(row, number)| CustomerRow {
        customer: number.to_string().into(),
        recency: row.0,
        frequency: row.1,
        monetary: Money::from_millionths(row.2).into(),
        country: row.3.map(Arc::from),
        returned: Money::default().into(),
    });
    let extra = ExtraColumns {
        country: true,
        ..ExtraColumns::default()
    };
    RfmTable::new(rows.collect(), extra).expect("a table")
}

fn figures(table: &RfmTable, segments: &[Segment], theme: Theme) -> Vec<Figure> {
    let material = Material {
        table,
        segments,
        model: &SegmentationModel::reference(),
        evaluation: None,
        silhouettes: None,
    };
    let (figures, omitted) = plots::draw(material, theme);
    for figure in &omitted {
        assert!(!figure.reason.is_empty(), "{}", figure.name);
    }
    figures
}

/// Shops that are hard to draw, with the segments that the built-in model gives them.
fn shops() -> Vec<(&'static str, RfmTable)> {
    let usual: Vec<Row<'_>> = (0..3000_u64)
        .map(|number| {
            let monetary = (number * number % 7919 + 1) as i64 * 1_234_567;
            (
                number * 37 % 373,
                number % 17 % 5 + 1,
                monetary,
                Some("United Kingdom"),
            )
        })
        .collect();
    let odd = [
        "<img src=x onerror=alert(1)>",
        "</script><b>&amp;\"'",
        "$x$ and $y$ \\",
        "الإمارات العربية المتحدة",
        "a name that is much too long to stand beside its bar in any picture of that size",
        "\u{7}\u{ffff}",
    ];
    let names: Vec<Row<'_>> = (0..60)
        .map(|number| (1, 40, 9_000_000_000, Some(odd[number % odd.len()])))
        .collect();
    let mut rich: Vec<Row<'_>> = (0..99).map(|number| (number, 1, 1_000_000, None)).collect();
    rich.push((3, 900, 990_000_000_000_000_000, None));
    vec![
        ("usual", table(&usual)),
        (
            "four customers",
            table(&[
                (1, 9, 900_000_000, None),
                (300, 1, 10_000_000, None),
                (9, 1, 20_000_000, None),
                (200, 7, 800_000_000, None),
            ]),
        ),
        ("one customer", table(&[(0, 1, 1, None)])),
        ("one with nearly all", table(&rich)),
        ("all alike", table(&[(5, 2, 30_000_000, None); 50])),
        ("names", table(&names)),
        (
            "the largest values",
            table(&[(100_000, 1_000_000_000, i64::MAX, None), (0, 1, 1, None)]),
        ),
    ]
}

/// About how wide a text is at most, in pixels.
fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.56
}

/// Checks that a figure is well-formed and that all text is within it; gives the texts.
fn check(figure: &Figure, shop: &str) -> Vec<String> {
    let svg = figure.svg();
    let name = format!("{} of {shop}", figure.name());
    let mut reader = Reader::from_str(&svg);
    let mut texts = Vec::new();
    let mut place = None;
    loop {
        let event = reader
            .read_event()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        match event {
            Event::Eof => break,
            Event::Start(element) if element.name().as_ref() == "text" => {
                let value = |wanted: &str| {
                    let found = element.try_get_attribute(wanted).expect("attributes");
                    found.map(|value| value.value.into_owned())
                };
                let number = |wanted| value(wanted).and_then(|value| value.parse::<f64>().ok());
                place = Some((
                    (number("x").expect("x"), number("y").expect("y")),
                    number("font-size").expect("size"),
                    value("text-anchor"),
                    value("transform").is_some(),
                ));
                texts.push(String::new());
            }
            Event::Text(text) if place.is_some() => {
                texts.last_mut().expect("a text").push_str(text.as_ref());
            }
            Event::GeneralRef(entity) if place.is_some() => {
                let named = match entity.as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("{name}: {other:?}"),
                };
                texts.last_mut().expect("a text").push_str(named);
            }
            Event::End(element) if element.name().as_ref() == "text" => {
                let ((x, y), size, anchor, is_upright) = place.take().expect("a text");
                let text = texts.last().expect("a text");
                let length = width(text, size);
                let before = match anchor.as_deref() {
                    Some("middle") => length / 2.0,
                    Some("end") => length,
                    _ => 0.0,
                };
                let (ends, limits) = if is_upright {
                    ([y - (length - before), y + before], [SIZE.1, SIZE.0])
                } else {
                    ([x - before, x - before + length], [SIZE.0, SIZE.1])
                };
                let across = if is_upright { x } else { y };
                assert!(
                    ends[0] >= 0.0 && ends[1] <= limits[0] && (size..=limits[1]).contains(&across),
                    "{name}: {text:?} stands at {ends:?}, {across}"
                );
            }
            _ => {}
        }
    }
    for forbidden in ["NaN", "inf", "<script", "<img"] {
        assert!(!svg.contains(forbidden), "{name} has {forbidden}");
    }
    assert!(svg.contains("viewBox=\"0 0 960 600\""), "{name}");
    texts
}

#[test]
fn all_text_is_within_the_picture() {
    let mut count = 0;
    for (shop, table) in shops() {
        let segments = SegmentationModel::reference().predict_table(&table);
        for theme in [Theme::Light, Theme::Dark] {
            for figure in figures(&table, &segments, theme) {
                let texts = check(&figure, shop);
                assert!(texts.len() > 2, "{} of {shop}", figure.name());
                assert!(figure.reading().ends_with('.'), "{}", figure.reading());
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count} figures");
}

#[test]
fn a_segment_without_customers_is_said_to_have_none() {
    let table = table(&[(1, 9, 900_000_000, None), (2, 8, 800_000_000, None)]);
    let segments = [Segment::Champions; 2];
    for figure in figures(&table, &segments, Theme::Light) {
        let texts = check(&figure, "champions alone");
        if figure.name() == "segment_distribution" {
            let none = texts.iter().filter(|text| *text == "no customers");
            assert_eq!(none.count(), 3);
        }
    }
}

#[test]
fn pictures_are_neither_blank_nor_clipped() {
    /// Dots at the edges where nothing is drawn.
    const EDGE: usize = 12;
    for (shop, table) in shops().into_iter().take(2) {
        let segments = SegmentationModel::reference().predict_table(&table);
        for figure in figures(&table, &segments, Theme::Dark) {
            let decoder = png::Decoder::new(std::io::Cursor::new(figure.png()));
            let mut reader = decoder.read_info().expect("a PNG");
            let mut dots = vec![0; reader.output_buffer_size().expect("a size")];
            let info = reader.next_frame(&mut dots).expect("a picture");
            let (width, height) = (info.width as usize, info.height as usize);
            assert_eq!((width, height), (1920, 1200));
            let bytes = dots.len() / (width * height);
            let paper = dots[..bytes].to_vec();
            let mut drawn = 0_usize;
            for (number, dot) in dots.chunks_exact(bytes).enumerate() {
                if dot == paper {
                    continue;
                }
                drawn += 1;
                let (x, y) = (number % width, number / width);
                assert!(
                    (EDGE..width - EDGE).contains(&x) && (EDGE..height - EDGE).contains(&y),
                    "{} of {shop} has a dot at {x}, {y}",
                    figure.name()
                );
            }
            let share = drawn as f64 / (width * height) as f64;
            assert!(
                (0.004..0.9).contains(&share),
                "{} of {shop}: {share}",
                figure.name()
            );
        }
    }
}

#[test]
fn the_same_customers_give_the_same_bytes() {
    let (_, table) = shops().remove(0);
    let segments = SegmentationModel::reference().predict_table(&table);
    let draw = || figures(&table, &segments, Theme::Light);
    for (first, second) in draw().iter().zip(draw()) {
        assert_eq!(first.svg(), second.svg());
        assert!(first.png() == second.png(), "{}", first.name());
        assert_eq!(first.data(), second.data());
    }
}

#[test]
fn bars_and_bins_count_every_customer_once() {
    let (_, table) = shops().remove(0);
    let segments = SegmentationModel::reference().predict_table(&table);
    let figures = figures(&table, &segments, Theme::Light);
    let data = |name: &str| {
        let figure = figures.iter().find(|figure| figure.name() == name);
        figure.expect("drawn").data()
    };
    let sum = |values: Vec<f64>| values.into_iter().sum::<f64>();
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let array = |value: &serde_json::Value| value.as_array().expect("an array").clone();
    let all = table.len() as f64;
    for name in [
        "recency_distribution",
        "frequency_log_distribution",
        "monetary_log_distribution",
    ] {
        let bins = array(&data(name)["customers"]);
        assert!(
            (sum(bins.iter().map(number).collect()) - all).abs() < 0.5,
            "{name}"
        );
        // The area below the curve is that of the bars.
        let curve = array(&data(name)["curve"]);
        let heights: Vec<f64> = curve.iter().map(|point| number(&point[1])).collect();
        let mean = sum(heights.clone()) / heights.len() as f64;
        let bars = all / bins.len() as f64;
        assert!(
            (mean / bars - 1.0).abs() < 0.05,
            "{name}: {mean} and {bars}"
        );
    }
    for name in ["segment_distribution", "order_distribution"] {
        let bars = array(data(name))
            .iter()
            .map(|bar| number(&bar["value"]))
            .collect();
        assert!((sum(bars) - all).abs() < 0.5, "{name}");
    }
    let revenue = array(data("revenue_by_segment"))
        .iter()
        .map(|bar| number(&bar["value"]))
        .collect();
    let expected = table.revenue().to_f64();
    assert!((sum(revenue) / expected - 1.0).abs() < 1e-9);
    let cells = array(&data("rfm_heatmap")["cells"]);
    let cells = cells
        .iter()
        .flat_map(array)
        .map(|cell| number(&cell[0]))
        .collect();
    assert!((sum(cells) - all).abs() < 0.5);
}

#[test]
fn many_customers_are_sampled_and_it_is_said() {
    let rows: Vec<Row<'_>> = (0..50_000_u64)
        .map(|number| {
            (
                number % 400,
                number % 9 + 1,
                (number as i64 + 1) * 1_000_000,
                None,
            )
        })
        .collect();
    let table = table(&rows);
    let segments = SegmentationModel::reference().predict_table(&table);
    for figure in figures(&table, &segments, Theme::Light) {
        let svg = figure.svg();
        assert!(
            svg.len() < 1_000_000,
            "{} has {} bytes",
            figure.name(),
            svg.len()
        );
        if figure.name().ends_with("_scatter") {
            assert_eq!(figure.data()["sampled"], 6000);
            assert!(
                figure
                    .reading()
                    .contains("sample of 6,000 of 50,000 customers.")
            );
        }
    }
}
