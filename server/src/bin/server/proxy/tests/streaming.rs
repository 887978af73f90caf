//! What flows for long: events, uploads, downloads, WebSockets.

use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

use futures_lite::stream;
use runtime::time::{Instant, interval, sleep};
use server::body::{Body, Bytes};
use server::response::sse::{Event, Sse};
use server::ws::{Message, WebSocket, WebSocketUpgrade};

use super::*;

#[runtime::test(start_paused = true)]
async fn events_arrive_one_by_one() {
    let app = Router::new().fallback(async || {
        let mut ticks = interval(Duration::from_secs(20));
        Sse::new(stream::poll_fn(move |cx| {
            let tick = ticks.poll_tick(cx);
            tick.map(|_| Some(Ok::<_, Infallible>(Event::default().data("tick"))))
        }))
    });
    let site = site("", vec![in_memory(app)]);
    let begun = Instant::now();
    let mut response = site.get("/proxy/ticks").await;
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    for number in 0..5 {
        let event = response.read_until("\n\n").await.unwrap();
        assert_eq!(event, "data: tick\n\n");
        assert_eq!(begun.elapsed(), Duration::from_secs(20 * number));
    }
    assert_eq!(site.backends[0].in_use(), 1);
}

/// Pieces without end, and how many were taken.
fn endless() -> (Body, Rc<Cell<u64>>) {
    let taken = Rc::new(Cell::new(0));
    let counted = taken.clone();
    let pieces = stream::repeat_with(move || {
        counted.set(counted.get() + 1024);
        Ok::<_, Infallible>(Bytes::from(vec![b'x'; 1024]))
    });
    (Body::from_stream(pieces), taken)
}

/// More than all buffers on the way hold together.
const BOUND: u64 = 1024 * 1024;

#[runtime::test(start_paused = true)]
async fn a_backend_that_does_not_read_makes_the_upload_wait() {
    let (backend, mut backstage) = by_hand();
    let line = "--backend-body-timeout 100 --backend-max-body 1000000000000";
    let site = site(line, vec![backend]);
    let (body, taken) = endless();
    let asked = runtime::spawn(site.client.put("/proxy/").body(body).send());
    let mut hand = backstage.accept().await;
    hand.head().await;
    sleep(Duration::from_secs(5)).await;
    let before = taken.get();
    assert!(before < BOUND, "{before}");
    hand.read(8 * ROOM).await;
    sleep(Duration::from_secs(5)).await;
    let after = taken.get();
    assert!(before < after && after < BOUND, "{before} {after}");
    // It takes nothing for too long.
    let response = asked.await.unwrap().unwrap();
    assert_eq!(response.status(), 504);
}

#[runtime::test(start_paused = true)]
async fn a_client_that_does_not_read_makes_the_download_wait() {
    let (body, taken) = endless();
    let body = Rc::new(Cell::new(Some(body)));
    let app = Router::new().fallback(async move || body.take().unwrap());
    let site = site("", vec![in_memory(app)]);
    let mut client = Hand::of(&site);
    client.say("GET /proxy/ HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_secs(5)).await;
    let before = taken.get();
    assert!(before < BOUND, "{before}");
    client.read(64 * 1024).await;
    sleep(Duration::from_secs(5)).await;
    let after = taken.get();
    assert!(before < after && after < BOUND, "{before} {after}");
    drop(client);
    sleep(Duration::from_secs(60)).await;
    assert_eq!((site.backends[0].in_use(), site.backends[0].idle()), (0, 0));
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.protocols(["echo"]);
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

#[runtime::test(start_paused = true)]
async fn a_websocket_passes_through_with_its_end() {
    let site = site("", vec![in_memory(Router::new().route("/ws", any(echo)))]);
    let request = site
        .get("/proxy/ws")
        .header("sec-websocket-protocol", "echo");
    let mut socket = request.websocket().await.unwrap();
    assert_eq!(socket.protocol().unwrap(), "echo");
    for text in ["one".to_owned(), "two".repeat(100_000)] {
        let message = Message::text(text);
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), message);
    }
    let backend = &site.backends[0];
    assert_eq!((backend.in_use(), backend.idle()), (1, 0));
    socket.send(Message::Close(None)).await.unwrap();
    assert!(matches!(
        socket.recv().await,
        Some(Ok(Message::Close(None)))
    ));
    drop(socket);
    sleep(Duration::from_secs(1)).await;
    assert_eq!((backend.in_use(), backend.idle()), (0, 0));
    assert_eq!(backend.counts.failures.get(), 0);
}

