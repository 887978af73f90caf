//! WebSockets by async-tungstenite: a server and its clients, on one thread.
//!
//! ```text
//! cargo run --example websocket_echo
//! ```
//!
//! A WebSocket begins as an HTTP request that asks for something else, and goes on as messages in
//! both directions over the same connection (RFC 6455). async-tungstenite does both over anything
//! that has futures-io's traits. Our `TcpStream` has them, so there is no adapter here: the stream
//! goes in as it is.
//!
//! What to see in the output:
//!
//! 1. Text, bytes, and a message of a million bytes that travels in many pieces. A ping is answered
//!    by the library, while the server waits for the next message.
//! 2. Fifty clients at the same time, each with a task of its own on the server's side.
//! 3. A message above the server's limit ends the connection instead of filling its memory.
//! 4. Saying good-bye: one side says why it leaves, the other confirms, and the stream ends on both.
#![forbid(unsafe_code)]

#[path = "support/accept.rs"]
mod accept;

use accept::until_stopped;
use async_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use async_tungstenite::tungstenite::http::StatusCode;
use async_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use async_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use async_tungstenite::tungstenite::{Error, Message};
use async_tungstenite::{WebSocketStream, accept_hdr_async_with_config, client_async};
use futures_lite::StreamExt;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::CancellationToken;
use runtime::task::JoinSet;
use runtime::time::{Duration, timeout};
use std::net::SocketAddr;

type Socket = WebSocketStream<TcpStream>;
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The longest message that the server takes, in bytes.
const MOST: usize = 1 << 20;

#[runtime::main]
async fn main() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("serving on ws://{address}/echo");
    let stop = CancellationToken::new();
    let server = runtime::spawn(until_stopped(listener, stop.clone(), connection));

    one_client(address).await?;
    fifty_clients(address).await?;
    too_long(address).await?;
    wrong_door(address).await?;

    stop.cancel();
    server.await?;
    println!("the server has ended");
    Ok(())
}

/// One connection: the handshake, then every message back to where it came from.
async fn connection(stream: TcpStream) {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MOST))
        .max_frame_size(Some(MOST));
    match accept_hdr_async_with_config(stream, at_the_door, Some(limits)).await {
        Ok(socket) => {
            if let Err(error) = echo(socket).await {
                eprintln!("connection: {error}");
            }
        }
        Err(error) => println!("  server: {error}"),
    }
}

/// Looks at the HTTP request with which a client asks for a WebSocket.
#[allow(clippy::result_large_err, reason = "tungstenite's signature")]
fn at_the_door(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() == "/echo" {
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(Some("there is only /echo here".to_owned()));
    *refusal.status_mut() = StatusCode::NOT_FOUND;
    Err(refusal)
}

async fn echo(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => socket.send(message).await?,
            Ok(_) => {} // pings and good-byes are answered by the library
            Err(Error::Capacity(error)) => {
                println!("  server: {error}");
                return show_out(socket).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Says why, and then listens to what the client had on its lips.
///
/// A socket that is closed with bytes unread makes the operating system *reset* the connection,
/// and a reset overtakes what was sent before it: the client would never read the reason.
async fn show_out(mut socket: Socket) -> Result<(), Error> {
    let why = CloseFrame {
        code: CloseCode::Size,
        reason: "that is too long".into(),
    };
    socket.close(Some(why)).await?;
    let mut stream = socket.into_inner();
    stream.shutdown().await?;
    let mut rest = stream.take(2 * MOST as u64);
    let mut scratch = [0; 4096];
    let listen = async { while rest.read(&mut scratch).await.is_ok_and(|n| n > 0) {} };
    drop(timeout(Duration::from_secs(5), listen).await);
    Ok(())
}

async fn connect(server: SocketAddr, path: &str) -> Result<Socket, Error> {
    let stream = TcpStream::connect(server).await?;
    let (socket, _response) = client_async(format!("ws://{server}{path}"), stream).await?;
    Ok(socket)
}

async fn one_client(server: SocketAddr) -> Outcome<()> {
    println!("one client:");
    let mut socket = connect(server, "/echo").await?;
    let messages = [
        Message::text("warp and weft"),
        Message::binary(vec![1, 2, 3]),
        Message::binary(vec![7; 1_000_000]),
        Message::Ping("are you there?".into()),
    ];
    for message in messages {
        socket.send(message.clone()).await?;
        let answer = socket.next().await.ok_or(Error::ConnectionClosed)??;
        println!("  {:33} -> {}", describe(&message), describe(&answer));
    }
    let farewell = CloseFrame {
        code: CloseCode::Normal,
        reason: "that was all".into(),
    };
    socket.close(Some(farewell)).await?;
    while let Some(last) = socket.next().await {
        println!("  good-bye, and the answer: {}", describe(&last?));
    }
    println!("  the stream has ended");
    Ok(())
}

async fn fifty_clients(server: SocketAddr) -> Outcome<()> {
    let mut clients = JoinSet::new();
    for number in 0..50 {
        clients.spawn(async move {
            let mut socket = connect(server, "/echo").await?;
            let mut right = 0;
            for round in 0..4 {
                let message = Message::text(format!("client {number}, round {round}"));
                socket.send(message.clone()).await?;
                right += usize::from(socket.next().await.transpose()? == Some(message));
            }
            socket.close(None).await?;
            while socket.next().await.transpose()?.is_some() {}
            Ok::<_, Error>(right)
        });
    }
    let mut right = 0;
    while let Some(client) = clients.join_next().await {
        right += client??;
    }
    println!("fifty clients: {right} of 200 messages came back");
    Ok(())
}

async fn too_long(server: SocketAddr) -> Outcome<()> {
    println!("a client with too much to say:");
    let mut socket = connect(server, "/echo").await?;
    socket.send(Message::binary(vec![0; MOST + 1])).await?;
    while let Some(Ok(answer)) = socket.next().await {
        println!("  client: {}", describe(&answer));
    }
    Ok(())
}

async fn wrong_door(server: SocketAddr) -> Outcome<()> {
    println!("a client at the wrong door:");
    if let Err(Error::Http(refusal)) = connect(server, "/somewhere").await {
        let words = refusal.body().as_deref().unwrap_or_default();
        println!(
            "  client: {}, {:?}",
            refusal.status(),
            String::from_utf8_lossy(words)
        );
    }
    Ok(())
}

fn describe(message: &Message) -> String {
    match message {
        Message::Text(text) => format!("text {:?}", text.as_str()),
        Message::Binary(bytes) if bytes.len() > 8 => format!("{} bytes", bytes.len()),
        Message::Binary(bytes) => format!("bytes {:?}", &bytes[..]),
        Message::Ping(bytes) => format!("ping {:?}", String::from_utf8_lossy(bytes)),
        Message::Pong(bytes) => format!("pong {:?}", String::from_utf8_lossy(bytes)),
        Message::Close(Some(why)) => {
            format!("closed, {}: {}", u16::from(why.code), why.reason.as_str())
        }
        Message::Close(None) => "closed".to_owned(),
        Message::Frame(_) => "a frame".to_owned(),
    }
}
