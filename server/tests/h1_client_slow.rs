//! The client and time: servers that are slow, callers that go away, bodies that break off.

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, StatusCode, header};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::stream::wrappers::ReceiverStream;
use runtime::sync::mpsc;
use runtime::task::yield_now;
use runtime::time::{Instant, sleep};
use server::Body;
use server::body::to_bytes;
use server::h1::client::{self, Config, Retry, on_informational};
use support::outgoing::{client_and_server, client_and_server_over, get, post};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Lets all tasks run that can.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

#[runtime::test(start_paused = true)]
async fn a_head_that_does_not_come_in_time_is_an_error() {
    for said in ["", "HTTP/1.1 200 OK\r\n"] {
        let start = Instant::now();
        let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        for byte in said.bytes() {
            server.say([byte]).await;
            sleep(Duration::from_secs(1)).await;
        }
        let error = response.await.unwrap().unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(
            start.elapsed().as_secs(),
            60,
            "a byte a second is no reason to wait longer"
        );
        ended.await.unwrap().unwrap();
    }
}

#[runtime::test(start_paused = true)]
async fn a_body_that_pauses_too_long_is_an_error_and_only_while_it_is_read() {
    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")
        .await;
    let mut body = response.await.unwrap().unwrap().into_body();
    sleep(Duration::from_secs(3600)).await;
    server.say("a").await;
    assert_eq!(body.chunk().await.unwrap().unwrap(), "a");
    let start = Instant::now();
    let error = body.chunk().await.unwrap().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(start.elapsed().as_secs(), 30);
    assert!(ended.await.unwrap().unwrap_err().is_timeout());
}

#[runtime::test(start_paused = true)]
async fn a_server_that_does_not_read_is_an_error() {
    let (mut sender, _ended, mut server) = client_and_server_over(Config::default(), 100).await;
    let start = Instant::now();
    let response = runtime::spawn(sender.send_request(post("/", "x".repeat(1000))));
    // Each byte that it takes is a reason to wait.
    sleep(Duration::from_secs(20)).await;
    server.read(1).await;
    let error = response.await.unwrap().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(start.elapsed().as_secs(), 50);
}

