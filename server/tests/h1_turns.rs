//! Connections that could go on for ever, and a neighbour with one small request.

use std::cell::Cell;
use std::future::{Future, ready};
use std::rc::Rc;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::runtime::Builder;
use runtime::task::yield_now;
use server::Body;
use server::h1::Endpoint;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Requests that each pipeliner has sent before the server looks.
const EACH: usize = 2_000;

/// A client that has pipelined so many requests, on a connection that is being served.
async fn pipeliner<S, F>(endpoint: &Endpoint<S, F>, requests: usize) -> DuplexStream
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
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
