//! Made-up shops: lines as values, and the many texts that stand for them.

use proptest::{collection, option, prelude::*, sample::Index};

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;
/// 2010-12-01 00:00:00 in seconds since 1970.
const START: i64 = 1_291_161_600;

/// What one line of an export means.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Line {
    pub(crate) invoice: String,
    pub(crate) stock: String,
    pub(crate) description: String,
    /// In millionths.
    pub(crate) quantity: i64,
    /// In millionths.
    pub(crate) price: i64,
    /// Since 1970.
    pub(crate) seconds: i64,
    pub(crate) customer: Option<String>,
    pub(crate) country: Option<String>,
}

/// The lines of a shop, each with the noise that picks its spelling.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) lines: Vec<(Line, u64)>,
    /// Whether an amount stands in place of quantity and price.
    pub(crate) with_amount: bool,
    pub(crate) with_country: bool,
    /// The snapshot that is given, in seconds since 1970.
    pub(crate) snapshot: Option<i64>,
    pub(crate) rules: Rules,
}

/// What else decides which lines count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    /// In seconds since 1970.
    pub(crate) since: Option<i64>,
    pub(crate) is_net: bool,
    pub(crate) keep_duplicates: bool,
}

fn rules() -> impl Strategy<Value = Rules> {
    let since = option::weighted(0.3, seconds());
    (since, any::<bool>(), any::<bool>()).prop_map(|(since, is_net, keep_duplicates)| Rules {
        since,
        is_net,
        keep_duplicates,
    })
}

const NUMBERS: [&str; 8] = [
    "17850",
    "7",
    "007",
    "12346",
    "0",
    "98765432109876543210987654321",
    "100",
    "12347",
];
const TEXTS: [&str; 8] = [
    "anna@example.org",
    "Bob",
    "Zoë",
    "10",
    "9",
    "Élodie",
    "Smith, \"Jo\"",
    "two\nlines",
];
const DESCRIPTIONS: [&str; 11] = [
    "LANTERN",
    "",
    "NULL",
    "a, b; c|d\te",
    "say \"hi\"",
    "\"",
    "two\nlines",
    "two\r\nlines",
    "café ☕",
    "5",
    "it's",
];
const STOCKS: [&str; 4] = ["85123", "85123A", "POST", "085123"];
const INVOICES: [&str; 6] = ["536365", "536366", "C536367", "0536365", "A,1", "536368"];
const COUNTRIES: [&str; 5] = [
    "France",
    "EIRE",
    "Österreich",
    "United Kingdom",
    "Korea, South",
];
pub(crate) const MISSING: [&str; 11] = [
    "", "NULL", "null", "NaN", "nan", "N/A", "NA", "None", r"\N", " ", " NULL ",
];

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

fn quantity() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => (-2_i64..20).prop_map(|pieces| pieces * 1_000_000),
        2 => -3_000_000_i64..30_000_000,
        1 => -2_i64..3,
    ]
}

fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => (0_i64..2000).prop_map(|cents| cents * 10_000),
        2 => -1_000_000_i64..30_000_000_000,
        1 => -2_i64..1_000_000,
    ]
}

/// Few instants and days, so that last purchases coincide; some midnights.
fn seconds() -> impl Strategy<Value = i64> {
    let days = prop_oneof![3 => 0_i64..6, 1 => 0_i64..400];
    let clock = prop_oneof![Just(0), Just(30_360), Just(86_399), 0..DAY];
    (days, clock).prop_map(|(days, clock)| START + days * DAY + clock)
}

fn line(customers: &'static [&'static str]) -> impl Strategy<Value = Line> {
    (
        one_of(&INVOICES),
        one_of(&STOCKS),
        one_of(&DESCRIPTIONS),
        quantity(),
        price(),
        seconds(),
        option::weighted(0.85, one_of(customers)),
        option::weighted(0.8, one_of(&COUNTRIES)),
    )
        .prop_map(
            |(invoice, stock, description, quantity, price, seconds, customer, country)| Line {
                invoice,
                stock,
                description,
                quantity,
                price,
                seconds,
                customer,
                country,
            },
        )
}

/// A shop with returns, gifts, missing customers, lines that stand there
/// twice, and lines that differ from an earlier one in a single column.
pub(crate) fn shop() -> impl Strategy<Value = Shop> {
    let lines = any::<bool>().prop_flat_map(|numeric| {
        let customers: &[&str] = if numeric { &NUMBERS } else { &TEXTS };
        let earlier = option::weighted(0.35, (any::<Index>(), 0..12_u8));
        collection::vec((line(customers), any::<u64>(), earlier), 1..48)
    });
    let snapshot = option::weighted(0.3, seconds().prop_map(|seconds| seconds + DAY));
    let rules = prop_oneof![Just(Rules::default()), rules()];
    (lines, any::<bool>(), any::<bool>(), snapshot, rules).prop_map(
        |(drawn, with_amount, with_country, snapshot, rules)| {
            let mut lines: Vec<(Line, u64)> = Vec::new();
            for (mut line, noise, earlier) in drawn {
                if let (Some((index, change)), false) = (earlier, lines.is_empty()) {
                    line = changed(index.get(&lines).0.clone(), change);
                }
                if with_amount {
                    line.quantity = 1_000_000;
                }
                if !with_country {
                    line.country = None;
                }
                lines.push((line, noise));
            }
            Shop {
                lines,
                with_amount,
                with_country,
                snapshot,
                rules,
            }
        },
    )
}

fn changed(mut line: Line, change: u8) -> Line {
    match change {
        0 => line.invoice.push('0'),
        1 => line.stock.push('B'),
        2 => line.description.push('!'),
        3 => line.quantity += 1,
        4 => line.price += 1,
        5 => line.seconds += 1,
        6 => line.country = None,
        _ => {}
    }
    line
}