#[runtime::test(start_paused = true)]
async fn websockets_leave_connections_for_requests() {
    let app = Router::new()
        .route("/ws", any(echo))
        .fallback(async || "ok");
    let site = site(
        "--backend-connections 3 --backend-tunnels 2",
        vec![in_memory(app)],
    );
    let ask = || site.get("/proxy/ws").websocket();
    let (one, _two) = (ask().await.unwrap(), ask().await.unwrap());
    assert!(ask().await.unwrap_err().to_string().contains("503"));
    assert_eq!(site.get("/proxy/").await.status(), 200);
    drop(one);
    sleep(Duration::from_secs(1)).await;
    ask().await.unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_backend_may_refuse_a_websocket() {
    let app = Router::new().fallback(async || StatusCode::FORBIDDEN);
    let site = site("", vec![in_memory(app)]);
    assert!(site.get("/proxy/ws").websocket().await.is_err());
    let backend = &site.backends[0];
    assert_eq!(backend.counts.requests.get(), 1);
    assert_eq!((backend.in_use(), backend.idle()), (0, 1));
}

const UPGRADE: &str = "GET /proxy/ HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n";
const SWITCH: &str =
    "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX-Mine: 1\r\n\r\n";

/// A tunnel, from a client by hand to a backend by hand.
async fn tunnel(line: &str) -> (Site, Hand<TestStream>, Hand) {
    let (backend, mut backstage) = by_hand();
    let site = site(line, vec![backend]);
    let mut client = Hand::of(&site);
    client
        .say(&format!("{UPGRADE}Upgrade: websocket\r\n\r\n"))
        .await;
    let mut hand = backstage.accept().await;
    let head = hand.head().await;
    assert!(head.contains("upgrade: websocket\r\n"), "{head}");
    assert!(head.contains("connection: upgrade\r\n"), "{head}");
    hand.say(&format!("{SWITCH}early")).await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("x-mine: 1\r\n"), "{head}");
    assert_eq!(client.read(5).await, "early");
    (site, client, hand)
}

/// RFC 9110, section 7.8: the new protocol begins behind the whole request, and the field may be ignored.
#[runtime::test(start_paused = true)]
async fn a_request_with_a_body_is_no_tunnel() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let mut client = Hand::of(&site);
    let body = "Upgrade: websocket\r\nContent-Length: 5\r\n\r\nhello";
    client.say(&format!("{UPGRADE}{body}")).await;
    let mut hand = backstage.accept().await;
    let head = hand.head().await;
    assert!(!head.contains("upgrade"), "{head}");
    assert_eq!(hand.read(5).await, "hello");
    hand.say("HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 426 "));
}

#[runtime::test(start_paused = true)]
async fn one_end_of_a_tunnel_may_close_while_the_other_still_speaks() {
    let (site, mut client, mut hand) = tunnel("").await;
    client.say("last words").await;
    client.0.shutdown().await.unwrap();
    assert_eq!(hand.rest().await, "last words");
    hand.say("answer").await;
    assert_eq!(client.read(6).await, "answer");
    hand.0.shutdown().await.unwrap();
    assert_eq!(client.rest().await, "");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(site.backends[0].in_use(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_tunnel_that_is_silent_for_too_long_is_closed() {
    let (site, mut client, mut hand) = tunnel("--backend-tunnel-timeout 30").await;
    for _ in 0..3 {
        sleep(Duration::from_secs(20)).await;
        hand.say("x").await;
        assert_eq!(client.read(1).await, "x");
        sleep(Duration::from_secs(20)).await;
        client.say("y").await;
        assert_eq!(hand.read(1).await, "y");
    }
    let begun = Instant::now();
    assert_eq!(client.rest().await, "");
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
    assert_eq!(hand.rest().await, "");
    assert_eq!(site.backends[0].in_use(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_tunnel_ends_at_both_ends_when_one_is_gone() {
    let (site, client, mut hand) = tunnel("").await;
    client.0.reset();
    assert_eq!(hand.rest().await, "");
    let (_other, mut client, hand) = tunnel("").await;
    drop(hand);
    assert_eq!(client.rest().await, "");
    assert_eq!(site.backends[0].in_use(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_tunnel_has_until_the_deadline_when_the_server_stops() {
    let (site, mut client, mut hand) = tunnel("").await;
    let begun = Instant::now();
    let stopped = runtime::spawn(site.server.shutdown());
    sleep(Duration::from_secs(1)).await;
    hand.say("last words").await;
    assert_eq!(client.read(10).await, "last words");
    hand.0.shutdown().await.unwrap();
    client.0.shutdown().await.unwrap();
    stopped.await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(1));

    let (site, mut client, mut hand) = tunnel("").await;
    let begun = Instant::now();
    site.server.shutdown().await;
    let time = begun.elapsed();
    assert_eq!(time, server::Config::default().shutdown_timeout);
    assert_eq!(hand.rest().await, "");
    assert!(client.0.read(&mut [0]).await.is_ok_and(|count| count == 0) || time.is_zero());
}

/// A backend that changed to HTTP/2 would get requests that the proxy does not see.
#[runtime::test(start_paused = true)]
async fn no_other_protocol_is_handed_on() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let mut client = Hand::of(&site);
    client
        .say(&format!(
            "{UPGRADE}Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n"
        ))
        .await;
    let mut hand = backstage.accept().await;
    let head = hand.head().await;
    assert!(
        !head.contains("upgrade:") && !head.contains("h2c"),
        "{head}"
    );
    hand.say(EMPTY).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
}
