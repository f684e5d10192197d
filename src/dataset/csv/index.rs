//! Where the fields of a piece of CSV stand.

#![expect(
    clippy::inline_always,
    reason = "compiled for wider instructions only with what calls it"
)]

use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};
use wide::u8x16;

use super::scan::{BLOCK, Baseline, Scan, Seen, bits, lanes};
use crate::dataset::{
    identifier::{identifier, trim},
    line::{Row, Values},
    money::{Decimal, DecimalError},
    record::{Cell, Record},
};

/// The ends of all fields in a piece of whole records.
#[derive(Default)]
pub(in crate::dataset) struct Index {
    /// The place of the delimiter or line end behind each field. Longer than the
    /// fields are many, so that those of a block can be written at any place.
    ends: Vec<u32>,
    fields: usize,
    line_ends: usize,
    has_quotes: bool,
    has_cr: bool,
}

/// What is known of the blocks so far.
#[derive(Default)]
struct Carried {
    /// All bits if the last block ends in quotes, else none.
    quoted: u64,
    /// Whether its last byte is a quote that closes, or doubles the next one: 0 or 1.
    closed: u64,
    /// Whether its last byte is a delimiter, a line end or a quote.
    opens: u64,
    /// Whether its last byte is a CR outside quotes.
    cr: u64,
}

impl Index {
    /// Finds all fields of `piece`, which ends with a line end.
    ///
    /// `None` if it is no regular CSV: quotes within a field, a CR that no LF
    /// follows, a NUL.
    pub(in crate::dataset) fn find(&mut self, piece: &[u8], delimiter: u8) -> Option<()> {
        match Arch::new() {
            #[cfg(target_arch = "x86_64")]
            Arch::V3(v3) => v3.vectorize(Find(v3, self, piece, delimiter)),
            _ => self.find_with(Baseline, piece, delimiter),
        }
    }

    #[inline(always)]
    fn find_with(&mut self, scan: impl Scan, piece: &[u8], delimiter: u8) -> Option<()> {
        (self.fields, self.line_ends) = (0, 0);
        (self.has_quotes, self.has_cr) = (false, false);
        self.ends
            .resize(self.ends.len().max(piece.len() + BLOCK), 0);
        let mut carried = Carried {
            opens: 1,
            ..Carried::default()
        };
        let (blocks, rest) = piece.as_chunks::<BLOCK>();
        let mut start = 0;
        for block in blocks {
            self.block(scan, block, delimiter, start, &mut carried)?;
            start += BLOCK;
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.block(scan, &block, delimiter, start, &mut carried)?;
        }
        Some(())
    }

    /// Finds the fields that end in a block.
    #[inline(always)]
    fn block(
        &mut self,
        scan: impl Scan,
        block: &[u8; BLOCK],
        delimiter: u8,
        start: usize,
        carried: &mut Carried,
    ) -> Option<()> {
        let Seen {
            mut separators,
            mut line_ends,
            has_rare,
        } = scan.see(block, delimiter);
        if has_rare || carried.quoted | carried.closed | carried.cr != 0 {
            let quoted = self.rare(block, separators, line_ends, carried)?;
            separators &= !quoted;
            line_ends &= !quoted;
        } else {
            carried.opens = separators >> (BLOCK - 1);
        }
        let (_, free) = self.ends.split_at_mut(self.fields);
        scan.put(separators, start as u32, free.first_chunk_mut()?);
        self.fields += separators.count_ones() as usize;
        self.line_ends += line_ends.count_ones() as usize;
        Some(())
    }

    /// Looks at a block that may have quotes, CR or NUL, or is behind one; gives the
    /// bits inside quotes.
    #[inline(never)]
    fn rare(
        &mut self,
        block: &[u8; BLOCK],
        separators: u64,
        line_ends: u64,
        carried: &mut Carried,
    ) -> Option<u64> {
        let lanes = lanes(block);
        let of = |wanted: u8| bits(lanes.map(|lane| lane.simd_eq(u8x16::splat(wanted))));
        let (quotes, cr) = (of(b'"'), of(b'\r'));
        if of(0) != 0 {
            return None;
        }
        // Each quote turns over all bits from it on.
        let quoted = prefix_xor(quotes) ^ carried.quoted;
        let (opening, closing) = (quotes & quoted, quotes & !quoted);
        // A field in quotes starts behind a separator and ends before one; a quote
        // beside a quote is a doubled one.
        let around = separators | cr | quotes;
        let behind = around << 1 | carried.opens;
        let after_closing = closing << 1 | carried.closed;
        let bare_cr = cr & !quoted;
        let after_cr = bare_cr << 1 | carried.cr;
        if opening & !behind != 0 || after_closing & !around != 0 || after_cr & !line_ends != 0 {
            return None;
        }
        self.has_quotes |= quotes != 0;
        self.has_cr |= bare_cr != 0;
        let last = |bits: u64| bits >> (BLOCK - 1);
        carried.quoted = 0_u64.wrapping_sub(last(quoted));
        carried.closed = last(closing);
        carried.opens = last(around);
        carried.cr = last(bare_cr);
        Some(quoted)
    }

    /// The number of records, blank ones too.
    pub(in crate::dataset) const fn len(&self) -> usize {
        self.line_ends
    }

    /// Whether fields are nothing but what stands between delimiters.
    pub(in crate::dataset) const fn is_plain(&self) -> bool {
        !self.has_quotes && !self.has_cr
    }

