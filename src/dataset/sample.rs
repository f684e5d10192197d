//! Transactions made up from a stated model, for trying and measuring.
//!
//! The model, customer by customer:
//!
//! - **Birth**: the first invoice, at a time within two years; the shop grows,
//!   so that births are the more likely the later, in proportion.
//! - **Purchases**: a Poisson process from then on. Its rate is the customer's
//!   own, log-normal with a standard deviation of 1, at most one a week.
//! - **Dropout**: the process ends after an exponential time of 250 days on
//!   average; nobody says goodbye.
//! - **Baskets**: 1 to 40 lines an invoice, all equally likely. A line is one
//!   of 4,000 products with a log-normal price; its quantity is log-normal
//!   about the customer's own level.
//! - **Cancellations**: 2 % of the invoices come back some days later under a
//!   number with a `C`, with negative quantities.
//! - **Faults of real exports**: invoices without a customer, and lines that
//!   stand there twice.
//!
//! Same parameters, same bytes, on any system.
//!
//! ```
//! use rfmkit::{
//!     dataset::sample::{self, IdKind, SampleParams},
//!     progress::Progress,
//! };
//!
//! let params = SampleParams { lines: 100, ids: IdKind::Email, ..SampleParams::default() };
//! let mut csv = Vec::new();
//! sample::write(&params, &mut csv, &Progress::default())?;
//! assert_eq!(csv.iter().filter(|&&byte| byte == b'\n').count(), 101);
//! # Ok::<(), std::io::Error>(())
//! ```

use std::{
    io::{self, Write},
    str::FromStr,
};

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

use super::{choice::choose, timestamp::Timestamp};
use crate::progress::Progress;

/// Minutes in the two years that the data span.
const MINUTES: f64 = 730.0 * 24.0 * 60.0;
/// 2010-12-01 00:00:00 in microseconds since 1970.
const START: i64 = 1_291_161_600 * 1_000_000;
/// Nobody buys more than once a week on average.
const MOST_PER_MINUTE: f64 = 1.0 / (7.0 * 24.0 * 60.0);
const FIRST_INVOICE: usize = 536_365;
const FIRST_CUSTOMER: u64 = 12_346;
const MOST_LINES: u64 = 40;
const PRODUCTS: u64 = 4000;
const CANCELLED_SHARE: f64 = 0.02;
/// The mean time until dropout.
const LIFETIME_MINUTES: f64 = 250.0 * 24.0 * 60.0;
/// The mean time from birth to dropout or the end of the data.
const ACTIVE_MINUTES: f64 = 134.0 * 24.0 * 60.0;

/// How customers are named.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IdKind {
    /// Numbers of five digits and more.
    #[default]
    Numeric,
    /// E-mail addresses.
    Email,
    /// Universally unique identifiers.
    Uuid,
}

impl FromStr for IdKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = [
            ("numeric", Self::Numeric),
            ("email", Self::Email),
            ("uuid", Self::Uuid),
        ];
        choose(text, &kinds).map_err(|words| format!("expected {words}"))
    }
}

/// What is made up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleParams {
    /// The number of lines, without the header; up to a billion, since every
    /// invoice (shuffled: every line) is held in memory.
    pub lines: u64,
    /// The seed from which everything is drawn.
    pub seed: u64,
    /// How customers are named.
    pub ids: IdKind,
    /// Whether the lines stand in random order rather than by time.
    pub shuffle: bool,
    /// The share of invoices without a customer, from 0 to 1.
    pub missing_share: f64,
    /// The share of lines that repeat the one before, from 0 to 1.
    pub duplicate_share: f64,
    /// The number of lines for each customer on average, from 21 up.
    pub lines_per_customer: f64,
}

impl Default for SampleParams {
    fn default() -> Self {
        Self {
            lines: 100_000,
            seed: 42,
            ids: IdKind::Numeric,
            shuffle: false,
            missing_share: 0.25,
            duplicate_share: 0.01,
            lines_per_customer: 100.0,
        }
    }
}

