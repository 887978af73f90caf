//! axum's router on Treadle: routes, extractors and state, behind hyper on our sockets.
//!
//! ```text
//! cargo run --example axum_router
//! ```
//!
//! axum is three things: a router, extractors that take a request apart, and a server. The server
//! is Tokio's affair; the other two are plain code that needs no runtime. So axum is taken here
//! without the features that bring Tokio in, and hyper serves its `Router` through the adapter in
//! `examples/support/hyper_io.rs`.
//!
//! There is one seam. axum was made for many threads: what is in a router, its state and the
//! futures of its handlers have to be `Send`, and our sleeps, sockets and locks are not. A handler
//! that touches none of them is written as ever, with an `Arc<Mutex>` around what it shares. One
//! that does wraps its body in a `SendWrapper`, which says `Send` to the compiler and panics if it
//! ever finds itself on another thread. It never does: there is one.
//!
//! What to see in the output:
//!
//! 1. Path, query and body are taken apart; JSON goes in and comes out.
//! 2. A body that does not fit is refused by the extractor, with the reason, before the handler is
//!    called.
//! 3. `/nap` waits on our timer wheel, from within a handler of axum's.
//! 4. A middleware has seen every request, those that went astray too.
#![forbid(unsafe_code)]

#[path = "support/accept.rs"]
mod accept;
#[path = "support/hyper_io.rs"]
mod hyper_io;

use accept::until_stopped;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper::server::conn::http1;
use hyper_io::{Clock, Io};
use hyper_util::service::TowerToHyperService;
use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::CancellationToken;
use runtime::time::{Duration, sleep};
use send_wrapper::SendWrapper;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// A spool of thread, as clients send and get it.
#[derive(Clone, Deserialize, Serialize)]
struct Spool {
    colour: String,
    metres: u32,
}

/// What the handlers share. axum asks for `Send`, hence the `Arc` and what is in it.
#[derive(Clone, Default)]
struct Store {
    spools: Arc<Mutex<Vec<Spool>>>,
    requests: Arc<AtomicU32>,
}

#[runtime::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("serving on {address}");
    let (store, stop) = (Store::default(), CancellationToken::new());
    let router = router(store.clone());
    let connection = move |stream| connection(stream, router.clone());
    let server = runtime::spawn(until_stopped(listener, stop.clone(), connection));

    for (request, body) in [
        ("POST /spools", r#"{"colour":"red","metres":30}"#),
        ("POST /spools", r#"{"colour":"blue","metres":7}"#),
        ("POST /spools", r#"{"colour":"green","metres":"many"}"#),
        ("GET /spools/1", ""),
        ("GET /spools/9", ""),
        ("GET /spools/one", ""),
        ("GET /spools?at_least=10", ""),
        ("GET /nap/20", ""),
        ("GET /nowhere", ""),
        ("DELETE /spools", ""),
    ] {
        let (status, answer) = ask(address, request, body).await?;
        println!("{request:24} {status}");
        if !answer.is_empty() {
            println!("  {answer}");
        }
    }

    stop.cancel();
    server.await?;
    let requests = store.requests.load(Ordering::Relaxed);
    println!("the server has ended, after {requests} requests");
    Ok(())
}

fn router(store: Store) -> Router {
    Router::new()
        .route("/spools", post(add).get(list))
        .route("/spools/{number}", get(one))
        .route("/nap/{milliseconds}", get(nap))
        .layer(from_fn_with_state(store.clone(), count))
        .with_state(store)
}

async fn add(State(store): State<Store>, Json(spool): Json<Spool>) -> (StatusCode, String) {
    let mut spools = store.spools.lock().unwrap();
    spools.push(spool);
    (StatusCode::CREATED, format!("spool {}", spools.len() - 1))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    at_least: u32,
}

async fn list(State(store): State<Store>, Query(wanted): Query<Wanted>) -> Json<Vec<Spool>> {
    let mut spools = store.spools.lock().unwrap().clone();
    spools.retain(|it| it.metres >= wanted.at_least);
    Json(spools)
}

async fn one(
    State(store): State<Store>,
    Path(number): Path<usize>,
) -> Result<Json<Spool>, StatusCode> {
    let spools = store.spools.lock().unwrap();
    spools
        .get(number)
        .cloned()
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

/// A handler that needs something of ours: the sleep is not `Send`, and in its wrapper it may be.
async fn nap(Path(milliseconds): Path<u64>) -> String {
    let nap = async move {
        sleep(Duration::from_millis(milliseconds.min(1000))).await;
        "well rested".to_owned()
    };
    SendWrapper::new(nap).await
}

async fn count(State(store): State<Store>, request: Request, next: Next) -> Response {
    store.requests.fetch_add(1, Ordering::Relaxed);
    next.run(request).await
}

/// hyper reads the requests of one connection, the router answers them.
async fn connection(stream: TcpStream, router: Router) {
    let served = http1::Builder::new()
        .timer(Clock)
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(Io(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = served {
        eprintln!("connection: {error}");
    }
}

/// One request on a connection of its own, written by hand; the status and the body that came.
async fn ask(server: SocketAddr, what: &str, body: &str) -> io::Result<(String, String)> {
    let length = body.len();
    let request = format!(
        "{what} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    let status = status.strip_prefix("HTTP/1.1 ").unwrap_or(status);
    Ok((status.to_owned(), body.to_owned()))
}
