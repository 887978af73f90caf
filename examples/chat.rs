//! A chat: WebSockets, the room that they share, and a client that does not read.
//!
//! ```text
//! cargo run --example chat -- 127.0.0.1:3000      serves ws://127.0.0.1:3000/chat/YOUR_NAME
//! new WebSocket("ws://127.0.0.1:3000/chat/ada").onmessage = (it) => console.log(it.data)   in a browser's console
//! cargo run --example chat                        three clients, in memory and on a paused clock
//! ```
//!
//! Each member is a task. It waits for two things at once: a message of its client, which goes to
//! the room, and a line of the room, which goes to its client. The room keeps the last sixteen lines
//! for its members (a broadcast channel). A member that misses one, or whose client takes no byte for
//! five seconds, leaves: the others neither wait for it nor fill the memory for it.
//!
//! What to see in the output:
//!
//! 1. Eve comes, and hears first what was before her. What Ada says both hear.
//! 2. A name that is taken is refused: 409.
//! 3. Dan does not read, and is out after five seconds. At the end the server tells its clients: 1001.
#![forbid(unsafe_code)]

use runtime::net::TcpListener;
use runtime::sync::broadcast::{Sender, channel};
use runtime::time::{Duration, sleep};
use server::extract::{Path, State};
use server::response::{IntoResponse, Response};
use server::testing::TestServer;
use server::ws::{Message, WebSocket, WebSocketConfig, WebSocketUpgrade};
use server::{Router, http::StatusCode, routing::any};
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
const PATIENCE: Duration = Duration::from_secs(5);

struct Room {
    names: RefCell<BTreeSet<String>>,
    history: RefCell<VecDeque<String>>,
    lines: Sender<String>,
}

/// A member's place in the room. When the seat is dropped, the member has left: also after an error, or an abort.
struct Seat {
    name: String,
    room: Rc<Room>,
}

impl Room {
    /// Tells all members.
    fn say(&self, line: String) {
        self.history.borrow_mut().push_front(line.clone());
        self.history.borrow_mut().truncate(3);
        drop(self.lines.send(line)); // An empty room is no error.
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.names.borrow_mut().remove(&self.name);
        self.room.say(format!("* {} has left", self.name));
    }
}

async fn join(
    State(room): State<Rc<Room>>,
    Path(name): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !room.names.borrow_mut().insert(name.clone()) {
        return (StatusCode::CONFLICT, "the name is taken").into_response();
    }
    let mut config = WebSocketConfig::default();
    config.write_timeout = PATIENCE;
    let (upgrade, seat) = (upgrade.config(config), Seat { name, room });
    upgrade.on_upgrade(|socket| async move { drop(member(socket, &seat).await) })
}

/// A member, until its client has gone or is too slow.
async fn member(mut socket: WebSocket, Seat { name, room }: &Seat) -> Outcome<()> {
    let history = room.history.borrow().clone();
    room.say(format!("* {name} has come"));
    let mut lines = room.lines.subscribe();
    for line in history.into_iter().rev() {
        socket.send(Message::text(line)).await?;
    }
    loop {
        runtime::select! {
            line = lines.recv() => socket.send(Message::text(line?)).await?,
            // Pings and close frames are answered by the socket.
            message = socket.recv() => if let Message::Text(text) = message.ok_or("gone")?? {
                room.say(format!("{name}: {text}"));
            },
        }
    }
}

fn app() -> Router {
    let room = Rc::new(Room {
        names: RefCell::default(),
        history: RefCell::default(),
        lines: channel(16).0,
    });
    Router::new()
        .route("/chat/{name}", any(join))
        .with_state(room)
}

#[runtime::main]
async fn main() -> Outcome<()> {
    match std::env::args().nth(1) {
        None => demonstrate().await,
        Some(at) => Ok(server::serve(TcpListener::bind(at).await?, app()).await?),
    }
}

async fn demonstrate() -> Outcome<()> {
    runtime::time::pause();
    let server = TestServer::builder().buffer(512).serve(app());
    let client = server.client();
    let join = async |name| client.get(&format!("/chat/{name}")).websocket().await;
    let mut ada = join("ada").await?;
    let mut eve = join("eve").await?;
    ada.send(Message::text("hello")).await?;
    for _ in 0..2 {
        println!("ada: {}", next(&mut ada).await?);
        println!("eve: {}", next(&mut eve).await?);
    }
    println!("a second ada: {}", join("ada").await.err().ok_or("joined")?);
    let _dan = join("dan").await?;
    for _ in 0..15 {
        ada.send(Message::text("and on ".repeat(9))).await?;
        let _ = (next(&mut ada).await?, next(&mut eve).await?); // Dan should hear it too.
    }
    println!("connections: {}", server.open_connections());
    sleep(PATIENCE).await;
    println!("connections: {}", server.open_connections());
    let stopped = server.shutdown();
    for _ in 0..3 {
        println!("eve: {}", next(&mut eve).await?);
    }
    stopped.await;
    Ok(())
}

/// What a client hears next.
async fn next(socket: &mut WebSocket) -> Outcome<String> {
    Ok(match socket.recv().await.ok_or("the end")?? {
        Message::Close(frame) => format!("closed: {}", frame.map_or(0, |frame| frame.code)),
        message => message.into_text()?.to_string(),
    })
}
