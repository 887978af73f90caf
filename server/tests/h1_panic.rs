//! A handler that panics harms its own request and no other.

mod support;

use std::panic::panic_any;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response};
use server::Body;
use server::h1::Endpoint;
use support::{ROOM, connect, connect_with, site};

#[runtime::test(start_paused = true)]
async fn it_answers_500_and_the_connection_goes_on() {
    let mut peer = connect(site);
    for path in ["/panic", "/late-panic"] {
        assert_eq!(peer.get(path).await.status.as_u16(), 500);
        assert_eq!(peer.get("/a").await.text(), "GET /a");
    }
}

#[runtime::test(start_paused = true)]
async fn it_answers_in_its_turn() {
    let mut peer = connect(site);
    let paths = ["/a", "/panic", "/b"];
    peer.send(
        paths
            .map(|path| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .concat(),
    )
    .await;
    for status in [200, 500, 200] {
        assert_eq!(peer.answer().await.status.as_u16(), status);
    }
}

#[runtime::test(start_paused = true)]
async fn other_connections_of_the_same_server_do_not_notice() {
    let endpoint = Endpoint::new(site);
    let (mut one, mut other) = (connect_with(&endpoint, ROOM), connect_with(&endpoint, ROOM));
    other.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(one.get("/late-panic").await.status.as_u16(), 500);
    assert_eq!(other.answer().await.text(), "at last");
}

#[runtime::test(start_paused = true)]
async fn a_body_that_was_not_read_before_the_panic_is_thrown_away() {
    let mut peer = connect(site);
    peer.send("POST /panic HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        .await;
    assert_eq!(peer.answer().await.status.as_u16(), 500);
    peer.send("world").await;
    assert_eq!(peer.get("/a").await.text(), "GET /a");
}

#[runtime::test(start_paused = true)]
async fn a_service_that_panics_before_it_makes_a_future_is_the_same() {
    let service = |request: Request<Body>| {
        assert!(request.uri().path() != "/panic", "as asked");
        async { Response::new(Body::from("fine")) }
    };
    let mut peer = connect(service);
    assert_eq!(peer.get("/panic").await.status.as_u16(), 500);
    assert_eq!(peer.get("/").await.text(), "fine");
}

/// A future whose drop panics.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic_any("in drop");
    }
}

#[runtime::test(start_paused = true)]
async fn a_panic_while_a_finished_handler_is_dropped_harms_nobody() {
    let service = |_: Request<Body>| {
        let grenade = Grenade;
        std::future::poll_fn(move |_| {
            let _ = &grenade;
            Poll::Ready(Response::new(Body::from("fine")))
        })
    };
    let mut peer = connect(service);
    for _ in 0..3 {
        assert_eq!(peer.get("/").await.text(), "fine");
    }
}

/// A body whose stream panics when it is dropped.
struct Trap(Option<Bytes>);

impl Stream for Trap {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        panic_any("in drop");
    }
}

#[runtime::test(start_paused = true)]
async fn a_panic_while_a_streamed_body_is_dropped_does_not_escape() {
    let service = |request: Request<Body>| async move {
        let piece = Bytes::from_static(b"fine");
        let mut response = Response::new(Body::from_stream(Trap(Some(piece))));
        if request.uri().path() == "/short" {
            let value = HeaderValue::from_static("3");
            response.headers_mut().insert(CONTENT_LENGTH, value);
        }
        response
    };
    let mut peer = connect(service);
    for _ in 0..2 {
        // A HEAD gets the head of the answer, and the body is dropped unread.
        peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(peer.answer_without_body().await.status.as_u16(), 200);
    }
    for (path, end) in [("/", "\r\n\r\n4\r\nfine\r\n"), ("/short", "\r\n\r\n")] {
        let mut peer = connect(service);
        let wire =
            format!("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        peer.send(wire).await;
        let answers = peer.rest().await;
        assert_eq!(answers.matches("200 OK").count(), 2, "{answers:?}");
        assert!(answers.ends_with(end), "{answers:?}");
        assert!(peer.end().await.unwrap_err().is_response_body());
    }
}

/// A body that panics at its second piece.
struct Faulty(bool);

impl Stream for Faulty {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        assert!(!std::mem::replace(&mut self.0, true), "as asked");
        Poll::Ready(Some(Ok(Bytes::from_static(b"half"))))
    }
}

#[runtime::test(start_paused = true)]
async fn a_panic_in_a_streamed_body_breaks_the_answer_off() {
    let service = |_: Request<Body>| async { Response::new(Body::from_stream(Faulty(false))) };
    let mut peer = connect(service);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = peer.rest().await;
    assert!(answer.ends_with("\r\n\r\n4\r\nhalf\r\n"), "{answer:?}");
    assert!(peer.end().await.unwrap_err().is_response_body());
}
