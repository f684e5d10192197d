//! Rows of Parquet for the roll-up in pieces: what a cell says is worked out once, and
//! not for each row that has it.

use super::Group;
use crate::dataset::{
    columns::Columns,
    identifier::identifier,
    line::{Row, Values},
    money::{Decimal, DecimalError},
    record::Cell,
    row_hash::ShortHash,
};

/// The rows of a row group, some of which are in memory.
pub(in crate::dataset) struct Rows {
    group: Group,
    hash: ShortHash,
    /// The decimal mark of text.
    mark: u8,
    /// The columns in which the rows of a run are the same.
    of_run: Vec<usize>,
    /// For each row in memory whether one of these is another than in the row before.
    changes: Vec<bool>,
    known: Vec<Known>,
}

/// What is known of the cells of a column, by their places; `None` where nobody asks.
#[derive(Default)]
struct Known {
    hashes: Option<Vec<u64>>,
    numbers: Option<Vec<Result<Decimal, DecimalError>>>,
}

impl Rows {
    pub(in crate::dataset) fn new(
        group: Group,
        columns: &Columns,
        hash: ShortHash,
        mark: u8,
    ) -> Self {
        let mut known: Vec<Known> = Vec::new();
        known.resize_with(columns.count(), Known::default);
        for column in columns.numbers() {
            known[column].numbers = Some(Vec::new());
        }
        for &column in &columns.others {
            known[column].hashes = Some(Vec::new());
        }
        Self {
            group,
            hash,
            mark,
            of_run: columns.of_run(),
            changes: Vec::new(),
            known,
        }
    }

    /// Puts the next rows into memory, `rows` if there are so many, and gives their
    /// number. `None` if there is damage, or so much text that rows must be looked at
    /// one by one.
    pub(in crate::dataset) fn fill(&mut self, rows: usize) -> Option<usize> {
        let rows = self.group.fill(rows).ok()?;
        if !self.group.is_harmless() {
            return None;
        }
        self.changes.clear();
        self.changes.resize(rows, false);
        for &column in &self.of_run {
            let places = self.group.columns[column].places();
            let pairs = places.iter().zip(&places[1.min(rows)..]);
            let changes = self.changes.iter_mut().skip(1);
            changes
                .zip(pairs)
                .for_each(|(change, (a, b))| *change |= a != b);
        }
        if let Some(first) = self.changes.first_mut() {
            *first = true;
        }
        let (hash, mark) = (&self.hash, self.mark);
        for (column, known) in self.group.columns.iter().zip(&mut self.known) {
            // Only the cells of the dictionary are those of before.
            let add = |from: usize| (from..column.cells()).map(|place| column.cell_at(place));
            if let Some(hashes) = &mut known.hashes {
                hashes.truncate(column.lasting_cells());
                let of = |cell: Cell<'_>| hash.text(identifier(&cell.text()));
                hashes.extend(add(hashes.len()).map(of));
            }
            if let Some(numbers) = &mut known.numbers {
                numbers.truncate(column.lasting_cells());
                numbers.extend(add(numbers.len()).map(|cell| cell.decimal(mark)));
            }
        }
        Some(rows)
    }

    /// Whether a row may belong to another run than the row before it; the first in
    /// memory does.
    pub(in crate::dataset) fn changes(&self, row: usize) -> bool {
        self.changes[row]
    }

    /// A row among those in memory.
    pub(in crate::dataset) const fn row(&self, row: usize) -> GroupRow<'_> {
        GroupRow { rows: self, row }
    }
}

/// One row of a row group.
pub(in crate::dataset) struct GroupRow<'r> {
    rows: &'r Rows,
    row: usize,
}

impl GroupRow<'_> {
    #[inline]
    fn place(&self, column: usize) -> usize {
        self.rows.group.columns[column].places()[self.row] as usize
    }
}

impl Row for GroupRow<'_> {
    fn line(&self) -> u64 {
        0
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        self.rows.group.columns[column].cell_at(self.place(column))
    }

    #[expect(clippy::inline_always, reason = "a call costs more than the number")]
    #[inline(always)]
    fn decimal(&self, column: usize, mark: u8) -> Result<Decimal, DecimalError> {
        match &self.rows.known[column].numbers {
            Some(numbers) => numbers[self.place(column)],
            None => self.cell(column).decimal(mark),
        }
    }

    #[inline]
    fn add_to(&self, column: usize, values: &mut impl Values) {
        match &self.rows.known[column].hashes {
            Some(hashes) => values.add_number(hashes[self.place(column)] as i64),
            None => values.add_text(identifier(&self.cell(column).text())),
        }
    }
}
