//! A JSON array in, an array of the same length and order out.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::Frame;
use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;

use super::Scorer;
use crate::{
    body::Whole,
    problem::{Place, Problem},
};

/// The length at which a piece of an answer is sent. It is made between two
/// polls, and must not keep other requests waiting.
const PIECE: usize = 16 * 1024;

/// Checks that a body is an array of JSON, whatever its items are.
///
/// # Errors
///
/// A [`Problem`] if it is not.
pub(crate) fn check_array(body: &[u8]) -> Result<(), Problem> {
    let loc = [Place::Name("body")];
    let value: &RawValue =
        serde_json::from_slice(body).map_err(|error| Problem::no_json(&loc, body, &error))?;
    if value.get().starts_with('[') {
        Ok(())
    } else {
        Err(Problem::new(
            "list_type",
            &loc,
            "Input should be a valid list",
            value,
        ))
    }
}

/// The answers to the items of a body that [`check_array`] found to be an array.
///
/// They are made as the client takes them: a small wrong item has a long
/// answer, and all of them together could fill the memory.
pub(crate) fn answer_array(scorer: Scorer, whole: Whole) -> Body {
    let (body, memory) = (whole.bytes, whole.memory);
    let start = memchr::memchr(b'[', &body).map_or(body.len(), |bracket| bracket + 1);
    let mut answer = ArrayAnswer {
        scorer,
        body,
        read: start,
        is_done: false,
        _memory: memory,
    };
    let mut first = Vec::with_capacity(answer.body.len().min(PIECE));
    first.push(b'[');
    answer.fill(&mut first);
    if answer.is_done {
        return Body::from(first);
    }
    Body::new(Started {
        first: Some(first.into()),
        answer,
    })
}

struct ArrayAnswer {
    scorer: Scorer,
    body: Bytes,
    /// The bytes of the body that are answered.
    read: usize,
    is_done: bool,
    _memory: Option<OwnedSemaphorePermit>,
}

impl ArrayAnswer {
    /// Appends answers until there is a piece of them, or no item is left.
    fn fill(&mut self, out: &mut Vec<u8>) {
        while out.len() < PIECE {
            let rest = &self.body[self.read..];
            let mut items = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
            // After the last item comes a bracket, which is no value.
            let Some(Ok(item)) = items.next() else {
                out.push(b']');
                self.is_done = true;
                break;
            };
            if self.scorer.index > 0 {
                out.push(b',');
            }
            self.scorer.json(item.get().as_bytes(), out);
            let rest = &rest[items.byte_offset()..];
            let comma = rest.iter().position(|byte| !byte.is_ascii_whitespace());
            self.read = self.body.len() - rest.len();
            if let Some(comma) = comma.filter(|&comma| rest[comma] == b',') {
                self.read += comma + 1;
            }
        }
        self.scorer.count();
    }
}

struct Started {
    first: Option<Bytes>,
    answer: ArrayAnswer,
}

impl HttpBody for Started {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.answer.is_done {
            return Poll::Ready(None);
        }
        let mut out = Vec::with_capacity(PIECE + PIECE / 16);
        self.answer.fill(&mut out);
        Poll::Ready(Some(Ok(Frame::data(out.into()))))
    }
}
