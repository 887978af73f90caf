//! Ending all connections: the idle ones at once, the busy ones when they are done, the rest in the end.

mod support;

use std::time::Duration;

use runtime::task::yield_now;
use runtime::time::{Instant, sleep, timeout};
use server::Service;
use server::h1::Endpoint;
use support::{ROOM, connect_with, site};

fn endpoint() -> Endpoint<impl Service> {
    Endpoint::new(site)
}

#[runtime::test(start_paused = true)]
async fn idle_connections_close_at_once() {
    let endpoint = endpoint();
    let mut fresh = connect_with(&endpoint, ROOM);
    let mut used = connect_with(&endpoint, ROOM);
    used.get("/a").await;
    endpoint.drain();
    endpoint.closed().await;
    assert_eq!(
        (fresh.rest().await, used.rest().await),
        (String::new(), String::new())
    );
    assert_eq!(endpoint.open_connections(), 0);
}

#[runtime::test(start_paused = true)]
async fn requests_under_way_are_answered_and_say_goodbye() {
    let endpoint = endpoint();
    let start = Instant::now();
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_secs(1)).await;
    endpoint.drain();
    let answer = peer.answer().await;
    assert_eq!((answer.text(), answer.closes()), ("at last", true));
    assert_eq!(peer.rest().await, "");
    endpoint.closed().await;
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[runtime::test(start_paused = true)]
async fn a_request_that_has_arrived_is_answered_even_so() {
    let endpoint = endpoint();
    let mut peer = connect_with(&endpoint, ROOM);
    yield_now().await;
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").await;
    endpoint.drain();
    let answer = peer.answer().await;
    assert_eq!((answer.text(), answer.closes()), ("GET /a", true));
}

#[runtime::test(start_paused = true)]
async fn a_request_that_is_arriving_may_finish() {
    let endpoint = endpoint();
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send("GET /a HTTP").await;
    yield_now().await;
    endpoint.drain();
    sleep(Duration::from_secs(3)).await;
    peer.send("/1.1\r\nHost: x\r\n\r\n").await;
    let answer = peer.answer().await;
    assert_eq!((answer.text(), answer.closes()), ("GET /a", true));
}

#[runtime::test(start_paused = true)]
async fn a_cut_ends_everything_whatever_it_is_doing() {
    let endpoint = endpoint();
    let mut peers: Vec<_> = (0..4).map(|_| connect_with(&endpoint, 100)).collect();
    let doings = [
        "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        "GET / HT",
        "rubbish\r\n\r\n",
    ];
    for (peer, doing) in peers.iter_mut().zip(doings) {
        peer.send(doing).await;
    }
    yield_now().await;
    endpoint.drain();
    let patience = timeout(Duration::from_secs(1), endpoint.closed()).await;
    assert!(patience.is_err(), "they are busy");
    endpoint.cut();
    endpoint.closed().await;
    for peer in peers {
        let error = peer.end().await.unwrap_err();
        assert!(error.is_shut_down(), "{error}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_connection_that_comes_too_late_is_served_once() {
    let endpoint = endpoint();
    endpoint.drain();
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(peer.answer().await.closes());
    endpoint.closed().await;
}

#[runtime::test(start_paused = true)]
async fn an_endpoint_without_connections_is_closed() {
    endpoint().closed().await;
}

/// A refused peer that goes on sending, a byte every four seconds.
#[runtime::test(start_paused = true)]
async fn peers_that_linger_have_a_last_pause_once_the_server_stops() {
    let endpoint = endpoint();
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send("rubbish\r\n\r\n").await;
    assert_eq!(peer.answer().await.status.as_u16(), 400);
    let sender = runtime::spawn(async move {
        loop {
            peer.send("x").await;
            sleep(Duration::from_secs(4)).await;
        }
    });
    sleep(Duration::from_secs(9)).await;
    let start = Instant::now();
    endpoint.drain();
    endpoint.closed().await;
    assert!(
        start.elapsed() <= Duration::from_secs(6),
        "{:?}",
        start.elapsed()
    );
    sender.abort();
}
