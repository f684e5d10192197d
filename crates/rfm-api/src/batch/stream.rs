//! Answers that are sent while the question still comes in.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::Frame;
use tokio::{sync::OwnedSemaphorePermit, time::Sleep};

use super::Batch;
use crate::body::data_of;

/// A client must send so many bytes a second on average, once the time of a
/// request has passed: who sends a byte a second holds a place for ever.
const SLOWEST: u32 = 1024;

/// The body of the answer to a batch, worked on as the question comes in.
///
/// It asks for the next piece only when the client has taken the answer to the
/// last, so that memory stays bounded whatever the length.
pub(crate) fn answer<B: Batch>(
    batch: B,
    question: Body,
    first: Vec<u8>,
    time: Duration,
    place: OwnedSemaphorePermit,
) -> Body {
    Body::new(Answer {
        batch,
        question: Some(question),
        first,
        deadline: Box::pin(tokio::time::sleep(time)),
        _place: place,
    })
}

struct Answer<B> {
    batch: B,
    /// `None` at its end.
    question: Option<Body>,
    /// What was answered before the body began.
    first: Vec<u8>,
    deadline: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl<B: Batch> HttpBody for Answer<B> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        let mut out = std::mem::take(&mut this.first);
        while out.is_empty() {
            let Some(question) = &mut this.question else {
                return Poll::Ready(None);
            };
            let Poll::Ready(frame) = Pin::new(question).poll_frame(context) else {
                ready!(this.deadline.as_mut().poll(context));
                return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
            };
            match frame {
                Some(Ok(frame)) => {
                    let piece = data_of(frame);
                    let earned = Duration::from_secs(1) * piece.len() as u32 / SLOWEST;
                    let deadline = this.deadline.deadline() + earned;
                    this.deadline.as_mut().reset(deadline);
                    out.reserve(piece.len());
                    this.batch.push(&piece, &mut out);
                }
                Some(Err(error)) => {
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                None => {
                    this.question = None;
                    this.batch.finish(&mut out);
                }
            }
        }
        Poll::Ready(Some(Ok(Frame::data(out.into()))))
    }
}