/// Writes transactions as CSV with the columns of the UCI data.
///
/// # Errors
///
/// What `out` fails with.
pub fn write(params: &SampleParams, out: &mut dyn Write, progress: &Progress) -> io::Result<()> {
    progress.start(params.lines, "lines");
    out.write_all(
        b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n",
    )?;
    let invoices = invoices(params);
    let mut writer = LineWriter {
        params,
        line: Vec::with_capacity(256),
    };
    let mut write = |number: usize, line: u64| {
        progress.advance(1);
        writer.write(out, FIRST_INVOICE + number, &invoices[number], line)
    };
    if params.shuffle {
        let mut places: Vec<(u32, u8)> = Vec::with_capacity(params.lines as usize);
        for (number, invoice) in invoices.iter().enumerate() {
            places.extend((0..invoice.lines).map(|line| (number as u32, line)));
        }
        let mut random = Random::new(params.seed, Purpose::Shuffle, 0);
        for last in (1..places.len()).rev() {
            places.swap(last, random.below(last as u64 + 1) as usize);
        }
        for (number, line) in places {
            write(number as usize, line.into())?;
        }
    } else {
        for (number, invoice) in invoices.iter().enumerate() {
            for line in 0..invoice.lines {
                write(number, line.into())?;
            }
        }
    }
    Ok(())
}

/// One invoice, or the cancellation of one.
#[derive(Clone, Copy, Debug)]
struct Invoice {
    /// Minutes since the start of the data.
    minute: u32,
    customer: u32,
    /// From which basket its lines are drawn; a cancellation has the basket of
    /// the invoice that it cancels.
    basket: u32,
    lines: u8,
    is_cancellation: bool,
    names_customer: bool,
}

/// All invoices by time; customers are born until there are lines enough.
fn invoices(params: &SampleParams) -> Vec<Invoice> {
    let lines_per_invoice = (1 + MOST_LINES) as f64 / 2.0 * (1.0 + CANCELLED_SHARE);
    let later_invoices = (params.lines_per_customer / lines_per_invoice - 1.0).max(0.0);
    // The mean of a log-normal number is its median times e^(1/2).
    let median_rate = later_invoices / ACTIVE_MINUTES / libm::exp(0.5);
    let mut invoices = Vec::new();
    let mut lines = 0;
    let mut baskets = 0;
    for customer in 0.. {
        if lines == params.lines {
            break;
        }
        let mut random = Random::new(params.seed, Purpose::Customer, customer);
        let rate = (median_rate * random.log_normal(1.0)).min(MOST_PER_MINUTE);
        let mut time = libm::sqrt(random.uniform()) * MINUTES;
        let end = MINUTES.min(time + random.exponential() * LIFETIME_MINUTES);
        while time < end && lines < params.lines {
            let basket = Invoice {
                minute: to_opening_hours(time),
                customer: customer as u32,
                basket: baskets,
                lines: (1 + random.below(MOST_LINES)).min(params.lines - lines) as u8,
                is_cancellation: false,
                names_customer: random.uniform() >= params.missing_share,
            };
            baskets += 1;
            lines += u64::from(basket.lines);
            invoices.push(basket);
            let back = time + random.exponential() * 7.0 * 24.0 * 60.0;
            if random.uniform() < CANCELLED_SHARE && back < MINUTES && lines < params.lines {
                let cancellation = Invoice {
                    minute: to_opening_hours(back),
                    lines: u64::from(basket.lines).min(params.lines - lines) as u8,
                    is_cancellation: true,
                    ..basket
                };
                lines += u64::from(cancellation.lines);
                invoices.push(cancellation);
            }
            time += random.exponential() / rate;
        }
    }
    // A stable sort keeps the order at equal times, and so the bytes.
    invoices.sort_by_key(|invoice| invoice.minute);
    invoices
}

/// Moves a time of any day to between 8 and 20 o'clock of that day.
fn to_opening_hours(minute: f64) -> u32 {
    const DAY: u32 = 24 * 60;
    let minute = minute as u32;
    minute / DAY * DAY + 8 * 60 + minute % DAY / 2
}

/// Writes single lines, each without knowledge of the others.
struct LineWriter<'p> {
    params: &'p SampleParams,
    line: Vec<u8>,
}

