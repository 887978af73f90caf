//! One connection, many requests: which may follow which, in what order, in how many writes.

mod support;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::task::yield_now;
use server::h1::Endpoint;
use server::{Body, Config};
use support::{Counted, connect, connect_to_site, exchange, site};

#[runtime::test(start_paused = true)]
async fn requests_follow_one_another_on_one_connection() {
    let mut peer = connect(site);
    for path in ["/a", "/b", "/c"] {
        let answer = peer.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, format!("GET {path}").as_str())
        );
        assert!(
            answer
                .header("date")
                .is_some_and(|date| date.ends_with(" GMT"))
        );
        assert_eq!(answer.header("connection"), None);
    }
    assert!(peer.end().await.is_ok());
}

#[runtime::test(start_paused = true)]
async fn a_client_that_asks_for_the_end_gets_it() {
    let answer =
        exchange("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\n")
            .await;
    let text = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 6\r\n\r\nGET /a";
    assert_eq!(answer, text, "what follows is not looked at");
}

#[runtime::test(start_paused = true)]
async fn a_connection_ends_after_as_many_requests_as_it_may_have() {
    let config = Config {
        max_requests: 3,
        ..Config::default()
    };
    let mut one_by_one = connect_to_site(config.clone());
    for closes in [false, false, true] {
        assert_eq!(one_by_one.get("/a").await.closes(), closes);
    }
    assert_eq!(one_by_one.rest().await, "");
    let mut at_once = connect_to_site(config);
    let four = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4);
    at_once.send(four).await;
    let answers = at_once.rest().await;
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 3, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1);
}

#[runtime::test(start_paused = true)]
async fn a_handler_that_asks_for_the_end_gets_it() {
    let mut peer = connect(site);
    assert!(peer.get("/close").await.closes());
    assert_eq!(peer.rest().await, "");
}

