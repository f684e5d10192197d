//! Where separators stand in a block of bytes, found with the widest instructions
//! that there are.

#![expect(
    clippy::inline_always,
    reason = "compiled for wider instructions only with what calls it"
)]

use wide::u8x16;

/// Bytes that are looked at together: one bit each in a word.
pub(super) const BLOCK: usize = 64;

/// What there is in a block.
pub(super) struct Seen {
    /// Delimiters and line ends.
    pub(super) separators: u64,
    pub(super) line_ends: u64,
    /// Whether there is a quote or a control character, among them CR and NUL, that is
    /// no separator. Most blocks have none.
    pub(super) has_rare: bool,
}

/// A kind of instructions.
pub(super) trait Scan: Copy {
    fn see(self, block: &[u8; BLOCK], delimiter: u8) -> Seen;

    /// Puts the places of all bits, each plus `start`, at the front of `places`, and
    /// whatever behind.
    fn put(self, bits: u64, start: u32, places: &mut [u32; BLOCK]);
}

/// This makes a quote the one after the control characters, and no other byte one of
/// them.
const FLIP: u8 = 0x02;
/// The last of the rare characters, flipped.
const LAST: u8 = b'"' ^ FLIP;

/// What every processor has.
#[derive(Clone, Copy)]
pub(super) struct Baseline;

impl Scan for Baseline {
    #[inline(always)]
    fn see(self, block: &[u8; BLOCK], delimiter: u8) -> Seen {
        let lanes = lanes(block);
        let (delimiter, line_end) = (u8x16::splat(delimiter), u8x16::splat(b'\n'));
        let line_ends = lanes.map(|lane| lane.simd_eq(line_end));
        let separators: Lanes =
            std::array::from_fn(|lane| lanes[lane].simd_eq(delimiter) | line_ends[lane]);
        let [a, b, c, d] =
            std::array::from_fn(|lane| (lanes[lane] ^ u8x16::splat(FLIP)) | separators[lane]);
        let least = a.min(b).min(c.min(d));
        let is_rare = least.min(u8x16::splat(LAST)).simd_eq(least);
        Seen {
            separators: bits(separators),
            line_ends: bits(line_ends),
            has_rare: is_rare.to_bitmask() != 0,
        }
    }

    #[inline(always)]
    fn put(self, bits: u64, start: u32, places: &mut [u32; BLOCK]) {
        put_one_by_one(bits, start, places);
    }
}

/// A block as four times sixteen bytes.
pub(super) type Lanes = [u8x16; BLOCK / 16];

pub(super) fn lanes(block: &[u8; BLOCK]) -> Lanes {
    let (parts, _) = block.as_chunks::<16>();
    std::array::from_fn(|part| u8x16::new(parts[part]))
}

/// A bit for each byte that is set.
pub(super) fn bits(lanes: Lanes) -> u64 {
    let [a, b, c, d] = lanes.map(|lane| u64::from(lane.to_bitmask()));
    a | b << 16 | c << 32 | d << 48
}

#[inline(always)]
fn put_one_by_one(mut bits: u64, start: u32, places: &mut [u32; BLOCK]) {
    /// Places that are written at once, for most blocks have no more.
    const BURST: usize = 8;
    let (bursts, _) = places.as_chunks_mut::<BURST>();
    for burst in bursts {
        if bits == 0 {
            return;
        }
        for place in burst {
            *place = start + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::__m256i;

    use pulp::{cast, x86::V3};

    use super::{BLOCK, FLIP, LAST, Scan, Seen, put_one_by_one};

    impl Scan for V3 {
        #[inline(always)]
        fn see(self, block: &[u8; BLOCK], delimiter: u8) -> Seen {
            let [low, high]: [__m256i; 2] = cast(*block);
            let (low, high) = (half(self, low, delimiter), half(self, high, delimiter));
            let both = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
            let separators = both(low.separators, high.separators);
            Seen {
                separators,
                line_ends: both(low.line_ends, high.line_ends),
                has_rare: both(low.rare, high.rare) & !separators != 0,
            }
        }

        #[inline(always)]
        fn put(self, bits: u64, start: u32, places: &mut [u32; BLOCK]) {
            put_one_by_one(bits, start, places);
        }
    }

    /// What there is in half a block.
    struct Half {
        separators: u32,
        line_ends: u32,
        rare: u32,
    }

    #[inline(always)]
    fn half(simd: V3, half: __m256i, delimiter: u8) -> Half {
        let V3 { avx, avx2, .. } = simd;
        let line_ends = avx2._mm256_cmpeq_epi8(half, avx._mm256_set1_epi8(b'\n' as i8));
        let delimiters =
            avx2._mm256_cmpeq_epi8(half, avx._mm256_set1_epi8(delimiter.cast_signed()));
        let separators = avx2._mm256_or_si256(line_ends, delimiters);
        let flipped = avx2._mm256_xor_si256(half, avx._mm256_set1_epi8(FLIP as i8));
        let least = avx2._mm256_min_epu8(flipped, avx._mm256_set1_epi8(LAST as i8));
        let rare = avx2._mm256_cmpeq_epi8(least, flipped);
        Half {
            separators: avx2._mm256_movemask_epi8(separators).cast_unsigned(),
            line_ends: avx2._mm256_movemask_epi8(line_ends).cast_unsigned(),
            rare: avx2._mm256_movemask_epi8(rare).cast_unsigned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(scan: impl Scan, bits: u64) -> Vec<u32> {
        let mut places = [0; BLOCK];
        scan.put(bits, 7, &mut places);
        places[..bits.count_ones() as usize].to_vec()
    }

    fn check(scan: impl Scan, block: &[u8; BLOCK]) {
        let all = |is: &dyn Fn(u8) -> bool| {
            let bits = block.iter().map(|&byte| u64::from(is(byte)));
            bits.rev().fold(0, |all, bit| all << 1 | bit)
        };
        let seen = scan.see(block, b';');
        let is_separator = |byte| matches!(byte, b';' | b'\n');
        assert_eq!(seen.separators, all(&is_separator));
        assert_eq!(seen.line_ends, all(&|byte| byte == b'\n'));
        let is_rare = |byte| (byte < b' ' || byte == b'"') && !is_separator(byte);
        assert_eq!(seen.has_rare, all(&is_rare) != 0);

        let set = (0..BLOCK as u32).filter(|place| seen.separators >> place & 1 == 1);
        let set: Vec<u32> = set.map(|place| place + 7).collect();
        assert_eq!(places(scan, seen.separators), set);
    }

    /// Checks with all instructions that this processor has.
    fn check_all(block: &[u8; BLOCK]) {
        check(Baseline, block);
        #[cfg(target_arch = "x86_64")]
        if let Some(v3) = pulp::x86::V3::try_new() {
            check(v3, block);
        }
    }

    #[test]
    fn full_and_empty_blocks() {
        for byte in 0..=u8::MAX {
            check_all(&[byte; BLOCK]);
        }
    }

    proptest! {
        #[test]
        fn any_block(bytes in prop::collection::vec(any::<u8>(), BLOCK), text in "[;\na-c\"\r ]{64}") {
            for block in [&bytes[..], text.as_bytes()] {
                check_all(block.first_chunk().expect("a block"));
            }
        }
    }
}
