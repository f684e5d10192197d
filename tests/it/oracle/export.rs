//! A shop's lines, exported in the ways in which the world exports them.

mod drawn;

use std::io::Write;

use encoding_rs::Encoding;
use flate2::{Compression, write::GzEncoder};
use jiff::tz::{Offset, TimeZone};
use rfmkit::dataset::{CleanParams, ColumnNames, CsvFormat, DateFormat, ReadParams};

pub(crate) use self::drawn::export;
use super::{
    clean_params,
    csv::{Dialect, encode},
    dates::{DateStyle, Zones},
    lines::{Line, Noise, Shop},
    numbers::NumberStyle,
};

/// Files that are one data set, and what is said about them.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    /// What the lines mean; their times are no finer than their texts.
    pub(crate) shop: Shop,
    pub(crate) files: Vec<File>,
    pub(crate) settings: Settings,
    /// Picks the names of the columns.
    names: u64,
}

/// What the user says.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) mark: char,
    pub(crate) dates: DateFormat,
    pub(crate) encoding: Option<&'static Encoding>,
    delimiter: Option<char>,
    /// The zone to which dates are converted, in minutes before Greenwich.
    zone: i64,
    /// Whether lines that do not parse are put aside.
    pub(crate) quarantine: bool,
}

/// One file, and how it is written.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The numbers of its lines.
    pub(crate) lines: Vec<usize>,
    pub(crate) dialect: Dialect,
    pub(crate) encoding: &'static Encoding,
    packing: Packing,
    /// The columns in their order; a shop may lack the last ones.
    order: Vec<usize>,
    /// How the names of columns are spelled.
    spelling: usize,
    pub(crate) numbers: NumberStyle,
    pub(crate) dates: DateStyle,
    zone: i64,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug)]
enum Packing {
    Plain,
    Gzip,
    /// Two gzip files in one, as appending makes them.
    GzipTwice,
    Zstandard,
}

impl Packing {
    fn pack(self, bytes: &[u8]) -> Vec<u8> {
        let gzip = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).expect("pack");
            encoder.finish().expect("pack")
        };
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Gzip => gzip(bytes),
            Self::GzipTwice => {
                let (first, second) = bytes.split_at(bytes.len() / 2);
                [gzip(first), gzip(second)].concat()
            }
            Self::Zstandard => zstd::encode_all(bytes, 1).expect("pack"),
        }
    }
}

impl Export {
    /// The header and the rows of a file.
    pub(crate) fn rows(&self, file: &File) -> Vec<Vec<String>> {
        let columns = self.shop.header();
        let header = self.names().into_iter().map(|(_, name)| file.spell(name));
        let mut rows = vec![header.collect::<Vec<_>>()];
        let mut all = self.shop.rows();
        for &number in &file.lines {
            let mut row = std::mem::take(&mut all[number + 1]);
            let line = &self.shop.lines[number].0;
            // What is in a line without a customer, nobody reads.
            if line.customer.is_some() {
                for (cell, column) in row.iter_mut().zip(&columns) {
                    if let Some(text) = self.text(file, line, column) {
                        *cell = text;
                    }
                }
            }
            rows.push(row);
        }
        let width = columns.len();
        let order = || file.order.iter().copied().filter(|&column| column < width);
        let reorder = |row: &Vec<String>| order().map(|column| row[column].clone()).collect();
        rows.iter().map(reorder).collect()
    }

    /// What a file writes into a column of dates or numbers.
    pub(crate) fn text(&self, file: &File, line: &Line, column: &str) -> Option<String> {
        let zones = Zones {
            written: file.zone,
            wanted: self.settings.zone,
        };
        match column {
            "InvoiceDate" => Some(file.dates.write(line.seconds, zones)),
            "Quantity" => Some(file.numbers.pieces(line.quantity)),
            "UnitPrice" | "Amount" => Some(file.numbers.price(line.price)),
            _ => None,
        }
    }

    /// How a file calls a column.
    pub(crate) fn name(&self, file: &File, column: &str) -> String {
        let names = self.names();
        let (_, name) = names
            .iter()
            .find(|(usual, _)| *usual == column)
            .expect("a column");
        file.spell(name)
    }

    /// The name of each column of the shop in this export.
    fn names(&self) -> Vec<(&'static str, &'static str)> {
        let mut noise = Noise(self.names);
        let mut name = |usual| {
            let (.., names) = NAMES
                .iter()
                .find(|(name, ..)| *name == usual)
                .expect("a name");
            (usual, names[noise.pick(names.len())])
        };
        self.shop.header().into_iter().map(&mut name).collect()
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, file: &File) -> Vec<u8> {
        let text = file.dialect.write(&self.rows(file));
        file.packing.pack(&encode(&text, file.encoding))
    }

    pub(crate) fn read_params(&self) -> ReadParams {
        ReadParams {
            csv: CsvFormat {
                delimiter: self.settings.delimiter.map(|delimiter| delimiter as u8),
                encoding: self.settings.encoding,
            },
            ..ReadParams::default()
        }
    }

    pub(crate) fn clean_params(&self) -> CleanParams {
        let zone = Offset::from_seconds(self.settings.zone as i32 * 60).expect("less than a day");
        CleanParams {
            decimal: self.settings.mark as u8,
            date_format: self.settings.dates.clone(),
            time_zone: TimeZone::fixed(zone),
            columns: self.told_names(),
            ..clean_params(&self.shop)
        }
    }

    /// The columns that have no usual name.
    fn told_names(&self) -> ColumnNames {
        let names = self.names();
        let told = names.iter().filter_map(|(usual, name)| {
            let (_, role, names) = NAMES.iter().find(|(other, ..)| other == usual)?;
            let is_foreign = names.last() == Some(name);
            (is_foreign && !role.is_empty()).then(|| format!("{role}={name}"))
        });
        let told: Vec<String> = told.collect();
        told.join(",").parse().expect("names")
    }
}

/// The columns of a shop: the usual name of each, its role, and how exports call
/// it, of which the last is unknown as long as nobody tells.
const NAMES: [(&str, &str, &[&str]); 9] = [
    (
        "InvoiceNo",
        "invoice",
        &["Invoice No", "Order ID", "Receipt Number", "Beleg"],
    ),
    ("StockCode", "", &["Stock Code", "SKU"]),
    ("Description", "", &["Description", "Product Name"]),
    (
        "Quantity",
        "quantity",
        &["Quantity", "Qty", "Units Sold", "Menge (Stück)"],
    ),
    (
        "InvoiceDate",
        "date",
        &["Invoice Date", "Created At", "Order Time", "Datum"],
    ),
    (
        "UnitPrice",
        "price",
        &["Unit Price", "Price", "Item Price", "Preis"],
    ),
    (
        "Amount",
        "amount",
        &["Amount", "Total", "Line Total", "Betrag"],
    ),
    (
        "CustomerID",
        "customer",
        &["Customer ID", "Email", "User ID", "Käufer"],
    ),
    (
        "Country",
        "country",
        &["Country", "Customer Country", "Land"],
    ),
];

const SPELLINGS: usize = 6;

impl File {
    /// A name in the spelling of this file.
    fn spell(&self, name: &str) -> String {
        match self.spelling {
            0 => name.to_owned(),
            1 => name.to_lowercase().replace(' ', "_"),
            2 => name.to_uppercase().replace(' ', ""),
            3 => name.replace(' ', "."),
            4 => name.to_uppercase().replace(' ', "-"),
            _ => format!(" {name} "),
        }
    }
}
