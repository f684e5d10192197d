//! The pages of a column, checked and unpacked.

use std::io::Read;

use bytes::Bytes;
use parquet::{
    basic::{Encoding, Type as PhysicalType},
    column::page::{Page, PageReader},
    errors::ParquetError,
    file::{metadata::ColumnChunkMetaData, reader::ChunkReader},
};

use super::{
    file::SharedFile,
    header::PageHeader,
    hybrid::Hybrid,
    plain::{self, CUT_OFF, Fault, Shape},
};

/// By how much a page may unpack.
const RATIO_LIMIT: u64 = 200;
/// What the pages that are in memory at once may unpack to in bytes, however small
/// they are, and what one of them may.
const SMALL_PAGES: u64 = 1024 * 1024 * 1024;
const SMALL_PAGE: u64 = 64 * 1024 * 1024;
const LEAST_SMALL_PAGE: u64 = 1024 * 1024;
const NO_LEVELS: Fault = "a page ends before its levels";

/// A page of a column.
pub(super) enum Content {
    /// The values that pages of data may refer to: so many, in the plain encoding.
    Dictionary {
        values: Bytes,
        count: usize,
    },
    Data(Data),
}

/// The values of some rows.
pub(super) struct Data {
    /// Rows that are still to be read.
    pub(super) left: usize,
    /// For each row 1 if it has a value, else 0; `None` if all have one.
    pub(super) levels: Option<Hybrid>,
    pub(super) values: Values,
}

/// Values, without any for rows that have none.
pub(super) enum Values {
    /// Places in the dictionary; of truth values 0 or 1.
    Places(Hybrid),
    /// The values themselves in the plain encoding.
    Plain(Bytes),
}

/// Reads the pages of a column.
///
/// The crate makes room for whatever size a header states, so that is checked first.
pub(super) struct Pages {
    inner: Box<dyn PageReader>,
    file: SharedFile,
    /// Where the next header stands, and where the column ends.
    next: u64,
    end: u64,
    /// What a page may unpack to in bytes, however small it is.
    small: u64,
    pub(super) shape: Shape,
    is_optional: bool,
}

impl Pages {
    /// The pages of a column that is within the file, one of `columns`.
    pub(super) fn new(
        inner: Box<dyn PageReader>,
        file: SharedFile,
        column: &ColumnChunkMetaData,
        columns: usize,
    ) -> Self {
        let (start, length) = column.byte_range();
        let descriptor = column.column_descr();
        let shape = match descriptor.physical_type() {
            PhysicalType::BOOLEAN => Shape::Bits,
            PhysicalType::INT32 | PhysicalType::FLOAT => Shape::Numbers(4),
            PhysicalType::INT64 | PhysicalType::DOUBLE => Shape::Numbers(8),
            PhysicalType::INT96 => Shape::Bytes(12),
            PhysicalType::BYTE_ARRAY => Shape::Texts,
            PhysicalType::FIXED_LEN_BYTE_ARRAY => {
                Shape::Bytes(usize::try_from(descriptor.type_length()).unwrap_or(1))
            }
        };
        let share = SMALL_PAGES / columns.max(1) as u64;
        Self {
            inner,
            file,
            next: start,
            end: start + length,
            small: share.clamp(LEAST_SMALL_PAGE, SMALL_PAGE),
            shape,
            is_optional: descriptor.max_def_level() > 0,
        }
    }

    /// Checks the header of the next page, and those of indexes before it, over
    /// which the crate passes.
    fn check_header(&mut self) -> Result<(), ParquetError> {
        while self.next < self.end {
            let place = self.next;
            let input = self.file.get_read(place)?.take(self.end - place);
            let header = PageHeader::read(input)
                .map_err(|_| fault(format!("the page header at byte {place} is damaged")))?;
            let size = |size| u64::try_from(size).map_err(|_| fault("a page of negative size"));
            let (packed, unpacked) = (size(header.packed)?, size(header.unpacked)?);
            if unpacked > packed.saturating_mul(RATIO_LIMIT).max(self.small) {
                return Err(fault(format!(
                    "the page at byte {place} unpacks from {packed} to {unpacked} bytes"
                )));
            }
            self.next += header.length + packed;
            if header.kind != PageHeader::INDEX {
                break;
            }
        }
        Ok(())
    }

