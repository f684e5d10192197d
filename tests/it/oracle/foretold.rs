//! What must come out of an export, told from how it was written.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use rfmkit::dataset::{DateFormat, DateOrder, LISTED_FAULTS};

use super::{
    at,
    dates::Kind,
    export::{Export, File},
    lines::{Line, Shop, civil},
};
use crate::properties::money::parse_naively;

/// What must come out.
#[derive(Debug)]
pub(crate) enum Foretold {
    /// The table of a shop, and how many other lines were put aside.
    Table {
        shop: Shop,
        quarantined: u64,
        order: Option<DateOrder>,
    },
    /// An error with this text, and words of its hint.
    Error { text: String, hint: &'static str },
}

/// What was read so far, file by file.
struct Reading<'a> {
    export: &'a Export,
    /// The numbers of the lines that parse.
    taken: Vec<usize>,
    /// Texts and hints of the faults.
    faults: Vec<(String, &'static str)>,
    zoned: Option<(usize, u64)>,
    unzoned: Option<(usize, u64)>,
    order: Option<DateOrder>,
    /// The first date with two readings.
    open: Option<String>,
}

/// How the file of this number is called.
pub(crate) fn file_name(number: usize) -> String {
    format!("{number}.csv")
}

pub(crate) fn foretell(export: &Export) -> Foretold {
    let mut reading = Reading {
        export,
        taken: Vec::new(),
        faults: Vec::new(),
        zoned: None,
        unzoned: None,
        order: None,
        open: None,
    };
    for (number, file) in export.files.iter().enumerate() {
        if let Some(error) = reading.read(number, file) {
            return error;
        }
    }
    if let (None, Some(text)) = (reading.order, reading.open) {
        let hint = "pass `--date-format day-first` or `--date-format month-first`";
        return Foretold::Error { text, hint };
    }
    let mut shop = export.shop.clone();
    let all = shop.lines.len();
    reading.taken.sort_unstable();
    shop.lines = reading
        .taken
        .iter()
        .map(|&number| export.shop.lines[number].clone())
        .collect();
    Foretold::Table {
        quarantined: (all - shop.lines.len()) as u64,
        shop,
        order: reading.order,
    }
}

impl Reading<'_> {
    /// Reads a file; gives the error with which that ends, if it does.
    fn read(&mut self, number: usize, file: &File) -> Option<Foretold> {
        let rows = self.export.rows(file);
        let (_, starts) = file.dialect.write_lines(&rows);
        let name = file_name(number);
        let mut faults = 0;
        for (index, row) in rows.iter().enumerate() {
            if let Some(error) = self.garbled(file, row, &format!("{name}:{}", starts[index])) {
                return Some(error);
            }
            if index == 0 {
                continue;
            }
            let place = (number, starts[index]);
            let line = file.lines[index - 1];
            if let Some((fault, hint)) = self.fault(file, &rows, index) {
                faults += 1;
                if !self.export.settings.quarantine {
                    self.faults
                        .push((format!("{name}:{}: {fault}", starts[index]), hint));
                }
            } else {
                self.taken.push(line);
                self.date(file, &self.export.shop.lines[line].0, place);
            }
            let is_enough = !self.export.settings.quarantine && faults == LISTED_FAULTS;
            if is_enough || (self.zoned.is_some() && self.unzoned.is_some()) {
                break;
            }
        }
        if !self.faults.is_empty() {
            let mut text: Vec<&str> = self.faults.iter().map(|(text, _)| &**text).collect();
            if text.len() == LISTED_FAULTS {
                text.push("there may be more: these are the first 10");
            }
            let mut hints = self.faults.iter().map(|(_, hint)| *hint);
            return Some(Foretold::Error {
                text: text.join("\n"),
                hint: hints.find(|hint| !hint.is_empty()).unwrap_or_default(),
            });
        }
        let (zoned, unzoned) = (self.zoned?, self.unzoned?);
        let other = if unzoned.0 == zoned.0 {
            format!("line {}", unzoned.1)
        } else {
            format!("{}:{}", file_name(unzoned.0), unzoned.1)
        };
        let column = self.export.name(&self.export.files[0], "InvoiceDate");
        let text = format!(
            "{}: `{}` has a zone in line {} and none in {other}, expected all or none",
            file_name(zoned.0),
            column.trim(),
            zoned.1,
        );
        let hint = "export the dates in one form";
        Some(Foretold::Error { text, hint })
    }

