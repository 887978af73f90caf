//! A WebSocket that says what it hears, for `server/tests/autobahn.sh`: it serves until it is
//! killed, on the address that it is given.

#![forbid(unsafe_code)]

use runtime::net::TcpListener;
use server::Router;
use server::response::Response;
use server::routing::any;
use server::ws::{Message, WebSocket, WebSocketConfig, WebSocketUpgrade};

#[runtime::main]
async fn main() -> std::io::Result<()> {
    let addr = std::env::args().nth(1);
    let listener = TcpListener::bind(addr.as_deref().unwrap_or("127.0.0.1:9001")).await?;
    server::serve(listener, Router::new().route("/", any(upgrade))).await
}

async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    let mut config = WebSocketConfig::default();
    config.compression = true;
    upgrade.config(config).on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let is_data = matches!(message, Message::Text(_) | Message::Binary(_));
        if is_data && socket.send(message).await.is_err() {
            return;
        }
    }
}
