//! Clients that send too much, too slowly, or too often.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use axum::{body::Body, http::StatusCode};
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use rfmkit::config::Key;

use crate::service::{BATCH, CSV, EXAMPLE, JSON, NDJSON, SEGMENT, Service, post};

/// A body that starts and never ends.
fn endless(start: &'static str) -> Body {
    let first = stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(
        start.as_bytes(),
    )))]);
    Body::new(StreamBody::new(futures_util::StreamExt::chain(
        first,
        stream::pending(),
    )))
}

#[test]
fn a_body_that_does_not_come_in_ends_in_time() {
    let service = Service::with([(Key::Timeout, "1")]);
    for (path, kind) in [(SEGMENT, JSON), (BATCH, JSON), (BATCH, CSV)] {
        let answer = service.post(path, kind, endless("{"));
        assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{path} {kind}");
    }
    insta::assert_snapshot!(service.post(SEGMENT, JSON, endless("{")).transcript());
}

#[test]
fn a_stated_length_is_believed_before_the_body_comes() {
    let service = Service::with([(Key::MaxBody, "100")]);
    let request = post(BATCH, JSON).header("content-length", "101");
    let answer = service.send(request.body(Body::from(" ".repeat(101))).expect("request"));
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn over_capacity_requests_are_refused_at_once() {
    let service = Service::with([(Key::MaxRequests, "1"), (Key::Timeout, "3")]);
    let (first, second) = service.both(
        post(BATCH, NDJSON).body(endless("{}\n")).expect("request"),
        post(BATCH, NDJSON)
            .body(Body::from("{}\n"))
            .expect("request"),
    );
    assert_eq!(first.status, StatusCode::OK);
    insta::assert_snapshot!(second.transcript());
    // The stream has a place of its own; small requests go on beside it.
    let (_, small) = service.both(
        post(BATCH, NDJSON).body(endless("{}\n")).expect("request"),
        post(SEGMENT, JSON)
            .body(Body::from(EXAMPLE))
            .expect("request"),
    );
    assert_eq!(small.status, StatusCode::OK);
}

#[test]
fn slow_bodies_keep_no_place() {
    let service = Service::with([(Key::MaxRequests, "1"), (Key::Timeout, "2")]);
    let (slow, quick) = service.both(
        post(SEGMENT, JSON).body(endless("{")).expect("request"),
        post(SEGMENT, JSON)
            .body(Body::from(EXAMPLE))
            .expect("request"),
    );
    assert_eq!(slow.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(quick.status, StatusCode::OK);
}

#[test]
fn memory_for_bodies_is_limited_over_all_requests() {
    const MOST: usize = 12 * 1024 * 1024;
    let service = Service::with([(Key::MaxBody, "12000000"), (Key::Timeout, "2")]);
    let piece = || Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b' '; MOST / 8])));
    let begun = stream::iter((0..5).map(move |_| piece()));
    let begun = Body::new(StreamBody::new(futures_util::StreamExt::chain(
        begun,
        stream::pending(),
    )));
    let whole = Body::new(StreamBody::new(stream::iter((0..5).map(move |_| piece()))));
    let (_, second) = service.both(
        post(BATCH, JSON).body(begun).expect("request"),
        post(BATCH, JSON).body(whole).expect("request"),
    );
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    let freed = service.post(BATCH, JSON, "[]".to_owned() + &" ".repeat(MOST / 2));
    assert_eq!(freed.status, StatusCode::OK, "memory is given back");
}

#[test]
fn an_interrupted_body_is_no_request() {
    let failing = stream::iter([
        Ok(Frame::data(Bytes::from_static(b"{"))),
        Err(std::io::Error::other("gone")),
    ]);
    let answer = Service::new().post(SEGMENT, JSON, Body::new(StreamBody::new(failing)));
    insta::assert_snapshot!(answer.transcript());
}

#[test]
fn when_it_ends_the_service_is_not_ready() {
    let service = Service::new();
    assert_eq!(service.get("/readyz").text(), r#"{"status":"ready"}"#);
    service.app.end();
    insta::assert_snapshot!(service.get("/readyz").transcript());
    assert_eq!(service.get("/healthz").status, StatusCode::OK);
    assert_eq!(
        service.post(SEGMENT, JSON, EXAMPLE).status,
        StatusCode::OK,
        "until it is gone"
    );
}

#[test]
fn a_stream_of_a_byte_a_second_is_cut_off() {
    let service = Service::with([(Key::Timeout, "1")]);
    let slow = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b" "))),
            (),
        ))
    });
    let request = post(BATCH, NDJSON).body(Body::new(StreamBody::new(slow)));
    assert!(
        service.try_send(request.expect("request")).is_err(),
        "the answer breaks off"
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it must end in time")]
fn what_a_stream_has_sent_earns_no_long_silence() {
    let service = Service::with([(Key::Timeout, "1")]);
    let minutes = "{}\n".repeat(60 * 1024).leak();
    let start = Instant::now();
    let request = post(BATCH, NDJSON).body(endless(minutes));
    assert!(service.try_send(request.expect("request")).is_err());
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn time_that_a_client_takes_to_read_is_not_held_against_it() {
    let service = Service::with([(Key::Timeout, "1")]);
    let later = |wait: u64| {
        stream::once(async move {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"{}\n")))
        })
    };
    let question = futures_util::StreamExt::chain(later(0), later(500));
    let request = post(BATCH, NDJSON).body(Body::new(StreamBody::new(Box::pin(question))));
    let answer = service.read_slowly(request.expect("request"), Duration::from_secs(2));
    let answers = answer.split_inclusive(|byte| *byte == b'\n');
    assert_eq!(answers.count(), 2);
}

#[test]
fn a_body_that_is_refused_is_taken_in_first() {
    // Otherwise a client that is still sending finds its connection broken.
    let service = Service::with([(Key::MaxBody, "100")]);
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&taken);
    let pieces = stream::iter((0..50).map(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b' '; 1024])))
    }));
    let answer = service.post(BATCH, JSON, Body::new(StreamBody::new(pieces)));
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(taken.load(std::sync::atomic::Ordering::Relaxed), 50);
}
