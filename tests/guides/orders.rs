// The order service of the guides, as one writes it for axum and Tokio: see `tests/guides.rs`.
// Orders are accepted at once. A worker behind a channel ships one after the other, and a client
// can wait until an order has been shipped.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, watch};

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Accepted,
    Shipped,
    Cancelled,
}

#[derive(Clone, Serialize)]
struct Order {
    id: u32,
    product: String,
    quantity: u32,
    status: Status,
}

#[derive(Deserialize)]
struct NewOrder {
    product: String,
    quantity: u32,
}

enum ApiError {
    NotFound(u32),
    Invalid(&'static str),
    TooLate,
    Busy,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            ApiError::NotFound(id) => (StatusCode::NOT_FOUND, format!("there is no order {id}")),
            ApiError::Invalid(why) => (StatusCode::UNPROCESSABLE_ENTITY, why.to_owned()),
            ApiError::TooLate => (StatusCode::CONFLICT, "it has been shipped".to_owned()),
            ApiError::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the warehouse is busy".to_owned(),
            ),
        };
        let body = serde_json::json!({ "error": text });
        (status, Json(body)).into_response()
    }
}

#[derive(Clone)]
struct Shop {
    orders: Arc<Mutex<BTreeMap<u32, Order>>>,
    warehouse: mpsc::Sender<u32>,
    shipped: watch::Receiver<u32>,
}

async fn place(
    State(shop): State<Shop>,
    Json(new): Json<NewOrder>,
) -> Result<(StatusCode, Json<Order>), ApiError> {
    if new.quantity == 0 {
        return Err(ApiError::Invalid("an order needs a quantity"));
    }
    let mut orders = shop.orders.lock().await;
    let id = orders.len() as u32 + 1;
    let place = shop.warehouse.try_reserve().map_err(|_| ApiError::Busy)?;
    let order = Order {
        id,
        product: new.product,
        quantity: new.quantity,
        status: Status::Accepted,
    };
    orders.insert(id, order.clone());
    place.send(id);
    Ok((StatusCode::CREATED, Json(order)))
}

async fn show(State(shop): State<Shop>, Path(id): Path<u32>) -> Result<Json<Order>, ApiError> {
    let orders = shop.orders.lock().await;
    orders
        .get(&id)
        .cloned()
        .map(Json)
        .ok_or(ApiError::NotFound(id))
}

/// Waits until the order has been shipped, for five seconds at most.
async fn wait(State(mut shop): State<Shop>, Path(id): Path<u32>) -> Result<Json<Order>, ApiError> {
    let shipped = shop.shipped.wait_for(|&last| last >= id);
    match tokio::time::timeout(Duration::from_secs(5), shipped).await {
        Ok(Ok(_)) => {}
        _ => return Err(ApiError::NotFound(id)),
    }
    show(State(shop), Path(id)).await
}

async fn cancel(State(shop): State<Shop>, Path(id): Path<u32>) -> Result<StatusCode, ApiError> {
    let mut orders = shop.orders.lock().await;
    let order = orders.get_mut(&id).ok_or(ApiError::NotFound(id))?;
    if order.status == Status::Shipped {
        return Err(ApiError::TooLate);
    }
    order.status = Status::Cancelled;
    Ok(StatusCode::NO_CONTENT)
}

/// Ships one order after the other, until all senders are gone.
async fn work(
    orders: Arc<Mutex<BTreeMap<u32, Order>>>,
    mut line: mpsc::Receiver<u32>,
    shipped: watch::Sender<u32>,
) {
    while let Some(id) = line.recv().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if let Some(order) = orders.lock().await.get_mut(&id) {
            order.status = Status::Shipped;
        }
        let _ = shipped.send(id);
    }
}

async fn served_by(request: axum::extract::Request, next: middleware::Next) -> Response {
    let mut response = next.run(request).await;
    let name = axum::http::HeaderValue::from_static("order service");
    response.headers_mut().insert("x-served-by", name);
    response
}

fn app(shop: Shop) -> Router {
    Router::new()
        .route("/orders", post(place))
        .route(ORDER, get(show).delete(cancel))
        .route(SHIPPED, get(wait))
        .layer(middleware::from_fn(served_by))
        .with_state(shop)
}

pub(crate) async fn run<F>(port: std::sync::mpsc::Sender<u16>, stop: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (warehouse, line) = mpsc::channel(8);
    let (shipping, shipped) = watch::channel(0);
    let orders = Arc::default();
    let worker = tokio::spawn(work(Arc::clone(&orders), line, shipping));
    let shop = Shop {
        orders,
        warehouse,
        shipped,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    port.send(listener.local_addr().unwrap().port()).unwrap();
    axum::serve(listener, app(shop))
        .with_graceful_shutdown(stop)
        .await
        .unwrap();
    worker.await.unwrap();
}
