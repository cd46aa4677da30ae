//! Connections: how many, how long a head may take, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How long a client may take for a request's head: slow ones must not fill the house.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long requests under way are waited for at the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves `router` to at most `limit` connections at once until `stop`, then finishes what is under way.
pub async fn serve(listener: TcpListener, router: Router, limit: usize, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limit));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let service = TowerToHyperService::new(router);
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = &mut stop => break,
        };
        let Ok(place) = place else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = stream.inspect_err(|error| tracing::warn!(%error, "a connection was not accepted"))
        else {
            // Out of file handles, mostly: others must end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that goes away is its own business.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
}
