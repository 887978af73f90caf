//! WebSockets on Tokio's side without axum: tungstenite, and nothing above it.
//!
//! It is a little less work than a router that upgrades, and only when a connection opens. A message
//! is echoed as on the other sides: received whole, sent back, and flushed.
//!
//! tungstenite is given its best: by itself it fills 128 KiB with zeros before each read, and holds them
//! for each WebSocket. Here it reads by as much as Treadle's WebSocket does.

use super::{build, rt, serve};
use crate::kit::work::{Ports, READ_BUFFER};
use futures_util::{SinkExt, StreamExt};
use rt::net::TcpStream;
use std::io;
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Serves WebSockets on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let listener = serve::open(ready).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            rt::spawn(echo(stream));
        }
    })
}

async fn echo(stream: TcpStream) {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let Ok(mut socket) = accept_async_with_config(stream, Some(config)).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}
