//! Connections that could go on for ever, and a neighbour with one small request.

mod support;

use std::cell::Cell;
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::runtime::Builder;
use runtime::task::coop::{consume_budget, has_budget_remaining};
use runtime::task::yield_now;
use runtime::time::sleep;
use server::h1::Endpoint;
use server::{Body, Service};
use support::connect_with;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Requests that each pipeliner has sent before the server looks.
const EACH: usize = 2_000;

/// A client that has pipelined so many requests, on a connection that is being served.
async fn pipeliner(endpoint: &Endpoint<impl Service>, requests: usize) -> DuplexStream {
    let (mut client, socket) = duplex(1024 * 1024);
    client.write_all(&REQUEST.repeat(requests)).await.unwrap();
    drop(runtime::spawn(endpoint.connection(socket)));
    client
}

/// How many requests of so many pipeliners are answered while a neighbour waits for its one.
fn answered_beside(pipeliners: usize) -> usize {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let served = Rc::new(Cell::new(0));
        let count = served.clone();
        let endpoint = Endpoint::new(move |_: Request<Body>| {
            count.set(count.get() + 1);
            ready(Response::new(Body::empty()))
        });
        let mut neighbour = pipeliner(&endpoint, 0).await;
        let mut others = Vec::new();
        for _ in 0..pipeliners {
            others.push(pipeliner(&endpoint, EACH).await);
        }
        // By now each of them has had a turn, and wants another.
        while served.get() < pipeliners * 100 {
            yield_now().await;
        }
        let before = served.get();
        neighbour.write_all(REQUEST).await.unwrap();
        neighbour.read_exact(&mut [0; 16]).await.unwrap();
        let beside = served.get() - before;
        // None of them is forgotten.
        while served.get() < pipeliners * EACH + 1 {
            yield_now().await;
        }
        beside
    })
}

#[test]
fn a_neighbour_waits_for_a_few_turns_however_many_connections_want_another() {
    let (few, many) = (answered_beside(20), answered_beside(200));
    assert_eq!(few, many);
    assert!(many < 20 * 32, "{many} requests are as many turns of 32");
}

#[test]
fn a_connection_that_is_dropped_in_the_line_leaves_no_gap() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let served = Rc::new(Cell::new(0));
        let count = served.clone();
        let endpoint = Endpoint::new(move |_: Request<Body>| {
            count.set(count.get() + 1);
            ready(Response::new(Body::empty()))
        });
        let (mut clients, mut tasks) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let (mut client, socket) = duplex(1024 * 1024);
            client.write_all(&REQUEST.repeat(EACH)).await.unwrap();
            clients.push(client);
            tasks.push(runtime::spawn(endpoint.connection(socket)));
        }
        while served.get() < 40 * 100 {
            yield_now().await;
        }
        // Those with a place and those in line: all but one.
        let last = tasks.pop().unwrap();
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        clients.last_mut().unwrap().shutdown().await.unwrap();
        last.await.unwrap().unwrap();
        let mut answers = Vec::new();
        clients
            .pop()
            .unwrap()
            .read_to_end(&mut answers)
            .await
            .unwrap();
        let heads = answers.windows(9).filter(|w| *w == b"HTTP/1.1 ").count();
        assert_eq!(heads, EACH);
    });
}

/// A request of exactly as many bytes as the server reads at once while it awaits a head.
fn one_read() -> Vec<u8> {
    let mut head = b"GET / HTTP/1.1\r\nHost: x\r\nPad: ".to_vec();
    head.resize(8 * 1024 - 4, b'x');
    head.extend_from_slice(b"\r\n\r\n");
    head
}

/// An answer that ends its connection.
fn last_answer(size: usize) -> Response<Body> {
    let mut response = Response::new(Body::from("x".repeat(size)));
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// Spends what is left of the budget that the runtime gives to this poll of the task.
async fn spend_the_budget() {
    while has_budget_remaining() {
        consume_budget().await;
    }
}

/// The next request lies in the socket when the answer has left. If the connection closed
/// now, the peer's kernel would be sent a reset, which destroys the answer.
#[runtime::test(start_paused = true)]
async fn a_spent_budget_is_not_taken_for_a_peer_that_sends_nothing() {
    for (size, spends) in [(100, false), (100_000, false), (100, true)] {
        let endpoint = Endpoint::new(move |_: Request<Body>| async move {
            if spends {
                spend_the_budget().await;
            }
            last_answer(size)
        });
        let mut peer = connect_with(&endpoint, 1024 * 1024);
        peer.send([&one_read(), REQUEST].concat()).await;
        sleep(Duration::from_secs(1)).await;
        assert!(!peer.is_over(), "{size} bytes, {spends}: it lingers");
        assert_eq!(peer.answer().await.body.len(), size);
        // A peer that sends nothing is not waited for.
        let mut peer = connect_with(&endpoint, 1024 * 1024);
        peer.send(one_read()).await;
        sleep(Duration::from_secs(1)).await;
        assert!(
            peer.is_over(),
            "{size} bytes, {spends}: nothing to wait for"
        );
    }
}

/// Several connections in one task share its budget.
#[runtime::test(start_paused = true)]
async fn a_spent_budget_is_not_taken_for_an_idle_connection_that_may_end() {
    let service = |_: Request<Body>| ready(Response::new(Body::from("still")));
    let endpoint = Endpoint::new(service);
    let (mut client, socket) = duplex(1024);
    let mut connection = Box::pin(endpoint.connection(socket));
    assert!(poll_once(&mut connection).await.is_pending());
    client.write_all(REQUEST).await.unwrap();
    endpoint.drain();
    spend_the_budget().await;
    assert!(poll_once(&mut connection).await.is_pending());
    connection.await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("still"), "{answer:?}");
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}
