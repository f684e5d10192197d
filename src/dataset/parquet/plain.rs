//! Values in the plain encoding, and others made plain.

/// How the values of a column stand in the plain encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// One bit each.
    Bits,
    /// So many bytes each.
    Numbers(usize),
    /// So many bytes each, which are no number to any encoding.
    Bytes(usize),
    /// Four bytes of length, then as many bytes as they say.
    Texts,
}

/// Why values are not to be had.
pub(super) type Fault = &'static str;

pub(super) const CUT_OFF: Fault = "a page ends in the midst of a value";
const WRONG_LENGTH: Fault = "a page has a value of a length that cannot be";
const WRONG_BLOCK: Fault = "a page has a block of differences that cannot be";
const TOO_MANY: Fault = "a page has more values than its size allows";

impl Shape {
    /// Takes a value in the plain encoding from the start of `bytes`, without the length
    /// before it.
    pub(super) fn take<'b>(self, bytes: &mut &'b [u8]) -> Result<&'b [u8], Fault> {
        let (length, rest) = match self {
            Self::Bits => return Err("a page has truth values as numbers"),
            Self::Numbers(width) | Self::Bytes(width) => (width, *bytes),
            Self::Texts => {
                let (length, rest) = bytes.split_first_chunk().ok_or(CUT_OFF)?;
                (u32::from_le_bytes(*length) as usize, rest)
            }
        };
        let (value, rest) = rest.split_at_checked(length).ok_or(CUT_OFF)?;
        *bytes = rest;
        Ok(value)
    }
}

/// Numbers whose first bytes stand together, then their second ones, and so on.
pub(super) fn joined(bytes: &[u8], width: usize) -> Vec<u8> {
    let count = bytes.len() / width;
    let places = (0..count).flat_map(|value| (0..width).map(move |byte| byte * count + value));
    places.map(|place| bytes[place]).collect()
}

/// Integers by their differences; at most `most` bytes come out.
pub(super) fn integers(mut bytes: &[u8], width: usize, most: usize) -> Result<Vec<u8>, Fault> {
    let values = differences(&mut bytes, most / width)?;
    let lowest = |value: i64| value.to_le_bytes().into_iter().take(width);
    Ok(values.into_iter().flat_map(lowest).collect())
}

/// Texts behind all their lengths; at most `most` bytes come out.
pub(super) fn by_lengths(mut bytes: &[u8], shape: Shape, most: usize) -> Result<Vec<u8>, Fault> {
    let lengths = differences(&mut bytes, most / 4)?;
    let mut plain = Plain::new(shape, most);
    for length in lengths {
        let suffix = take(&mut bytes, length)?;
        plain.push(0, suffix)?;
    }
    Ok(plain.bytes)
}

/// Texts that each go on from the start of the one before; at most `most` bytes
/// come out.
pub(super) fn by_prefixes(mut bytes: &[u8], shape: Shape, most: usize) -> Result<Vec<u8>, Fault> {
    let prefixes = differences(&mut bytes, most / 4)?;
    let lengths = differences(&mut bytes, most / 4)?;
    if prefixes.len() != lengths.len() {
        return Err(WRONG_LENGTH);
    }
    let mut plain = Plain::new(shape, most);
    for (prefix, length) in prefixes.into_iter().zip(lengths) {
        let prefix = usize::try_from(prefix).map_err(|_| WRONG_LENGTH)?;
        let suffix = take(&mut bytes, length)?;
        plain.push(prefix, suffix)?;
    }
    Ok(plain.bytes)
}

fn take<'a>(bytes: &mut &'a [u8], length: i64) -> Result<&'a [u8], Fault> {
    let length = usize::try_from(length).map_err(|_| WRONG_LENGTH)?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or(CUT_OFF)?;
    *bytes = rest;
    Ok(taken)
}

/// Values that are put together.
struct Plain {
    shape: Shape,
    most: usize,
    bytes: Vec<u8>,
    /// Where the last value starts.
    last: usize,
}

