//! Peers that are slow: as long as they make progress they are served, and no longer.

mod support;

use std::future::IntoFuture;
use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::task::yield_now;
use runtime::time::{Instant, sleep};
use server::h1::Endpoint;
use server::{Body, Config, serve};
use support::{Peer, connect, connect_to_site, connect_with, site};

const SECOND: Duration = Duration::from_secs(1);

/// The kernel calls a socket writable only when a third of its buffer is free, which are
/// megabytes: at this speed that takes longer than the server waits for any progress.
#[runtime::test(start_paused = true)]
async fn a_steady_slow_download_over_a_real_socket_is_not_cut() {
    const SIZE: usize = 12_000_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let large = |_: Request<Body>| async { Response::new(Body::from("x".repeat(SIZE))) };
    let server = runtime::spawn(serve(listener, large).into_future());
    let mut client = TcpStream::connect(addr).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let (mut received, mut buffer) = (0, [0; 20_000]);
    loop {
        let count = client.read(&mut buffer).await.unwrap();
        if count == 0 {
            break;
        }
        received += count;
        sleep(SECOND).await;
    }
    assert!(received > SIZE, "cut after {received} bytes");
    server.abort();
}

const CHUNKED: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const LENGTH: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n";

/// Sends `drop` every second, and says after how many seconds the connection had enough.
async fn drip(peer: &mut Peer, drop: &str) -> u64 {
    let start = Instant::now();
    while start.elapsed() < 600 * SECOND && !peer.has_answer().await {
        peer.send(drop).await;
        sleep(SECOND).await;
    }
    start.elapsed().as_secs()
}

#[runtime::test(start_paused = true)]
async fn a_body_that_drips_is_refused_when_its_grace_is_used_up() {
    for (begin, drop) in [
        (LENGTH.to_owned(), "x"),
        (format!("{CHUNKED}ffff\r\n"), "x"),
        (CHUNKED.to_owned(), "1\r\nx\r\n"),
        (format!("{CHUNKED}1;"), "e"),
        (format!("{CHUNKED}0\r\nTrailer: "), "t"),
        (format!("{CHUNKED}0\r\n"), "T: t\r\n"),
    ] {
        let mut peer = connect(site);
        peer.send(&begin).await;
        let seconds = drip(&mut peer, drop).await;
        assert!((30..=31).contains(&seconds), "{begin:?}: {seconds} s");
        assert_eq!(peer.answer().await.status.as_u16(), 408);
    }
}

#[runtime::test(start_paused = true)]
async fn a_fast_beginning_does_not_pay_for_a_slow_rest() {
    let mut peer = connect(site);
    peer.send(LENGTH).await;
    peer.send(vec![b'x'; 190_000]).await;
    let seconds = drip(&mut peer, "x").await;
    assert!((30..=31).contains(&seconds), "{seconds} s");
}

#[runtime::test(start_paused = true)]
async fn a_body_above_the_minimum_is_taken_however_long_it_takes() {
    let mut peer = connect(site);
    peer.send(LENGTH).await;
    for _ in 0..800 {
        peer.send([b'x'; 250]).await;
        sleep(SECOND).await;
    }
    assert_eq!(peer.answer().await.body.len(), 200_000);
}

#[runtime::test(start_paused = true)]
async fn the_minimum_and_its_grace_can_be_chosen() {
    for (rate, seconds) in [(10, 19..=21), (0, 600..=600), (1_000, 10..=11)] {
        let mut peer = connect_to_site(Config {
            body_timeout: 10 * SECOND,
            min_body_rate: rate,
            ..Config::default()
        });
        peer.send(LENGTH).await;
        let took = drip(&mut peer, "12345").await;
        assert!(seconds.contains(&took), "{rate} bytes a second: {took} s");
    }
}

/// The client could not send: the server did not read.
#[runtime::test(start_paused = true)]
async fn time_in_which_the_handler_does_not_read_is_not_the_client_s() {
    let slow = |request: Request<Body>| async {
        let mut body = request.into_body();
        let mut size = 0;
        while let Some(piece) = body.chunk().await {
            size += piece.unwrap().len();
            sleep(100 * SECOND).await;
        }
        Response::new(Body::from(size.to_string()))
    };
    let mut peer = connect_with(&Endpoint::new(slow), 100);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        .await;
    peer.send(vec![b'x'; 5_000]).await;
    assert_eq!(peer.answer().await.text(), "5000");
}

#[runtime::test(start_paused = true)]
async fn a_reader_that_drips_is_dropped_when_its_grace_is_used_up() {
    let large = |_: Request<Body>| async { Response::new(Body::from("x".repeat(200_000))) };
    for (step, stays) in [(100, false), (250, true)] {
        let mut peer = connect_with(&Endpoint::new(large), 1_000);
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let start = Instant::now();
        while start.elapsed() < 100 * SECOND && !peer.is_over() {
            peer.take(step).await;
            sleep(SECOND).await;
        }
        assert_eq!(!peer.is_over(), stays, "{step} bytes a second");
        if !stays {
            // It uses up 140 of 240 parts of each second.
            assert!(
                (40..=60).contains(&start.elapsed().as_secs()),
                "{:?}",
                start.elapsed()
            );
            assert!(peer.end().await.unwrap_err().is_stuck_write());
        }
    }
}

