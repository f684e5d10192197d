//! Texts that are met again and again, each kept once.

use hashbrown::{HashTable, hash_table::Entry};

/// Distinct texts, numbered in the order in which they are met.
#[derive(Clone, Default)]
pub(crate) struct Names {
    table: HashTable<u32>,
    /// For each text its hash, and the place of its end.
    places: Vec<(u64, usize)>,
    text: String,
}

impl Names {
    /// The number of a text, new or not; `hash` is its hash, the same each time.
    pub(super) fn number(&mut self, name: &str, hash: u64) -> u32 {
        let Self {
            table,
            places,
            text,
        } = self;
        let is_name = |&number: &u32| {
            let number = number as usize;
            places[number].0 == hash && &text[range(places, number)] == name
        };
        match table.entry(hash, is_name, |&number| places[number as usize].0) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let number = places.len() as u32;
                entry.insert(number);
                text.push_str(name);
                places.push((hash, text.len()));
                number
            }
        }
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        &self.text[range(&self.places, number as usize)]
    }

    pub(super) fn hash(&self, number: u32) -> u64 {
        self.places[number as usize].0
    }

    /// Adds all texts of `other`; gives the number here of each.
    pub(super) fn add_all(&mut self, other: &Self) -> Vec<u32> {
        (0..other.places.len() as u32)
            .map(|number| self.number(other.get(number), other.hash(number)))
            .collect()
    }
}

fn range(places: &[(u64, usize)], number: usize) -> std::ops::Range<usize> {
    let start = number.checked_sub(1).map_or(0, |before| places[before].1);
    start..places[number].1
}
