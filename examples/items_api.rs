//! A REST service on one page: items that can be listed, made, read and deleted.
//!
//! ```text
//! cargo run --example items_api -- 127.0.0.1:3000     serves until it is interrupted
//! curl -i 127.0.0.1:3000/items -H content-type:application/json -d '{"name":"wool","price":3}'
//! curl -i 127.0.0.1:3000/items/1
//! cargo run --example items_api                       shows itself, with a client in memory
//! ```
//!
//! The program is one that was written for axum and Tokio, with `axum` replaced by `server`
//! and `tokio` by `runtime`: routes with captures, state behind a lock, JSON in and out, a
//! refusal with a status of its own.
//!
//! What to see in the output of the demonstration:
//!
//! 1. An item is made: 201, with its place in `Location`.
//! 2. What is not JSON is refused with 400, and JSON that is no item with 422; a path without a number
//!    with 400. The handler does not run.
//! 3. A method that the path does not have gets 405, with those that it has.
#![forbid(unsafe_code)]

use runtime::net::TcpListener;
use runtime::sync::RwLock;
use serde::{Deserialize, Serialize};
use server::extract::{Path, Query, State};
use server::http::StatusCode;
use server::http::header::{CONTENT_TYPE, LOCATION};
use server::response::IntoResponse;
use server::testing::TestClient;
use server::{Json, Router, routing::get};
use std::collections::BTreeMap;
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
    after: Option<u64>,
    limit: Option<usize>,
}

async fn list(State(store): State<Shared>, Query(page): Query<Page>) -> Json<Vec<Numbered>> {
    let store = store.read().await;
    let items = store.items.range(page.after.unwrap_or(0) + 1..);
    let numbered = items.map(|(&id, item)| (id, item.clone()));
    let numbered = numbered.map(|(id, item)| Numbered { id, item });
    Json(numbered.take(page.limit.unwrap_or(10)).collect())
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
        .route("/items/{id}", get(one).delete(remove))
        .with_state(Shared::default())
}

/// Sends one request, and prints it with what is answered.
async fn ask(client: &TestClient, method: &str, path: &str, json: &'static str) {
    let method = method.parse().expect("a method");
    println!("{method} {path} {json}");
    let request = client.request(method, path).body(json);
    let response = request.header(CONTENT_TYPE, "application/json").await;
    println!("    {}", response.status());
    for name in ["location", "allow"] {
        if let Some(value) = response.header(name) {
            println!("    {name}: {value}");
        }
    }
    for line in response.text().await.lines() {
        println!("    {line}");
    }
}

async fn demonstrate() {
    let client = TestClient::new(app());
    let requests = [
        ("POST", "/items", r#"{"name":"wool","price":3}"#),
        ("POST", "/items", r#"{"name":"linen","price":5}"#),
        ("GET", "/items?after=1", ""),
        ("GET", "/items/1", ""),
        ("DELETE", "/items/1", ""),
        ("GET", "/items/1", ""),
        ("POST", "/items", r#"{"name":"#),
        ("POST", "/items", r#"{"name":"silk"}"#),
        ("GET", "/items/one", ""),
        ("PUT", "/items/1", ""),
    ];
    for (method, path, json) in requests {
        ask(&client, method, path, json).await;
    }
}

#[runtime::main]
async fn main() -> std::io::Result<()> {
    let Some(address) = std::env::args().nth(1) else {
        demonstrate().await;
        return Ok(());
    };
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    server::serve(listener, app()).await
}
