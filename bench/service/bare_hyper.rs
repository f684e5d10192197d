//! The rival for serving: a hyper server that reads the body of a POST and then
//! answers fixed bytes. It parses nothing, scores nothing and counts nothing.
//!
//! `bare-hyper PORT` listens on 127.0.0.1.

use std::{error::Error, net::Ipv4Addr};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, body::Incoming, header::HeaderValue, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const ANSWER: &[u8] = br#"{"segment_name":"New Customers","cluster_label":2}"#;
/// Headers of the answer beside length and date, as `rfm serve` has them.
const HEADERS: [(&str, &str); 3] = [
    ("content-type", "application/json"),
    ("x-rfm-model", "0123456789abcdef"),
    ("x-request-id", "0123456789abcdef-00000000"),
];

/// Any other method gets an empty 200, for the question whether it is ready.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    if request.method() != Method::POST {
        return Ok(Response::new(Full::default()));
    }
    request.into_body().collect().await?;
    let mut response = Response::new(Full::new(Bytes::from_static(ANSWER)));
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: bare-hyper PORT")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse()?)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            // A connection that breaks is the client's affair.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}