/// Digits of a number in turn as picks; nought picks the plain spelling.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn pick(&mut self, choices: usize) -> usize {
        let choices = choices as u64;
        let pick = self.0 % choices;
        self.0 /= choices;
        pick as usize
    }

    fn text(&mut self, text: &str) -> String {
        ["", " ", "  "][self.pick(3)].to_owned() + text + ["", " "][self.pick(2)]
    }

    fn identifier(&mut self, text: &str) -> String {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let zeros = ["", ".0", ".00"][self.pick(3)];
            return self.text(&format!("{text}{zeros}"));
        }
        self.text(text)
    }

    fn optional(&mut self, text: Option<&str>) -> String {
        match text {
            Some(text) => self.identifier(text),
            None => MISSING[self.pick(MISSING.len())].to_owned(),
        }
    }

    fn decimal(&mut self, millionths: i64) -> String {
        let sign = match millionths {
            ..0 => "-",
            _ => ["", "+"][self.pick(2)],
        };
        let size = millionths.unsigned_abs();
        let (whole, places) = (size / 1_000_000, format!("{:06}", size % 1_000_000));
        let short = places.trim_end_matches('0');
        let text = match self.pick(6) {
            0 if short.is_empty() => format!("{sign}{whole}"),
            1 => format!("{sign}{whole}.{places}"),
            2 => format!("{sign}0{whole}.{places}00"),
            3 => format!("{sign}{size}e-6"),
            4 => format!("{sign}{whole}.{places}4999"),
            _ => format!("{sign}{whole}.{short}0"),
        };
        self.text(&text)
    }

    fn time(&mut self, seconds: i64) -> String {
        let shapes = shapes(seconds);
        let pick = self.pick(shapes.len());
        self.text(&shapes[pick])
    }
}

/// Year, month, day, hour, minute and second, counted out year by year.
pub(crate) fn civil(seconds: i64) -> [i64; 6] {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = |year| if is_leap(year) { 366 } else { 365 };
    let (mut day, clock) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let mut year = 1970;
    while day < 0 {
        year -= 1;
        day += length(year);
    }
    while day >= length(year) {
        day -= length(year);
        year += 1;
    }
    let february = length(year) - 337;
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    [
        year,
        month,
        day + 1,
        clock / 3600,
        clock / 60 % 60,
        clock % 60,
    ]
}

/// Every text without a zone that means an instant beyond doubt.
pub(crate) fn shapes(seconds: i64) -> Vec<String> {
    let [year, month, day, hour, minute, second] = civil(seconds);
    let half = ["AM", "PM"][usize::from(hour >= 12)];
    let twelve = (hour + 11) % 12 + 1;
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let date = format!("{year:04}-{month:02}-{day:02}");
    let mut shapes = vec![
        format!("{date} {time}"),
        format!("{date}T{time}"),
        format!("{date}t{time}.000"),
        format!("{date}  {time},0"),
        format!("{date}, {time}"),
        format!("{year:04}/{month}/{day} {hour}:{minute}:{second}"),
        format!("{year:04}.{month:02}.{day:02} {time}"),
        format!("{day:02}.{month:02}.{year:04} {time}"),
        format!("{day}.{month}.{year:04} {time}"),
        format!("{date} {twelve}:{minute:02}:{second:02} {half}"),
        format!(
            "{date} {twelve:02}:{minute:02}:{second:02}{}",
            half.to_lowercase()
        ),
    ];
    if second == 0 {
        shapes.push(format!("{date} {hour:02}:{minute:02}"));
        shapes.push(format!("{day}.{month}.{year:04} {hour}:{minute:02}"));
    }
    if seconds % DAY == 0 {
        shapes.push(date);
        shapes.push(format!("{year:04}{month:02}{day:02}"));
        shapes.push(format!("{day:02}.{month:02}.{year:04}"));
    }
    shapes
}

impl Shop {
    /// The lines without their spelling.
    pub(crate) fn meanings(&self) -> Vec<Line> {
        self.lines.iter().map(|(line, _)| line.clone()).collect()
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> Vec<&'static str> {
        let amount: &[&str] = if self.with_amount {
            &["InvoiceDate", "Amount"]
        } else {
            &["Quantity", "InvoiceDate", "UnitPrice"]
        };
        let mut header = [&["InvoiceNo", "StockCode", "Description"], amount].concat();
        header.push("CustomerID");
        if self.with_country {
            header.push("Country");
        }
        header
    }

    /// The header and the rows of the export.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let header = self.header().into_iter().map(str::to_owned);
        let mut rows = vec![header.collect::<Vec<_>>()];
        for (line, noise) in &self.lines {
            let mut row = spell(line, *noise);
            if !self.with_country {
                row.remove(7);
            }
            if self.with_amount {
                row.remove(3);
            }
            rows.push(row);
        }
        rows
    }
}

/// A line in the order of the columns; one without a customer may have
/// anything else in it.
fn spell(line: &Line, noise: u64) -> Vec<String> {
    let mut noise = Noise(noise);
    let customer = noise.optional(line.customer.as_deref());
    if line.customer.is_none() && noise.pick(2) == 1 {
        let junk = ["", "?", "1,2", "31/31/2010", "0", "NULL"][noise.pick(6)];
        let mut row = vec![junk.to_owned(); 8];
        row[6] = customer;
        return row;
    }
    vec![
        noise.identifier(&line.invoice),
        noise.identifier(&line.stock),
        noise.text(&line.description),
        noise.decimal(line.quantity),
        noise.time(line.seconds),
        noise.decimal(line.price),
        customer,
        noise.optional(line.country.as_deref()),
    ]
}