#[runtime::test(start_paused = true)]
async fn two_that_wait_for_one_another_are_not_slow() {
    let (mut sender, ended, mut server) = client_and_server_over(Config::default(), 100).await;
    let response = runtime::spawn(sender.send_request(post("/", "x".repeat(1000))));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        .await;
    let body = response.await.unwrap().unwrap().into_body();
    let echo = runtime::spawn(async move {
        let mut all = [0; 1000];
        for byte in all.chunks_mut(1) {
            server.stream.read_exact(byte).await.unwrap();
            server.stream.write_all(byte).await.unwrap();
        }
        server
    });
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(to_bytes(body, 1000).await.unwrap().len(), 1000);
    sender.ready().await.unwrap();
    drop((sender, echo.await.unwrap()));
    ended.await.unwrap().unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_body_is_sent_without_the_servers_word_after_a_second() {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let request = Request::post("/").header(header::EXPECT, "100-Continue");
    let request = request.body(Body::from("hello")).unwrap();
    let response = runtime::spawn(sender.send_request(request));
    let start = Instant::now();
    server.head().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(server.read(5).await, "hello");
    assert_eq!(start.elapsed().as_secs(), 1);
    server.say(OK).await;
    assert_eq!(response.await.unwrap().unwrap().status(), 200);
    sender.ready().await.unwrap();
}

#[runtime::test(start_paused = true)]
async fn the_word_of_the_server_is_awaited_and_informational_responses_are_told() {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let request = Request::post("/").header(header::EXPECT, "100-continue");
    let mut request = request.body(Body::from("hello")).unwrap();
    let told = Rc::new(RefCell::new(Vec::new()));
    on_informational(&mut request, {
        let told = told.clone();
        move |response| told.borrow_mut().push(response.status())
    });
    let response = runtime::spawn(sender.send_request(request));
    server.head().await;
    settle().await;
    server.say("HTTP/1.1 103 X\r\nLink: a\r\n\r\n").await;
    sleep(Duration::from_millis(500)).await;
    server.say("HTTP/1.1 100 X\r\n\r\n").await;
    let start = Instant::now();
    assert_eq!(server.read(5).await, "hello");
    assert_eq!(start.elapsed(), Duration::ZERO);
    server.say(OK).await;
    assert_eq!(response.await.unwrap().unwrap().status(), 200);
    let expected = [StatusCode::EARLY_HINTS, StatusCode::CONTINUE];
    assert_eq!(*told.borrow(), expected);
}

#[runtime::test(start_paused = true)]
async fn a_body_that_is_dropped_is_drained_if_little_is_left() {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel")
        .await;
    drop(response.await.unwrap().unwrap());
    settle().await;
    assert!(!sender.is_ready());
    server.say("lo\r\n0\r\n\r\n").await;
    sender.ready().await.unwrap();
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server.say(OK).await;
    assert_eq!(response.await.unwrap().unwrap().status(), 200);
}

#[runtime::test(start_paused = true)]
async fn a_body_that_is_dropped_ends_the_connection_if_much_is_left_or_it_is_slow() {
    for (head, said, seconds) in [
        ("content-length: 70000", 10, 0),
        ("transfer-encoding: chunked", 70_000, 0),
        ("transfer-encoding: chunked", 10, 1),
        ("a: b", 10, 0),
    ] {
        let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        let wire = format!(
            "HTTP/1.1 200 OK\r\n{head}\r\n\r\n11170\r\n{}",
            "x".repeat(said)
        );
        let saying = runtime::spawn(async move {
            // A client that closes does not take all of it.
            let _ = server.stream.write_all(wire.as_bytes()).await;
            server
        });
        let response = response.await.unwrap().unwrap();
        let start = Instant::now();
        drop(response);
        assert!(sender.ready().await.is_err());
        assert_eq!(start.elapsed().as_secs(), seconds, "{head}");
        ended.await.unwrap().unwrap();
        drop(saying.await.unwrap());
    }
}

#[runtime::test(start_paused = true)]
async fn a_caller_that_goes_away_ends_the_connection_and_not_a_request_too_many() {
    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    drop(sender.send_request(get("/never")));
    settle().await;
    assert!(sender.is_ready(), "nothing has been sent");
    let response = sender.send_request(get("/half"));
    assert!(server.head().await.starts_with("GET /half "));
    drop(response);
    assert_eq!(server.rest().await, "");
    assert!(sender.ready().await.unwrap_err().is_canceled());
    ended.await.unwrap().unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_connection_that_is_dropped_tells_the_caller_and_the_reader() {
    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    ended.abort();
    let error = response.await.unwrap().unwrap_err();
    assert!(error.is_canceled());
    assert_eq!(error.retry(), Retry::Never);
    assert!(sender.is_closed());

    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")
        .await;
    let mut body = response.await.unwrap().unwrap().into_body();
    let queued = runtime::spawn(sender.try_send_request(post("/", "x")));
    settle().await;
    ended.abort();
    assert!(body.chunk().await.unwrap().unwrap_err().is_closed());
    let mut error = queued.await.unwrap().unwrap_err();
    assert_eq!(error.error().retry(), Retry::Safe);
    assert!(error.take_message().is_some());
}

#[runtime::test(start_paused = true)]
async fn a_request_whose_body_breaks_off_is_an_error_and_looks_like_one_to_the_server() {
    let broken = || {
        let pieces = [Ok("half"), Err(std::io::Error::other("no more"))];
        Body::from_stream(futures_lite::stream::iter(pieces))
    };
    let promised = |length: &str, body| {
        let request = Request::post("/").header(header::CONTENT_LENGTH, length);
        request.body(body).unwrap()
    };
    let pieces = || Body::from_stream(Body::from("four").into_data_stream());
    for (request, sent) in [
        (post("/", broken()), "4\r\nhalf\r\n"),
        (promised("9", pieces()), "four"),
        (promised("3", pieces()), ""),
    ] {
        let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
        let error = sender.send_request(request).await.unwrap_err();
        assert!(error.is_user(), "{error}");
        assert_eq!(error.retry(), Retry::Never);
        ended.await.unwrap().unwrap();
        let all = server.rest().await;
        assert!(all.is_empty() || sent.starts_with(all.split("\r\n\r\n").nth(1).unwrap()));
    }
}

#[runtime::test(start_paused = true)]
async fn a_request_that_breaks_off_while_its_response_is_read_is_not_the_servers_doing() {
    let (pieces, body) = mpsc::channel::<Result<&str, std::io::Error>>(1);
    let body = Body::from_stream(ReceiverStream::new(body));
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(post("/", body)));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
        .await;
    let mut body = response.await.unwrap().unwrap().into_body();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "half");
    let broken = std::io::Error::other("no more");
    pieces.send(Err(broken)).await.unwrap();
    let error = body.chunk().await.unwrap().unwrap_err();
    let servers = [error.is_closed(), error.is_timeout(), error.is_malformed()];
    assert_eq!(servers, [false; 3], "{error}");
    assert!(error.to_string().contains("request"), "{error}");
}

