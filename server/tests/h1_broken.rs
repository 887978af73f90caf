//! Answers that break off. What was complete before arrives, and the broken one never looks
//! complete.

mod support;

use std::cell::Cell;
use std::future::IntoFuture;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Request, Response, header};
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::net::{TcpListener, TcpStream};
use runtime::task::yield_now;
use runtime::time::{Instant, sleep};
use server::h1::Endpoint;
use server::{Body, Config, Service, serve};
use support::{Counted, Counts, Peer, ROOM, connect};

/// How a stream goes on after its first piece, which is `half`.
#[derive(Clone, Copy)]
enum Then {
    Error,
    Panic,
    End,
    More,
    /// Not at once, so that what there is leaves before the failure.
    LaterError,
    Pending,
}

struct Broken {
    first: bool,
    then: Then,
}

impl Stream for Broken {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.first) {
            return Poll::Ready(Some(Ok(Bytes::from_static(b"half"))));
        }
        match self.then {
            Then::Error => Poll::Ready(Some(Err(io::Error::other("no more")))),
            Then::Panic => panic!("as asked"),
            Then::End => Poll::Ready(None),
            Then::More => Poll::Ready(Some(Ok(Bytes::from_static(b"more")))),
            Then::LaterError => {
                self.then = Then::Error;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Then::Pending => Poll::Pending,
        }
    }
}

/// Promises a length, or none; keeps it not.
fn broken(length: Option<&'static str>, then: Then) -> Response<Body> {
    let mut response = Response::new(Body::from_stream(Broken { first: true, then }));
    if let Some(length) = length {
        let value = HeaderValue::from_static(length);
        response.headers_mut().insert(header::CONTENT_LENGTH, value);
    }
    response
}

async fn site(request: Request<Body>) -> Response<Body> {
    match request.uri().path() {
        "/error" => broken(None, Then::Error),
        "/later" => broken(None, Then::LaterError),
        "/panic" => broken(None, Then::Panic),
        "/pending" => broken(None, Then::Pending),
        "/error-of-8" => broken(Some("8"), Then::Error),
        "/panic-of-8" => broken(Some("8"), Then::Panic),
        "/too-short" => broken(Some("8"), Then::End),
        "/too-long" => broken(Some("6"), Then::More),
        // All that was promised is there, and then comes the failure.
        "/longer" => broken(Some("4"), Then::More),
        "/error-after-all" => broken(Some("4"), Then::Error),
        "/later-after-all" => broken(Some("4"), Then::LaterError),
        "/to-the-end" => broken(None, Then::End),
        path => Response::new(Body::from(format!("GET {path}"))),
    }
}

const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nGET /";

