// The REST service of the guides, as one writes it for axum: see `tests/guides.rs`.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Json, Router, routing::get};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::RwLock;

#[derive(Clone, Serialize)]
struct Item {
    id: u64,
    name: String,
    price: Option<u32>,
}

#[derive(Deserialize)]
struct NewItem {
    name: String,
    price: Option<u32>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

type Items = Arc<RwLock<HashMap<u64, Item>>>;

async fn list(State(items): State<Items>, Query(page): Query<Page>) -> Json<Vec<Item>> {
    let items = items.read().await;
    let mut all: Vec<Item> = items.values().cloned().collect();
    all.sort_by_key(|item| item.id);
    let limit = page.limit.unwrap_or(10);
    Json(all.into_iter().skip(page.offset).take(limit).collect())
}

async fn create(State(items): State<Items>, Json(new): Json<NewItem>) -> impl IntoResponse {
    let mut items = items.write().await;
    let id = items.keys().max().map_or(1, |last| last + 1);
    let item = Item {
        id,
        name: new.name,
        price: new.price,
    };
    items.insert(id, item.clone());
    (
        StatusCode::CREATED,
        [("location", format!("/items/{id}"))],
        Json(item),
    )
}

async fn one(Path(id): Path<u64>, State(items): State<Items>) -> Result<Json<Item>, StatusCode> {
    let items = items.read().await;
    items
        .get(&id)
        .cloned()
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

async fn remove(Path(id): Path<u64>, State(items): State<Items>) -> StatusCode {
    match items.write().await.remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

fn app() -> Router {
    let state = Items::default();
    Router::new()
        .route("/items", get(list).post(create))
        .route(ITEM, get(one).delete(remove))
        .with_state(state)
}

pub(crate) async fn run<F>(port: std::sync::mpsc::Sender<u16>, stop: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    port.send(listener.local_addr().unwrap().port()).unwrap();
    axum::serve(listener, app())
        .with_graceful_shutdown(stop)
        .await
        .unwrap();
}
