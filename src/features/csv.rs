//! The features file: `data/processed/rfm_features.csv`.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use super::{
    error::FeatureError,
    rfm::log1p,
    table::{CustomerRow, ExtraColumns, RfmTable},
};
use crate::{
    dataset::{self, DatasetError, Fault, NamedRow, TotalMoney},
    output::{write_field, write_lines},
};

/// The columns from which the table is read; the `_log` columns are for people.
const COLUMNS: [&str; 4] = ["CustomerID", "recency", "frequency", "monetary"];

/// The same, and that of the last purchase's country.
const WITH_COUNTRY: [&str; 5] = ["CustomerID", "recency", "frequency", "monetary", "country"];

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
        write_lines(out, self.len(), |row, line| {
            self.write_values(row, line)?;
            for log in log1p(self.rfm(row).to_array()) {
                line.push(b',');
                push_double(log, line);
            }
            if let Some(countries) = self.country() {
                line.push(b',');
                write_field(line, countries[row].as_deref().unwrap_or(""))?;
            }
            if let (Some(returned), Some(rate)) = (self.returned(), self.return_rate(row)) {
                write!(line, ",{},", returned[row])?;
                push_double(rate, line);
            }
            line.push(b'\n');
            Ok(())
        })
    }

    /// Writes identifier, recency, frequency and monetary value of a row.
    pub(crate) fn write_values(&self, row: usize, line: &mut Vec<u8>) -> io::Result<()> {
        write_field(line, &self.customers()[row])?;
        let (recency, frequency) = (self.recency()[row], self.frequency()[row]);
        write!(line, ",{recency},{frequency},{}", self.monetary()[row])
    }

    /// Reads a features file. Its columns may stand in any order and have
    /// others beside them, which are left alone.
    ///
    /// # Errors
    ///
    /// [`FeatureError`] if the file cannot be read, lacks a column, or has a
    /// value out of range.
    pub fn read_csv(path: &Path) -> Result<Self, FeatureError> {
        let rows = dataset::read_named(path, &COLUMNS, row).map_err(FeatureError::Table)?;
        Self::new(rows, ExtraColumns::default())
    }

    /// As [`RfmTable::read_csv`], with the countries if the file has them.
    ///
    /// # Errors
    ///
    /// As [`RfmTable::read_csv`].
    pub fn read_csv_with_countries(path: &Path) -> Result<Self, FeatureError> {
        // Few countries have many customers.
        let countries = RefCell::new(BTreeSet::<Arc<str>>::new());
        let with_country = |cells: &NamedRow<'_, 5>| {
            let country = cells.identifier(4).map(|name| {
                let mut countries = countries.borrow_mut();
                let known = countries.get(&*name).cloned();
                known.unwrap_or_else(|| {
                    let name = Arc::<str>::from(name);
                    countries.insert(Arc::clone(&name));
                    name
                })
            });
            Ok(CustomerRow {
                country,
                ..row(cells)?
            })
        };
        match dataset::read_named(path, &WITH_COUNTRY, with_country) {
            Err(DatasetError::NamedColumn {
                count: 0, column, ..
            }) if column == WITH_COUNTRY[4] => Self::read_csv(path),
            rows => {
                let extra = ExtraColumns {
                    country: true,
                    ..ExtraColumns::default()
                };
                Self::new(rows.map_err(FeatureError::Table)?, extra)
            }
        }
    }
}

/// Adds the shortest decimal that stands for a number, which is not negative.
fn push_double(value: f64, text: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format(value);
    if shortest.contains('e') {
        text.extend(value.to_string().as_bytes());
    } else {
        text.extend(shortest.strip_suffix(".0").unwrap_or(shortest).as_bytes());
    }
}

/// A row of the file; its first columns are [`COLUMNS`].
fn row<const N: usize>(row: &NamedRow<'_, N>) -> Result<CustomerRow, Fault> {
    Ok(CustomerRow {
        customer: row.customer(0)?,
        recency: row.whole(1)?,
        frequency: row.whole(2)?,
        monetary: row.money(3)?.into(),
        country: None,
        returned: TotalMoney::default(),
    })
}
