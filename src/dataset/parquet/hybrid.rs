//! Small numbers as Parquet packs them: runs of one number, and numbers of a few bits
//! each.

use bytes::Bytes;

use super::plain::{CUT_OFF, Fault, varint};

/// The most bits of a number.
const WIDEST: u32 = 32;
/// Bytes in which any number lies that starts in the first of them.
const WINDOW: usize = 8;
/// Packed numbers come in groups of so many.
const GROUP: usize = 8;

/// Reads numbers in the hybrid of run lengths and packed bits, called `RLE` in the
/// documentation of the format.
pub(super) struct Hybrid {
    bytes: Bytes,
    /// Where the next run starts.
    next: usize,
    /// The bits of a number.
    width: u32,
    run: Run,
}

#[derive(Clone, Copy)]
enum Run {
    /// So many times one number.
    Same { value: u32, left: usize },
    /// So many numbers, from this bit on.
    Packed { bit: usize, left: usize },
}

impl Hybrid {
    /// Reads numbers of `width` bits.
    pub(super) fn new(bytes: Bytes, width: u8) -> Result<Self, Fault> {
        let width = u32::from(width);
        if width > WIDEST {
            return Err("a page has numbers of more than 32 bits");
        }
        // Numbers of no bits are 0 and need no bytes.
        let left = if width == 0 { usize::MAX } else { 0 };
        Ok(Self {
            bytes,
            next: 0,
            width,
            run: Run::Same { value: 0, left },
        })
    }

    /// Reads numbers of one bit without runs, the lowest bit of a byte first.
    pub(super) const fn of_bits(bytes: Bytes) -> Self {
        Self {
            run: Run::Packed {
                bit: 0,
                left: bytes.len().saturating_mul(8),
            },
            next: bytes.len(),
            bytes,
            width: 1,
        }
    }

    /// Reads as many numbers as `out` has room for.
    pub(super) fn read(&mut self, mut out: &mut [u32]) -> Result<(), Fault> {
        while !out.is_empty() {
            let count = match &mut self.run {
                Run::Same { left: 0, .. } | Run::Packed { left: 0, .. } => {
                    self.open_run()?;
                    continue;
                }
                Run::Same { value, left } => {
                    let count = out.len().min(*left);
                    out[..count].fill(*value);
                    *left -= count;
                    count
                }
                Run::Packed { bit, left } => {
                    let count = out.len().min(*left);
                    unpack(&self.bytes, *bit, self.width, &mut out[..count])?;
                    *bit += count * self.width as usize;
                    *left -= count;
                    count
                }
            };
            out = &mut out[count..];
        }
        Ok(())
    }

    /// Passes over `count` numbers if they are the same, and gives that one.
    pub(super) fn pass_over(&mut self, count: usize) -> Result<Option<u32>, Fault> {
        while let Run::Same { left: 0, .. } | Run::Packed { left: 0, .. } = self.run {
            self.open_run()?;
        }
        Ok(match &mut self.run {
            Run::Same { value, left } if count <= *left => {
                *left -= count;
                Some(*value)
            }
            _ => None,
        })
    }

    fn open_run(&mut self) -> Result<(), Fault> {
        let mut rest = &self.bytes[self.next..];
        let header = varint(&mut rest)?;
        let start = self.bytes.len() - rest.len();
        let count = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        let size = if header & 1 == 0 {
            let size = self.width.div_ceil(8) as usize;
            let bytes = rest.get(..size).ok_or(CUT_OFF)?;
            let value = bytes
                .iter()
                .rev()
                .fold(0, |value, &byte| value << 8 | u32::from(byte));
            self.run = Run::Same { value, left: count };
            size
        } else {
            self.run = Run::Packed {
                bit: start * 8,
                left: count.saturating_mul(GROUP),
            };
            count.saturating_mul(self.width as usize)
        };
        self.next = start.saturating_add(size).min(self.bytes.len());
        Ok(())
    }
}

/// Unpacks numbers of `width` bits, which start at `bit`; the lowest comes first.
fn unpack(bytes: &[u8], mut bit: usize, width: u32, out: &mut [u32]) -> Result<(), Fault> {
    let width = width as usize;
    if out.len() > (bytes.len() * 8 - bit) / width {
        return Err(CUT_OFF);
    }
    let mask = u64::MAX >> (u64::BITS as usize - width);
    let number =
        |window: [u8; WINDOW], bit| (u64::from_le_bytes(window) >> (bit % 8) & mask) as u32;
    // At the end of the bytes no whole window is left.
    let last_whole = bytes.len().checked_sub(WINDOW).map(|byte| byte * 8 + 7);
    let whole = last_whole
        .and_then(|last| last.checked_sub(bit))
        .map_or(0, |bits| bits / width + 1);
    let (whole, rest) = out.split_at_mut(whole.min(out.len()));
    for slot in whole {
        let byte = bit / 8;
        let window = bytes[byte..byte + WINDOW].try_into();
        *slot = number(window.expect("so long"), bit);
        bit += width;
    }
    for slot in rest {
        *slot = number(last_window(bytes, bit), bit);
        bit += width;
    }
    Ok(())
}

/// The bytes from a bit on, with zeros behind the last.
fn last_window(bytes: &[u8], bit: usize) -> [u8; WINDOW] {
    let rest = &bytes[bit / 8..];
    let mut window = [0; WINDOW];
    window[..rest.len()].copy_from_slice(rest);
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &'static [u8], width: u8, count: usize) -> Result<Vec<u32>, Fault> {
        let mut found = vec![0; count];
        let mut hybrid = Hybrid::new(Bytes::from_static(bytes), width)?;
        // In two goes, which may divide a run.
        let (first, second) = found.split_at_mut(count / 3);
        hybrid.read(first)?;
        hybrid.read(second)?;
        Ok(found)
    }

    #[test]
    fn the_example_of_the_format() {
        // The numbers 0 to 7 of three bits, as the documentation of Parquet has them.
        let packed = &[0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(read(packed, 3, 8), Ok((0..8).collect()));
    }

    #[test]
    fn runs_follow_each_other() {
        let mixed = &[
            6, 0x01, 0x02, 0b11, 9, 0, 8, 0, 7, 0, 6, 0, 5, 0, 4, 0, 3, 0, 2, 0, 2, 5, 5,
        ];
        let mixed = read(mixed, 16, 12);
        assert_eq!(mixed, Ok(vec![513, 513, 513, 9, 8, 7, 6, 5, 4, 3, 2, 1285]));
    }

    #[test]
    fn numbers_of_no_bits_are_zero() {
        assert_eq!(read(&[], 0, 3), Ok(vec![0; 3]));
    }

    #[test]
    fn what_is_cut_off_is_a_fault() {
        assert_eq!(read(&[6, 1], 1, 4), Err(CUT_OFF));
        assert_eq!(read(&[0b11, 0xff, 0xff], 3, 6), Err(CUT_OFF));
        assert_eq!(read(&[0x80], 1, 1), Err(CUT_OFF));
        assert!(read(&[], 33, 1).is_err());
    }
}
