use http::StatusCode;
use runtime::io::AsyncWriteExt;
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep};
use serde_json::{Value, json};
use server::middleware::from_fn;
use server::testing::{TestClient, TestResponse, TestServer};

use super::*;

mod calls;
mod page;
mod tasks;

const SECOND: Duration = Duration::from_secs(1);

struct Opened {
    server: TestServer,
    client: TestClient,
    background: Background,
}

fn opened() -> Opened {
    let background = Background::new();
    let router = routes(&background).layer(from_fn(pages::negotiate));
    let server = TestServer::new(router);
    let client = server.client();
    Opened {
        server,
        client,
        background,
    }
}

impl Opened {
    async fn post(&self, path: &str) -> TestResponse {
        self.client.post(path).await
    }

    async fn set(&self, path: &str, settings: Value) -> StatusCode {
        self.client.post(path).json(&settings).await.status()
    }

    async fn state(&self, demo: &str) -> Value {
        let mut state: Value = self.client.get("/lab/state").await.json().await;
        state[demo].take()
    }

    /// Sends this request by a client of its own, and does not wait for it.
    fn send(&self, requests: &mut JoinSet<Value>, path: &'static str) {
        let client = self.server.client();
        requests.spawn(async move { client.post(path).await.json().await });
    }
}
