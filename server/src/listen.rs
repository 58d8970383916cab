//! Connections: taken in, counted, given time limits, and ended in an orderly way.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use eventify::kernel::app::App;
use eventify::kernel::rate::network;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What one connection and one network may take.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Time for the headers of a request, from when the last one was answered: as long as an idle connection is kept. A
    /// little more than balancers keep theirs.
    pub headers: Duration,
    /// Connections of one network at once.
    pub per_network: usize,
}

impl Limits {
    /// As the settings say. Behind a proxy all connections are the proxy's.
    pub fn of(app: &App) -> Limits {
        let per_network = match app.config.trusted_proxies {
            0 => usize::try_from(app.config.connections).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        Limits { headers: Duration::from_secs(65), per_network }
    }
}

/// Serves until `stop`, then lets every connection finish what it is at.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let (counts, mut connections) = (Counts::default(), JoinSet::new());
    loop {
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            taken = listener.accept() => match taken {
                Ok(taken) => taken,
                Err(error) => {
                    not_taken(&error).await;
                    continue;
                }
            },
            Some(_) = connections.join_next() => continue,
        };
        match counts.take(peer.ip(), limits.per_network) {
            Some(seat) => {
                let one = connection(stream, peer, router.clone(), limits, stop.clone());
                connections.spawn(async move {
                    one.await;
                    drop(seat);
                });
            }
            None => turn_away(&stream),
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// A connection that broke before it was taken is nothing; without a free file descriptor it is better to wait.
async fn not_taken(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "could not take a connection");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn turn_away(stream: &TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\n\
        content-type: text/plain\r\ncontent-length: 43\r\n\r\nToo many connections came from your network";
    let _ = stream.try_write(ANSWER);
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, limits: Limits, stop: CancellationToken) {
    // Without it an answer in several pieces waits some 40 ms for the other side's delayed acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY on a connection");
    }
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

async fn answer(router: Router, peer: SocketAddr, request: Request<Incoming>) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

/// How many connections each network holds.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them; free again when it is dropped.
struct Seat(Counts, IpAddr);

impl Counts {
    fn take(&self, address: IpAddr, most: usize) -> Option<Seat> {
        let (network, mut counts) = (network(address), self.0.lock().ok()?);
        let count = counts.entry(network).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat(self.clone(), network))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Ok(mut counts) = self.0.0.lock() else { return };
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}
