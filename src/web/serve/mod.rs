//! The listener: takes connections, in plain HTTP or TLS, sends away whoever is too slow, and stops in good order.

pub mod authority;
pub mod names;
pub mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum_server::accept::Accept;
use axum_server::service::SendService;
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;

use super::background::{background, every};
use super::settings::Patience;
use super::{App, router};
pub use tls::{Ready, Source, Tls, TlsError};

/// How often certificates are looked at again.
const RENEWING: Duration = Duration::from_secs(6 * 3600);
/// How long background work may take to end.
const BACKGROUND_END: Duration = Duration::from_secs(10);
/// Requests that one HTTP/2 connection may have under way.
const STREAMS: u32 = 128;
/// A head of a request: at most 64 KB.
const HEAD_BYTES: u32 = 64 * 1024;

/// Answers on `listener` until `stop` comes back; then takes no more, finishes what is under way, and comes back. If
/// `stop` is asked for twice, what is under way is dropped.
///
/// # Errors
/// When the listener cannot be used.
pub async fn run<S, F>(app: App, listener: TcpListener, tls: Option<Ready>, stop: S) -> io::Result<()>
where
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let handle = Handle::<SocketAddr>::new();
    let patience = app.settings().patience;
    let behind = tokio::spawn(background(app.clone()));
    let renewing = tls.clone().map(|tls| tokio::spawn(renew(app.clone(), tls)));
    let watching = tokio::spawn(watch(app.clone(), handle.clone(), stop));
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();

    let served = match tls {
        Some(tls) => {
            let server = axum_server::from_tcp_rustls(listener, tls.config)?;
            tuned(server, patience).handle(handle).serve(service).await
        }
        None => tuned(axum_server::from_tcp(listener)?, patience).handle(handle).serve(service).await,
    };
    app.stop();
    watching.abort();
    if let Some(renewing) = renewing {
        renewing.abort();
    }
    if tokio::time::timeout(BACKGROUND_END, behind).await.is_err() {
        tracing::warn!("background work did not end in time");
    }
    app.drain().await;
    served
}

/// Begins the orderly stop when it is asked for, and the disorderly one when it is asked for again.
async fn watch<S, F>(app: App, handle: Handle<SocketAddr>, stop: S)
where
    S: Fn() -> F,
    F: Future<Output = ()>,
{
    stop().await;
    tracing::info!("stopping");
    app.stop();
    handle.graceful_shutdown(Some(app.settings().patience.stop));
    stop().await;
    handle.shutdown();
}

async fn renew(app: App, tls: Ready) {
    let renew = |app: App| {
        tls.renew(app.base().now().day());
        std::future::ready(())
    };
    every(app, RENEWING, renew).await;
}

/// Sends away whoever is too slow to say what they want, and bounds what one connection may take.
fn tuned<A>(mut server: Server<SocketAddr, A>, patience: Patience) -> Server<SocketAddr, A>
where
    A: Accept<TcpStream, axum::Router> + Clone + Send + Sync + 'static,
    A::Service: SendService<axum::http::Request<hyper::body::Incoming>>,
{
    let builder = server.http_builder();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES)
        .keep_alive_interval(patience.head)
        .keep_alive_timeout(patience.head);
    server.first_request_timeout(patience.head)
}
