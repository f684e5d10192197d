//! Texts that are met again and again, each kept once.

/// Texts one behind the other, numbered from 0 on, each with its hash.
#[derive(Clone, Default)]
pub(super) struct Texts {
    text: String,
    /// For each text its hash, and the place of its end.
    places: Vec<(u64, usize)>,
}

impl Texts {
    /// Adds a text and gives its number.
    pub(super) fn push(&mut self, text: &str, hash: u64) -> u32 {
        self.text.push_str(text);
        self.places.push((hash, self.text.len()));
        self.places.len() as u32 - 1
    }

    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = match number {
            0 => 0,
            number => self.places[number - 1].1,
        };
        &self.text[start..self.places[number].1]
    }

    pub(super) fn hash(&self, number: u32) -> u64 {
        self.places[number as usize].0
    }

    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
    }
}

/// Distinct texts, numbered in the order in which they are met.
#[derive(Clone)]
pub(crate) struct Names {
    /// The numbers of texts by the low bits of their hashes, with [`FREE`] slots for at
    /// least half; a text whose slot is taken stands in the next free one.
    slots: Vec<u32>,
    texts: Texts,
}

/// A slot without a text.
const FREE: u32 = u32::MAX;
/// The slots of few texts.
const LEAST_SLOTS: usize = 16;

impl Default for Names {
    fn default() -> Self {
        Self {
            slots: vec![FREE; LEAST_SLOTS],
            texts: Texts::default(),
        }
    }
}

impl Names {
    /// The number of a text, new or not; `hash` is its hash, the same each time.
    pub(super) fn number(&mut self, text: &str, hash: u64) -> u32 {
        if self.slots.len() <= self.texts.len() * 2 {
            self.make_room();
        }
        let mut slot = self.slot(hash);
        loop {
            match self.slots[slot] {
                FREE => break,
                known if self.texts.hash(known) == hash && self.get(known) == text => return known,
                _ => slot = self.next(slot),
            }
        }
        let number = self.texts.push(text, hash);
        self.slots[slot] = number;
        number
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    pub(super) fn hash(&self, number: u32) -> u64 {
        self.texts.hash(number)
    }

    pub(super) const fn len(&self) -> usize {
        self.texts.len()
    }

    /// All texts in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.texts.len() as u32).map(|number| self.get(number))
    }

    /// Adds all texts of `other`; gives the number here of each.
    pub(super) fn add_all(&mut self, other: Self) -> Vec<u32> {
        let numbers = 0..other.texts.len() as u32;
        if self.texts.len() == 0 {
            *self = other;
            return numbers.collect();
        }
        let texts = &other.texts;
        numbers
            .map(|number| self.number(texts.get(number), texts.hash(number)))
            .collect()
    }

    fn make_room(&mut self) {
        let slots = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(slots, FREE);
        for number in 0..self.texts.len() as u32 {
            let mut slot = self.slot(self.texts.hash(number));
            while self.slots[slot] != FREE {
                slot = self.next(slot);
            }
            self.slots[slot] = number;
        }
    }

    /// The first slot in which a text with that hash may stand.
    fn slot(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn next(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

/// Distinct texts in parts by their hashes, each with numbers of its own: a part is
/// small enough for the cache.
#[derive(Clone)]
pub(super) struct NameParts(Vec<Names>);

/// Into so many parts customers are put, and their runs with them.
pub(super) const PARTS: usize = 64;

/// The part of a text with that hash.
pub(super) const fn part_of(hash: u64) -> usize {
    (hash >> (u64::BITS - PARTS.ilog2())) as usize
}

impl Default for NameParts {
    fn default() -> Self {
        Self(vec![Names::default(); PARTS])
    }
}

impl NameParts {
    /// The numbers of many texts, each in its part, in the place of those that were in
    /// `numbers`.
    ///
    /// All texts are looked up in one place of memory before any is in the next, so that
    /// the processor waits for the memory of several at once.
    pub(super) fn number_all(&mut self, texts: &Texts, numbers: &mut Vec<u32>) {
        numbers.clear();
        numbers.extend(texts.places.iter().map(|&(hash, _)| {
            let part = &self.0[part_of(hash)];
            part.slots[part.slot(hash)]
        }));
        for (number, &(hash, _)) in numbers.iter_mut().zip(&texts.places) {
            let place = self.0[part_of(hash)].texts.places.get(*number as usize);
            if place.is_none_or(|&(known, _)| known != hash) {
                *number = FREE;
            }
        }
        for (number, text) in numbers.iter_mut().zip(0..) {
            let (text, hash) = (texts.get(text), texts.hash(text));
            let part = &mut self.0[part_of(hash)];
            if *number == FREE || part.get(*number) != text {
                *number = part.number(text, hash);
            }
        }
    }

    pub(super) fn into_parts(self) -> Vec<Names> {
        self.0
    }
}

impl FromIterator<Names> for NameParts {
    /// The parts in their order.
    fn from_iter<T: IntoIterator<Item = Names>>(parts: T) -> Self {
        Self(parts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_at_once_have_the_numbers_of_one_by_one() {
        let mut at_once = NameParts::default();
        let mut one_by_one = vec![Names::default(); PARTS];
        let mut numbers = Vec::new();
        for piece in 0..20_u64 {
            let mut texts = Texts::default();
            let mut expected = Vec::new();
            // Some come again in this piece, others in the next, and few hashes differ.
            for number in piece * 50..piece * 50 + 200 {
                let text = (number % 131).to_string();
                let hash = (number % 131 % 40 * 1024) | ((number % 3) << 62);
                texts.push(&text, hash);
                expected.push(one_by_one[part_of(hash)].number(&text, hash));
            }
            at_once.number_all(&texts, &mut numbers);
            assert_eq!(numbers, expected);
        }
        let at_once = at_once.into_parts();
        let met: usize = one_by_one.iter().map(Names::len).sum();
        assert_eq!(met, 3 * 131);
        for (at_once, one_by_one) in at_once.iter().zip(&one_by_one) {
            assert!(at_once.iter().eq(one_by_one.iter()));
            for (number, text) in one_by_one.iter().enumerate() {
                assert_eq!(at_once.get(number as u32), text);
            }
        }
    }
}