impl LineWriter<'_> {
    fn write(
        &mut self,
        out: &mut dyn Write,
        number: usize,
        invoice: &Invoice,
        line: u64,
    ) -> io::Result<()> {
        let seed = self.params.seed;
        let buffer = &mut self.line;
        buffer.clear();
        let place = |line: u64| u64::from(invoice.basket) * MOST_LINES + line;
        let mut original = line;
        while original > 0
            && Random::new(seed, Purpose::Duplicate, place(original)).uniform()
                < self.params.duplicate_share
        {
            original -= 1;
        }
        let mut customer = Random::new(seed, Purpose::Level, invoice.customer.into());
        let level = 4.0 * customer.log_normal(0.5);
        let country = COUNTRIES[usize::from(customer.uniform() < 0.1)
            * (1 + customer.below(COUNTRIES.len() as u64 - 1) as usize)];

        let mut random = Random::new(seed, Purpose::Line, place(original));
        let product = random.below(PRODUCTS);
        let quantity = (level * random.log_normal(0.8)).ceil() as i64;
        let quantity = if invoice.is_cancellation {
            -quantity
        } else {
            quantity
        };
        let mut random = Random::new(seed, Purpose::Product, product);
        let pence = (210.0 * random.log_normal(0.9)).ceil() as u64;
        let words: [&str; 4] = [
            COLOURS[random.below(COLOURS.len() as u64) as usize],
            MATERIALS[random.below(MATERIALS.len() as u64) as usize],
            THINGS[random.below(THINGS.len() as u64) as usize],
            ["SMALL", "LARGE", "SET OF 6"][random.below(3) as usize],
        ];
        let time = START + i64::from(invoice.minute) * 60_000_000;
        let time = Timestamp::from_microseconds(time).expect("two years after 2010");
        let prefix = if invoice.is_cancellation { "C" } else { "" };
        write!(
            buffer,
            "{prefix}{number},{},{},{quantity},{time},{}.{:02},",
            20_000 + product,
            words.join(" "),
            pence / 100,
            pence % 100
        )?;
        if invoice.names_customer {
            write_customer(buffer, self.params, invoice.customer.into())?;
        }
        writeln!(buffer, ",{country}")?;
        out.write_all(buffer)
    }
}

fn write_customer(out: &mut Vec<u8>, params: &SampleParams, customer: u64) -> io::Result<()> {
    let mut random = Random::new(params.seed, Purpose::Name, customer);
    match params.ids {
        IdKind::Numeric => write!(out, "{}", FIRST_CUSTOMER + customer),
        IdKind::Email => {
            let first = FIRST_NAMES[random.below(FIRST_NAMES.len() as u64) as usize];
            write!(out, "{first}.{customer}@example.com")
        }
        IdKind::Uuid => {
            // Version 4, variant 1, as random UUIDs have them.
            let high = random.0.next_u64() & !0xf000 | 0x4000;
            let low = random.0.next_u64() & !(3 << 62) | 1 << 63;
            write!(
                out,
                "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                high >> 32,
                high >> 16 & 0xffff,
                high & 0xffff,
                low >> 48,
                low & 0xffff_ffff_ffff
            )
        }
    }
}

/// What a stream of random numbers is for.
#[derive(Clone, Copy)]
enum Purpose {
    Customer,
    Level,
    Name,
    Line,
    Duplicate,
    Product,
    Shuffle,
}

/// A stream of random numbers of its own for each thing that is made up, so
/// that no line depends on the one before.
struct Random(SplitMix64);

impl Random {
    fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut mix = SplitMix64::seed_from_u64(seed);
        let mut state = mix.next_u64().wrapping_add(purpose as u64);
        state = SplitMix64::seed_from_u64(state)
            .next_u64()
            .wrapping_add(index);
        let state = SplitMix64::seed_from_u64(state).next_u64();
        Self(SplitMix64::seed_from_u64(state))
    }

    /// From 0 up to 1, exclusive.
    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number from 0 up to `end`, exclusive.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(end)) >> 64) as u64
    }

    /// With a mean of 1.
    fn exponential(&mut self) -> f64 {
        -libm::log1p(-self.uniform())
    }

    /// With a median of 1; `deviation` is that of the logarithm. By the method
    /// of Box and Muller (1958).
    fn log_normal(&mut self, deviation: f64) -> f64 {
        let radius = libm::sqrt(2.0 * self.exponential());
        let normal = radius * libm::cos(std::f64::consts::TAU * self.uniform());
        libm::exp(deviation * normal)
    }
}

const COUNTRIES: [&str; 8] = [
    "United Kingdom",
    "Germany",
    "France",
    "Netherlands",
    "Spain",
    "Belgium",
    "Switzerland",
    "Portugal",
];
const COLOURS: [&str; 8] = [
    "WHITE", "RED", "BLUE", "GREEN", "IVORY", "PINK", "BLACK", "VINTAGE",
];
const MATERIALS: [&str; 8] = [
    "METAL", "GLASS", "WOODEN", "CERAMIC", "PAPER", "COTTON", "ENAMEL", "WICKER",
];
const THINGS: [&str; 12] = [
    "LANTERN",
    "TEA CUP",
    "CAKE STAND",
    "JAM JAR",
    "CLOCK",
    "LUNCH BOX",
    "CANDLE",
    "BASKET",
    "DOORMAT",
    "CUSHION",
    "PICTURE FRAME",
    "BUNTING",
];
const FIRST_NAMES: [&str; 12] = [
    "anna", "ben", "chloe", "david", "emma", "felix", "grace", "henry", "isla", "jack", "kate",
    "leo",
];
