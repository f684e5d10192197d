//! Lines that do not parse, put aside: `data/interim/rejected.csv`.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{columns::Columns, error::Fault, record::Record};
use crate::output::write_field;

/// Writes rejected lines as CSV: file, line and reason, then the fields as they
/// stand, under the header of the first file.
pub(super) struct Rejects<'a> {
    out: &'a mut dyn Write,
    /// How many there are.
    pub(super) lines: u64,
    has_header: bool,
}

impl<'a> Rejects<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            lines: 0,
            has_header: false,
        }
    }

    /// Writes the header, once.
    pub(super) fn start(&mut self, first: &Columns) -> io::Result<()> {
        if !self.has_header {
            self.has_header = true;
            self.out.write_all(b"file,line,reason")?;
            self.fields(first.names())?;
        }
        Ok(())
    }

    /// Writes a line; `columns` are those of its file.
    pub(super) fn push(
        &mut self,
        (path, record): (&Path, &Record),
        columns: &Columns,
        fault: &Fault,
    ) -> io::Result<()> {
        self.lines += 1;
        write_field(self.out, &path.to_string_lossy())?;
        write!(self.out, ",{},", record.line())?;
        write_field(self.out, &fault.to_string())?;
        let cells = columns.in_order_of_first(record.len());
        self.fields(cells.map(|column| record.cell(column).text()))
    }

    fn fields<T: AsRef<str>>(&mut self, fields: impl Iterator<Item = T>) -> io::Result<()> {
        for field in fields {
            self.out.write_all(b",")?;
            write_field(self.out, field.as_ref())?;
        }
        self.out.write_all(b"\n")
    }
}
