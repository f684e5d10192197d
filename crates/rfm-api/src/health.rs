//! Asking a running service whether it is ready.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// The time that a service has to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The service is not ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HealthError {
    /// Nobody listens there.
    #[error("cannot reach the service at {address}")]
    Connect {
        /// Where it was looked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Whoever listens there does not answer as the service would.
    #[error("no answer from the service at {address}")]
    Silent {
        /// Where it was asked.
        address: SocketAddr,
    },
    /// It answers that it is not ready.
    #[error("the service at {address} is not ready: {answer}")]
    NotReady {
        /// Where it was asked.
        address: SocketAddr,
        /// What it says.
        answer: String,
    },
}

/// Asks the service at an address whether it is ready, and gives its answer.
///
/// An unspecified address, on which a service listens everywhere, stands for
/// loopback.
///
/// # Errors
///
/// [`HealthError`] if it is not.
pub async fn probe(mut address: SocketAddr) -> Result<String, HealthError> {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let silent = || HealthError::Silent { address };
    let (status, answer) = timeout(PATIENCE, ask(address))
        .await
        .map_err(|_| silent())??;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if status == StatusCode::OK {
        Ok(answer)
    } else {
        Err(HealthError::NotReady { address, answer })
    }
}

async fn ask(address: SocketAddr) -> Result<(StatusCode, Bytes), HealthError> {
    let silent = || HealthError::Silent { address };
    let stream = TcpStream::connect(address)
        .await
        .map_err(|source| HealthError::Connect { address, source })?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut client, connection) = handshake.map_err(|_| silent())?;
    tokio::spawn(connection);
    let request = Request::get("/readyz")
        .header(header::HOST, address.to_string())
        .body(Empty::<Bytes>::new())
        .expect("a plain request");
    let response = client.send_request(request).await.map_err(|_| silent())?;
    let status = response.status();
    let body = Limited::new(response, LONGEST).collect().await;
    Ok((status, body.map_err(|_| silent())?.to_bytes()))
}
