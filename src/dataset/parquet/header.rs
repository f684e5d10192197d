//! The headers of pages.

use std::io::{self, Read};

/// What the header of a page states, as far as it matters here.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct PageHeader {
    /// The bytes of the header itself.
    pub(super) length: u64,
    /// 0 for a page of data, 1 for an index, 2 for a dictionary, 3 for a page of
    /// data in the second version.
    pub(super) kind: i32,
    /// The size of the page in the file, in bytes.
    pub(super) packed: i32,
    /// The size that it unpacks to, in bytes.
    pub(super) unpacked: i32,
}

impl PageHeader {
    pub(super) const INDEX: i32 = 1;

    /// Reads a header in Thrift's compact protocol, from its first byte on.
    ///
    /// It must be understood as the parquet crate understands it, which looks at
    /// the number of a field and not at its type. So a field with a number that
    /// means something must have the type that goes with it.
    pub(super) fn read(input: impl Read) -> io::Result<Self> {
        let mut scanner = Scanner { input, length: 0 };
        let mut header = Self::default();
        scanner.structure(Structure::Page, 0, &mut header)?;
        header.length = scanner.length;
        Ok(header)
    }
}

/// The structures in a header.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Structure {
    Page,
    Data,
    Dictionary,
    SecondData,
    Other,
}

/// The types that occur in headers, by their numbers.
const BOOLEANS: [u8; 2] = [1, 2];
const BYTE: u8 = 3;
const INTEGERS: [u8; 3] = [4, 5, 6];
const SHORT: u8 = 5;
const DOUBLE: u8 = 7;
const BYTES: u8 = 8;
const STRUCTURE: u8 = 12;
/// Structures within structures; headers have two.
const DEEPEST: u8 = 8;

struct Scanner<R> {
    input: R,
    length: u64,
}

impl<R: Read> Scanner<R> {
    fn structure(
        &mut self,
        structure: Structure,
        depth: u8,
        header: &mut PageHeader,
    ) -> io::Result<()> {
        let mut id = 0_i16;
        loop {
            let first = self.byte()?;
            if first == 0 {
                return Ok(());
            }
            let (step, kind) = (first >> 4, first & 0x0f);
            id = match step {
                0 => i16::try_from(self.integer()?).map_err(|_| damaged())?,
                step => id.checked_add(step.into()).ok_or_else(damaged)?,
            };
            let is_number = match structure {
                Structure::Page | Structure::Data => (1..=4).contains(&id),
                Structure::Dictionary => (1..=2).contains(&id),
                Structure::SecondData => (1..=6).contains(&id),
                Structure::Other => false,
            };
            let inner = match (structure, id) {
                (Structure::Page, 5) => Some(Structure::Data),
                (Structure::Page, 6) => Some(Structure::Other),
                (Structure::Page, 7) => Some(Structure::Dictionary),
                (Structure::Page, 8) => Some(Structure::SecondData),
                _ => None,
            };
            let is_flag = matches!(
                (structure, id),
                (Structure::Dictionary, 3) | (Structure::SecondData, 7)
            );
            if is_number {
                if kind != SHORT {
                    return Err(damaged());
                }
                let value = i32::try_from(self.integer()?).map_err(|_| damaged())?;
                match (structure, id) {
                    (Structure::Page, 1) => header.kind = value,
                    (Structure::Page, 2) => header.unpacked = value,
                    (Structure::Page, 3) => header.packed = value,
                    _ => {}
                }
            } else if let Some(inner) = inner {
                if kind != STRUCTURE {
                    return Err(damaged());
                }
                self.structure(inner, depth + 1, header)?;
            } else if is_flag && !BOOLEANS.contains(&kind) {
                return Err(damaged());
            } else {
                self.pass_over(kind, depth)?;
            }
        }
    }

    /// Passes over a value that means nothing here. Headers have no lists.
    fn pass_over(&mut self, kind: u8, depth: u8) -> io::Result<()> {
        match kind {
            kind if BOOLEANS.contains(&kind) => Ok(()),
            kind if INTEGERS.contains(&kind) => self.integer().map(drop),
            BYTE => self.bytes(1),
            DOUBLE => self.bytes(8),
            BYTES => {
                let length = self.varint()?;
                self.bytes(length)
            }
            STRUCTURE if depth < DEEPEST => {
                self.structure(Structure::Other, depth + 1, &mut PageHeader::default())
            }
            _ => Err(damaged()),
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        self.length += 1;
        Ok(byte[0])
    }

    fn bytes(&mut self, count: u64) -> io::Result<()> {
        let passed = io::copy(&mut self.input.by_ref().take(count), &mut io::sink())?;
        self.length += passed;
        if passed == count {
            Ok(())
        } else {
            Err(damaged())
        }
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0;
        for place in 0..9 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    /// An integer whose lowest bit is its sign.
    fn integer(&mut self) -> io::Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
