//! What is wrong with a value that was sent, as Pydantic words it.

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use utoipa::ToSchema;

/// The longest value that is shown as it was sent.
const SHOWN: usize = 256;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of the problem.
    #[serde(rename = "type")]
    #[schema(example = "missing")]
    pub(crate) kind: &'static str,
    /// Where it is: `body` or `query`, then names and positions.
    #[schema(example = json!(["body", "recency"]))]
    pub(crate) loc: Vec<Place>,
    /// The problem in words.
    #[schema(example = "Field required")]
    pub(crate) msg: String,
    /// The value as it was sent, or the start of it as text.
    #[schema(value_type = Value)]
    pub(crate) input: Box<RawValue>,
    /// The limit that was overstepped, or what the reader of JSON says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ctx: Option<Value>,
}

/// A step on the way to a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Place {
    /// The part of the request, or a member.
    Name(&'static str),
    /// The position in an array, from 0.
    Index(usize),
}

impl Problem {
    /// A problem with a value at a place; the place starts at `body`.
    pub(crate) fn new(
        kind: &'static str,
        loc: &[Place],
        msg: impl Into<String>,
        input: &RawValue,
    ) -> Self {
        Self {
            kind,
            loc: loc.to_vec(),
            msg: msg.into(),
            input: excerpt(input),
            ctx: None,
        }
    }

    pub(crate) fn with_context(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.ctx = Some(json!({ name: value.into() }));
        self
    }

    /// The body, or an item of it, is no JSON.
    pub(crate) fn no_json(loc: &[Place], text: &[u8], error: &serde_json::Error) -> Self {
        let reason = error.to_string();
        // The place is told apart from the reason.
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let mut loc = loc.to_vec();
        loc.push(Place::Index(offset(text, error)));
        Self::new("json_invalid", &loc, "JSON decode error", empty_object())
            .with_context("error", reason)
    }

    /// A member that must be there is not.
    pub(crate) fn missing(loc: &[Place], input: &RawValue) -> Self {
        Self::new("missing", loc, "Field required", input)
    }

    /// A value should be an object.
    pub(crate) fn no_object(loc: &[Place], input: &RawValue) -> Self {
        const MESSAGE: &str = "Input should be a valid dictionary or object to extract fields from";
        Self::new("model_attributes_type", loc, MESSAGE, input)
    }

    /// A member stands there more than once.
    pub(crate) fn doubled(loc: &[Place], input: &RawValue) -> Self {
        Self::new("duplicate_member", loc, "Field given more than once", input)
    }
}

/// A value, or the start of its text if it is long: an answer must not grow
/// with what was sent.
fn excerpt(value: &RawValue) -> Box<RawValue> {
    let text = value.get();
    if text.len() <= SHOWN {
        return value.to_owned();
    }
    let start: String = text.chars().take(SHOWN).collect();
    text_value(&format!("{start}…"))
}

/// A text as a JSON value.
pub(crate) fn text_value(text: &str) -> Box<RawValue> {
    serde_json::value::to_raw_value(text).expect("a text is JSON")
}

/// The value `{}`.
pub(crate) fn empty_object() -> &'static RawValue {
    serde_json::from_str("{}").expect("an empty object is JSON")
}

/// The position in bytes to which an error points.
fn offset(text: &[u8], error: &serde_json::Error) -> usize {
    let before = memchr::memchr_iter(b'\n', text).take(error.line().saturating_sub(1));
    let start = before.last().map_or(0, |newline| newline + 1);
    start + error.column().saturating_sub(1)
}
