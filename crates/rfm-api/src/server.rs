//! Listening: connections, signals, the end.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;

use crate::{app::App, router::router};

/// The largest head of a request, and the largest piece of a body, in bytes:
/// what each connection may take, so that thousands fit.
const BUFFER: usize = 8 * 1024;
/// The most headers of a request.
const HEADERS: usize = 64;
/// For each connection that may be served so many may be open: on most of the
/// others nothing has come yet.
const OPEN: usize = 3;
/// Files that the service needs beside its connections.
const OTHER_FILES: u64 = 64;
/// Clients that wait until their connection is accepted.
const BACKLOG: u32 = 4096;
/// How often files are looked at.
const WATCH: Duration = Duration::from_secs(1);
/// How long to wait where the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(20);

/// The service cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct BindError {
    /// Where it should listen.
    pub address: SocketAddr,
    /// What the system says.
    pub source: io::Error,
}

/// A service that listens.
#[derive(Debug)]
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    signals: Signals,
}

/// Signals, received from the moment at which the service listens: whoever has
/// seen that it does may send one.
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Server {
    /// Listens at the address of the settings. From now on clients can connect,
    /// and [`run`](Self::run) answers.
    ///
    /// # Errors
    ///
    /// [`BindError`] if the address is taken or not this machine's, or signals
    /// cannot be received.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind(app: App) -> Result<Self, BindError> {
        let address = app.config().address;
        let error = |source| BindError { address, source };
        let signals = Signals {
            terminate: signal(SignalKind::terminate()).map_err(error)?,
            interrupt: signal(SignalKind::interrupt()).map_err(error)?,
            hang_up: signal(SignalKind::hangup()).map_err(error)?,
        };
        let listener = listen(address).map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        Ok(Self {
            app,
            listener,
            address,
            signals,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until SIGTERM or SIGINT, then finishes what was begun.
    ///
    /// SIGTERM makes the service not ready first, so that whoever sends it
    /// requests can stop to do so before it stops to listen.
    pub async fn run(self) {
        let Self {
            app,
            listener,
            signals,
            ..
        } = self;
        let Signals {
            mut terminate,
            mut interrupt,
            hang_up,
        } = signals;
        tokio::spawn(watch_files(app.clone(), hang_up));
        let connections = Connections::new(&app);
        let ending = async {
            tokio::select! {
                _ = terminate.recv() => {
                    app.end();
                    tracing::info!("not ready any more; finishing");
                    tokio::select! {
                        () = sleep(app.config().drain) => {}
                        _ = interrupt.recv() => {}
                    }
                }
                _ = interrupt.recv() => app.end(),
            }
        };
        tokio::select! {
            () = connections.accept(&listener) => {}
            () = ending => {}
        }
        drop(listener);
        connections.finish(app.config().shutdown_timeout).await;
    }
}

/// The connections of the service.
struct Connections {
    app: App,
    router: Router,
    http: http1::Builder,
    /// Places for connections that are open.
    open: Arc<Semaphore>,
    /// Places for those on which something has come: they take buffers of 16 kB,
    /// the others next to nothing.
    active: Semaphore,
    refused: AtomicUsize,
    /// Tells every connection that the service ends; closed when all have ended.
    ending: watch::Sender<()>,
}

impl Connections {
    fn new(app: &App) -> Arc<Self> {
        let config = app.config();
        let most = most_connections(config.max_connections);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(config.timeout)
            .max_buf_size(BUFFER)
            .max_headers(HEADERS);
        Arc::new(Self {
            router: router(app.clone()),
            http,
            open: Arc::new(Semaphore::new(OPEN * most)),
            active: Semaphore::new(most),
            refused: AtomicUsize::new(0),
            ending: watch::Sender::default(),
            app: app.clone(),
        })
    }

    async fn accept(self: &Arc<Self>, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.take(stream),
                // The client went away, or there are too many open files.
                Err(error) => {
                    tracing::debug!(%error, "no connection");
                    sleep(NO_ROOM).await;
                }
            }
        }
    }

    fn take(self: &Arc<Self>, stream: TcpStream) {
        let Ok(place) = self.open.clone().try_acquire_owned() else {
            self.refuse(&stream);
            return;
        };
        let connections = Arc::clone(self);
        let ending = self.ending.subscribe();
        tokio::spawn(async move {
            let open = &connections.app.metrics().connections;
            open.inc();
            connections.serve(stream, ending).await;
            open.dec();
            drop(place);
        });
    }

    async fn serve(&self, stream: TcpStream, mut ending: watch::Receiver<()>) {
        // Without it a small answer could wait for one that it is sent with.
        let _ = stream.set_nodelay(true);
        let time = self.app.config().timeout;
        // To look at the first byte is sure; whether there is one, a new socket
        // only guesses.
        let mut first = [0];
        let has_sent = tokio::select! {
            biased;
            seen = timeout(time, stream.peek(&mut first)) => matches!(seen, Ok(Ok(1))),
            _ = ending.changed() => return,
        };
        if !has_sent {
            return;
        }
        let Ok(_place) = self.active.try_acquire() else {
            self.refuse(&stream);
            return;
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(time));
        let service = TowerToHyperService::new(self.router.clone());
        let io = TokioIo::new(Box::pin(stream));
        let mut connection = pin!(self.http.serve_connection(io, service));
        let result = tokio::select! {
            biased;
            result = connection.as_mut() => result,
            _ = ending.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a connection ended");
        }
    }

    /// Tells a client that there is no place, as far as that can be done at once.
    fn refuse(&self, stream: &TcpStream) {
        const BODY: &str = r#"{"detail":"the service is at its limit of connections; try again"}"#;
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nretry-after: 1\r\nconnection: close\r\n\r\n{BODY}",
            BODY.len()
        );
        // A request that is left unread would break the connection before the
        // client has read the answer.
        let _ = stream.try_read(&mut [0; BUFFER]);
        // The socket is new, and takes so little without waiting.
        let _ = stream.try_write(answer.as_bytes());
        let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        // A flood of connections must not become a flood of lines.
        if refused.is_power_of_two() {
            tracing::warn!(refused, "connections refused at the limit so far");
        }
    }

    /// Waits until the last requests are answered.
    async fn finish(&self, time: Duration) {
        self.ending.send_replace(());
        if timeout(time, self.ending.closed()).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
    }
}

