//! Several texts in one input.

/// Stands between the parts of an input.
const BORDER: &[u8] = b"\n----\n";

/// The parts of an input between lines of four dashes, as many as are asked for;
/// the last one is the rest, those that are not there are `None`.
#[must_use]
pub fn parts<const N: usize>(input: &[u8]) -> [Option<&[u8]>; N] {
    let mut rest = Some(input);
    std::array::from_fn(|part| {
        let bytes = rest?;
        let border = bytes
            .windows(BORDER.len())
            .position(|window| window == BORDER)
            .filter(|_| part + 1 < N);
        rest = border.map(|at| &bytes[at + BORDER.len()..]);
        Some(&bytes[..border.unwrap_or(bytes.len())])
    })
}
