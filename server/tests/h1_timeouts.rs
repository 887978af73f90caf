//! Every wait for a peer has its clock. The clock is paused, so times are exact.

mod support;

use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, duplex};
use runtime::time::{Instant, sleep};
use server::h1::Endpoint;
use server::{Body, Config};
use support::{Counted, Peer, connect, connect_with, site};

const SECOND: Duration = Duration::from_secs(1);

/// Only a pause is too slow.
fn any_speed() -> Config {
    Config {
        min_body_rate: 0,
        min_write_rate: 0,
        ..Config::default()
    }
}

#[runtime::test(start_paused = true)]
async fn an_idle_connection_is_closed_after_a_minute_without_a_word() {
    let start = Instant::now();
    let mut peer = connect(site);
    peer.get("/a").await;
    assert_eq!(peer.rest().await, "");
    assert_eq!(start.elapsed(), 60 * SECOND);
    assert!(peer.end().await.is_ok());
}

/// It is a stranger: it has the time that a head has.
#[runtime::test(start_paused = true)]
async fn a_connection_that_never_says_a_word_is_closed_after_ten_seconds() {
    for (idle, seconds) in [(60, 10), (5, 5)] {
        let start = Instant::now();
        let mut peer = support::connect_to_site(Config {
            idle_timeout: idle * SECOND,
            ..Config::default()
        });
        assert_eq!(peer.rest().await, "");
        assert_eq!(start.elapsed(), seconds * SECOND);
        assert!(peer.end().await.is_ok());
    }
}

