//! The features file: `data/processed/rfm_features.csv`.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::Path,
};

use super::{
    error::FeatureError,
    rfm::log1p,
    table::{CustomerRow, ExtraColumns, RfmTable},
};
use crate::{
    dataset::{self, Cell, DatasetError, Decimal, Fault, LISTED_FAULTS, Money, Record, TotalMoney},
    output::write_field,
};

/// The columns from which the table is read; the `_log` columns are for people.
const COLUMNS: [&str; 4] = ["CustomerID", "recency", "frequency", "monetary"];

impl RfmTable {
    /// Writes the table as CSV, with the logarithms beside the values.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(COLUMNS.join(",").as_bytes())?;
        out.write_all(b",recency_log,frequency_log,monetary_log")?;
        let has_country = self.country().is_some();
        out.write_all(if has_country { b",country" } else { b"" })?;
        let has_returns = self.returned().is_some();
        out.write_all(if has_returns {
            b",returned,return_rate\n"
        } else {
            b"\n"
        })?;
        for row in 0..self.len() {
            self.write_values(row, out)?;
            for log in log1p(self.rfm(row).to_array()) {
                write!(out, ",{log}")?;
            }
            if let Some(countries) = self.country() {
                out.write_all(b",")?;
                write_field(out, countries[row].as_deref().unwrap_or(""))?;
            }
            if let Some(returned) = self.returned() {
                let returned = returned[row];
                let bought = returned + self.monetary()[row];
                write!(out, ",{returned},{}", returned.to_f64() / bought.to_f64())?;
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Writes identifier, recency, frequency and monetary value of a row.
    pub(crate) fn write_values(&self, row: usize, out: &mut dyn Write) -> io::Result<()> {
        write_field(out, &self.customers()[row])?;
        let (recency, frequency) = (self.recency()[row], self.frequency()[row]);
        write!(out, ",{recency},{frequency},{}", self.monetary()[row])
    }

    /// Reads a features file. Its columns may stand in any order and have
    /// others beside them, which are left alone.
    ///
    /// # Errors
    ///
    /// [`FeatureError`] if the file cannot be read, lacks a column, or has a
    /// value out of range.
    pub fn read_csv(path: &Path) -> Result<Self, FeatureError> {
        let mut columns = None;
        let mut rows = Vec::new();
        let mut faults = Vec::new();
        let mut failure = None;
        let read = dataset::read_rows(path, &mut |record| {
            let Some(header) = &columns else {
                match Columns::find(path, record) {
                    Ok(found) => columns = Some(found),
                    Err(error) => failure = Some(error),
                }
                return match failure {
                    None => ControlFlow::Continue(()),
                    Some(_) => ControlFlow::Break(()),
                };
            };
            match header.row(record) {
                Ok(row) => rows.push(row),
                Err(fault) => faults.push(fault),
            }
            if faults.len() < LISTED_FAULTS {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        read.map_err(|error| match error {
            DatasetError::Read { path, source } => FeatureError::Read { path, source },
            other => other.into(),
        })?;
        let path = || path.to_owned();
        if let Some(error) = failure {
            return Err(error);
        }
        if columns.is_none() {
            return Err(DatasetError::Empty { path: path() }.into());
        }
        if !faults.is_empty() {
            let path = path();
            return Err(DatasetError::Faults { path, faults }.into());
        }
        if rows.is_empty() {
            return Err(DatasetError::HeaderOnly { path: path() }.into());
        }
        Self::new(rows, ExtraColumns::default())
    }
}

/// The place of each of [`COLUMNS`] in a file.
struct Columns {
    places: [usize; 4],
    count: usize,
}

impl Columns {
    fn find(path: &Path, header: &Record) -> Result<Self, FeatureError> {
        let names: Vec<String> = header.cells().map(|cell| cell.text().into()).collect();
        let mut places = [0; 4];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let is_column = |name: &&String| dataset::normalize(name) == dataset::normalize(column);
            let count = names.iter().filter(is_column).count();
            let found = names.iter().position(|name| is_column(&name));
            match (found, count) {
                (Some(found), 1) => *place = found,
                _ => {
                    return Err(FeatureError::Column {
                        path: path.to_owned(),
                        column,
                        count,
                        found: names,
                    });
                }
            }
        }
        Ok(Self {
            places,
            count: names.len(),
        })
    }

    fn row(&self, record: &Record) -> Result<CustomerRow, Fault> {
        if record.len() != self.count {
            return Err(Fault::Ragged {
                line: record.line(),
                found: record.len(),
                expected: self.count,
            });
        }
        let fault = |column: usize, expected: &'static str| Fault::Field {
            line: record.line(),
            column: COLUMNS[column].to_owned(),
            found: record.cell(self.places[column]).text().into_owned(),
            expected: expected.into(),
        };
        let decimal = |column: usize| {
            match record.cell(self.places[column]) {
                Cell::Text(text) => Decimal::parse(text.as_bytes(), b'.'),
                Cell::Number(number) => Decimal::from_f64(number),
                Cell::Decimal { unscaled, scale } => Decimal::from_scaled(unscaled, scale),
                Cell::Time(_) | Cell::Instant(_) => return None,
            }
            .ok()
        };
        let count = |column: usize| {
            decimal(column)
                .map(Decimal::millionths)
                .filter(|millionths| millionths % 1_000_000 == 0)
                .and_then(|millionths| u64::try_from(millionths / 1_000_000).ok())
                .ok_or_else(|| fault(column, "a whole number"))
        };
        let customer = record.cell(self.places[0]).identifier();
        let customer = customer.ok_or_else(|| fault(0, "a customer"))?;
        let (recency, frequency) = (count(1)?, count(2)?);
        let monetary = decimal(3).ok_or_else(|| fault(3, "a decimal number such as 350.75"))?;
        Ok(CustomerRow {
            customer: customer.into_owned().into(),
            recency,
            frequency,
            monetary: TotalMoney::from(Money::from(monetary)),
            country: None,
            returned: TotalMoney::default(),
        })
    }
}
