use serde_json::{Value, json};
use server::testing::{TestClient, TestResponse};
use tempfile::TempDir;

use super::*;
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

/// As the command line says, without the environment's database.
fn options(words: &[&str]) -> Options {
    let line = Line::parse_from([&["server"], words].concat());
    Options {
        database_url: None,
        ..line.options
    }
}

/// The service without workers: a test does the jobs itself.
async fn service(words: &[&str]) -> (TestClient, Orders, TempDir) {
    let folder = TempDir::new().unwrap();
    let orders = Orders::open(folder.path(), &options(words)).await.unwrap();
    (
        TestClient::new(routes::routes(orders.clone())),
        orders,
        folder,
    )
}

async fn order(client: &TestClient, product: &str, quantity: i64) -> TestResponse {
    let new = json!({"customer": " Ada ", "product": product, "quantity": quantity});
    client.post("/orders").json(&new).await
}

async fn get(client: &TestClient, path: &str) -> Value {
    client.get(path).await.json().await
}

/// Does what is due now.
async fn work(orders: &Orders) {
    while worker::turn(orders, "a test").await.unwrap() {}
}

#[runtime::test]
async fn an_order_is_accepted_and_its_jobs_are_done() {
    let (client, orders, folder) = service(&[]).await;
    let made = order(&client, "warp", 3).await;
    assert_eq!(made.status(), 201);
    assert_eq!(made.header("location"), Some("/orders/1"));
    let made: Value = made.json().await;
    assert_eq!(made["customer"], "Ada");
    assert_eq!(made["status"], "pending");
    assert_eq!(get(&client, "/orders/jobs").await["counts"]["queued"], 3);

    work(&orders).await;
    assert_eq!(get(&client, "/orders/1").await["status"], "processing");
    let numbers = get(&client, "/orders/metrics").await;
    assert_eq!(numbers["stock"]["warp"], 999_997);
    assert_eq!(
        numbers["jobs"]["done"],
        json!({"process": 1, "inventory": 1, "notify": 1})
    );
    assert_eq!(
        numbers["waiting"],
        json!({"queued": 0, "running": 0, "dead": 0})
    );
    let told = std::fs::read_to_string(folder.path().join("notifications.log")).unwrap();
    let told: Value = serde_json::from_str(told.trim_end()).unwrap();
    assert_eq!(told["key"], "order-1-accepted");
    assert_eq!(get(&client, "/orders").await.as_array().unwrap().len(), 1);
}