#[runtime::test(start_paused = true)]
async fn the_minute_begins_anew_with_each_answer() {
    let mut peer = connect(site);
    peer.get("/a").await;
    for _ in 0..5 {
        sleep(59 * SECOND).await;
        assert_eq!(peer.get("/a").await.text(), "GET /a");
    }
    let last = Instant::now();
    assert_eq!(peer.rest().await, "");
    assert_eq!(last.elapsed(), 60 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn empty_lines_do_not_keep_an_idle_connection_alive() {
    let start = Instant::now();
    let mut peer = connect(site);
    peer.get("/a").await;
    sleep(40 * SECOND).await;
    peer.send("\r\n").await;
    assert_eq!(peer.rest().await, "");
    assert_eq!(start.elapsed(), 60 * SECOND);
}

/// Half an empty line is not the beginning of a head: else each half would begin a new wait,
/// and a peer could stay for ever without a request.
#[runtime::test(start_paused = true)]
async fn empty_lines_in_halves_do_not_either() {
    let start = Instant::now();
    let mut peer = connect(site);
    peer.get("/a").await;
    for half in ["\r", "\n"].repeat(3) {
        sleep(9 * SECOND).await;
        peer.send(half).await;
    }
    assert_eq!(peer.rest().await, "");
    assert_eq!(start.elapsed(), 60 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn a_head_has_ten_seconds_from_its_first_byte_however_it_drips() {
    let mut peer = connect(site);
    peer.get("/a").await;
    sleep(30 * SECOND).await;
    let start = Instant::now();
    for byte in "GET /a HT".bytes() {
        peer.send([byte]).await;
        sleep(SECOND).await;
    }
    assert_eq!(peer.answer().await.status.as_u16(), 408);
    assert_eq!(start.elapsed(), 10 * SECOND);
    assert_eq!(
        peer.end()
            .await
            .unwrap_err()
            .refusal()
            .map(|r| r.status().as_u16()),
        Some(408)
    );
}

#[runtime::test(start_paused = true)]
async fn a_second_head_has_its_own_ten_seconds() {
    let mut peer = connect(site);
    let start = Instant::now();
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET").await;
    assert_eq!(peer.answer().await.text(), "GET /a");
    sleep(9 * SECOND).await;
    peer.send(" /b HTTP/1.1\r\nHost: x\r\n\r\nG").await;
    assert_eq!(peer.answer().await.text(), "GET /b");
    assert_eq!(peer.answer().await.status.as_u16(), 408);
    assert_eq!(start.elapsed(), 19 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn a_body_has_thirty_seconds_for_each_piece() {
    for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let mut peer = support::connect_to_site(any_speed());
        peer.send(format!(
            "POST /echo HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n"
        ))
        .await;
        for _ in 0..5 {
            sleep(29 * SECOND).await;
            peer.send("1\r\nx\r\n").await;
        }
        let last = Instant::now();
        let answer = peer.answer().await;
        assert_eq!((answer.status.as_u16(), answer.closes()), (408, true));
        assert_eq!(last.elapsed(), 30 * SECOND);
    }
}

#[runtime::test(start_paused = true)]
async fn a_body_that_nobody_reads_has_no_clock() {
    let sleeper = |request: Request<Body>| async move {
        sleep(3_600 * SECOND).await;
        drop(request);
        Response::new(Body::from("rested"))
    };
    let mut peer = connect(sleeper);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        .await;
    assert_eq!(peer.answer().await.text(), "rested");
}

#[runtime::test(start_paused = true)]
async fn a_handler_may_take_its_time() {
    let slow = |_: Request<Body>| async {
        sleep(3_600 * SECOND).await;
        Response::new(Body::from("done"))
    };
    let start = Instant::now();
    let mut peer = connect(slow);
    assert_eq!(peer.get("/").await.text(), "done");
    assert_eq!(start.elapsed(), 3_600 * SECOND);
    assert_eq!(peer.get("/").await.text(), "done");
}

#[runtime::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_dropped_after_thirty_seconds() {
    let large = |_: Request<Body>| async { Response::new(Body::from("x".repeat(100_000))) };
    let start = Instant::now();
    let mut peer = connect_with(&Endpoint::with_config(large, any_speed()), 1_000);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(20 * SECOND).await;
    assert_eq!(peer.take(500).await.len(), 500);
    sleep(29 * SECOND).await;
    assert!(!peer.is_over(), "it has read something meanwhile");
    sleep(2 * SECOND).await;
    assert!(peer.is_over());
    assert!(start.elapsed() < 52 * SECOND);
    assert!(peer.end().await.unwrap_err().is_stuck_write());
}

#[runtime::test(start_paused = true)]
async fn a_slow_reader_gets_everything() {
    let large = |_: Request<Body>| async { Response::new(Body::from("x".repeat(50_000))) };
    let mut peer = connect_with(&Endpoint::with_config(large, any_speed()), 1_000);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    let mut received = 0;
    while received < 50_000 {
        sleep(25 * SECOND).await;
        received += peer.take(1_000).await.len();
    }
    peer.rest().await;
    assert!(peer.end().await.is_ok());
}

#[runtime::test(start_paused = true)]
async fn lingering_has_one_deadline_for_all_of_it() {
    let mut peer = connect(site);
    peer.send("rubbish\r\n\r\n").await;
    assert_eq!(peer.answer().await.status.as_u16(), 400);
    let start = Instant::now();
    while !peer.is_over() {
        peer.send("and more of it").await;
        sleep(SECOND / 2).await;
    }
    assert_eq!(start.elapsed(), 60 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn lingering_ends_when_the_peer_pauses() {
    let mut peer = connect(site);
    peer.send("rubbish\r\n\r\n").await;
    assert_eq!(peer.answer().await.status.as_u16(), 400);
    for _ in 0..3 {
        sleep(4 * SECOND).await;
        peer.send("and more of it").await;
    }
    let last = Instant::now();
    assert_eq!(peer.rest().await, "");
    while !peer.is_over() {
        sleep(SECOND / 2).await;
    }
    assert_eq!(last.elapsed(), 5 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn lingering_ends_when_the_peer_closes() {
    let mut peer = connect(site);
    peer.send("rubbish\r\n\r\n").await;
    let start = Instant::now();
    assert_eq!(peer.answer().await.status.as_u16(), 400);
    assert!(peer.end().await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[runtime::test(start_paused = true)]
async fn lingering_ends_when_the_peer_sends_too_much() {
    let config = Config {
        linger_limit: 10_000,
        ..Config::default()
    };
    let mut peer: Peer = support::connect_to_site(config);
    peer.send("rubbish\r\n\r\n").await;
    assert_eq!(peer.answer().await.status.as_u16(), 400);
    let start = Instant::now();
    peer.send(vec![0; 10_001]).await;
    assert!(peer.end().await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[runtime::test(start_paused = true)]
async fn all_limits_can_be_chosen() {
    let config = Config {
        idle_timeout: 2 * SECOND,
        head_timeout: 3 * SECOND,
        body_timeout: 4 * SECOND,
        ..Config::default()
    };
    for (wire, seconds) in [
        ("", 2),
        ("G", 3),
        (
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n",
            4,
        ),
    ] {
        let start = Instant::now();
        let mut peer = support::connect_to_site(config.clone());
        peer.send(wire).await;
        let answer = peer.rest().await;
        assert_eq!(start.elapsed().as_secs(), seconds, "{wire:?}");
        assert_eq!(answer.contains("408"), !wire.is_empty());
    }
    let endless = Config {
        idle_timeout: Duration::MAX,
        ..Config::default()
    };
    let mut peer = support::connect_to_site(endless);
    peer.get("/a").await;
    sleep(1_000_000 * SECOND).await;
    assert_eq!(peer.get("/a").await.text(), "GET /a");
}

#[runtime::test(start_paused = true)]
async fn waiting_reads_nothing_and_writes_nothing() {
    let (mut client, socket) = duplex(1024);
    let (socket, counts) = Counted::new(socket);
    drop(runtime::spawn(Endpoint::new(site).connection(socket)));
    let mut nothing = [0];
    assert_eq!(client.read(&mut nothing).await.unwrap(), 0);
    assert_eq!((counts.reads.get(), counts.writes.get()), (0, 0));
}
