//! A REST service on one page: items that can be listed, made, read, changed and deleted.
//!
//! ```text
//! cargo run --example items_api -- 127.0.0.1:3000     serves until it is interrupted
//! curl -i 127.0.0.1:3000/items -H content-type:application/json -d '{"name":"wool","price":3}'
//! curl -i 127.0.0.1:3000/items/1
//! cargo run --example items_api                       shows itself with a client of its own
//! ```
//!
//! The program is one that was written for axum and Tokio, with `axum` replaced by `server`
//! and `tokio` by `runtime`: routes with captures, state behind a lock, JSON in and out, a
//! refusal with a status of its own.
//!
//! What to see in the output of the demonstration:
//!
//! 1. An item is made: 201, with its place in `Location`.
//! 2. JSON that is none is refused with 400, and JSON that is no item with 422: the handler
//!    does not run.
//! 3. A path that captures no number is refused with 400.
//! 4. A method that the path does not have gets 405, with those that it has.
#![forbid(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::RwLock;
use serde::{Deserialize, Serialize};
use server::extract::{Path, Query, State};
use server::http::{StatusCode, header::LOCATION};
use server::response::IntoResponse;
use server::{Json, Router, routing::get};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// All items, by number.
#[derive(Default)]
struct Store {
    items: BTreeMap<u64, Item>,
    last: u64,
}

type Shared = Arc<RwLock<Store>>;

#[derive(Clone, Serialize, Deserialize)]
struct Item {
    name: String,
    price: u32,
}

/// An item with its number.
#[derive(Serialize)]
struct Numbered {
    id: u64,
    #[serde(flatten)]
    item: Item,
}

/// Which items a list has.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: u64,
    #[serde(default = "ten")]
    limit: usize,
}

fn ten() -> usize {
    10
}

async fn list(State(store): State<Shared>, Query(page): Query<Page>) -> Json<Vec<Numbered>> {
    let store = store.read().await;
    let items = store.items.range(page.after + 1..).take(page.limit);
    Json(
        items
            .map(|(id, item)| Numbered {
                id: *id,
                item: item.clone(),
            })
            .collect(),
    )
}

async fn create(State(store): State<Shared>, Json(item): Json<Item>) -> impl IntoResponse {
    let mut store = store.write().await;
    store.last += 1;
    let id = store.last;
    store.items.insert(id, item.clone());
    let place = [(LOCATION, format!("/items/{id}"))];
    (StatusCode::CREATED, place, Json(Numbered { id, item }))
}

async fn one(
    State(store): State<Shared>,
    Path(id): Path<u64>,
) -> Result<Json<Numbered>, StatusCode> {
    let store = store.read().await;
    let item = store.items.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(Numbered { id, item }))
}

async fn remove(State(store): State<Shared>, Path(id): Path<u64>) -> StatusCode {
    match store.write().await.items.remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

fn app() -> Router {
    Router::new()
        .route("/items", get(list).post(create))
        // The older way to write `{id}` is understood too.
        .route("/items/:id", get(one).delete(remove))
        .with_state(Shared::default())
}

/// Sends one request, and prints it with what is answered.
async fn ask(server: SocketAddr, method: &str, path: &str, json: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        json.len()
    );
    stream.write_all((head + json).as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    println!("{method} {path} {json}");
    println!("    {}", status.trim_start_matches("HTTP/1.1 "));
    for line in head.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("location") || line.starts_with("allow")
    }) {
        println!("    {line}");
    }
    if !body.is_empty() {
        println!("    {body}");
    }
    Ok(())
}

async fn demonstrate() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let here = listener.local_addr()?;
    runtime::spawn(async move { server::serve(listener, app()).await });

    ask(here, "POST", "/items", r#"{"name":"wool","price":3}"#).await?;
    ask(here, "POST", "/items", r#"{"name":"linen","price":5}"#).await?;
    ask(here, "GET", "/items?after=1", "").await?;
    ask(here, "GET", "/items/1", "").await?;
    ask(here, "DELETE", "/items/1", "").await?;
    ask(here, "GET", "/items/1", "").await?;
    ask(here, "POST", "/items", r#"{"name":"#).await?;
    ask(here, "POST", "/items", r#"{"name":"silk"}"#).await?;
    ask(here, "GET", "/items/one", "").await?;
    ask(here, "PUT", "/items/1", "").await
}

#[runtime::main]
async fn main() -> std::io::Result<()> {
    match std::env::args().nth(1) {
        None => demonstrate().await,
        Some(address) => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            server::serve(listener, app()).await
        }
    }
}