/// Listens at an address.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A service that was just stopped leaves its address in use for a while.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// As many connections as wanted, or as the system has files for.
fn most_connections(wanted: usize) -> usize {
    let files = rlimit::increase_nofile_limit((OPEN * wanted) as u64 + OTHER_FILES);
    let room = files.map_or(wanted, |files| {
        files.saturating_sub(OTHER_FILES) as usize / OPEN
    });
    if room < wanted {
        tracing::warn!(
            room,
            wanted,
            "the limit of open files leaves fewer connections"
        );
    }
    wanted.min(room.max(1))
}

/// Loads model and keys anew at SIGHUP, and when their files change.
async fn watch_files(app: App, mut hang_up: Signal) {
    let mut seen = stamps(&app);
    loop {
        let is_asked = tokio::select! {
            _ = hang_up.recv() => true,
            () = sleep(WATCH), if app.config().watch => false,
        };
        let now = stamps(&app);
        if !is_asked && now == seen {
            continue;
        }
        seen = now;
        match app.reload() {
            Ok(true) => tracing::info!(model = app.describe_model(), "loaded a model"),
            Ok(false) => tracing::info!(model = app.describe_model(), "the model is the same"),
            Err(error) => {
                let reason = error_chain(&error);
                tracing::warn!(reason, "refused new files; the old ones go on");
            }
        }
    }
}

/// What tells a changed file from the one before.
fn stamps(app: &App) -> [Option<(SystemTime, u64)>; 3] {
    let config = app.config();
    let files = [
        Some(&app.source().path),
        config.api_keys.as_ref(),
        config.admin_keys.as_ref(),
    ];
    files.map(|file| {
        let metadata = std::fs::metadata(file?).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

/// An error with its causes.
fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
