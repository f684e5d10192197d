//! A JSON array in, an array of the same length and order out.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::Scorer;
use crate::problem::{Place, Problem};

/// Answers to every item of an array.
///
/// # Errors
///
/// A [`Problem`] if the body is no JSON, or no array.
pub(crate) fn score_array(mut scorer: Scorer, body: &[u8]) -> Result<Vec<u8>, Problem> {
    // An answer is about as long as its question.
    let mut out = Vec::with_capacity(body.len());
    let mut reader = serde_json::Deserializer::from_slice(body);
    let items = Items {
        scorer: &mut scorer,
        out: &mut out,
    };
    let read = items.deserialize(&mut reader).and_then(|()| reader.end());
    match read {
        Ok(()) => {
            scorer.count();
            Ok(out)
        }
        Err(error) => Err(examine(body, &error)),
    }
}

/// What is wrong with a body that is no array of values.
fn examine(body: &[u8], error: &serde_json::Error) -> Problem {
    let loc = [Place::Name("body")];
    match serde_json::from_slice::<&RawValue>(body) {
        Ok(value) if !value.get().starts_with('[') => {
            Problem::new("list_type", &loc, "Input should be a valid list", value)
        }
        _ => Problem::no_json(&loc, body, error),
    }
}

/// Scores the items of an array as they are read.
struct Items<'s> {
    scorer: &'s mut Scorer,
    out: &'s mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.out.push(b'[');
        let start = self.out.len();
        while let Some(item) = items.next_element::<&RawValue>()? {
            if self.out.len() > start {
                self.out.push(b',');
            }
            self.scorer.json(item.get().as_bytes(), self.out);
        }
        self.out.push(b']');
        Ok(())
    }
}
