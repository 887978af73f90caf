//! The service in a test: on SQLite, and on PostgreSQL where there is one.

use std::cell::Cell;

use clap::Parser;
use serde_json::{Value, json};
use server::testing::{TestClient, TestResponse};
use tempfile::TempDir;

use super::super::database::Db;
use super::super::options::Options;
use super::super::service::Orders;
use super::super::{connect, job, routes, worker};

/// The service without workers: a test does the jobs itself, at the times that it wants.
pub(super) struct Shop {
    pub(super) client: TestClient,
    pub(super) orders: Orders,
    pub(super) folder: TempDir,
    /// How far the test has gone into the future, in milliseconds.
    later: Cell<i64>,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

/// The options of a command line.
pub(super) fn options(words: &[&str]) -> Options {
    Line::parse_from([&["server"], words].concat()).options
}

/// Runs a test with these options on each of the two databases.
pub(super) async fn each(words: &[&str], test: impl AsyncFn(Shop)) {
    let options = options(words);
    let (sqlite, url) = (
        Options {
            database_url: None,
            ..options.clone()
        },
        options.database_url,
    );
    test(Shop::open(&sqlite).await).await;
    let Some(url) = url else {
        println!("SKIPPED: orders in PostgreSQL: DATABASE_URL is not set, see .ci/postgres");
        return;
    };
    let schema = format!("test_{}_{}", std::process::id(), chance());
    ask(&url, &format!("CREATE SCHEMA {schema}")).await;
    let sign = if url.contains('?') { '&' } else { '?' };
    let database_url = format!("{url}{sign}options=-c%20search_path%3D{schema}");
    let postgres = Options {
        database_url: Some(database_url),
        ..sqlite
    };
    test(Shop::open(&postgres).await).await;
    ask(&url, &format!("DROP SCHEMA {schema} CASCADE")).await;
}

fn chance() -> u32 {
    fastrand::u32(..)
}

async fn ask(url: &str, sql: &str) {
    let client = connect::connect(&url.parse().unwrap()).await.unwrap();
    client.batch_execute(sql).await.unwrap();
}

impl Shop {
    async fn open(options: &Options) -> Self {
        let folder = TempDir::new().unwrap();
        let orders = Orders::open(folder.path(), options).await.unwrap();
        Shop {
            client: TestClient::new(routes::routes(orders.clone())),
            orders,
            folder,
            later: Cell::new(0),
        }
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> TestResponse {
        self.client.post(path).json(&body).await
    }

    pub(super) async fn order(&self, product: &str, quantity: i64) -> TestResponse {
        let new = json!({"customer": " Ada ", "product": product, "quantity": quantity});
        self.post("/orders", new).await
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.client.get(path).await.json().await
    }

    pub(super) async fn stock(&self, product: &str) -> i64 {
        self.get("/orders/metrics").await["stock"][product]
            .as_i64()
            .unwrap()
    }

    pub(super) fn now(&self) -> i64 {
        job::now() + self.later.get()
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.later.set(self.later.get() + seconds * 1000);
    }

    /// Does what is due, as a worker does.
    pub(super) async fn work(&self) {
        while worker::turn(&self.orders, "a test", self.now())
            .await
            .unwrap()
        {}
    }

    /// A statement of the test's own.
    pub(super) async fn sql(&self, sql: &'static str) {
        let ask = async move |db: Db<'_>| db.ask(sql, &[]).await.map(drop);
        self.orders.0.store.write(ask).await.unwrap();
    }
}
