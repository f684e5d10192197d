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
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep},
};

use super::Batch;
use crate::body::data_of;

/// A client must send so many bytes a second: who sends a byte a second would
/// hold a place for ever.
const SLOWEST: u32 = 1024;

/// The length at which a piece of an answer is sent.
const PIECE: usize = 16 * 1024;
/// What is answered in one go: the answers to wrong items are a hundred times
/// as long as the items.
const STEP: usize = 1024;

/// The body of the answer to a batch, worked on as the question comes in.
///
/// It asks for the next piece only when the client has taken the answer to the
/// last, so that memory stays bounded whatever the length.
pub(crate) fn answer(
    batch: impl Batch,
    question: Body,
    first: Vec<u8>,
    time: Duration,
    place: OwnedSemaphorePermit,
) -> Body {
    Body::new(Answer {
        batch,
        question: Some(question),
        piece: Bytes::new(),
        first,
        pace: Pace::new(time),
        _place: place,
    })
}

struct Answer<B> {
    batch: B,
    /// `None` at its end.
    question: Option<Body>,
    /// What has come in and is not answered yet.
    piece: Bytes,
    /// What was answered before the body began.
    first: Vec<u8>,
    pace: Pace,
    _place: OwnedSemaphorePermit,
}

/// The time that a client has left to send more.
///
/// What comes in earns time, but never more than there was at the beginning;
/// while the client does not take what was answered, the clock stands still.
/// (How long it may do that is the connection's own limit.)
struct Pace {
    most: Duration,
    deadline: Pin<Box<Sleep>>,
    /// Since when the clock stands still.
    stopped: Option<Instant>,
}

impl Pace {
    fn new(most: Duration) -> Self {
        Self {
            most,
            deadline: Box::pin(tokio::time::sleep(most)),
            stopped: None,
        }
    }

    fn earn(&mut self, bytes: usize) {
        let earned = Duration::from_secs(1) * bytes as u32 / SLOWEST;
        let deadline = self.deadline.deadline() + earned;
        let latest = Instant::now() + self.most;
        self.deadline.as_mut().reset(deadline.min(latest));
    }

    fn stop(&mut self) {
        self.stopped = Some(Instant::now());
    }

    fn go_on(&mut self) {
        if let Some(stopped) = self.stopped.take() {
            let deadline = self.deadline.deadline() + stopped.elapsed();
            self.deadline.as_mut().reset(deadline);
        }
    }

    /// Ready when no time is left.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.deadline.as_mut().poll(context)
    }
}

impl<B: Batch> Answer<B> {
    /// Answers to what has come in, until there is a piece of answers.
    fn work(&mut self, out: &mut Vec<u8>) {
        while !self.piece.is_empty() && out.len() < PIECE {
            let step = self.piece.split_to(self.piece.len().min(STEP));
            self.batch.push(&step, out);
        }
    }

    /// Waits for more of the question; at its end the rest is answered.
    fn poll_question(
        &mut self,
        context: &mut Context<'_>,
        out: &mut Vec<u8>,
    ) -> Poll<io::Result<()>> {
        let Some(question) = &mut self.question else {
            return Poll::Ready(Ok(()));
        };
        let Poll::Ready(frame) = Pin::new(question).poll_frame(context) else {
            ready!(self.pace.poll_end(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        };
        match frame {
            Some(Ok(frame)) => {
                self.piece = data_of(frame);
                self.pace.earn(self.piece.len());
            }
            Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
            None => {
                self.question = None;
                self.batch.finish(out);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<B: Batch> HttpBody for Answer<B> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        this.pace.go_on();
        let mut out = std::mem::take(&mut this.first);
        this.work(&mut out);
        while out.is_empty() {
            if this.question.is_none() {
                return Poll::Ready(None);
            }
            if let Err(error) = ready!(this.poll_question(context, &mut out)) {
                return Poll::Ready(Some(Err(error)));
            }
            this.work(&mut out);
        }
        this.batch.scorer().count();
        this.pace.stop();
        Poll::Ready(Some(Ok(Frame::data(out.into()))))
    }
}
