//! `server::testing` itself: a server and its clients in memory.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::IntoFuture;
use std::rc::Rc;
use std::time::Duration;

use futures_lite::stream;
use http::{HeaderMap, StatusCode};
use runtime::io::{AsyncReadExt, AsyncWriteExt, ErrorKind};
use runtime::task::spawn_blocking;
use runtime::time::{Instant, sleep};
use server::body::Body;
use server::response::sse::{Event, Sse};
use server::routing::{any, get, post};
use server::testing::{Act, Ending, TestClient, TestServer};
use server::ws::{Message, WebSocketUpgrade};
use server::{Config, Router};

const SECOND: Duration = Duration::from_secs(1);

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Answers after so many seconds.
async fn slow(seconds: server::extract::Path<u64>) -> String {
    sleep(SECOND * u32::try_from(seconds.0).unwrap()).await;
    format!("after {} s", seconds.0)
}

fn slowly() -> Router {
    Router::new().route("/{seconds}", get(slow))
}

/// An event every second, for ever.
async fn ticks() -> Sse<impl futures_core::Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::unfold(0, |n| async move {
        sleep(SECOND).await;
        Some((Ok(Event::default().data(n.to_string())), n + 1))
    }))
}

async fn echo(upgrade: WebSocketUpgrade) -> server::response::Response {
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

#[runtime::test(start_paused = true)]
async fn requests_in_turn_share_a_connection_and_requests_at_once_do_not() {
    let server = TestServer::new(slowly());
    let client = server.client();
    for _ in 0..3 {
        let response = client.get("/1").await;
        assert_eq!(response.connection(), 1);
        assert_eq!(response.text().await, "after 1 s");
    }
    let begin = Instant::now();
    let both = runtime::join!(client.get("/5"), client.get("/3"));
    assert_eq!((both.0.connection(), both.1.connection()), (1, 2));
    assert_eq!(begin.elapsed(), 5 * SECOND);
    assert_eq!(server.open_connections(), 2);
}

#[runtime::test(start_paused = true)]
async fn a_connection_that_the_server_has_closed_is_not_used_again() {
    let server = TestServer::new(hello());
    let client = server.client();
    assert_eq!(client.get("/").await.text().await, "hello");
    sleep(60 * SECOND).await;
    assert_eq!(server.open_connections(), 0, "it was idle for too long");
    let response = client.get("/").await;
    assert_eq!(response.connection(), 2);
}

#[runtime::test(start_paused = true)]
async fn a_response_that_is_dropped_gives_its_connection_back_and_one_taken_apart_does_not() {
    let app = Router::new().route("/", get(|| async { "x".repeat(30_000) }));
    let server = TestServer::builder().buffer(64).serve(app);
    let client = server.client();
    drop(client.get("/").await);
    let response = client.get("/").await;
    assert_eq!(response.connection(), 1, "the rest was read");
    let body = response.into_inner().into_body();
    let read = server::body::to_bytes(body, 30_000).await.unwrap();
    assert_eq!(read.len(), 30_000);
    assert_eq!(client.get("/").await.connection(), 2);
}

#[runtime::test(start_paused = true)]
async fn a_body_may_be_made_while_it_is_sent() {
    let pieces = stream::unfold(0, |n| async move {
        sleep(SECOND).await;
        (n < 3).then(|| (Ok::<_, Infallible>(format!("piece {n};")), n + 1))
    });
    let app = Router::new().route("/", post(|text: String| async { text }));
    let request = TestClient::new(app).post("/");
    let response = request.body(Body::from_stream(pieces)).await;
    assert_eq!(response.text().await, "piece 0;piece 1;piece 2;");
}

#[runtime::test(start_paused = true)]
async fn headers_are_added_and_those_that_stand_once_are_replaced() {
    async fn show(headers: HeaderMap) -> String {
        let mut lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        lines.join(" ")
    }
    let client = TestClient::new(Router::new().route("/", post(show)));
    let request = client.post("/").header("x", "1").header("x", "2");
    let request = request.header("host", "h").bearer_auth("t").json(&1);
    let response = request.header("content-type", "text/json").await;
    assert_eq!(
        response.text().await,
        "authorization=Bearer t content-length=1 content-type=text/json host=h x=1 x=2"
    );
}

/// The bytes pass through pipes that hold 16 of them, and a thread works in between. There is a
/// timer that would fire if the clock moved by as little as it can.
#[runtime::test(start_paused = true)]
async fn the_clock_does_not_move_while_bytes_are_under_way() {
    let app = Router::new().route(
        "/",
        post(|text: String| async { spawn_blocking(move || text.to_uppercase()).await.unwrap() }),
    );
    let server = TestServer::builder().buffer(16).serve(app);
    let begin = Instant::now();
    let has_moved = Rc::new(Cell::new(false));
    let noted = has_moved.clone();
    runtime::spawn(async move {
        sleep(Duration::from_millis(1)).await;
        noted.set(true);
    });
    let response = server.client().post("/").body("a".repeat(500_000)).await;
    assert_eq!(response.text().await, "A".repeat(500_000));
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert!(!has_moved.get());
}

#[runtime::test(start_paused = true)]
async fn half_a_head_is_answered_when_its_time_is_over() {
    let server = TestServer::new(hello());
    let mut stream = server.connect().unwrap();
    stream.write_all(b"GET / HT").await.unwrap();
    let begin = Instant::now();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(begin.elapsed(), 10 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn events_come_with_the_clock_and_end_when_the_server_stops() {
    let server = TestServer::new(Router::new().route("/", get(ticks)));
    let mut response = server.client().get("/").await;
    let begin = Instant::now();
    for n in 0..3 {
        let event = response.read_until("\n\n").await;
        assert_eq!(event, Some(format!("data: {n}\n\n")));
        assert_eq!(begin.elapsed(), SECOND * (n + 1));
    }
    let stopped = server.shutdown();
    assert_eq!(response.read_until("\n\n").await, None);
    stopped.await;
    assert_eq!(begin.elapsed(), 3 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_finishes_what_is_under_way_and_refuses_the_rest() {
    let server = TestServer::new(slowly());
    let client = server.client();
    let (idle, busy) = (server.client(), client.clone());
    assert_eq!(idle.get("/0").await.status(), 200);
    let request = runtime::spawn(async move { busy.get("/5").await });
    sleep(SECOND).await;
    let stopped = server.shutdown();
    sleep(SECOND).await;
    assert_eq!(server.open_connections(), 1, "the idle one is closed");
    assert!(client.get("/0").send().await.is_err());
    assert_eq!(
        server.connect().unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
    let response = request.await.unwrap();
    assert_eq!(response.header("connection"), Some("close"));
    stopped.await;
    server.shutdown().await;
    assert_eq!(server.open_connections(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_cuts_what_takes_too_long() {
    let server = TestServer::builder().deadline(2 * SECOND).serve(slowly());
    let request = runtime::spawn(server.client().get("/100").send());
    sleep(SECOND).await;
    let begin = Instant::now();
    server.shutdown().await;
    assert_eq!(begin.elapsed(), 2 * SECOND);
    assert!(request.await.unwrap().is_err());
}

#[runtime::test(start_paused = true)]
async fn a_server_without_handles_stops() {
    let held = Rc::new(());
    let in_app = held.clone();
    let app = Router::new().route("/", get(move || std::future::ready(format!("{in_app:?}"))));
    let client = TestServer::new(app).client();
    assert_eq!(client.get("/").await.status(), 200);
    assert_eq!(Rc::strong_count(&held), 2);
    drop(client);
    sleep(SECOND).await;
    assert_eq!(Rc::strong_count(&held), 1, "the service is gone");
}

#[runtime::test(start_paused = true)]
async fn a_websocket_is_closed_with_1001_when_the_server_stops() {
    let server = TestServer::new(Router::new().route("/", any(echo)));
    let mut socket = server.client().get("/").websocket().await.unwrap();
    socket.send(Message::text("tea?")).await.unwrap();
    assert_eq!(socket.recv().await.unwrap().unwrap(), Message::text("tea?"));
    let stopped = server.shutdown();
    let Some(Ok(Message::Close(Some(frame)))) = socket.recv().await else {
        panic!("no close frame");
    };
    assert_eq!(frame.code, 1001);
    assert!(socket.recv().await.is_none());
    stopped.await;
}

#[runtime::test(start_paused = true)]
async fn a_websocket_that_is_refused_is_an_error_with_the_status() {
    let client = TestClient::new(hello());
    let error = client.get("/nowhere").websocket().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server answered 404 Not Found: its status is not 101"
    );
}

#[runtime::test(start_paused = true)]
async fn a_client_that_resets_its_connection_ends_its_handler() {
    let server = TestServer::new(slowly());
    let mut stream = server.connect().unwrap();
    stream
        .write_all(b"GET /100 HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    sleep(SECOND).await;
    stream.reset();
    let error = stream.write(b"more").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    sleep(SECOND).await;
    assert_eq!(server.open_connections(), 0);
    let transcript = server.transcripts().remove(0);
    let last = transcript
        .entries()
        .iter()
        .find(|entry| matches!(entry.act, Act::Broke(_)));
    assert_eq!(last.unwrap().act, Act::Broke(Ending::Reset));
}

#[runtime::test(start_paused = true)]
async fn a_newcomer_takes_the_place_of_an_idle_connection() {
    let server = TestServer::builder().max_connections(1).serve(hello());
    let (first, second) = (server.client(), server.client());
    assert_eq!(first.get("/").await.text().await, "hello");
    assert_eq!(second.get("/").await.connection(), 2);
    assert_eq!(server.open_connections(), 1);
    assert_eq!(first.get("/").await.connection(), 3);
}

#[runtime::test(start_paused = true)]
async fn dates_begin_at_a_fixed_moment_and_go_with_the_clock() {
    let client = TestClient::new(hello());
    let date = |seconds| {
        let client = client.clone();
        async move {
            sleep(SECOND * seconds).await;
            let response = client.get("/").await;
            response.header("date").unwrap().to_owned()
        }
    };
    assert_eq!(date(0).await, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(date(1).await, "Sun, 06 Nov 1994 08:49:38 GMT");
    assert_eq!(date(3600).await, "Sun, 06 Nov 1994 09:49:38 GMT");
    drop(client);
    let endpoint = server::h1::Endpoint::new(hello());
    let (mut near, far) = runtime::io::duplex(1024);
    runtime::spawn(endpoint.connection(far));
    near.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    near.read_to_string(&mut answer).await.unwrap();
    assert!(!answer.contains("1994"), "without a test server: today");
}

#[runtime::test(start_paused = true)]
async fn limits_are_those_of_the_server() {
    let config = Config {
        max_body: 3,
        ..Config::default()
    };
    let app = Router::new().route("/", post(|text: String| async { text }));
    let server = TestServer::builder().config(config).serve(app);
    let client = server.client();
    let status = |response: server::testing::TestResponse| response.status();
    assert_eq!(
        status(client.post("/").body("1234").await),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(status(client.post("/").body("123").await), StatusCode::OK);
}

#[runtime::test(start_paused = true)]
async fn a_transcript_shows_both_ends_and_the_time() {
    let server = TestServer::new(slowly());
    let client = server.client();
    assert_eq!(client.get("/2").await.status(), 200);
    drop(client);
    server.shutdown().await;
    let expected = "
      0 ms client  GET /2 HTTP/1.1
      0 ms client  host: localhost
      0 ms client
   2000 ms server  HTTP/1.1 200 OK
   2000 ms server  date: Sun, 06 Nov 1994 08:49:39 GMT
   2000 ms server  content-type: text/plain; charset=utf-8
   2000 ms server  content-length: 9
   2000 ms server
   2000 ms server  after 2 s
   2000 ms client  (closed)
   2000 ms server  (closed)";
    let shown = server.transcripts()[0].to_string();
    let shown: Vec<_> = shown.lines().map(str::trim_end).collect();
    assert_eq!(format!("\n{}", shown.join("\n")), expected);
}

#[runtime::test(start_paused = true)]
async fn a_request_that_fails_says_where_it_was_made() {
    let server = TestServer::new(hello());
    server.shutdown().await;
    let failed = runtime::spawn(server.client().get("/lost").into_future()).await;
    let panic = failed.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.starts_with("GET /lost at server/tests/testing.rs:"),
        "{text}"
    );
    assert!(
        text.ends_with("the server has stopped, or does not accept"),
        "{text}"
    );
}
