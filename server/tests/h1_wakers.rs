//! The clone of a waker makes the awaited thing happen: `runtime/tests/foreign_wakers/clones.rs`
//! tells why that is a fault of its own kind.
//!
//! In the server three things wait: the reader of a request's body for the connection, the
//! connection for that reader, and a program for the connections to end.

#[path = "../../runtime/tests/support/cloning.rs"]
mod cloning;
mod support;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use cloning::{has_worked, tries_when_cloned, works_when_cloned};
use http::{Request, Response};
use runtime::io::{AsyncWriteExt, DuplexStream, duplex};
use server::Body;
use server::h1::Endpoint;
use support::{ROOM, site};

/// Where the handler puts the body that it was given, for another to read.
type Held = Rc<RefCell<Option<Body>>>;
type Connection = Pin<Box<dyn Future<Output = ()>>>;

/// A connection whose handler gives its body away and waits for ever, the client's end, and the
/// place where the body will be.
async fn connection() -> (Connection, DuplexStream, Held) {
    let held = Held::default();
    let place = Rc::clone(&held);
    let endpoint = Endpoint::new(move |request: Request<Body>| {
        place.replace(Some(request.into_body()));
        std::future::pending::<Response<Body>>()
    });
    let (mut near, far) = duplex(ROOM);
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";
    near.write_all(head.as_bytes()).await.unwrap();
    let connection = endpoint.connection(far);
    (Box::pin(async { drop(connection.await) }), near, held)
}

fn poll(connection: &mut Connection, waker: &Waker) {
    let polled = connection.as_mut().poll(&mut Context::from_waker(waker));
    assert!(polled.is_pending());
}

#[runtime::test(start_paused = true)]
async fn a_reader_hears_that_the_clone_of_its_waker_brought_the_body() {
    let (mut connection, mut client, held) = connection().await;
    poll(&mut connection, Waker::noop());
    let mut body = held.take().expect("the handler has it");
    // It has asked once, so that the connection reads when it is polled next.
    assert!(
        body.poll_chunk(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    client.write_all(b"abc").await.unwrap();
    let (waker, called) = works_when_cloned(move || {
        poll(&mut connection, Waker::noop());
        std::mem::forget(connection);
    });
    let polled = body.poll_chunk(&mut Context::from_waker(&waker));
    assert!(has_worked());
    assert!(
        matches!(&polled, Poll::Ready(Some(Ok(piece))) if piece == "abc"),
        "{polled:?}, woken {called:?} times"
    );
}

#[runtime::test(start_paused = true)]
async fn a_connection_hears_that_the_clone_of_its_waker_asked_for_the_body() {
    let (mut connection, mut client, held) = connection().await;
    let place = Rc::clone(&held);
    let (waker, called) = tries_when_cloned(move || {
        let mut cx = Context::from_waker(Waker::noop());
        match &mut *place.borrow_mut() {
            Some(body) => body.poll_chunk(&mut cx).is_pending(),
            None => false,
        }
    });
    poll(&mut connection, &waker);
    assert!(has_worked(), "the body was asked for");
    assert!(called.load(Ordering::Relaxed) > 0, "so there is work");
    client.write_all(b"abc").await.unwrap();
    poll(&mut connection, Waker::noop());
    let mut body = held.take().unwrap();
    let polled = body.poll_chunk(&mut Context::from_waker(Waker::noop()));
    assert!(
        matches!(&polled, Poll::Ready(Some(Ok(piece))) if piece == "abc"),
        "{polled:?}"
    );
}

#[runtime::test(start_paused = true)]
async fn who_waits_for_the_last_connection_hears_that_the_clone_of_its_waker_dropped_it() {
    let endpoint = Endpoint::new(site);
    let (_near, far) = duplex(ROOM);
    let connection = endpoint.connection(far);
    let mut closed = Box::pin(endpoint.closed());
    let (waker, called) = works_when_cloned(move || drop(connection));
    let polled = closed.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(has_worked() && endpoint.open_connections() == 0);
    assert!(polled.is_ready() || called.load(Ordering::Relaxed) > 0);
}

#[runtime::test(start_paused = true)]
async fn a_connection_hears_that_the_clone_of_its_waker_cut_it() {
    let endpoint = Rc::new(Endpoint::new(site));
    let (_near, far) = duplex(ROOM);
    let mut connection = Box::pin(endpoint.connection(far));
    let (waker, called) = works_when_cloned(move || endpoint.cut());
    let polled = connection.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(has_worked());
    assert!(polled.is_ready() || called.load(Ordering::Relaxed) > 0);
}