#[runtime::test(start_paused = true)]
async fn an_old_client_is_served_once_unless_it_asks_for_more() {
    let old = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 6\r\n\r\nGET /a";
    assert_eq!(
        exchange("GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\n").await,
        old
    );

    let mut peer = connect(site);
    for path in ["/a", "/b"] {
        peer.send(format!(
            "GET {path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        ))
        .await;
        let answer = peer.answer().await;
        assert_eq!(
            answer.header("connection"),
            Some("keep-alive"),
            "it must be said aloud"
        );
        assert_eq!(answer.text(), format!("GET {path}"));
    }
}

#[runtime::test(start_paused = true)]
async fn a_body_of_unknown_length_ends_with_the_connection_for_an_old_client() {
    let answer = exchange("GET /numbers HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\none two three"
    );
}

#[runtime::test(start_paused = true)]
async fn head_is_answered_like_get_without_the_body() {
    let mut peer = connect(site);
    for (path, length) in [("/a", Some("7")), ("/numbers", None), ("/echo", None)] {
        peer.send(format!("HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let answer = peer.answer_without_body().await;
        assert_eq!(answer.header("content-length"), length, "{path}");
    }
    assert_eq!(
        peer.get("/b").await.text(),
        "GET /b",
        "no stray byte in between"
    );
}

#[runtime::test(start_paused = true)]
async fn answers_that_have_no_body_send_none() {
    let mut peer = connect(site);
    for (path, status) in [("/no-content", 204), ("/not-modified", 304)] {
        peer.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let answer = peer.answer_without_body().await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("content-length"), None);
        assert_eq!(answer.header("transfer-encoding"), None);
    }
    assert_eq!(
        peer.get("/b").await.text(),
        "GET /b",
        "no stray byte in between"
    );
}

#[runtime::test(start_paused = true)]
async fn a_last_word_is_never_informational() {
    assert_eq!(
        connect(site).get("/informational").await.status.as_u16(),
        500
    );
}

#[runtime::test(start_paused = true)]
async fn pipelined_requests_are_answered_in_order_even_if_the_first_is_slow() {
    let mut peer = connect(site);
    let batch: String = ["/slow", "/a", "/numbers", "/b"]
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
        .concat();
    peer.send(batch).await;
    for text in ["at last", "GET /a", "one two three", "GET /b"] {
        assert_eq!(peer.answer().await.text(), text);
    }
}

#[runtime::test(start_paused = true)]
async fn all_requests_of_one_read_are_answered_in_one_write() {
    let (mut client, socket) = duplex(64 * 1024);
    let (socket, counts) = Counted::new(socket);
    let connection = runtime::spawn(Endpoint::new(site).connection(socket));
    client
        .write_all("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16).as_bytes())
        .await
        .unwrap();
    client.shutdown().await.unwrap();
    let mut answers = String::new();
    client.read_to_string(&mut answers).await.unwrap();
    connection.await.unwrap().unwrap();
    assert_eq!(answers.matches("GET /a").count(), 16);
    assert_eq!(counts.writes.get(), 1);
    assert_eq!(counts.reads.get(), 2, "the batch, and the end");
}

#[runtime::test(start_paused = true)]
async fn what_is_collected_for_one_write_is_bounded() {
    let (mut client, socket) = duplex(1024 * 1024);
    let (socket, counts) = Counted::new(socket);
    let ten_kilobytes = |_: Request<Body>| async { Response::new(Body::from("x".repeat(10_000))) };
    let connection = runtime::spawn(Endpoint::new(ten_kilobytes).connection(socket));
    client
        .write_all("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(40).as_bytes())
        .await
        .unwrap();
    client.shutdown().await.unwrap();
    let mut answers = String::new();
    client.read_to_string(&mut answers).await.unwrap();
    connection.await.unwrap().unwrap();
    assert_eq!(answers.matches("200 OK").count(), 40);
    assert!(
        counts.largest.get() < 80_000,
        "{} bytes in one write",
        counts.largest.get()
    );
}

#[runtime::test(start_paused = true)]
async fn a_large_body_goes_out_with_its_head_in_one_write() {
    let (mut client, socket) = duplex(1024 * 1024);
    let (socket, counts) = Counted::new(socket);
    let large = |_: Request<Body>| async { Response::new(Body::from("x".repeat(300_000))) };
    let connection = runtime::spawn(Endpoint::new(large).connection(socket));
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    assert!(answer.ends_with(&"x".repeat(300_000)));
    assert_eq!(counts.writes.get(), 1);
}

#[runtime::test(start_paused = true)]
async fn a_client_that_closes_its_direction_still_gets_its_answer() {
    let answer = exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.ends_with("at last"), "{answer:?}");
}

#[runtime::test(start_paused = true)]
async fn one_busy_client_does_not_keep_the_thread_to_itself() {
    let endpoint = Endpoint::new(site);
    let (mut busy, socket) = duplex(64 * 1024);
    drop(runtime::spawn(endpoint.connection(socket)));
    let flood = runtime::spawn(async move {
        let mut answers = vec![0; 64 * 1024];
        for _ in 0..50 {
            busy.write_all("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100).as_bytes())
                .await
                .unwrap();
            while busy.read(&mut answers).await.unwrap() == answers.len() {}
        }
    });
    let mut modest = support::connect_with(&endpoint, support::ROOM);
    assert_eq!(modest.get("/b").await.text(), "GET /b");
    assert!(
        !flood.is_finished(),
        "the modest one did not have to wait for the flood to end"
    );
    flood.abort();
}

#[runtime::test(start_paused = true)]
async fn a_flood_of_requests_is_answered_in_short_turns() {
    let answered = Rc::new(Cell::new(0));
    let count = Rc::clone(&answered);
    let counting = move |_: Request<Body>| {
        count.set(count.get() + 1);
        async { Response::new(Body::from("x")) }
    };
    let (mut client, socket) = duplex(1024 * 1024);
    drop(runtime::spawn(Endpoint::new(counting).connection(socket)));
    let requests = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2_000);
    client.write_all(requests.as_bytes()).await.unwrap();
    let mut most = 0;
    while answered.get() < 2_000 {
        let before = answered.get();
        yield_now().await;
        most = most.max(answered.get() - before);
    }
    assert!((16..=32).contains(&most), "{most} requests in one turn");
}

#[runtime::test(start_paused = true)]
async fn a_fast_upload_is_read_in_short_turns() {
    let read = Rc::new(Cell::new(0));
    let count = Rc::clone(&read);
    let reading = move |request: Request<Body>| {
        let count = Rc::clone(&count);
        async move {
            let mut body = request.into_body();
            while let Some(Ok(piece)) = poll_fn(|cx| body.poll_chunk(cx)).await {
                count.set(count.get() + piece.len());
            }
            Response::new(Body::from("x"))
        }
    };
    let (mut client, socket) = duplex(2 * 1024 * 1024);
    drop(runtime::spawn(Endpoint::new(reading).connection(socket)));
    let head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(&vec![0; 1_000_000]).await.unwrap();
    let mut most = 0;
    while read.get() < 1_000_000 {
        let before = read.get();
        yield_now().await;
        most = most.max(read.get() - before);
    }
    assert!(most <= 2 * 64 * 1024, "{most} bytes in one turn");
}

#[runtime::test(start_paused = true)]
async fn empty_lines_between_requests_are_overlooked() {
    let mut peer = connect(site);
    assert_eq!(peer.get("/a").await.text(), "GET /a");
    peer.send("\r\n\r").await;
    peer.send("\n").await;
    assert_eq!(peer.get("/b").await.text(), "GET /b");
}

/// RFC 9110, section 15.5.22: a 426 names the protocols that would do.
#[runtime::test(start_paused = true)]
async fn an_answer_that_asks_for_an_upgrade_says_so_and_the_connection_stays() {
    let service = |_: Request<Body>| async {
        let response = Response::builder()
            .status(426)
            .header("upgrade", "websocket")
            .header("connection", "upgrade, x-hop")
            .header("keep-alive", "timeout=5")
            .header("x-hop", "1");
        response.body(Body::empty()).unwrap()
    };
    let mut peer = connect(service);
    for _ in 0..2 {
        let answer = peer.get("/").await;
        assert_eq!(answer.status.as_u16(), 426);
        assert_eq!(answer.header("upgrade"), Some("websocket"));
        assert_eq!(answer.header("connection"), Some("upgrade"));
        assert_eq!(answer.header("keep-alive"), None);
        assert_eq!(answer.header("x-hop"), None);
    }
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    let answer = peer.answer().await;
    assert_eq!(answer.header("connection"), Some("close, upgrade"));
}
