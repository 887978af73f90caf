//! Requests cut into pieces, and connections cut off: at every byte, at every await.

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response};
use proptest::prelude::*;
use runtime::Runtime;
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
use runtime::join;
use runtime::runtime::Builder;
use runtime::task::yield_now;
use runtime::time::sleep;
use server::Body;
use server::h1::Endpoint;
use support::{connect, connect_with, exchange, site};

/// Three requests of three kinds, and what comes back.
const WIRE: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello\
                    POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\n\
                    GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const ANSWERS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello\
                       HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd\
                       HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nGET /last";

/// Sends the pieces, and lets the server see each by itself.
async fn in_pieces<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let mut peer = connect(site);
    for piece in pieces {
        peer.send(piece).await;
        yield_now().await;
        yield_now().await;
    }
    peer.rest().await
}

#[runtime::test(start_paused = true)]
async fn requests_cut_in_two_at_any_byte_are_answered_all_the_same() {
    for cut in 0..=WIRE.len() {
        let (one, other) = WIRE.as_bytes().split_at(cut);
        assert_eq!(
            in_pieces([one, other].into_iter()).await,
            ANSWERS,
            "cut at {cut}"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn requests_that_come_byte_by_byte_are_answered_all_the_same() {
    assert_eq!(in_pieces(WIRE.as_bytes().chunks(1)).await, ANSWERS);
}

#[runtime::test(start_paused = true)]
async fn requests_that_end_at_any_byte_are_answered_as_far_as_they_are_complete() {
    for cut in 0..WIRE.len() {
        let answer = exchange(&WIRE[..cut]).await;
        let complete = answer.matches("200 OK").count();
        assert!(ANSWERS.starts_with(&answer), "cut at {cut}: {answer:?}");
        assert!(complete <= 2, "the last one is not complete");
    }
}

#[runtime::test(start_paused = true)]
async fn a_narrow_connection_changes_nothing() {
    for room in [1, 2, 3, 7, 64] {
        let (near, far) = duplex(room);
        let connection = runtime::spawn(Endpoint::new(site).connection(far));
        let (mut reading, mut writing) = split(near);
        let mut answers = String::new();
        // A client that sends everything before it reads anything waits for ever, and so do we.
        let (sent, read) = join!(
            writing.write_all(WIRE.as_bytes()),
            reading.read_to_string(&mut answers)
        );
        sent.and(read).unwrap();
        connection.await.unwrap().unwrap();
        let answers: String = answers
            .split_inclusive("\r\n")
            .filter(|line| !line.starts_with("date"))
            .collect();
        assert_eq!(answers, ANSWERS, "{room} bytes wide");
    }
}

fn paused() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_way_to_cut_requests_changes_the_answers(
        mut cuts in prop::collection::vec(0usize..WIRE.len(), 0..20),
    ) {
        cuts.sort_unstable();
        cuts.push(WIRE.len());
        let mut from = 0;
        let pieces = cuts.into_iter().map(|to| &WIRE.as_bytes()[std::mem::replace(&mut from, to)..to]);
        let pieces: Vec<_> = pieces.collect();
        let answers = paused().block_on(in_pieces(pieces.into_iter()));
        prop_assert_eq!(answers, ANSWERS);
    }

    #[test]
    fn no_garbage_is_answered_with_success_or_a_panic(
        garbage in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let answer = paused().block_on(exchange(garbage));
        prop_assert!(!answer.contains("200 OK"), "{}", answer);
    }

    #[test]
    fn requests_with_a_byte_changed_get_whole_answers(
        at in 0usize..WIRE.len(),
        byte in any::<u8>(),
    ) {
        let mut wire = WIRE.as_bytes().to_vec();
        wire[at] = byte;
        let answer = paused().block_on(exchange(wire));
        // A refusal may name the version too, in words.
        let is_status = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
        for part in answer.split("HTTP/1.1 ").skip(1).filter(is_status) {
            prop_assert!(part.contains("\r\n\r\n"), "{}", answer);
        }
    }
}

/// Counts those that are alive.
struct Alive(Rc<Cell<usize>>);

impl Alive {
    fn new(count: &Rc<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Alive(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[runtime::test(start_paused = true)]
async fn a_connection_dropped_at_any_await_leaves_nothing_behind() {
    let alive = Rc::new(Cell::new(0));
    let service = {
        let alive = alive.clone();
        move |request: Request<Body>| {
            let guard = Alive::new(&alive);
            async move {
                sleep(Duration::from_millis(1)).await;
                let response = site(request).await;
                drop(guard);
                response
            }
        }
    };
    let endpoint = Endpoint::new(service);
    // So many turns of the scheduler are given to it before it is dropped.
    for turns in 0..60 {
        let mut peer = connect_with(&endpoint, 16);
        let sending = async {
            peer.send(WIRE).await;
            peer
        };
        let sending = runtime::spawn(sending);
        for _ in 0..turns {
            yield_now().await;
        }
        sleep(Duration::from_millis(turns % 4)).await;
        let state = endpoint.open_connections();
        assert_eq!(state, 1);
        // The client goes away in the middle; the server notices, or is dropped as well.
        sending.abort();
        if let Ok(peer) = sending.await {
            let mut stream = peer.abort().await;
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.unwrap();
        }
        endpoint.closed().await;
        assert_eq!(alive.get(), 0, "after {turns} turns");
    }
}

#[runtime::test(start_paused = true)]
async fn a_handler_is_dropped_with_its_connection() {
    let alive = Rc::new(Cell::new(0));
    let service = {
        let alive = alive.clone();
        move |_: Request<Body>| {
            let guard = Alive::new(&alive);
            async move {
                sleep(Duration::from_secs(3_600)).await;
                drop(guard);
                Response::new(Body::empty())
            }
        }
    };
    let mut peer = connect(service);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    yield_now().await;
    assert_eq!(alive.get(), 1);
    drop(peer.abort().await);
    assert_eq!(alive.get(), 0);
}
