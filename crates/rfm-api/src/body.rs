//! Bodies of requests, read within limits.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, HeaderValue, header},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use memmap2::MmapMut;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use crate::{
    app::{App, Limits},
    error::ApiError,
};

/// The longest body that is taken in to be thrown away, in bytes.
const DISCARDED: usize = 16 * 1024 * 1024;
/// The longest time that this may take.
const DISCARD_TIME: Duration = Duration::from_secs(2);

/// A body that was read as a whole, and the leave to work on it.
pub(crate) struct Whole {
    pub(crate) bytes: Bytes,
    /// The part of the memory for bodies that it takes.
    pub(crate) memory: Option<OwnedSemaphorePermit>,
    _leave: OwnedSemaphorePermit,
}

impl Whole {
    /// An answer that is about as large as the body, and takes over its part of
    /// the memory until the client has it.
    pub(crate) fn keep_memory(self, answer: Body) -> Body {
        match self.memory {
            None => answer,
            Some(memory) => Body::new(answer.map_frame(move |frame| {
                let _held = &memory;
                frame
            })),
        }
    }
}

/// The kinds of bodies that routes take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Json,
    Ndjson,
    Csv,
}

/// The kind of a body by its headers.
///
/// `expected` is said where it is none of the kinds.
pub(crate) fn kind_of(
    headers: &HeaderMap,
    kinds: &[Kind],
    expected: &'static str,
) -> Result<Kind, ApiError> {
    let is_packed = |encoding: &HeaderValue| !encoding.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get(header::CONTENT_ENCODING).is_some_and(is_packed) {
        return Err(ApiError::ContentEncoding);
    }
    let value = headers.get(header::CONTENT_TYPE);
    // Nearly every request says just this.
    if value.is_some_and(|value| value == "application/json") {
        return Ok(Kind::Json);
    }
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let kind = match essence.as_str() {
        "application/json" => Some(Kind::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Kind::Ndjson),
        "text/csv" => Some(Kind::Csv),
        other if other.starts_with("application/") && other.ends_with("+json") => Some(Kind::Json),
        _ => None,
    };
    kind.filter(|kind| kinds.contains(kind))
        .ok_or_else(|| ApiError::ContentType {
            found: if text.is_empty() {
                "missing".to_owned()
            } else {
                format!("{text:?}")
            },
            expected,
        })
}

/// Reads a body of at most `limit` bytes, in the time that a request has.
///
/// The leave to work on it comes last, so that clients that send slowly keep
/// nobody waiting.
pub(crate) async fn read(app: &App, mut body: Body, limit: usize) -> Result<Whole, ApiError> {
    let time = app.config().timeout;
    let collected = timeout(time, collect(app, &mut body, limit)).await;
    let (bytes, memory) = match collected.map_err(|_| too_slow(time))? {
        Ok(collected) => collected,
        Err(error) => return Err(refuse(body, error).await),
    };
    // Spreadsheets put a mark before UTF-8; JSON has no use for it.
    let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(text) => bytes.slice_ref(text),
        None => bytes,
    };
    let leave = app.limits().requests.clone().try_acquire_owned();
    Ok(Whole {
        bytes,
        memory,
        _leave: leave.map_err(|_| ApiError::Busy)?,
    })
}

pub(crate) const fn too_slow(time: Duration) -> ApiError {
    ApiError::Timeout {
        seconds: time.as_secs(),
    }
}

async fn collect(
    app: &App,
    body: &mut Body,
    limit: usize,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), ApiError> {
    let too_large = || ApiError::TooLarge { limit };
    let stated = body.size_hint().lower();
    if stated > limit as u64 {
        return Err(too_large());
    }
    let stated = stated as usize;
    let mut first = Bytes::new();
    let mut all = Block::default();
    let mut memory: Option<OwnedSemaphorePermit> = None;
    while let Some(frame) = next(body).await {
        let data = data_of(frame.map_err(|_| ApiError::Interrupted)?);
        let size = first.len() + all.length + data.len();
        if size > limit {
            return Err(too_large());
        }
        // A body that comes in one piece stays where it was read.
        if first.is_empty() && all.length == 0 {
            first = data;
            continue;
        }
        if all.room() < size {
            // Twice what is there, where the length was not stated.
            let room = size.max(stated).max(2 * all.room()).min(limit);
            let more = reserve(app, room - all.room())?;
            match &mut memory {
                Some(memory) => memory.merge(more),
                none => *none = Some(more),
            }
            all.grow(room)?;
        }
        all.append(&std::mem::take(&mut first));
        all.append(&data);
    }
    let bytes = if all.length == 0 {
        first
    } else {
        all.into_bytes()
    };
    Ok((bytes, memory))
}

/// A large body in one piece.
///
/// It comes from the system and goes back to it at once: blocks of megabytes
/// between the small ones of thousands of requests would leave the heap in
/// pieces, and the process larger than all that it holds.
#[derive(Default)]
struct Block {
    memory: Option<MmapMut>,
    length: usize,
}

impl Block {
    fn room(&self) -> usize {
        self.memory.as_ref().map_or(0, |memory| memory.len())
    }

    /// Makes it larger; where the system has no memory, there is no capacity.
    fn grow(&mut self, room: usize) -> Result<(), ApiError> {
        let mut larger = MmapMut::map_anon(room).map_err(|_| ApiError::Busy)?;
        if let Some(memory) = &self.memory {
            larger[..self.length].copy_from_slice(&memory[..self.length]);
        }
        self.memory = Some(larger);
        Ok(())
    }

    /// Appends what it has room for.
    fn append(&mut self, data: &[u8]) {
        let end = self.length + data.len();
        if let Some(memory) = &mut self.memory {
            memory[self.length..end].copy_from_slice(data);
        }
        self.length = end;
    }

    fn into_bytes(self) -> Bytes {
        let Some(memory) = self.memory else {
            return Bytes::new();
        };
        Bytes::from_owner(memory).slice(..self.length)
    }
}

/// Takes in and throws away the rest of a body that is refused, as far as that
/// is soon done: a client that is still sending would find its connection
/// broken, and not the answer.
pub(crate) async fn refuse(mut body: Body, error: ApiError) -> ApiError {
    if body.size_hint().lower() > DISCARDED as u64 {
        return error;
    }
    let discard = async {
        let mut size = 0;
        while let Some(Ok(frame)) = next(&mut body).await {
            size += data_of(frame).len();
            if size > DISCARDED {
                break;
            }
        }
    };
    // What takes longer is not waited for.
    let _ = timeout(DISCARD_TIME, discard).await;
    error
}

async fn next(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
}

/// Takes a part of the memory for bodies, if there is as much left.
fn reserve(app: &App, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    let units = bytes.div_ceil(Limits::BODY_UNIT) as u32;
    let bodies = app.limits().bodies.clone();
    bodies
        .try_acquire_many_owned(units)
        .map_err(|_| ApiError::Busy)
}

/// The data of a frame; trailers have none.
pub(crate) fn data_of(frame: Frame<Bytes>) -> Bytes {
    frame.into_data().unwrap_or_default()
}