impl Plain {
    fn new(shape: Shape, most: usize) -> Self {
        Self {
            shape,
            most,
            bytes: Vec::new(),
            last: 0,
        }
    }

    /// Adds a value: so many bytes of the last one, then the rest.
    fn push(&mut self, prefix: usize, suffix: &[u8]) -> Result<(), Fault> {
        let length = prefix.checked_add(suffix.len()).ok_or(WRONG_LENGTH)?;
        let last = self.last..self.bytes.len();
        if prefix > last.len() {
            return Err(WRONG_LENGTH);
        }
        if self.bytes.len().saturating_add(length) > self.most {
            return Err(TOO_MANY);
        }
        match self.shape {
            Shape::Texts => {
                let length = u32::try_from(length).map_err(|_| WRONG_LENGTH)?;
                self.bytes.extend(length.to_le_bytes());
            }
            Shape::Bytes(width) if width == length => {}
            _ => return Err(WRONG_LENGTH),
        }
        self.last = self.bytes.len();
        self.bytes
            .extend_from_within(last.start..last.start + prefix);
        self.bytes.extend(suffix);
        Ok(())
    }
}

/// Takes integers by their differences from the start of `bytes`: at most `most`
/// of them, in the encoding `DELTA_BINARY_PACKED` of the format's documentation.
fn differences(bytes: &mut &[u8], most: usize) -> Result<Vec<i64>, Fault> {
    let block = varint(bytes)?;
    let parts = varint(bytes)?;
    let count = usize::try_from(varint(bytes)?).map_err(|_| TOO_MANY)?;
    let mut last = signed(bytes)?;
    if parts == 0 || block == 0 || block % parts != 0 || block / parts % 8 != 0 {
        return Err(WRONG_BLOCK);
    }
    if count > most {
        return Err(TOO_MANY);
    }
    let parts = usize::try_from(parts).map_err(|_| WRONG_BLOCK)?;
    let values_of_part = usize::try_from(block).map_err(|_| WRONG_BLOCK)? / parts;
    let mut values = Vec::new();
    if count > 0 {
        values.push(last);
    }
    while values.len() < count {
        let least = signed(bytes)?;
        let (widths, rest) = bytes.split_at_checked(parts).ok_or(CUT_OFF)?;
        *bytes = rest;
        for &width in widths {
            // Parts that are not needed are left out.
            if values.len() == count {
                break;
            }
            if width > 64 {
                return Err(WRONG_BLOCK);
            }
            let size = values_of_part
                .checked_mul(width.into())
                .ok_or(WRONG_BLOCK)?
                / 8;
            // The last part may be cut off behind its last value.
            let (packed, rest) = bytes.split_at(size.min(bytes.len()));
            *bytes = rest;
            let wanted = values_of_part.min(count - values.len());
            let mut bits = Bits::new(packed, width.into());
            for _ in 0..wanted {
                last = last.wrapping_add(least).wrapping_add(bits.next()?);
                values.push(last);
            }
        }
    }
    Ok(values)
}

/// Numbers of so many bits each, the lowest bit first.
struct Bits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    width: u32,
    held: u128,
    filled: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8], width: u32) -> Self {
        Self {
            bytes: bytes.iter(),
            width,
            held: 0,
            filled: 0,
        }
    }

    fn next(&mut self) -> Result<i64, Fault> {
        while self.filled < self.width {
            let &byte = self.bytes.next().ok_or(CUT_OFF)?;
            self.held |= u128::from(byte) << self.filled;
            self.filled += 8;
        }
        let value = self.held & ((1 << self.width) - 1);
        self.held >>= self.width;
        self.filled -= self.width;
        Ok(value as i64)
    }
}

pub(super) fn varint(bytes: &mut &[u8]) -> Result<u64, Fault> {
    let mut value = 0;
    for place in 0..10 {
        let (&byte, rest) = bytes.split_first().ok_or(CUT_OFF)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(WRONG_BLOCK)
}

fn signed(bytes: &mut &[u8]) -> Result<i64, Fault> {
    let value = varint(bytes)?;
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}