/// Three good requests in one piece, and one whose answer breaks off.
fn pipelined(path: &str) -> String {
    let good = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    format!("{good}{good}{good}GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

#[runtime::test(start_paused = true)]
async fn complete_answers_arrive_before_one_that_fails() {
    const CHUNKED: &str = "transfer-encoding: chunked\r\n\r\n";
    for (path, end) in [
        ("/error", "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ("/later", "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ("/panic", "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ("/error-of-8", "content-length: 8\r\n\r\nhalf"),
        ("/panic-of-8", "content-length: 8\r\n\r\nhalf"),
        ("/too-short", "content-length: 8\r\n\r\nhalf"),
        ("/too-long", "content-length: 6\r\n\r\nhalf"),
        ("/longer", "content-length: 4\r\n\r\nhal"),
        ("/error-after-all", "content-length: 4\r\n\r\nhal"),
    ] {
        let mut peer = connect(site);
        peer.send(pipelined(path)).await;
        let answer = peer.rest().await;
        assert_eq!(
            answer,
            format!("{GOOD}{GOOD}{GOOD}HTTP/1.1 200 OK\r\n{end}"),
            "{path}"
        );
        assert!(!answer.ends_with(CHUNKED) && !answer.contains("0\r\n\r\n0"));
        assert!(peer.end().await.unwrap_err().is_response_body(), "{path}");
    }
}

/// What waits behind the broken answer is neither answered nor a reason to reset.
#[runtime::test(start_paused = true)]
async fn the_client_may_still_be_sending_when_an_answer_fails() {
    let mut peer = connect(site);
    peer.send(pipelined("/error")).await;
    peer.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(peer.rest().await.ends_with("4\r\nhalf\r\n"));
    assert!(!peer.is_over(), "it lingers");
    assert!(peer.end().await.unwrap_err().is_response_body());
}

/// A peer of a connection that knows how to reset, and how that ended.
fn marked(endpoint: &Endpoint<impl Service>, room: usize) -> (Peer, Rc<Counts>) {
    let (near, far) = duplex(room);
    let (far, counts) = Counted::new(far);
    let connection = endpoint.connection(far).with_reset(Counted::reset);
    (Peer::new(near, runtime::spawn(connection)), counts)
}

fn ends(counts: &Counts) -> (&'static str, &'static str) {
    let say = |flag: &Cell<bool>, yes, no| if flag.get() { yes } else { no };
    (
        say(&counts.closed, "closed", "not closed"),
        say(&counts.reset, "reset", "not reset"),
    )
}

const OLD: &str = " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

/// To a client of HTTP/1.0 the end of the connection is the end of the body.
#[runtime::test(start_paused = true)]
async fn an_answer_that_ends_with_the_connection_is_reset_when_it_fails() {
    for (path, end) in [
        ("/error", ("not closed", "reset")),
        ("/later", ("not closed", "reset")),
        ("/panic", ("not closed", "reset")),
        ("/to-the-end", ("closed", "not reset")),
        // Here the client knows how much is missing.
        ("/too-short", ("closed", "not reset")),
        // And here it has everything already: only a reset shows that something is wrong.
        ("/later-after-all", ("not closed", "reset")),
    ] {
        let (mut peer, counts) = marked(&Endpoint::new(site), ROOM);
        peer.send(format!("GET /{OLD}GET /{OLD}GET {path}{OLD}"))
            .await;
        let start = Instant::now();
        let answer = peer.rest().await;
        assert!(answer.ends_with("\r\n\r\nhalf"), "{path}: {answer:?}");
        assert_eq!(answer.matches("GET /").count(), 2, "{path}: {answer:?}");
        assert_eq!(ends(&counts), end, "{path}");
        if end.1 == "reset" {
            let time_to_arrive = Config::default().linger_timeout;
            assert_eq!(
                start.elapsed(),
                time_to_arrive,
                "{path}: not before it arrived"
            );
        }
    }
}

/// The server is stopped, or the task dropped, or the client stops reading, in the middle.
#[runtime::test(start_paused = true)]
async fn an_answer_that_ends_with_the_connection_is_reset_however_it_breaks_off() {
    let endpoint = Endpoint::new(site);
    let (mut peer, counts) = marked(&endpoint, ROOM);
    peer.send("GET /pending HTTP/1.0\r\n\r\n").await;
    peer.answer_without_body().await;
    assert_eq!(ends(&counts), ("not closed", "not reset"));
    drop(peer.abort().await);
    assert_eq!(ends(&counts), ("not closed", "reset"), "dropped");

    let endpoint = Endpoint::new(site);
    let (mut peer, counts) = marked(&endpoint, ROOM);
    peer.send("GET /pending HTTP/1.0\r\n\r\n").await;
    peer.answer_without_body().await;
    endpoint.cut();
    endpoint.closed().await;
    assert_eq!(ends(&counts), ("not closed", "reset"), "cut off");

    let (mut peer, counts) = marked(&Endpoint::new(site), 10);
    peer.send("GET /to-the-end HTTP/1.0\r\n\r\n").await;
    while !peer.is_over() {
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(ends(&counts), ("not closed", "reset"), "not taken");
    assert!(peer.end().await.unwrap_err().is_stuck_write());
}

/// The request's body breaks off while it is echoed to a client of HTTP/1.0.
#[runtime::test(start_paused = true)]
async fn an_echo_of_half_a_body_is_not_taken_for_the_whole() {
    // Through a stream, which has no length.
    let echo = |request: Request<Body>| async {
        Response::new(Body::from_stream(request.into_body().into_data_stream()))
    };
    let (mut peer, counts) = marked(&Endpoint::new(echo), ROOM);
    peer.send("POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\nhello")
        .await;
    yield_now().await;
    peer.finish_sending().await;
    assert!(peer.rest().await.ends_with("\r\n\r\nhello"));
    assert_eq!(ends(&counts), ("not closed", "reset"));
}

#[runtime::test]
async fn a_client_sees_complete_answers_and_then_a_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let config = Config {
        linger_timeout: Duration::from_secs(1),
        ..Config::default()
    };
    let server = runtime::spawn(serve(listener, site).with_config(config).into_future());
    let mut client = TcpStream::connect(addr).await.unwrap();
    let wire = format!("GET /{OLD}GET /{OLD}GET /{OLD}GET /error{OLD}");
    client.write_all(wire.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let error = client.read_to_end(&mut answer).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(answer.matches("GET /").count(), 3, "{answer:?}");
    assert!(answer.ends_with("\r\n\r\nhalf"), "{answer:?}");
    server.abort();
}
