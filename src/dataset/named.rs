//! Tables that this tool writes itself, read by the names of their columns.

use std::{borrow::Cow, ops::ControlFlow, path::Path};

use super::{
    InputFile, ReadParams, Source,
    error::{DatasetError, Fault, LISTED_FAULTS},
    money::{Decimal, Money},
    record::{Cell, Record},
    role::normalize,
};

/// Reads a table of which only the columns of some names count. They may stand
/// in any order and have others beside them.
///
/// # Errors
///
/// [`DatasetError`] if the file cannot be read, lacks a column or has it
/// twice, has no rows, or has rows that `parse` refuses, of which the first
/// ten are listed.
pub(crate) fn read_named<const N: usize, T>(
    path: &Path,
    names: &'static [&'static str; N],
    parse: impl Fn(&NamedRow<'_, N>) -> Result<T, Fault>,
) -> Result<Vec<T>, DatasetError> {
    let mut rows = Vec::new();
    visit_named(path, &ReadParams::default(), names, |row| {
        rows.push(parse(row)?);
        Ok(())
    })?;
    Ok(rows)
}

/// As [`read_named`] for a table of any format, with every row handed to `visit`;
/// tells what is known of the file.
pub(super) fn visit_named<const N: usize>(
    path: &Path,
    params: &ReadParams,
    names: &'static [&'static str; N],
    mut visit: impl FnMut(&NamedRow<'_, N>) -> Result<(), Fault>,
) -> Result<InputFile, DatasetError> {
    let mut columns = None;
    let mut rows = 0;
    let mut faults = Vec::new();
    let mut failure = None;
    let mut source = Source::open(path, params)?;
    source.reader().read(&mut |record| {
        let Some(columns) = &columns else {
            match Columns::find(path, record, names) {
                Ok(found) => columns = Some(found),
                Err(error) => failure = Some(error),
            }
            return match failure {
                None => ControlFlow::Continue(()),
                Some(_) => ControlFlow::Break(()),
            };
        };
        rows += 1;
        if let Err(fault) = columns.row(record).and_then(|row| visit(&row)) {
            faults.push(fault);
        }
        if faults.len() < LISTED_FAULTS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    let path = || path.to_owned();
    if let Some(error) = failure {
        return Err(error);
    }
    if columns.is_none() {
        return Err(DatasetError::Empty { path: path() });
    }
    if !faults.is_empty() {
        let path = path();
        return Err(DatasetError::Faults { path, faults });
    }
    if rows == 0 {
        return Err(DatasetError::HeaderOnly { path: path() });
    }
    Ok(source.describe(rows))
}

/// Where the columns of some names stand in a file.
struct Columns<const N: usize> {
    names: &'static [&'static str; N],
    places: [usize; N],
    count: usize,
}

impl<const N: usize> Columns<N> {
    fn find(
        path: &Path,
        header: &Record,
        names: &'static [&'static str; N],
    ) -> Result<Self, DatasetError> {
        let found: Vec<String> = header.cells().map(|cell| cell.text().into()).collect();
        let mut places = [0; N];
        for (place, column) in places.iter_mut().zip(names) {
            let is_column = |name: &&String| normalize(name) == normalize(column);
            let count = found.iter().filter(is_column).count();
            let first = found.iter().position(|name| is_column(&name));
            match (first, count) {
                (Some(first), 1) => *place = first,
                _ => {
                    return Err(DatasetError::NamedColumn {
                        path: path.to_owned(),
                        column,
                        count,
                        found,
                    });
                }
            }
        }
        Ok(Self {
            names,
            places,
            count: found.len(),
        })
    }

    fn row<'a>(&'a self, record: &'a Record) -> Result<NamedRow<'a, N>, Fault> {
        if record.len() != self.count {
            return Err(Fault::Ragged {
                line: record.line(),
                found: record.len(),
                expected: self.count,
            });
        }
        Ok(NamedRow {
            columns: self,
            record,
        })
    }
}

/// A row of a table, its columns counted as their names were given.
pub(crate) struct NamedRow<'a, const N: usize> {
    columns: &'a Columns<N>,
    record: &'a Record,
}

impl<const N: usize> NamedRow<'_, N> {
    fn cell(&self, column: usize) -> Cell<'_> {
        self.record.cell(self.columns.places[column])
    }

    /// The text of a column.
    pub(crate) fn text(&self, column: usize) -> Cow<'_, str> {
        self.cell(column).text()
    }

    /// That a column does not hold what was expected.
    pub(crate) fn fault(&self, column: usize, expected: &'static str) -> Fault {
        Fault::Field {
            line: self.record.line(),
            column: self.columns.names[column].to_owned(),
            found: self.text(column).into_owned(),
            expected: expected.into(),
        }
    }

    /// The identifier in a column; `None` if it is missing.
    pub(crate) fn identifier(&self, column: usize) -> Option<Box<str>> {
        let identifier = self.cell(column).identifier();
        identifier.map(|identifier| identifier.into_owned().into())
    }

    /// The customer in a column.
    pub(crate) fn customer(&self, column: usize) -> Result<Box<str>, Fault> {
        self.identifier(column)
            .ok_or_else(|| self.fault(column, "a customer"))
    }

    /// The whole number in a column.
    pub(crate) fn whole(&self, column: usize) -> Result<u64, Fault> {
        self.decimal(column)
            .map(Decimal::millionths)
            .filter(|millionths| millionths % 1_000_000 == 0)
            .and_then(|millionths| u64::try_from(millionths / 1_000_000).ok())
            .ok_or_else(|| self.fault(column, "a whole number"))
    }

    /// The amount of money in a column.
    pub(crate) fn money(&self, column: usize) -> Result<Money, Fault> {
        let amount = self.decimal(column).map(Money::from);
        amount.ok_or_else(|| self.fault(column, "a decimal number such as 350.75"))
    }

    fn decimal(&self, column: usize) -> Option<Decimal> {
        self.cell(column).decimal(b'.').ok()
    }
}
