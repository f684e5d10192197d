//! The pages of a column, checked before the parquet crate looks into them.

use std::{fs::File, io::Read, ops::Deref, sync::Arc};

use parquet::{
    basic::{Encoding, Type as PhysicalType},
    column::page::{Page, PageMetadata, PageReader},
    errors::ParquetError,
    file::{metadata::ColumnChunkMetaData, reader::ChunkReader},
};

use super::{
    header::PageHeader,
    plain::{self, Shape},
};

/// By how much a page may unpack.
const RATIO_LIMIT: u64 = 200;
/// What the pages that are in memory at once may unpack to in bytes, however small
/// they are, and what one of them may.
const SMALL_PAGES: u64 = 1024 * 1024 * 1024;
const SMALL_PAGE: u64 = 64 * 1024 * 1024;
const LEAST_SMALL_PAGE: u64 = 1024 * 1024;

/// Reads the pages of a column.
///
/// The crate makes room for whatever size a header states, and for as many values
/// as a dictionary states, and ends the program at lengths and counts within a page
/// that do not fit. So these are checked, and pages are turned into plain ones where
/// the crate only checks those.
pub(super) struct Pages {
    inner: Box<dyn PageReader>,
    file: Arc<File>,
    /// Where the next header stands, and where the column ends.
    next: u64,
    end: u64,
    /// What a page may unpack to in bytes, however small it is.
    small: u64,
    shape: Shape,
    is_optional: bool,
    has_dictionary: bool,
}

impl Pages {
    /// The pages of a column that is within the file, one of `columns`.
    pub(super) fn new(
        inner: Box<dyn PageReader>,
        file: Arc<File>,
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
            has_dictionary: false,
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

    fn check(&mut self, page: Page) -> Result<Page, ParquetError> {
        Ok(match page {
            Page::DictionaryPage {
                ref buf,
                num_values,
                ..
            } => {
                let found = self.shape.count(buf);
                if num_values as usize > found {
                    let reason = format!("a dictionary states {num_values} values and has {found}");
                    return Err(fault(reason));
                }
                self.has_dictionary = true;
                page
            }
            Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                statistics,
            } => {
                let levels = self.levels(&buf, num_values, def_level_encoding)?;
                let (buf, encoding) = self.in_plain(buf, levels, encoding)?;
                Page::DataPage {
                    buf,
                    num_values,
                    encoding,
                    def_level_encoding,
                    rep_level_encoding,
                    statistics,
                }
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                statistics,
            } => {
                let levels = def_levels_byte_len as usize + rep_levels_byte_len as usize;
                if levels > buf.len() {
                    return Err(fault("a page ends before its levels"));
                }
                let (buf, encoding) = self.in_plain(buf, levels, encoding)?;
                Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    num_nulls,
                    num_rows,
                    def_levels_byte_len,
                    rep_levels_byte_len,
                    is_compressed,
                    statistics,
                }
            }
        })
    }

    /// The bytes before the values of a page, which say where values are.
    fn levels(&self, page: &[u8], values: u32, encoding: Encoding) -> Result<usize, ParquetError> {
        if !self.is_optional {
            return Ok(0);
        }
        let end = match encoding {
            Encoding::RLE => page
                .first_chunk()
                .map(|length| 4 + u64::from(u32::from_le_bytes(*length))),
            #[expect(deprecated, reason = "old files have it")]
            Encoding::BIT_PACKED => Some(u64::from(values).div_ceil(8)),
            _ => None,
        };
        end.and_then(|end| usize::try_from(end).ok())
            .filter(|&end| end <= page.len())
            .ok_or_else(|| fault("a page ends before its levels"))
    }

    /// A page whose values are in the plain encoding, behind so many bytes of
    /// levels, or stay as they are.
    fn in_plain<B: Deref<Target = [u8]> + From<Vec<u8>>>(
        &self,
        page: B,
        levels: usize,
        encoding: Encoding,
    ) -> Result<(B, Encoding), ParquetError> {
        Ok(match self.plain(encoding, &page[levels..])? {
            Some(values) => ([&page[..levels], &values].concat().into(), Encoding::PLAIN),
            None => (page, encoding),
        })
    }

    /// The values in the plain encoding; `None` where they stay as they are.
    fn plain(&self, encoding: Encoding, values: &[u8]) -> Result<Option<Vec<u8>>, ParquetError> {
        let most = (values.len() as u64).saturating_mul(RATIO_LIMIT);
        let most = usize::try_from(most.max(self.small)).unwrap_or(usize::MAX);
        let made = match (encoding, self.shape) {
            (Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY, _) => {
                if !self.has_dictionary {
                    return Err(fault("a page wants a dictionary that is not there"));
                }
                return Ok(None);
            }
            (Encoding::PLAIN, Shape::Texts) => Ok(plain::whole_texts(values)),
            (Encoding::PLAIN, _) | (Encoding::RLE, Shape::Bits) => return Ok(None),
            (Encoding::DELTA_BINARY_PACKED, Shape::Numbers(width)) => {
                plain::integers(values, width, most)
            }
            (Encoding::DELTA_LENGTH_BYTE_ARRAY, shape @ (Shape::Texts | Shape::Bytes(_))) => {
                plain::by_lengths(values, shape, most)
            }
            (Encoding::DELTA_BYTE_ARRAY, shape @ (Shape::Texts | Shape::Bytes(_))) => {
                plain::by_prefixes(values, shape, most)
            }
            (Encoding::BYTE_STREAM_SPLIT, Shape::Numbers(width) | Shape::Bytes(width)) => {
                Ok(plain::joined(values, width))
            }
            _ => return Err(fault(format!("a page has its values as {encoding}"))),
        };
        made.map(Some).map_err(fault)
    }
}

fn fault(reason: impl Into<String>) -> ParquetError {
    ParquetError::General(reason.into())
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        self.check_header()?;
        let page = self.inner.get_next_page()?;
        page.map(|page| self.check(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.get_next_page().map(drop)
    }
}

impl Iterator for Pages {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
