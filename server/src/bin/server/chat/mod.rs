//! A chat: one room, and a page to talk in.
//!
//! A browser opens a WebSocket at `/ws/chat?name=…`. The messages are JSON:
//!
//! | `kind` | what it says |
//! |---|---|
//! | `history` | the first one: `name`, `members`, and `lines`, the last fifty that were said |
//! | `join`, `leave`, `say` | a line of the room: `name`, `text`, `at` (milliseconds since 1970) |
//! | `refused` | what the client sent has not reached the room, and why |
//!
//! What a client sends is the plain text of a line.
//!
//! How it can go wrong, and what happens then:
//!
//! - A client does not read. Its lines must not fill the memory, and the others must not wait: it
//!   has to leave, after five seconds without a byte taken, or when it has missed a line.
//! - A name is taken. A browser does not show a script the status of a handshake that failed, so the
//!   handshake is done, and the close code says it: [`TAKEN`].
//! - Strangers come in and leave, again and again, so that the members have no time to hear what is said: the room lets in
//!   so many a second, and tells the others to come again (1013). The last fifty lines are those that were said.
//! - The room is full: 503, before anything is made for the newcomer.
//! - The server stops: each client gets a close frame with the code 1001, and comes again later.

mod echo;
mod member;
mod rate;
mod room;

use std::rc::Rc;
use std::sync::Arc;

use runtime::sync::Semaphore;
use serde::Deserialize;
use server::Router;
use server::extract::{Query, State};
use server::response::Response;
use server::routing::get;
use server::ws::close_code;
use server::ws::{CloseCode, CloseFrame, Message, WebSocket, WebSocketConfig, WebSocketUpgrade};

use crate::metrics::{Kind, Metrics, Text};
use crate::pages::{self, Problem};
use room::{Refusal, Room};

/// The close code of a name that is taken: 409 and 4000, as 4000 and above are an application's own.
const TAKEN: CloseCode = 4409;

/// Bytes of a message of a client: 500 characters of four bytes, and some blanks around them.
const LONGEST_MESSAGE: usize = 4 * 1024;

pub(crate) fn routes(metrics: &Metrics) -> Router {
    let room = Room::new();
    let places = echo::Places(Arc::new(Semaphore::new(echo::CLIENTS)));
    let (counted, free) = (room.clone(), places.clone());
    metrics.register(move |text| count(&counted, &free, text));
    Router::new()
        .route("/ws/chat", get(join).with_state(room))
        .route("/ws/echo", get(echo::echo).with_state(places))
        .route("/chat", get(page))
        .route("/assets/chat.js", pages::script(include_str!("page.js")))
}

async fn page() -> Response {
    pages::page("Chat", include_str!("page.html"), Some("/assets/chat.js"))
}

#[derive(Deserialize)]
struct Newcomer {
    name: String,
}

async fn join(
    State(room): State<Rc<Room>>,
    Query(Newcomer { name }): Query<Newcomer>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    if !room::is_name(&name) {
        return Err(Problem::bad_request(
            "A name has 1 to 32 visible characters, and no blank at its ends. Choose another one.",
        ));
    }
    if room.is_full() {
        let full = "The room is full. Come again in a minute.";
        return Err(Problem::unavailable(full, 60));
    }
    let mut config = WebSocketConfig::default();
    config.max_message_size = LONGEST_MESSAGE;
    config.max_frame_size = LONGEST_MESSAGE;
    config.write_timeout = member::PATIENCE;
    let upgrade = upgrade.config(config);
    Ok(upgrade.on_upgrade(async move |mut socket| visit(&room, &name, &mut socket).await))
}

/// A client's stay, from its handshake to the end of its connection.
async fn visit(room: &Rc<Room>, name: &str, socket: &mut WebSocket) {
    let farewell = match room.enter(name) {
        Ok((seat, first, lines)) => {
            let end = member::member(socket, &seat, first, lines).await;
            end.farewell().map(|(message, why)| {
                room.count_dropped(why);
                message
            })
        }
        Err(refusal) => Some(refused(refusal)),
    };
    if let Some(farewell) = farewell {
        drop(socket.send(farewell).await);
    }
    // What is still to be said goes out, and the client's answer is awaited, for a bounded time.
    while let Some(Ok(_)) = socket.recv().await {}
}

fn refused(refusal: Refusal) -> Message {
    let (code, reason) = match refusal {
        Refusal::Taken => (TAKEN, "the name is taken"),
        Refusal::Full => (close_code::AGAIN, "the room is full"),
        Refusal::TooMany => (close_code::AGAIN, "too many come in at once"),
    };
    let reason = reason.into();
    Message::Close(Some(CloseFrame { code, reason }))
}

/// The numbers of the chat and of the echo.
fn count(room: &Room, places: &echo::Places, text: &mut Text) {
    text.single(
        "chat_members",
        Kind::Gauge,
        "Members in the room.",
        room.members(),
    );
    text.single(
        "chat_messages_total",
        Kind::Counter,
        "Lines that members have said.",
        room.said.get(),
    );
    let name = "chat_dropped_total";
    text.family(name, Kind::Counter, "Members that had to leave.");
    for (why, count) in &*room.dropped.borrow() {
        text.sample(name, &[("reason", why)], count);
    }
    text.single(
        "echo_clients",
        Kind::Gauge,
        "Clients of the WebSocket that echoes.",
        echo::CLIENTS - places.0.available_permits(),
    );
}

#[cfg(test)]
mod tests;