    /// Hands the records that are not blank to `visit`, until one fails. `text` is
    /// what the index is of; `PLAIN` is what [`Index::is_plain`] says.
    ///
    /// Gives `false` if records differ in their numbers of fields so that some were
    /// taken for one.
    #[inline]
    pub(in crate::dataset) fn visit<'t, const PLAIN: bool, E>(
        &'t self,
        text: &'t str,
        mut visit: impl FnMut(&Fields<'t, PLAIN>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut left = &self.ends[..self.fields];
        let (mut start, mut expected) = (0, 1);
        let is_end = |end: u32| text.as_bytes()[end as usize] == b'\n';
        let mut records = 0;
        while !left.is_empty() {
            // Nearly all records have as many fields as the one before. Should others
            // stand where one is expected, they are missed in the count.
            if left.get(expected - 1).is_none_or(|&end| !is_end(end)) {
                let end = left.iter().position(|&end| is_end(end));
                expected = end.map_or(left.len(), |end| end + 1);
            }
            records += 1;
            let (ends, rest) = left.split_at(expected);
            let row = Fields { text, start, ends };
            start = ends[expected - 1] + 1;
            left = rest;
            if row.len() > 1 || row.cell(0) != Cell::Text("") {
                visit(&row)?;
            }
        }
        Ok(records == self.line_ends)
    }

    /// The first record that is not blank, with quotes inside its fields once.
    pub(in crate::dataset) fn first(&self, text: &str) -> Option<Record> {
        let mut record = Record::default();
        let found = self.visit(text, |row: &Fields<'_, false>| {
            row.copy_to(&mut record);
            Err(())
        });
        found.is_err().then_some(record)
    }
}

/// Finds the fields of a piece with one kind of instructions.
struct Find<'a, S>(S, &'a mut Index, &'a [u8], u8);

impl<S: Scan> NullaryFnOnce for Find<'_, S> {
    type Output = Option<()>;

    #[inline(always)]
    fn call(self) -> Option<()> {
        let Self(scan, index, piece, delimiter) = self;
        index.find_with(scan, piece, delimiter)
    }
}

/// Each bit of the result is the parity of the bits up to it.
const fn prefix_xor(mut bits: u64) -> u64 {
    let mut shift = 1;
    while shift < BLOCK {
        bits ^= bits << shift;
        shift *= 2;
    }
    bits
}

/// The fields of one record.
#[derive(Clone, Copy)]
pub(in crate::dataset) struct Fields<'t, const PLAIN: bool> {
    text: &'t str,
    start: u32,
    ends: &'t [u32],
}

impl<'t, const PLAIN: bool> Fields<'t, PLAIN> {
    pub(in crate::dataset) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The fields of some columns as they stand, in their quotes if they have them.
    #[inline]
    pub(in crate::dataset) fn raw(&self, first: usize, last: usize) -> &'t [u8] {
        &self.text.as_bytes()[self.range(first, last)]
    }

    #[inline]
    fn range(&self, first: usize, last: usize) -> Range<usize> {
        let start = match first {
            0 => self.start,
            first => self.ends[first - 1] + 1,
        };
        start as usize..self.ends[last] as usize
    }

    /// Whether a quote stands in a field, and so is doubled.
    pub(in crate::dataset) fn has_doubled_quotes(&self) -> bool {
        !PLAIN && {
            let end = self.ends[self.len() - 1] as usize;
            memchr::memmem::find(&self.text.as_bytes()[self.start as usize..end], b"\"\"").is_some()
        }
    }

    /// Makes a record of the fields, with quotes inside them once.
    pub(in crate::dataset) fn copy_to(&self, record: &mut Record) {
        record.restart(0);
        for column in 0..self.len() {
            record.push_text(&self.bare(column).replace("\"\"", "\""));
        }
    }

    /// A field without the quotes around it.
    #[inline]
    fn bare(&self, column: usize) -> &'t str {
        let mut field = &self.text[self.range(column, column)];
        if PLAIN {
            return field;
        }
        if column == self.len() - 1 {
            field = field.strip_suffix('\r').unwrap_or(field);
        }
        match field.strip_prefix('"') {
            Some(inside) => inside.strip_suffix('"').unwrap_or(inside),
            None => field,
        }
    }
}

impl<const PLAIN: bool> Row for Fields<'_, PLAIN> {
    fn line(&self) -> u64 {
        0
    }

    #[inline]
    fn cell(&self, column: usize) -> Cell<'_> {
        Cell::Text(trim(self.bare(column)))
    }

    #[expect(clippy::inline_always, reason = "a call costs as much as most numbers")]
    #[inline(always)]
    fn decimal(&self, column: usize, mark: u8) -> Result<Decimal, DecimalError> {
        match Decimal::parse_short(self.raw(column, column), mark) {
            Some(short) => Ok(short),
            None => self.cell(column).decimal(mark),
        }
    }

    #[inline]
    fn add_to(&self, column: usize, values: &mut impl Values) {
        match self.raw(column, column) {
            // Nothing to trim, no quotes, no `.0` that an identifier loses.
            field @ ([b'#'..=b'~', .., b'1'..=b'~'] | [b'#'..=b'~']) => values.add_bytes(field),
            _ => values.add_text(identifier(trim(self.bare(column)))),
        }
    }
}
