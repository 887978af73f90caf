//! What a handler learns about a client that has gone, or that has only stopped sending.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncWriteExt, duplex};
use runtime::task::yield_now;
use runtime::time::{sleep, timeout};
use server::Body;
use server::h1::Endpoint;
use support::{Peer, connect};

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\r\n";

/// Where a handler has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Running,
    Dropped,
    Answered,
}

/// A connection to a handler that works for an hour and has not looked at its body.
fn busy() -> (Peer, Rc<Cell<Fate>>) {
    let fate = Rc::new(Cell::new(Fate::Running));
    let service = {
        let fate = fate.clone();
        move |request: Request<Body>| {
            let guard = Guard(fate.clone());
            async move {
                sleep(Duration::from_secs(3_600)).await;
                drop(request);
                guard.0.set(Fate::Answered);
                Response::new(Body::from("done"))
            }
        }
    };
    (connect(service), fate)
}

struct Guard(Rc<Cell<Fate>>);

impl Drop for Guard {
    fn drop(&mut self) {
        if self.0.get() == Fate::Running {
            self.0.set(Fate::Dropped);
        }
    }
}

async fn settle() {
    for _ in 0..10 {
        yield_now().await;
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_leaves_in_the_middle_of_its_body_takes_its_handler_along() {
    let much = "x".repeat(50_000);
    for rest in [
        "Content-Length: 5\r\n\r\n",
        "Content-Length: 5\r\n\r\nhell",
        "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        &format!("Content-Length: 50001\r\n\r\n{much}"),
        CHUNKED,
        &format!("{CHUNKED}5\r\nhel"),
        &format!("{CHUNKED}5\r\nhello\r\n0\r\n"),
    ] {
        let (mut peer, fate) = busy();
        peer.send(format!("POST / HTTP/1.1\r\nHost: x\r\n{rest}"))
            .await;
        settle().await;
        assert_eq!(fate.get(), Fate::Running, "{:.80}", rest);
        peer.finish_sending().await;
        settle().await;
        assert_eq!(fate.get(), Fate::Dropped, "{:.80}", rest);
        assert_eq!(peer.rest().await, "");
        assert!(peer.end().await.unwrap_err().is_truncated());
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_leaves_between_two_requests_is_no_failure_and_in_a_head_it_is_one() {
    for (sent, is_cut) in [
        ("", false),
        ("\r\n", false),
        ("GET", true),
        ("GET / HTTP/1.1\r\nHost: x\r\n", true),
    ] {
        let (mut peer, _fate) = busy();
        peer.send(sent).await;
        settle().await;
        peer.finish_sending().await;
        assert_eq!(peer.rest().await, "");
        let end = peer.end().await;
        assert_eq!(
            end.is_err_and(|error| error.is_truncated()),
            is_cut,
            "{sent:?}"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_only_stops_sending_is_answered_whether_its_body_was_read_or_not() {
    let much = "x".repeat(50_000);
    for rest in [
        "\r\n",
        "Content-Length: 5\r\n\r\nhello",
        &format!("Content-Length: 50000\r\n\r\n{much}"),
        &format!("{CHUNKED}5\r\nhello\r\n0\r\n\r\n"),
    ] {
        for cut in [0, rest.len() / 2, rest.len() - 1] {
            let (mut peer, fate) = busy();
            peer.send("POST / HTTP/1.1\r\nHost: x\r\n").await;
            peer.send(&rest[..cut]).await;
            settle().await;
            peer.send(&rest[cut..]).await;
            peer.finish_sending().await;
            settle().await;
            assert_eq!(fate.get(), Fate::Running, "{:.80} cut at {cut}", rest);
            assert!(peer.rest().await.ends_with("done"));
            assert_eq!(fate.get(), Fate::Answered);
            peer.end().await.unwrap();
        }
    }
}

#[runtime::test(start_paused = true)]
async fn what_was_read_ahead_reaches_a_handler_that_reads_later() {
    for ends in [false, true] {
        let service = |request: Request<Body>| async move {
            sleep(Duration::from_secs(1)).await;
            let bytes = server::body::to_bytes(request.into_body(), usize::MAX).await;
            Response::new(Body::from(bytes.unwrap()))
        };
        let mut peer = connect(service);
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\n{CHUNKED}");
        for part in [&head[..], "3\r\nabc\r\n", "4\r\ndefg\r\n", "0\r\n\r\n"] {
            peer.send(part).await;
            settle().await;
        }
        if ends {
            peer.finish_sending().await;
        }
        assert_eq!(peer.answer().await.text(), "abcdefg");
    }
}

/// Another task holds the body: the answer is not its business.
#[runtime::test(start_paused = true)]
async fn an_answer_that_has_begun_is_finished_for_a_client_that_breaks_off_its_body() {
    let seen = Rc::new(Cell::new(false));
    let service = {
        let seen = seen.clone();
        move |request: Request<Body>| {
            let seen = seen.clone();
            drop(runtime::spawn(async move {
                sleep(Duration::from_secs(1)).await;
                let mut body = request.into_body();
                while let Some(piece) = body.chunk().await {
                    seen.set(piece.is_err_and(|error| error.is_closed()));
                }
            }));
            async { Response::new(Body::from("early")) }
        }
    };
    let mut peer = connect(service);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        .await;
    assert_eq!(peer.answer().await.text(), "early");
    peer.finish_sending().await;
    assert_eq!(peer.rest().await, "");
    sleep(Duration::from_secs(2)).await;
    assert!(seen.get(), "the reader is told");
}

/// What is read ahead is one buffer full, however it comes.
#[runtime::test(start_paused = true)]
async fn no_more_than_a_buffer_is_read_ahead() {
    const BUFFER: usize = 64 * 1024;
    let (mut client, socket) = duplex(BUFFER);
    let forever = |_: Request<Body>| pending();
    drop(runtime::spawn(Endpoint::new(forever).connection(socket)));
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    client.write_all(head).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    let mut sent = 0;
    // First nearly a buffer full, and then as much as it takes.
    for size in [BUFFER - 1, BUFFER, BUFFER] {
        let body = vec![b'x'; size];
        let mut rest = &body[..];
        while !rest.is_empty() {
            let Ok(count) = timeout(Duration::from_secs(1), client.write(rest)).await else {
                break;
            };
            rest = &rest[count.unwrap()..];
        }
        sent += size - rest.len();
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(sent, 2 * BUFFER, "a buffer here, and one on the way");
}
