//! Good clients that need more than a request and its answer: pipelining, WebSockets, streams.

use http::Request;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::time::{Duration, Instant, sleep, timeout};
use server::ws::{Message, WebSocket, WebSocketConfig, close_code, connect};

use crate::PATIENCE;
use crate::client::{Client, check, text};

/// Runs `work`, bounded in time, and counts it as one request.
async fn counted(
    client: &Client,
    method: &str,
    route: &'static str,
    work: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    let began = Instant::now();
    let outcome = timeout(PATIENCE, work).await;
    let outcome = outcome.unwrap_or_else(|_| Err("no answer in time".to_owned()));
    client.table.good(method, route, began.elapsed(), outcome)
}

/// Eight requests at once; their answers come in order.
pub(crate) async fn pipelined(client: &mut Client, _round: u64) -> Result<(), String> {
    let work = async {
        let mut stream = TcpStream::connect(client.address).await.map_err(text)?;
        let mut requests = String::new();
        for number in 0..8 {
            let end = if number == 7 {
                "Connection: close\r\n"
            } else {
                ""
            };
            requests += &format!(
                "POST /api/echo HTTP/1.1\r\nHost: soak\r\nContent-Length: 3\r\n{end}\r\n<{number}>"
            );
        }
        stream.write_all(requests.as_bytes()).await.map_err(text)?;
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.map_err(text)?;
        let places: Vec<_> = (0..8).map(|it| answers.find(&format!("<{it}>"))).collect();
        let all = places.iter().all(Option::is_some) && places.is_sorted();
        check(all, &format!("the answers are {answers:?}"))
    };
    counted(client, "POST", "/api/echo (pipelined)", work).await
}

async fn open(client: &Client, path: &str) -> Result<WebSocket, String> {
    let stream = TcpStream::connect(client.address).await.map_err(text)?;
    let request = Request::get(format!("ws://soak{path}")).body(());
    let request = request.map_err(text)?;
    let opened = connect(stream, request, WebSocketConfig::default()).await;
    Ok(opened.map_err(text)?.0)
}

async fn close(mut socket: WebSocket) -> Result<(), String> {
    socket.send(Message::Close(None)).await.map_err(text)?;
    while let Some(Ok(_)) = socket.recv().await {}
    Ok(())
}

async fn echo_at(client: &Client, path: &str, round: u64) -> Result<(), String> {
    let mut socket = open(client, path).await?;
    for number in 0..5 {
        let said = format!("{round}.{number} ").repeat(100 * number + 1);
        let message = match number % 2 {
            0 => Message::text(said),
            _ => Message::Binary(said.into()),
        };
        socket.send(message.clone()).await.map_err(text)?;
        let heard = socket.recv().await.ok_or("the socket has ended")?;
        check(heard.map_err(text)? == message, "another message")?;
    }
    close(socket).await
}

pub(crate) async fn echo(client: &mut Client, round: u64) -> Result<(), String> {
    counted(
        client,
        "GET",
        "/ws/echo",
        echo_at(client, "/ws/echo", round),
    )
    .await
}

pub(crate) async fn proxied_echo(client: &mut Client, round: u64) -> Result<(), String> {
    let work = echo_at(client, "/proxy/ws/echo", round);
    counted(client, "GET", "/proxy/… (WebSocket)", work).await
}

/// Two members: each hears what the other one says.
pub(crate) async fn chat(client: &mut Client, round: u64) -> Result<(), String> {
    let work = async {
        let mut one = enter(client, &format!("one-{round}")).await?;
        let mut two = enter(client, &format!("two-{round}")).await?;
        for (said, by_one) in [("from one", true), ("from two", false)] {
            let line = format!("{said} in {round}");
            let speaker = if by_one { &mut one } else { &mut two };
            speaker.send(Message::text(&line)).await.map_err(text)?;
            hear(&mut one, &line).await?;
            hear(&mut two, &line).await?;
        }
        close(one).await?;
        close(two).await
    };
    counted(client, "GET", "/ws/chat", work).await
}

/// Comes into the chat. The room lets in so many a second, and tells the others to come again (1013).
async fn enter(client: &Client, name: &str) -> Result<WebSocket, String> {
    for _ in 0..100 {
        let mut socket = open(client, &format!("/ws/chat?name={name}")).await?;
        match socket.recv().await.ok_or("the chat ended")?.map_err(text)? {
            Message::Close(Some(frame)) if frame.code == close_code::AGAIN => {
                sleep(Duration::from_millis(100)).await;
            }
            Message::Text(said) if said.contains("history") => return Ok(socket),
            other => return Err(format!("the chat began with {other:?}")),
        }
    }
    Err("the chat does not let this client in".to_owned())
}

/// Waits for a message with these words.
async fn hear(socket: &mut WebSocket, words: &str) -> Result<(), String> {
    while let Some(message) = socket.recv().await {
        if let Message::Text(said) = message.map_err(text)?
            && said.as_str().contains(words)
        {
            return Ok(());
        }
    }
    Err(format!("the chat ended before {words:?} was heard"))
}

/// The three streams of events, each until its first event; one of them through the proxy too.
pub(crate) async fn events(client: &mut Client, _round: u64) -> Result<(), String> {
    for (route, path) in [
        ("/events", "/events"),
        ("/api/live", "/api/live"),
        ("/lab/live", "/lab/live"),
        ("/proxy/… (events)", "/proxy/events"),
    ] {
        counted(client, "GET", route, first_event(client, path)).await?;
    }
    Ok(())
}

async fn first_event(client: &Client, path: &str) -> Result<(), String> {
    let mut stream = TcpStream::connect(client.address).await.map_err(text)?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: soak\r\nAccept: text/event-stream\r\n\r\n");
    stream.write_all(head.as_bytes()).await.map_err(text)?;
    let (mut heard, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut piece).await.map_err(text)?;
        check(length > 0, "the stream ended without an event")?;
        heard.extend_from_slice(&piece[..length]);
        let heard = String::from_utf8_lossy(&heard);
        let is_stream = heard.starts_with("HTTP/1.1 200");
        check(is_stream, &format!("no stream: {heard}"))?;
        if heard.contains("data:") {
            return Ok(());
        }
    }
}
