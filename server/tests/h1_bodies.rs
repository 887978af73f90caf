//! Bodies, in both directions: framing, back-pressure, and what happens when they break off.

mod support;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Request, Response, header};
use runtime::task::yield_now;
use runtime::time::sleep;
use server::h1::Endpoint;
use server::{Body, Config};
use support::{connect, connect_to_site, connect_with, exchange, pieces, site};

const CHUNKED: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

#[runtime::test(start_paused = true)]
async fn a_body_with_a_length_or_in_chunks_reaches_the_handler() {
    let mut peer = connect(site);
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        .await;
    assert_eq!(peer.answer().await.text(), "hello");
    peer.send(format!(
        "{CHUNKED}5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
    ))
    .await;
    assert_eq!(peer.answer().await.text(), "hello world");
    assert_eq!(peer.get("/a").await.text(), "GET /a");
}

#[runtime::test(start_paused = true)]
async fn a_large_body_passes_through_a_narrow_connection() {
    let body: String = (0..200_000)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .collect();
    let mut peer = connect_with(&Endpoint::new(site), 100_000);
    let length = body.len();
    peer.send(format!(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
    ))
    .await;
    assert!(peer.answer().await.text() == body);
}

#[runtime::test(start_paused = true)]
async fn a_stream_is_sent_in_chunks_and_the_connection_stays() {
    let answer = exchange("GET /numbers HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n";
    assert_eq!(answer, text);
}

#[runtime::test(start_paused = true)]
async fn a_stream_of_known_length_is_sent_as_such() {
    let promised = |length: &'static str| {
        move |_: Request<Body>| async move {
            let mut response = Response::new(pieces(["one ", "two"]));
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, HeaderValue::from_static(length));
            response
        }
    };
    let mut peer = connect(promised("7"));
    let answer = peer.get("/").await;
    assert_eq!(
        (answer.header("transfer-encoding"), answer.text()),
        (None, "one two")
    );

    for (broken, sent) in [("6", "\r\n\r\none "), ("8", "\r\n\r\none two")] {
        let mut peer = connect(promised(broken));
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let answer = peer.rest().await;
        assert!(answer.ends_with(sent), "{broken}: {answer:?}");
        assert!(peer.end().await.unwrap_err().is_response_body(), "{broken}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_stream_that_fails_is_not_ended_properly() {
    let mut peer = connect(site);
    peer.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = peer.rest().await;
    assert!(
        answer.ends_with("\r\n\r\n4\r\nhalf\r\n"),
        "what there was, and no last chunk that would say it is all: {answer:?}"
    );
    assert!(peer.end().await.unwrap_err().is_response_body());
}

#[runtime::test(start_paused = true)]
async fn a_request_body_may_be_the_response_body() {
    let mut peer = connect(site);
    peer.send("POST /stream-echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        .await;
    let head = peer.answer_without_body().await;
    assert_eq!(
        head.header("content-length"),
        Some("10"),
        "the request has said how long it is"
    );
    assert_eq!(peer.take(5).await, b"hello", "it goes back as it comes");
    peer.send("world").await;
    assert_eq!(peer.take(5).await, b"world");
    peer.send(
        "POST /stream-echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    )
    .await;
    assert_eq!(
        peer.answer_without_body().await.header("transfer-encoding"),
        Some("chunked")
    );
    assert_eq!(peer.take(8).await, b"3\r\nabc\r\n");
    peer.send("0\r\n\r\n").await;
    assert_eq!(peer.take(5).await, b"0\r\n\r\n");
    assert_eq!(peer.get("/a").await.text(), "GET /a");
}

#[runtime::test(start_paused = true)]
async fn a_client_that_asks_is_told_to_continue_when_the_handler_reads() {
    let mut peer = connect(site);
    peer.send(
        "POST /slow-echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    )
    .await;
    let start = runtime::time::Instant::now();
    assert_eq!(peer.answer_without_body().await.status.as_u16(), 100);
    assert_eq!(
        start.elapsed(),
        Duration::from_secs(5),
        "not before the handler wants it"
    );
    peer.send("hello").await;
    assert_eq!(peer.answer().await.text(), "hello");
    assert_eq!(peer.get("/a").await.text(), "GET /a");
}

#[runtime::test(start_paused = true)]
async fn a_client_that_asks_is_not_told_to_continue_for_nothing() {
    let mut peer = connect(site);
    peer.send(
        "POST /ignore HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    )
    .await;
    let answer = peer.answer().await;
    assert_eq!(
        (answer.status.as_u16(), answer.closes()),
        (200, true),
        "no reader knows what comes next"
    );

    let mut peer = connect(site);
    peer.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    )
    .await;
    assert_eq!(
        peer.answer().await.text(),
        "hello",
        "it did not wait to be told"
    );

    let mut peer = connect(site);
    peer.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n",
    )
    .await;
    assert_eq!(
        peer.answer().await.status.as_u16(),
        413,
        "and is told at once if it is too much"
    );
}

#[runtime::test(start_paused = true)]
async fn a_streamed_answer_asks_for_the_body_before_it_begins() {
    let mut peer = connect(site);
    peer.send("POST /stream-echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n").await;
    assert_eq!(peer.answer_without_body().await.status.as_u16(), 100);
    peer.send("hello").await;
    assert_eq!(peer.answer().await.text(), "hello");
}

#[runtime::test(start_paused = true)]
async fn a_little_body_that_nobody_reads_is_thrown_away() {
    let mut peer = connect(site);
    peer.send("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        .await;
    let answer = peer.answer().await;
    assert_eq!((answer.text(), answer.closes()), ("ignored", false));
    peer.send("world").await;
    assert_eq!(peer.get("/a").await.text(), "GET /a");

    peer.send("POST /ignore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
        .await;
    assert_eq!(peer.answer().await.text(), "ignored");
    peer.send("lo\r\n0\r\n\r\n").await;
    assert_eq!(peer.get("/b").await.text(), "GET /b");
}

#[runtime::test(start_paused = true)]
async fn a_large_body_that_nobody_reads_ends_the_connection() {
    let mut peer = connect(site);
    peer.send("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        .await;
    assert!(
        peer.answer().await.closes(),
        "said beforehand, as the length is known"
    );
    peer.send(vec![b'x'; 50_000]).await;
    peer.finish_sending().await;
    assert_eq!(peer.rest().await, "");

    let mut peer = connect_to_site(Config {
        drain_limit: 10,
        ..Config::default()
    });
    peer.send("POST /ignore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    assert!(!peer.answer().await.closes(), "the server could not know");
    peer.send("5\r\nhello\r\n5\r\nworld\r\n").await;
    yield_now().await;
    peer.send("0\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    peer.finish_sending().await;
    assert_eq!(peer.rest().await, "", "too much");
}

#[runtime::test(start_paused = true)]
async fn a_body_that_breaks_off_is_an_error_for_the_handler_and_not_an_end() {
    let seen = Rc::new(RefCell::new(None));
    let reader = {
        let seen = seen.clone();
        move |request: Request<Body>| {
            let seen = seen.clone();
            // In a task of its own: the handler itself is dropped with the connection.
            drop(runtime::spawn(async move {
                let mut body = request.into_body();
                assert_eq!(body.chunk().await.unwrap().unwrap(), "hel");
                *seen.borrow_mut() = body.chunk().await;
                assert!(body.chunk().await.is_none());
            }));
            std::future::pending()
        }
    };
    let mut peer = connect(reader);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        .await;
    yield_now().await;
    peer.finish_sending().await;
    assert_eq!(peer.rest().await, "");
    assert!(peer.end().await.unwrap_err().is_truncated());
    yield_now().await;
    let seen = seen.borrow_mut().take();
    assert!(seen.is_some_and(|chunk| chunk.is_err_and(|error| error.is_closed())));
}

#[runtime::test(start_paused = true)]
async fn a_body_may_be_read_by_another_task_after_the_answer() {
    let sum = Rc::new(Cell::new(0));
    let counter = {
        let sum = sum.clone();
        move |request: Request<Body>| {
            let sum = sum.clone();
            let counting = async move {
                sleep(Duration::from_secs(1)).await;
                let mut body = request.into_body();
                while let Some(Ok(piece)) = body.chunk().await {
                    sum.set(sum.get() + piece.len());
                    sleep(Duration::from_secs(1)).await;
                }
            };
            drop(runtime::spawn(counting));
            async { Response::new(Body::from("counting")) }
        }
    };
    let mut peer = connect(counter);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
        .await;
    assert_eq!(peer.answer().await.text(), "counting");
    peer.send(vec![b'x'; 500_000]).await;
    assert_eq!(peer.get("/").await.text(), "counting");
    assert_eq!(sum.get(), 500_000);
}

#[runtime::test(start_paused = true)]
async fn a_reader_that_goes_away_in_the_middle_lets_the_connection_go_on() {
    let taster = |request: Request<Body>| {
        let tasting = async move {
            let mut body = request.into_body();
            let _ = body.chunk().await;
            sleep(Duration::from_secs(1)).await;
        };
        drop(runtime::spawn(tasting));
        async { Response::new(Body::from("tasted")) }
    };
    let mut peer = connect(taster);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
        .await;
    assert_eq!(peer.answer().await.text(), "tasted");
    peer.send("def").await;
    assert_eq!(peer.get("/").await.text(), "tasted");
}

/// One buffer full is read ahead, to see whether the client is still there; no more.
#[runtime::test(start_paused = true)]
async fn the_socket_is_read_beyond_a_buffer_only_when_the_handler_asks() {
    const LENGTH: usize = 200_000;
    let mut peer = connect_with(&Endpoint::new(site), 1_000);
    peer.send(format!(
        "POST /slow-echo HTTP/1.1\r\nHost: x\r\nContent-Length: {LENGTH}\r\n\r\n"
    ))
    .await;
    let start = runtime::time::Instant::now();
    peer.send(vec![b'x'; 64 * 1024]).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    peer.send(vec![b'x'; LENGTH - 64 * 1024]).await;
    assert_eq!(
        start.elapsed(),
        Duration::from_secs(5),
        "the client had to wait for the handler"
    );
    assert_eq!(peer.answer().await.body.len(), LENGTH);
}

/// Makes pieces without end, and counts them.
struct Fountain(Rc<Cell<usize>>);

impl Stream for Fountain {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.set(self.0.get() + 1);
        Poll::Ready(Some(Ok(Bytes::from_static(&[b'x'; 1_000]))))
    }
}

#[runtime::test(start_paused = true)]
async fn a_stream_makes_no_more_than_the_client_takes() {
    let made = Rc::new(Cell::new(0));
    let endless = {
        let made = made.clone();
        move |_: Request<Body>| {
            let body = Body::from_stream(Fountain(made.clone()));
            async { Response::new(body) }
        }
    };
    let mut peer = connect_with(&Endpoint::new(endless), 1_000);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_secs(1)).await;
    let before = made.get();
    assert!(
        before < 100,
        "{before} kilobytes for a client that has taken one"
    );
    for _ in 0..200 {
        peer.take(1_000).await;
    }
    assert!(made.get() < 200 + 100);
}

#[runtime::test(start_paused = true)]
async fn a_stream_that_waits_sends_what_it_has() {
    let slow = |_: Request<Body>| async {
        let (mut feeder, body) = trickle();
        drop(runtime::spawn(async move {
            for piece in ["one", "two"] {
                feeder(Some(piece));
                sleep(Duration::from_secs(100)).await;
            }
            feeder(None);
        }));
        Response::new(body)
    };
    let mut peer = connect(slow);
    let start = runtime::time::Instant::now();
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    peer.answer_without_body().await;
    assert_eq!(peer.take(8).await, b"3\r\none\r\n");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(peer.take(8).await, b"3\r\ntwo\r\n");
    assert_eq!(start.elapsed(), Duration::from_secs(100));
    assert_eq!(peer.take(5).await, b"0\r\n\r\n");
}

type Feeder = Box<dyn FnMut(Option<&'static str>)>;

/// A body that is fed from outside.
fn trickle() -> (Feeder, Body) {
    #[derive(Default)]
    struct State {
        items: Vec<Option<&'static str>>,
        waker: Option<std::task::Waker>,
    }
    struct Drops(Rc<RefCell<State>>);
    impl Stream for Drops {
        type Item = Result<Bytes, Infallible>;

        fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let mut state = self.0.borrow_mut();
            if state.items.is_empty() {
                state.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(
                state
                    .items
                    .remove(0)
                    .map(|piece| Ok(Bytes::from_static(piece.as_bytes()))),
            )
        }
    }
    let state = Rc::new(RefCell::new(State::default()));
    let feeding = state.clone();
    let feeder = move |item| {
        feeding.borrow_mut().items.push(item);
        let waker = feeding.borrow_mut().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    };
    (Box::new(feeder), Body::from_stream(Drops(state)))
}
