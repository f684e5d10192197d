//! Where the fields of a piece of CSV stand.

use std::ops::Range;

use pulp::Arch;
use wide::u8x16;

use crate::dataset::{
    identifier::{identifier, trim},
    line::{Row, Values},
    money::{Decimal, DecimalError},
    record::{Cell, Record},
};

/// Bytes that are looked at together: one bit each in a word.
const BLOCK: usize = 64;
/// Places that are written at once; most blocks have fewer.
const BURST: usize = 8;
/// Blocks whose line ends are counted together: a byte has room for the four in each.
const UNCOUNTED: usize = 63;

/// The ends of all fields in a piece of whole records.
#[derive(Default)]
pub(in crate::dataset) struct Index {
    /// The place of the delimiter or line end behind each field. Longer than the
    /// fields are many, so that a burst can be written at any place.
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
    /// Line ends that are not counted yet, by their place in a lane.
    line_ends: u8x16,
}

impl Index {
    /// Finds all fields of `piece`, which ends with a line end.
    ///
    /// `None` if it is no regular CSV: quotes within a field, a CR that no LF
    /// follows, a NUL.
    pub(in crate::dataset) fn find(&mut self, piece: &[u8], delimiter: u8) -> Option<()> {
        Arch::new().dispatch(|| self.find_all(piece, delimiter))
    }

    #[expect(
        clippy::inline_always,
        reason = "compiled for each kind of instructions"
    )]
    #[inline(always)]
    fn find_all(&mut self, piece: &[u8], delimiter: u8) -> Option<()> {
        (self.has_quotes, self.has_cr) = (false, false);
        self.ends
            .resize(self.ends.len().max(piece.len() + BURST), 0);
        let mut carried = Carried {
            opens: 1,
            ..Carried::default()
        };
        (self.fields, self.line_ends) = (0, 0);
        let (blocks, rest) = piece.as_chunks::<BLOCK>();
        let mut start = 0;
        for blocks in blocks.chunks(UNCOUNTED) {
            for block in blocks {
                self.block(block, delimiter, start, &mut carried)?;
                start += BLOCK;
            }
            self.count_line_ends(&mut carried);
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.block(&block, delimiter, start, &mut carried)?;
            self.count_line_ends(&mut carried);
        }
        Some(())
    }

    /// Finds the fields that end in a block.
    #[expect(
        clippy::inline_always,
        reason = "compiled for each kind of instructions"
    )]
    #[inline(always)]
    fn block(
        &mut self,
        block: &[u8; BLOCK],
        delimiter: u8,
        start: usize,
        carried: &mut Carried,
    ) -> Option<()> {
        let lanes = lanes(block);
        let (delimiter, line_end) = (u8x16::splat(delimiter), u8x16::splat(b'\n'));
        let line_ends = lanes.map(|lane| lane.simd_eq(line_end));
        let around: Lanes =
            std::array::from_fn(|lane| lanes[lane].simd_eq(delimiter) | line_ends[lane]);
        let mut separators = bits(around);
        if has_rare(lanes, around) || carried.quoted | carried.closed | carried.cr != 0 {
            let line_ends = bits(line_ends);
            let quoted = self.rare(lanes, separators, line_ends, carried)?;
            separators &= !quoted;
            self.line_ends += (line_ends & !quoted).count_ones() as usize;
        } else {
            carried.opens = separators >> (BLOCK - 1);
            // Each is all bits, which is one below zero.
            carried.line_ends -= together(line_ends, |a, b| a + b);
        }

        let mut at = self.fields;
        let mut left = separators;
        while left != 0 {
            for slot in &mut self.ends[at..at + BURST] {
                *slot = start as u32 + left.trailing_zeros();
                left &= left.wrapping_sub(1);
            }
            at += BURST;
        }
        self.fields += separators.count_ones() as usize;
        Some(())
    }

    fn count_line_ends(&mut self, carried: &mut Carried) {
        let counts = std::mem::take(&mut carried.line_ends).to_array();
        self.line_ends += counts.into_iter().map(usize::from).sum::<usize>();
    }

    /// Looks at a block that may have quotes, CR or NUL, or is behind one; gives the
    /// bits inside quotes.
    #[inline(never)]
    fn rare(
        &mut self,
        lanes: Lanes,
        separators: u64,
        line_ends: u64,
        carried: &mut Carried,
    ) -> Option<u64> {
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

/// A block as four times sixteen bytes.
type Lanes = [u8x16; BLOCK / 16];

fn lanes(block: &[u8; BLOCK]) -> Lanes {
    let (parts, _) = block.as_chunks::<16>();
    std::array::from_fn(|part| u8x16::new(parts[part]))
}

/// A bit for each byte that is set.
fn bits(lanes: Lanes) -> u64 {
    let [a, b, c, d] = lanes.map(|lane| u64::from(lane.to_bitmask()));
    a | b << 16 | c << 32 | d << 48
}

fn together(lanes: Lanes, both: impl Fn(u8x16, u8x16) -> u8x16) -> u8x16 {
    let [a, b, c, d] = lanes;
    both(both(a, b), both(c, d))
}

/// Whether there is a quote or a control character, among them CR and NUL, that is no
/// separator. Most blocks have none.
fn has_rare(lanes: Lanes, separators: Lanes) -> bool {
    // This makes a quote the one after the control characters, and no other byte one of
    // them.
    const FLIP: u8 = 0x02;
    const LAST: u8 = b'"' ^ FLIP;
    let others = std::array::from_fn(|lane| (lanes[lane] ^ u8x16::splat(FLIP)) | separators[lane]);
    let least = together(others, u8x16::min);
    least.min(u8x16::splat(LAST)).simd_eq(least).to_bitmask() != 0
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
