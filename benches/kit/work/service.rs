//! A service as people write it: a router, extractors, a layer, JSON, a WebSocket.
//!
//! What a request costs beyond HTTP itself shows here: the route is looked up, the parameters are taken out
//! of the path, the handler's arguments and its answer are converted. The names are axum's on both
//! sides, so the peer is axum on Tokio, served as it comes (`axum::serve`) but where requests are pipelined
//! (`sides/axum.rs`).
//!
//! How one fools oneself: by a router of one route (the look-up costs nothing), by a handler without
//! arguments, by a layer on one side only, by a WebSocket that reads by other amounts than its peer
//! ([`READ_BUFFER`]).

use super::rt::net::TcpListener;
use super::web::body::Bytes;
use super::web::extract::ws::{WebSocket, WebSocketUpgrade};
use super::web::extract::{DefaultBodyLimit, Path, Request};
use super::web::middleware::{Next, from_fn};
use super::web::response::{IntoResponse, Response};
use super::web::routing::{get, post};
use super::web::serve::ListenerExt;
use super::web::{self, Json, Router};
use super::{build, serve as ports};
use crate::kit::work::{Ports, READ_BUFFER, TABLE};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::LazyLock;

/// A megabyte, to be downloaded.
static BIG: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(vec![b'x'; 1 << 20]));

/// Serves, on this thread for ever, three routes inside a layer; `ready` gets the two ports once they
/// listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve_routed(ready: impl FnOnce(Ports)) -> io::Result<()> {
    serve(ready, routed())
}

/// The three routes.
pub(crate) fn routed() -> Router {
    Router::new()
        .route("/", get(|| async { "Hello, World!" }))
        .route("/items", get(|| async { "none" }).post(|| async { "made" }))
        .route("/items/{id}", get(item))
        .layer(from_fn(pass))
}

/// The same with [`TABLE`] routes, each with a parameter.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve_table(ready: impl FnOnce(Ports)) -> io::Result<()> {
    let routes = (0..TABLE).fold(Router::new(), |app, nth| {
        app.route(&format!("/table/route{nth}/{{id}}"), get(item))
    });
    serve(ready, routes)
}

/// The same with what carries more than a few bytes: JSON, a megabyte in either direction, a WebSocket.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve_bodies(ready: impl FnOnce(Ports)) -> io::Result<()> {
    let app = Router::new()
        .route("/orders", post(order))
        .route(
            "/upload",
            post(|body: Bytes| async move { body.len().to_string() }),
        )
        .route("/download", get(|| async { BIG.clone() }))
        .route(
            "/ws",
            get(|upgrade: WebSocketUpgrade| async {
                upgrade.read_buffer_size(READ_BUFFER).on_upgrade(echo)
            }),
        )
        .route(
            "/ws_as_it_comes",
            get(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(echo) }),
        )
        .layer(DefaultBodyLimit::disable());
    serve(ready, app)
}

fn serve(ready: impl FnOnce(Ports), app: Router) -> io::Result<()> {
    build().block_on(async move {
        let listener: TcpListener = ports::open(ready).await?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        web::serve(listener, app).await
    })
}

/// A layer that does nothing but stand in the way.
async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

async fn item(Path(id): Path<u64>) -> impl IntoResponse {
    format!("item {id}")
}

#[derive(Deserialize)]
struct Order {
    customer: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    article: u64,
    count: u32,
}

#[derive(Serialize)]
struct Receipt {
    customer: String,
    articles: Vec<u64>,
    count: u32,
}

async fn order(Json(order): Json<Order>) -> Json<Receipt> {
    Json(Receipt {
        customer: order.customer,
        articles: order.lines.iter().map(|line| line.article).collect(),
        count: order.lines.iter().map(|line| line.count).sum(),
    })
}

/// Sends back what comes in.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}
