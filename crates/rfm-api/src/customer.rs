//! One customer as it is sent: `{"recency": 15, "frequency": 2, "monetary": 350.75}`.

use std::fmt;

use rfmkit::features::{FREQUENCY, Feature, RECENCY, Rfm};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::problem::{Place, Problem};

/// A customer whose members are all there, once, and numbers.
#[derive(Deserialize)]
struct Plain {
    recency: f64,
    frequency: f64,
    monetary: f64,
}

/// Reads a customer; `loc` is its place in the request.
///
/// # Errors
///
/// Everything that is wrong with it, at once.
pub(crate) fn parse(text: &[u8], loc: &[Place]) -> Result<Rfm, Vec<Problem>> {
    // Serde would take the members from an array as well.
    if text.trim_ascii_start().starts_with(b"{")
        && let Ok(plain) = serde_json::from_slice::<Plain>(text)
        && let Ok(rfm) = Rfm::from_array([plain.recency, plain.frequency, plain.monetary])
    {
        return Ok(rfm);
    }
    let value =
        serde_json::from_slice(text).map_err(|error| vec![Problem::no_json(loc, text, &error)])?;
    examine(value, loc)
}

/// Reads a customer member by member, to find all that is wrong.
fn examine(value: &RawValue, loc: &[Place]) -> Result<Rfm, Vec<Problem>> {
    if !value.get().starts_with('{') {
        return Err(vec![Problem::no_object(loc, value)]);
    }
    let members: Members<'_> = serde_json::from_str(value.get())
        .map_err(|error| vec![Problem::no_json(loc, value.get().as_bytes(), &error)])?;
    let mut problems = Vec::new();
    let values = Feature::ALL.map(|feature| {
        let at = [loc, &[Place::Name(feature.name())]].concat();
        let number = match &members.0[feature as usize][..] {
            [] => Err(Problem::missing(&at, value)),
            [member] => number(feature, member, &at),
            [_, second, ..] => Err(Problem::doubled(&at, second)),
        };
        number.unwrap_or_else(|problem| {
            problems.push(problem);
            f64::NAN
        })
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    Rfm::from_array(values).map_err(|error| {
        let at = [loc, &[Place::Name(error.feature.name())]].concat();
        let message = format!("Input should be {}", error.feature.range());
        vec![Problem::new("value_error", &at, message, value)]
    })
}

/// Reads one value; it is in range if there is no problem.
fn number(feature: Feature, value: &RawValue, at: &[Place]) -> Result<f64, Problem> {
    let problem = |kind, message: String| Problem::new(kind, at, message, value);
    let is_whole = feature != Feature::Monetary;
    let is_number = value
        .get()
        .starts_with(|first: char| first == '-' || first.is_ascii_digit());
    // The grammar of numbers in JSON is a part of Rust's.
    let number = value.get().parse::<f64>().ok().filter(|_| is_number);
    let Some(number) = number else {
        return Err(if is_whole {
            problem("int_type", "Input should be a valid integer".to_owned())
        } else {
            problem("float_type", "Input should be a valid number".to_owned())
        });
    };
    if !number.is_finite() {
        let message = "Input should be a finite number";
        return Err(problem("finite_number", message.to_owned()));
    }
    if is_whole && number.fract() != 0.0 {
        let message = "Input should be a valid integer, got a number with a fractional part";
        return Err(problem("int_from_float", message.to_owned()));
    }
    let range = match feature {
        Feature::Recency => RECENCY,
        Feature::Frequency => FREQUENCY,
        Feature::Monetary if number <= 0.0 => {
            let message = "Input should be greater than 0".to_owned();
            return Err(problem("greater_than", message).with_context("gt", 0));
        }
        Feature::Monetary => return Ok(number),
    };
    let (least, most) = (*range.start(), *range.end());
    if number < f64::from(least) {
        let message = format!("Input should be greater than or equal to {least}");
        return Err(problem("greater_than_equal", message).with_context("ge", least));
    }
    if number > f64::from(most) {
        let message = format!("Input should be less than or equal to {most}");
        return Err(problem("less_than_equal", message).with_context("le", most));
    }
    Ok(number)
}

/// The values of each feature as they were sent, in the order of the features.
struct Members<'a>([Vec<&'a RawValue>; 3]);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByName;
        impl<'de> Visitor<'de> for ByName {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members(Default::default());
                while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    match Feature::ALL
                        .into_iter()
                        .find(|feature| feature.name() == name)
                    {
                        Some(feature) => members.0[feature as usize].push(map.next_value()?),
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(ByName)
    }
}
