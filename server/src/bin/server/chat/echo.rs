//! `/ws/echo`: each message comes back as it was, text and bytes.
//!
//! The next message is read when the last one has been sent. So a client that does not read is not
//! read from either, and costs one message of memory. How many there may be is bounded, and so is the
//! time in which a client says nothing.

use std::sync::Arc;
use std::time::Duration;

use runtime::sync::Semaphore;
use runtime::time::timeout;
use server::extract::State;
use server::response::Response;
use server::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};

use crate::pages::Problem;

/// How many clients there may be at once.
pub(super) const CLIENTS: usize = 100;

/// Bytes of a message. A longer one ends the connection with the code 1009.
pub(super) const LONGEST: usize = 64 * 1024;

/// How long a client may say nothing.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// The places for clients that are free.
#[derive(Clone)]
pub(super) struct Places(pub(super) Arc<Semaphore>);

pub(super) async fn echo(
    State(Places(places)): State<Places>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let Ok(place) = places.try_acquire_owned() else {
        let full = "All places at the echo are taken. Come again in a minute.";
        return Err(Problem::unavailable(full, 60));
    };
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST);
    Ok(upgrade.on_upgrade(async move |mut socket| {
        send_back(&mut socket).await;
        drop(place);
    }))
}

async fn send_back(socket: &mut WebSocket) {
    loop {
        let answer = match timeout(SILENCE, socket.recv()).await {
            Ok(Some(Ok(message @ (Message::Text(_) | Message::Binary(_))))) => message,
            // The socket answers pings and close frames by itself.
            Ok(Some(Ok(_))) => continue,
            Ok(Some(Err(_)) | None) => return,
            Err(_) => break,
        };
        if socket.send(answer).await.is_err() {
            break;
        }
    }
    let (code, reason) = (close_code::NORMAL, "no message for a minute".into());
    let farewell = Message::Close(Some(CloseFrame { code, reason }));
    drop(socket.send(farewell).await);
    while let Some(Ok(_)) = socket.recv().await {}
}
