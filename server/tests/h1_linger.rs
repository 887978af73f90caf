//! The last answer reaches a client that is still sending, at whatever speed.

mod support;

use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use runtime::task::yield_now;
use runtime::time::{Instant, sleep};
use server::h1::Endpoint;
use server::{Body, Config};
use support::{Peer, connect, connect_to_site, connect_with, site};

/// What is refused, or answered without a look at the body, and how.
const ENDS: [(&str, u16); 9] = [
    (
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n",
        413,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        413,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost : x\r\nContent-Length: 90000000\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n",
        417,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        501,
    ),
    ("POST / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    (
        "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 1900000\r\n\r\n",
        200,
    ),
    (
        "POST /ignore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        200,
    ),
];

/// Sends these many bytes, a piece a pause, before it reads anything.
async fn send_on(peer: &mut Peer, piece: usize, pieces: usize, pause: Duration) {
    for _ in 0..pieces {
        peer.send(vec![b'x'; piece]).await;
        sleep(pause).await;
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_writes_for_long_before_it_reads_gets_its_answer() {
    for (wire, status) in ENDS {
        let mut peer = connect(site);
        peer.send(wire).await;
        // 3 MB at 300 kB a second.
        send_on(&mut peer, 30_000, 100, Duration::from_millis(100)).await;
        assert!(!peer.is_over(), "{wire:?}");
        assert_eq!(peer.answer().await.status.as_u16(), status, "{wire:?}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_writes_much_before_it_reads_gets_its_answer() {
    for (wire, status) in ENDS {
        let mut peer = connect(site);
        peer.send(wire).await;
        send_on(&mut peer, 1_000_000, 20, Duration::ZERO).await;
        assert!(!peer.is_over(), "{wire:?}");
        assert_eq!(peer.answer().await.status.as_u16(), status, "{wire:?}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_head_that_is_too_large_or_too_slow_is_told_so_while_it_is_sent() {
    let mut peer = connect(site);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nA: ").await;
    send_on(&mut peer, 30_000, 100, Duration::from_millis(100)).await;
    assert_eq!(peer.answer().await.status.as_u16(), 431);

    let mut peer = connect(site);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nA: ").await;
    send_on(&mut peer, 1, 40, Duration::from_secs(1)).await;
    assert_eq!(peer.answer().await.status.as_u16(), 408);

    let mut peer = connect(site);
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        .await;
    send_on(&mut peer, 1, 60, Duration::from_secs(1)).await;
    assert_eq!(peer.answer().await.status.as_u16(), 408);
}

#[runtime::test(start_paused = true)]
async fn time_and_bytes_of_lingering_can_be_chosen() {
    let config = Config {
        linger_time: Duration::from_secs(7),
        linger_timeout: Duration::from_secs(2),
        ..Config::default()
    };
    for (pause, seconds) in [(1, 7), (3, 2)] {
        let mut peer = connect_to_site(config.clone());
        peer.send("rubbish\r\n\r\n").await;
        assert_eq!(peer.answer().await.status.as_u16(), 400);
        let start = Instant::now();
        let over = async {
            while !peer.is_over() {
                sleep(Duration::from_millis(500)).await;
                if start.elapsed().as_millis().is_multiple_of(pause * 1000) {
                    peer.send("x").await;
                }
            }
        };
        over.await;
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}

/// A server that is told to stop closes after the answer, of which the client, which sends
/// its next request at this moment, does not know yet.
#[runtime::test(start_paused = true)]
async fn a_request_that_crosses_the_end_of_its_connection_does_no_harm() {
    let closing = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("bye"));
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        response
    };
    let mut peer = connect(closing);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    send_on(&mut peer, 1, 3, Duration::from_secs(1)).await;
    assert!(!peer.is_over(), "it lingers");
    assert_eq!(peer.answer().await.text(), "bye");
    assert_eq!(peer.rest().await, "");
    assert!(peer.end().await.is_ok());
}

#[runtime::test(start_paused = true)]
async fn a_refused_upload_gets_its_answer_while_the_server_stops() {
    let endpoint = Endpoint::new(site);
    let mut peer = connect_with(&endpoint, 1_000);
    peer.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1900000\r\n\r\n")
        .await;
    yield_now().await;
    endpoint.drain();
    // The handler does not read, so nothing is taken before it answers.
    send_on(&mut peer, 1_000, 100, Duration::from_millis(10)).await;
    let answer = peer.answer().await;
    assert_eq!((answer.text(), answer.closes()), ("at last", true));
    assert!(!peer.is_over());
    assert!(peer.end().await.is_ok());
    endpoint.closed().await;
}
