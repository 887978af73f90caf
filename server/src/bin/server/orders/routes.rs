//! The requests of this service.

use http::header::{HeaderName, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use server::extract::{DefaultBodyLimit, Path, State};
use server::middleware::DetachLayer;
use server::response::{IntoResponse, Response};
use server::routing::{get, post};
use server::{Json, Router};

use super::error::Error;
use super::job::now;
use super::order::{NewOrder, Order, Status};
use super::outbox::{Listing, Shown};
use super::service::Orders;
use crate::object::Object;
use crate::pages::{page, script};

/// How many bytes an order may have in a request.
const MOST: usize = 4096;

pub(crate) fn routes(orders: Orders) -> Router {
    // What was accepted runs to its end, also when its client has left.
    let detached = DetachLayer::new();
    Router::new()
        .route("/orders", get(newest).merge(post(create).layer(detached)))
        .route("/orders/{id}", get(find))
        .route("/orders/{id}/status", post(set_status).layer(detached))
        .route("/orders/jobs", get(jobs))
        .route("/orders/jobs/{id}/retry", post(retry))
        .route("/orders/health", get(health))
        .route("/orders/metrics", get(metrics))
        .route("/orders/page", get(form))
        .route("/assets/orders.js", script(include_str!("page.js")))
        .layer(DefaultBodyLimit::max(MOST))
        .with_state(orders)
}

async fn newest(State(orders): State<Orders>) -> Result<Json<Vec<Order>>, Error> {
    orders.newest().await.map(Json)
}

async fn create(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Json(Object(new)): Json<Object<NewOrder>>,
) -> Result<Response, Error> {
    let key = key(&headers)?;
    let new = new.checked()?;
    let order = orders.create(new, key).await?;
    let location = [(LOCATION, format!("/orders/{}", order.id))];
    Ok((StatusCode::CREATED, location, Json(order)).into_response())
}

/// The client's name for its request, if it gave one.
fn key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    const LONGEST: usize = 100;
    let wrong = || {
        let text = format!("An Idempotency-Key has 1 to {LONGEST} visible ASCII characters.");
        Error::Refused(StatusCode::BAD_REQUEST, text)
    };
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let key = key.to_str().map_err(|_| wrong())?;
    let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    let is_fine = is_visible && (1..=LONGEST).contains(&key.len()) && keys.next().is_none();
    is_fine.then(|| Some(key.to_owned())).ok_or_else(wrong)
}

async fn find(State(orders): State<Orders>, Path(id): Path<i64>) -> Result<Response, Error> {
    const FROM: HeaderName = HeaderName::from_static("x-cache");
    let (order, is_hit) = orders.find(id).await?;
    let from = [(FROM, if is_hit { "hit" } else { "miss" })];
    Ok((from, Json(order)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    status: Status,
}

async fn set_status(
    State(orders): State<Orders>,
    Path(id): Path<i64>,
    Json(Object(NewStatus { status })): Json<Object<NewStatus>>,
) -> Result<Json<Order>, Error> {
    orders.set_status(id, status).await.map(Json)
}

async fn jobs(State(orders): State<Orders>) -> Result<Json<Listing>, Error> {
    orders.jobs().await.map(Json)
}

async fn retry(State(orders): State<Orders>, Path(id): Path<i64>) -> Result<Json<Shown>, Error> {
    orders.retry(id).await.map(Json)
}

/// Whether orders can be taken: the database is asked.
async fn health(State(orders): State<Orders>) -> Result<Json<Value>, Error> {
    orders.ping().await?;
    Ok(Json(json!({ "status": "ok", "timestamp": now() })))
}

async fn metrics(State(orders): State<Orders>) -> Result<Json<Value>, Error> {
    orders.metrics().await.map(Json)
}

async fn form() -> Response {
    page(
        "Orders",
        include_str!("page.html"),
        Some("/assets/orders.js"),
    )
}
