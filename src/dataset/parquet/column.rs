//! One column of a row group, some rows of which are in memory.

use hashbrown::HashMap;
use parquet::errors::ParquetError;

use super::{
    pages::{Content, Data, Pages, Values},
    plain::Fault,
    values::{BadText, Kind},
};
use crate::dataset::record::{Cell, Record};

/// The bytes of text that a column may have in memory.
const TEXT_IN_MEMORY: usize = 1024 * 1024 * 1024;

/// Cells, each kept once however many rows have it in a row or in the dictionary.
pub(super) struct Column {
    pages: Pages,
    kind: Kind,
    page: Option<Data>,
    /// Cells of the whole column.
    dictionary: Table,
    /// An empty cell, then cells of the present rows that are not in the dictionary.
    others: Table,
    /// For each present row the place of its cell; `others` stand behind the dictionary.
    places: Vec<u32>,
    levels: Vec<u32>,
}

/// Cells by their places.
#[derive(Default)]
struct Table {
    cells: Record,
    /// Cells that are none, by their places.
    bad: HashMap<usize, BadText>,
    /// The bytes of the longest text.
    longest: usize,
}

impl Table {
    fn restart(&mut self) {
        self.cells.restart(0);
        self.bad.clear();
        self.longest = 0;
    }

    fn push(&mut self, kind: Kind, value: &[u8]) -> Result<(), Fault> {
        let before = self.cells.text_bytes();
        if let Err(bad) = kind.push(value, &mut self.cells) {
            self.bad.insert(self.cells.len(), bad);
            self.cells.push_text("");
        }
        self.longest = self.longest.max(self.cells.text_bytes() - before);
        if self.cells.text_bytes() > TEXT_IN_MEMORY {
            return Err("a column has more than a gigabyte of text at once");
        }
        Ok(())
    }
}

impl Column {
    pub(super) fn new(pages: Pages, kind: Kind) -> Self {
        let mut dictionary = Table::default();
        if kind.is_truth() {
            dictionary.cells.push_text("FALSE");
            dictionary.cells.push_text("TRUE");
        }
        Self {
            pages,
            kind,
            page: None,
            dictionary,
            others: Table::default(),
            places: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// Puts the next rows in the place of those in memory, and gives their number:
    /// fewer than `rows` come only at the end.
    pub(super) fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.others.restart();
        self.others.cells.push_text("");
        self.places.resize(rows, 0);
        let mut filled = 0;
        while filled < rows {
            let Some(page) = self.page.as_mut().filter(|page| page.left > 0) else {
                match self.pages.next()? {
                    Some(Content::Data(data)) => self.page = Some(data),
                    Some(Content::Dictionary { values, count }) => {
                        self.open_dictionary(&values, count)
                            .map_err(ParquetError::General)?;
                    }
                    None => break,
                }
                continue;
            };
            let count = page.left.min(rows - filled);
            page.left -= count;
            self.read(filled, count)
                .map_err(|fault| ParquetError::General(fault.to_owned()))?;
            filled += count;
        }
        self.places.truncate(filled);
        Ok(filled)
    }

    fn open_dictionary(&mut self, mut values: &[u8], count: usize) -> Result<(), String> {
        if self.page.is_some() || !self.dictionary.cells.is_empty() {
            return Err("a dictionary stands behind values".to_owned());
        }
        for found in 0..count {
            let value = self.pages.shape.take(&mut values);
            let value =
                value.map_err(|_| format!("a dictionary states {count} values and has {found}"))?;
            self.dictionary.push(self.kind, value)?;
        }
        Ok(())
    }

    /// Reads `count` rows of the present page, from place `start` on.
    fn read(&mut self, start: usize, count: usize) -> Result<(), Fault> {
        let Some(page) = &mut self.page else {
            return Ok(());
        };
        let dictionary = self.dictionary.cells.len();
        let rows = &mut self.places[start..start + count];
        let mut present = count;
        if let Some(levels) = &mut page.levels {
            match levels.pass_over(count)? {
                // Most columns have all values.
                Some(1) => {}
                level => {
                    self.levels.resize(count, 0);
                    match level {
                        Some(level) => self.levels.fill(level),
                        None => levels.read(&mut self.levels)?,
                    }
                    present = self.levels.iter().map(|&level| level as usize & 1).sum();
                }
            }
        }
        let places = &mut rows[..present];
        match &mut page.values {
            Values::Places(numbers) => {
                numbers.read(places)?;
                let last = places.iter().copied().max();
                if last.is_some_and(|last| last as usize >= dictionary) {
                    return Err("a page refers to a value that its dictionary does not have");
                }
            }
            Values::Plain(bytes) => {
                let mut rest = &bytes[..];
                let mut before: &[u8] = &[];
                for (number, place) in places.iter_mut().enumerate() {
                    let value = self.pages.shape.take(&mut rest)?;
                    if number == 0 || value != before {
                        self.others.push(self.kind, value)?;
                    }
                    before = value;
                    *place = (dictionary + self.others.cells.len() - 1) as u32;
                }
                *bytes = bytes.slice_ref(rest);
            }
        }
        if present < count {
            spread(rows, present, &self.levels, dictionary as u32);
        }
        Ok(())
    }

    /// The cell of a row among those in memory.
    pub(super) fn cell(&self, row: usize) -> Result<Cell<'_>, BadText> {
        let (table, place) = self.table(self.places[row] as usize);
        match table.bad.get(&place) {
            Some(&bad) => Err(bad),
            None => Ok(table.cells.cell(place)),
        }
    }

    /// For each row in memory the place of its cell.
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// The cell at a place; an empty one if it is bad.
    pub(super) fn cell_at(&self, place: usize) -> Cell<'_> {
        let (table, place) = self.table(place);
        table.cells.cell(place)
    }

    fn table(&self, place: usize) -> (&Table, usize) {
        match place.checked_sub(self.dictionary.cells.len()) {
            Some(place) => (&self.others, place),
            None => (&self.dictionary, place),
        }
    }

    /// The number of places.
    pub(super) fn cells(&self) -> usize {
        self.dictionary.cells.len() + self.others.cells.len()
    }

    /// The number of places, the first ones, whose cells stay the same for all rows.
    pub(super) fn lasting_cells(&self) -> usize {
        self.dictionary.cells.len()
    }

    /// Whether a cell is none.
    pub(super) fn has_bad(&self) -> bool {
        !(self.dictionary.bad.is_empty() && self.others.bad.is_empty())
    }

    /// The bytes of the longest text.
    pub(super) fn longest(&self) -> usize {
        self.dictionary.longest.max(self.others.longest)
    }
}

/// Moves the places of the rows with a value, which stand at the start, to their rows;
/// all others get `missing`.
fn spread(rows: &mut [u32], mut present: usize, levels: &[u32], missing: u32) {
    for row in (0..rows.len()).rev() {
        rows[row] = if levels[row] & 1 == 1 {
            present -= 1;
            rows[present]
        } else {
            missing
        };
    }
}