#[runtime::test(start_paused = true)]
async fn a_request_that_cannot_be_sent_comes_back_and_the_connection_stays() {
    let (mut sender, _ended, _server) = client_and_server(Config::default()).await;
    for request in [Request::get("x:80"), Request::connect("/")] {
        let request = request.body(Body::empty()).unwrap();
        let mut error = sender.try_send_request(request).await.unwrap_err();
        assert!(error.error().is_user());
        assert!(error.take_message().is_some());
        assert!(sender.is_ready());
    }
}

#[runtime::test(start_paused = true)]
async fn one_request_waits_for_its_turn_and_a_second_comes_back() {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let first = runtime::spawn(sender.send_request(get("/1")));
    server.head().await;
    let second = runtime::spawn(sender.send_request(get("/2")));
    let third = sender.send_request(get("/3")).await.unwrap_err();
    assert_eq!((third.is_canceled(), third.retry()), (true, Retry::Safe));
    server.say(OK).await;
    drop(first.await.unwrap().unwrap());
    assert!(server.head().await.starts_with("GET /2 "));
    server.say(OK).await;
    assert!(second.await.unwrap().is_ok());
}

#[runtime::test(start_paused = true)]
async fn a_server_that_closes_an_idle_connection_is_noticed() {
    let (mut sender, ended, server) = client_and_server(client::Config::default()).await;
    sender.ready().await.unwrap();
    drop(server);
    ended.await.unwrap().unwrap();
    assert!(sender.is_closed() && sender.ready().await.is_err());
}

const SECOND: Duration = Duration::from_secs(1);

/// After how many seconds a body is an error that comes in drops of `drop` bytes, one a second.
async fn drip(min_body_rate: u32, drop: usize) -> u64 {
    let config = Config {
        body_timeout: 10 * SECOND,
        min_body_rate,
        ..Config::default()
    };
    let (mut sender, _ended, mut server) = client_and_server(config).await;
    let sent = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        .await;
    let begun = Instant::now();
    let body = sent.await.unwrap().unwrap().into_body();
    let reading = runtime::spawn(to_bytes(body, usize::MAX));
    while begun.elapsed() < 200 * SECOND && !reading.is_finished() {
        let _ = server.stream.write_all(&vec![b'x'; drop]).await;
        sleep(SECOND).await;
    }
    begun.elapsed().as_secs()
}

#[runtime::test(start_paused = true)]
async fn a_body_that_drips_is_an_error_if_a_minimum_is_set() {
    for (rate, drop, seconds) in [
        (0, 1, 200..=200),
        (100, 1, 10..=11),
        (100, 50, 19..=21),
        (100, 100, 200..=200),
    ] {
        let took = drip(rate, drop).await;
        assert!(seconds.contains(&took), "{rate} and {drop}: {took} s");
    }
}