    /// The error of a row that is not text in the encoding in which it is read.
    fn garbled(&self, file: &File, row: &[String], place: &str) -> Option<Foretold> {
        let taken_for = self.export.settings.encoding.unwrap_or(UTF_8);
        if file.dialect.mark || file.encoding == taken_for {
            return None;
        }
        if file.encoding != WINDOWS_1252 {
            let text = format!("{place}: a NUL byte, expected text");
            let hint = "UTF-16 needs `--encoding utf-16le`";
            return Some(Foretold::Error { text, hint });
        }
        let is_ascii = row.iter().all(|field| field.is_ascii());
        (!is_ascii).then(|| Foretold::Error {
            text: format!("{place}: invalid {} text", Encoding::name(taken_for)),
            hint: "pass `--encoding windows-1252`",
        })
    }

    /// What is wrong with a row, and words of the hint.
    fn fault(
        &self,
        file: &File,
        rows: &[Vec<String>],
        index: usize,
    ) -> Option<(String, &'static str)> {
        let width = rows[0].len();
        if file.dialect.quotes == super::csv::Quotes::Never {
            let delimiters = |field: &String| field.matches(file.dialect.delimiter).count();
            let found = width + rows[index].iter().map(delimiters).sum::<usize>();
            if found > width {
                let text = format!("{found} fields, expected {width} as in the header");
                return Some((text, "a delimiter inside a field must stand in quotes"));
            }
        }
        let line = &self.export.shop.lines[file.lines[index - 1]].0;
        line.customer.as_ref()?;
        let columns = ["InvoiceDate", "Quantity", "UnitPrice", "Amount"];
        columns.into_iter().find_map(|column| {
            let is_absent = match column {
                "Amount" => !self.export.shop.with_amount,
                "Quantity" | "UnitPrice" => self.export.shop.with_amount,
                _ => false,
            };
            if is_absent {
                return None;
            }
            let text = self.export.text(file, line, column)?;
            let (expected, hint) = match column {
                "InvoiceDate" => self.unreadable_date(file)?,
                _ => self.unreadable_number(file, &text)?,
            };
            let name = self.export.name(file, column);
            Some((
                format!("`{}` is {text:?}, expected {expected}", name.trim()),
                hint,
            ))
        })
    }

    fn unreadable_date(&self, file: &File) -> Option<(String, &'static str)> {
        match &self.export.settings.dates {
            DateFormat::Pattern(pattern) if file.dates.pattern() != Some(pattern) => {
                Some((format!("a date of the form {pattern}"), ""))
            }
            DateFormat::Pattern(_) => None,
            _ if file.dates.kind == Kind::Patterned => {
                let expected = "a date such as 2010-12-01 08:26:00".to_owned();
                Some((expected, "pass its form, such as `--date-format"))
            }
            _ => None,
        }
    }

    fn unreadable_number(&self, file: &File, text: &str) -> Option<(String, &'static str)> {
        let mark = self.export.settings.mark;
        parse_naively(text, mark).err()?;
        Some((
            format!("a decimal number such as 2{mark}55"),
            file.numbers.advice(text),
        ))
    }

    /// Notes what the date of a good line tells.
    fn date(&mut self, file: &File, line: &Line, place: (usize, u64)) {
        if line.customer.is_none() {
            return;
        }
        let first = match file.dates.kind {
            Kind::Zoned => &mut self.zoned,
            _ => &mut self.unzoned,
        };
        first.get_or_insert(place);
        let Kind::Slashed(order) = file.dates.kind else {
            return;
        };
        if self.export.settings.dates != DateFormat::Auto {
            return;
        }
        let [year, month, day, ..] = civil(line.seconds);
        if day > 12 {
            self.order = Some(order);
        } else if day != month && self.open.is_none() {
            let text = self
                .export
                .text(file, line, "InvoiceDate")
                .unwrap_or_default();
            let column = self.export.name(&self.export.files[0], "InvoiceDate");
            let clock = &at(line.seconds).to_string()[10..];
            let right = format!("{year}-{month:02}-{day:02}{clock}");
            let wrong = format!("{year}-{day:02}-{month:02}{clock}");
            let (day_first, month_first) = match order {
                DateOrder::DayFirst => (right, wrong),
                DateOrder::MonthFirst => (wrong, right),
            };
            self.open = Some(format!(
                "{}:{}: `{}` is {text:?}, which is {day_first} or {month_first}, \
                 and no other line tells which",
                file_name(place.0),
                place.1,
                column.trim(),
            ));
        }
    }
}