/// Each byte of the body is echoed as a chunk of six: the connection waits now for the client
/// to send, and now for the client to read.
#[runtime::test(start_paused = true)]
async fn waits_for_this_and_for_that_use_up_a_time_each() {
    let mut peer = connect_with(&Endpoint::new(site), 5);
    peer.send(
        "POST /stream-echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    )
    .await;
    peer.answer_without_body().await;
    let start = Instant::now();
    while start.elapsed() < 600 * SECOND && !peer.is_over() {
        peer.send("x").await;
        sleep(SECOND / 2).await;
        for _ in 0..3 {
            peer.has_answer().await;
            yield_now().await;
        }
        sleep(SECOND / 2).await;
    }
    let seconds = start.elapsed().as_secs();
    // A quarter of each second for the one, less for the other; 30 s for either.
    assert!((30..200).contains(&seconds), "{seconds} s");
}

fn limited(bytes: u64) -> Config {
    Config {
        max_held_bodies: bytes,
        ..Config::default()
    }
}

#[runtime::test(start_paused = true)]
async fn bodies_that_are_held_count_against_one_bound() {
    let endpoint = Endpoint::with_config(site, limited(10_000));
    let upload = || async {
        let mut peer = connect_with(&endpoint, 100_000);
        peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n")
            .await;
        yield_now().await;
        for _ in 0..4 {
            peer.send([b'x'; 1_000]).await;
            yield_now().await;
        }
        peer
    };
    let (mut one, mut other) = (upload().await, upload().await);
    let mut third = upload().await;
    assert_eq!(third.answer().await.status.as_u16(), 503);
    // One that goes away makes room.
    drop(other.abort().await);
    one.send([b'x'; 4_000]).await;
    assert_eq!(one.answer().await.body.len(), 8_000);
    other = upload().await;
    other.send([b'x'; 4_000]).await;
    assert_eq!(other.answer().await.body.len(), 8_000);
}

#[runtime::test(start_paused = true)]
async fn a_body_that_came_whole_counts_while_its_handler_holds_it() {
    let endpoint = Endpoint::with_config(site, limited(10_000));
    let send = || async {
        let mut peer = connect_with(&endpoint, 100_000);
        let head = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n";
        peer.send([head.as_bytes(), &[b'x'; 8_000]].concat()).await;
        yield_now().await;
        peer
    };
    let (mut one, mut other) = (send().await, send().await);
    assert_eq!(other.answer().await.status.as_u16(), 503);
    assert_eq!(one.answer().await.text(), "at last");
    assert_eq!(send().await.answer().await.text(), "at last");
}

#[runtime::test(start_paused = true)]
async fn what_a_handler_lets_go_of_does_not_count() {
    let counter = |request: Request<Body>| async {
        let (mut body, mut size) = (request.into_body(), 0);
        while let Some(Ok(piece)) = body.chunk().await {
            size += piece.len();
        }
        Response::new(Body::from(size.to_string()))
    };
    let endpoint = Endpoint::with_config(counter, limited(70_000));
    let mut peer = connect_with(&endpoint, 50_000);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
        .await;
    peer.send(vec![b'x'; 2_000_000]).await;
    assert_eq!(peer.answer().await.text(), "2000000");
}

/// Holds what it gets for an hour.
async fn holder(request: Request<Body>) -> Response<Body> {
    let mut body = request.into_body();
    let mut pieces = Vec::new();
    while let Some(Ok(piece)) = body.chunk().await {
        pieces.push(piece);
    }
    sleep(3_600 * SECOND).await;
    Response::new(Body::from(pieces.concat()))
}

/// New bodies are refused first: the last quarter of the bound is for those that have begun.
#[runtime::test(start_paused = true)]
async fn bodies_that_others_hold_do_not_fail_one_that_is_half_done() {
    let endpoint = Endpoint::with_config(holder, limited(100_000));
    let begin = |length: usize, sent: usize| {
        let mut peer = connect_with(&endpoint, 100_000);
        async move {
            peer.send(format!(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
            ))
            .await;
            peer.send(vec![b'x'; sent]).await;
            sleep(SECOND).await;
            peer
        }
    };
    let mut half_done = begin(20_000, 10_000).await;
    let mut holders = Vec::new();
    for _ in 0..12 {
        holders.push(begin(10_000, 10_000).await);
    }
    half_done.send(vec![b'x'; 10_000]).await;
    sleep(SECOND).await;
    assert!(!half_done.has_answer().await, "it was not refused");
    assert_eq!(half_done.answer().await.body.len(), 20_000);
    let mut statuses = Vec::new();
    for holder in &mut holders {
        statuses.push(holder.answer().await.status.as_u16());
    }
    let held = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((held, statuses[held]), (7, 503), "{statuses:?}");
}