    /// The next page; `None` at the end of the column.
    pub(super) fn next(&mut self) -> Result<Option<Content>, ParquetError> {
        self.check_header()?;
        let page = self.inner.get_next_page()?;
        page.map(|page| self.content(page).map_err(fault))
            .transpose()
    }

    fn content(&self, page: Page) -> Result<Content, String> {
        let (rows, encoding, levels, values) = match page {
            Page::DictionaryPage {
                buf, num_values, ..
            } => {
                return Ok(Content::Dictionary {
                    values: buf,
                    count: num_values as usize,
                });
            }
            Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                ..
            } => {
                let (levels, values) = self.levels(buf, num_values, def_level_encoding)?;
                (num_values, encoding, levels, values)
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let start = rep_levels_byte_len as usize;
                let end = start.saturating_add(def_levels_byte_len as usize);
                if end > buf.len() {
                    return Err(NO_LEVELS.to_owned());
                }
                let levels = self
                    .is_optional
                    .then(|| Hybrid::new(buf.slice(start..end), 1))
                    .transpose()?;
                (num_values, encoding, levels, buf.slice(end..))
            }
        };
        Ok(Content::Data(Data {
            left: rows as usize,
            levels,
            values: self.values(encoding, values)?,
        }))
    }

    /// The levels at the start of a page, which say where values are, and the values
    /// behind them.
    fn levels(
        &self,
        page: Bytes,
        rows: u32,
        encoding: Encoding,
    ) -> Result<(Option<Hybrid>, Bytes), Fault> {
        if !self.is_optional {
            return Ok((None, page));
        }
        let mut values = page;
        let mut take = |length: usize| {
            let is_there = length <= values.len();
            is_there.then(|| values.split_to(length)).ok_or(NO_LEVELS)
        };
        let levels = match encoding {
            Encoding::RLE => {
                let length = length_of(&take(4)?);
                Hybrid::new(take(length)?, 1)?
            }
            #[expect(deprecated, reason = "old files have it")]
            Encoding::BIT_PACKED => {
                let bytes = take(rows.div_ceil(8) as usize)?;
                // The highest bit of a byte is the first one here.
                let reversed: Vec<u8> = bytes.iter().map(|byte| byte.reverse_bits()).collect();
                Hybrid::of_bits(reversed.into())
            }
            _ => return Err(NO_LEVELS),
        };
        Ok((Some(levels), values))
    }

    fn values(&self, encoding: Encoding, mut values: Bytes) -> Result<Values, String> {
        let most = (values.len() as u64).saturating_mul(RATIO_LIMIT);
        let most = usize::try_from(most.max(self.small)).unwrap_or(usize::MAX);
        let made = match (encoding, self.shape) {
            (Encoding::PLAIN, Shape::Bits) => return Ok(Values::Places(Hybrid::of_bits(values))),
            (Encoding::RLE, Shape::Bits) => {
                // The length is that of the page.
                let bytes = values.split_off(values.len().min(4));
                return Ok(Values::Places(Hybrid::new(bytes, 1)?));
            }
            (_, Shape::Bits) => None,
            (Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY, _) => {
                let &width = values.first().ok_or(CUT_OFF)?;
                return Ok(Values::Places(Hybrid::new(values.slice(1..), width)?));
            }
            (Encoding::PLAIN, _) => return Ok(Values::Plain(values)),
            (Encoding::DELTA_BINARY_PACKED, Shape::Numbers(width)) => {
                Some(plain::integers(&values, width, most)?)
            }
            (Encoding::DELTA_LENGTH_BYTE_ARRAY, shape @ (Shape::Texts | Shape::Bytes(_))) => {
                Some(plain::by_lengths(&values, shape, most)?)
            }
            (Encoding::DELTA_BYTE_ARRAY, shape @ (Shape::Texts | Shape::Bytes(_))) => {
                Some(plain::by_prefixes(&values, shape, most)?)
            }
            (Encoding::BYTE_STREAM_SPLIT, Shape::Numbers(width) | Shape::Bytes(width)) => {
                Some(plain::joined(&values, width))
            }
            _ => None,
        };
        match made {
            Some(plain) => Ok(Values::Plain(plain.into())),
            None => Err(format!("a page has its values as {encoding}")),
        }
    }
}

/// A length before the bytes that it is of.
fn length_of(bytes: &[u8]) -> usize {
    bytes
        .first_chunk()
        .map_or(0, |length| u32::from_le_bytes(*length) as usize)
}

fn fault(reason: impl Into<String>) -> ParquetError {
    ParquetError::General(reason.into())
}
