//! What is not served, over the wire: the answer, the end of the connection, and nothing of
//! what was smuggled behind.

mod support;

use http::{Request, Response};
use server::h1::{Endpoint, Methods};
use server::{Body, Config};
use support::{Answer, Peer, connect, connect_to_site, connect_with, site};

/// Sends what is wrong with a whole request behind it, and gives the one answer.
async fn refused(wire: &str) -> Answer {
    let mut peer = connect(site);
    peer.send(wire).await;
    peer.send("GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n").await;
    refusal_of(peer).await
}

/// The answer, after which the connection must close without another.
async fn refusal_of(mut peer: Peer) -> Answer {
    let answer = peer.answer().await;
    assert!(answer.closes(), "{answer:?}");
    assert!(answer.header("date").is_some());
    assert!(
        answer.text().starts_with(answer.status.as_str()),
        "it says why: {answer:?}"
    );
    peer.finish_sending().await;
    assert_eq!(peer.rest().await, "");
    let error = peer.end().await.unwrap_err();
    let refusal = error.refusal().expect("a refusal ends the connection");
    assert_eq!(refusal.status(), answer.status);
    let rule = refusal.rule().unwrap_or_default();
    assert!(rule.starts_with("RFC "), "no rule: {}", refusal.reason());
    answer
}

#[runtime::test(start_paused = true)]
async fn malformed_requests_are_answered_once_and_the_connection_ends() {
    for (wire, status) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400),
        ("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("\x16\x03\x01\x02\0\x01\0\x01", 400),
        ("GET http://user@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
        ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a%4\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n",
            417,
        ),
    ] {
        assert_eq!(refused(wire).await.status.as_u16(), status, "{wire:?}");
    }
}

#[runtime::test(start_paused = true)]
async fn nothing_is_smuggled_behind_a_doubtful_length() {
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: 4\r\nContent-Length: 4",
        "Content-Length: 4, 4",
        "Content-Length: +4",
        "Content-Length: 0x4",
        "Content-Length: 4\r\n\t5",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding:\u{b}chunked",
        "Transfer-Encoding: chunked\nX: y",
        "X: y\rTransfer-Encoding: chunked",
    ] {
        let wire = format!("POST /echo HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n");
        assert_eq!(refused(&wire).await.status.as_u16(), 400, "{headers:?}");
    }
    let wire =
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(wire).await.status.as_u16(), 501);
    let wire = "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(wire).await.status.as_u16(), 400);
}

#[runtime::test(start_paused = true)]
async fn malformed_chunks_are_refused_while_the_handler_reads() {
    for chunks in [
        "g\r\n",
        "4\nabcd",
        "3\r\nabcd\r\n",
        "4\r\nabcdX",
        "-1\r\n",
        "0\r\n\n",
        " 4\r\n",
        "3;\r\nabc\r\n0\r\n\r\n",
        "3;;;\r\nabc\r\n0\r\n\r\n",
        "3;a=\"b\r\nabc\r\n0\r\n\r\n",
        "3;GET / HTTP/1.1\r\nabc\r\n0\r\n\r\n",
    ] {
        let mut peer = connect(site);
        peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        runtime::task::yield_now().await;
        peer.send(chunks).await;
        assert_eq!(refusal_of(peer).await.status.as_u16(), 400, "{chunks:?}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_head_that_is_too_much_is_refused() {
    let target = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(16 * 1024));
    assert_eq!(refused(&target).await.status.as_u16(), 414);
    let headers = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "A: b\r\n".repeat(100)
    );
    assert_eq!(refused(&headers).await.status.as_u16(), 431);
    let endless = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}", "a".repeat(64 * 1024));
    assert_eq!(refused(&endless).await.status.as_u16(), 431);
}

/// The limit is where the refusal comes, not the parser's next look at a head that drips.
#[runtime::test(start_paused = true)]
async fn an_endless_head_is_refused_at_its_limit_however_it_arrives() {
    let endless = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}", "a".repeat(64 * 1024));
    for step in [1_000, 30_000] {
        let mut peer = connect(site);
        for part in endless.as_bytes()[..64 * 1024].chunks(step) {
            peer.send(part).await;
            runtime::task::yield_now().await;
        }
        assert_eq!(
            peer.answer().await.status.as_u16(),
            431,
            "in steps of {step}"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn a_refused_head_request_gets_no_body() {
    for (wire, status) in [
        ("HEAD / HTTP/1.1\r\n\r\n", 400),
        (
            "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n",
            413,
        ),
        ("HEAD / HTTP/1.1\r\nHos", 408),
    ] {
        let mut peer = connect(site);
        peer.send(wire).await;
        let answer = peer.answer_without_body().await;
        assert_eq!(answer.status.as_u16(), status);
        peer.finish_sending().await;
        assert_eq!(peer.rest().await, "", "behind the {status}");
    }
    // What was asked before does not count.
    let mut peer = connect(site);
    peer.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        .await;
    assert_eq!(peer.answer_without_body().await.status.as_u16(), 200);
    assert!(peer.answer().await.text().starts_with("400 "));
}

#[runtime::test(start_paused = true)]
async fn a_head_as_large_as_allowed_is_served_however_it_arrives() {
    let (start, end) = ("GET /a HTTP/1.1\r\nHost: x\r\nA: ", "\r\n\r\n");
    let filler = "a".repeat(64 * 1024 - start.len() - end.len());
    let head = format!("{start}{filler}{end}");
    for step in [1_000, 4_096, 65_536] {
        let mut peer = connect(site);
        for part in head.as_bytes().chunks(step) {
            peer.send(part).await;
            runtime::task::yield_now().await;
        }
        assert_eq!(peer.answer().await.text(), "GET /a", "in steps of {step}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_body_that_announces_too_much_is_refused_before_it_is_read() {
    let mut peer = connect(site);
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2097153\r\n\r\n")
        .await;
    assert_eq!(refusal_of(peer).await.status.as_u16(), 413);
    let digits = "9".repeat(30);
    let wire = format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {digits}\r\n\r\n");
    assert_eq!(refused(&wire).await.status.as_u16(), 413);
}

#[runtime::test(start_paused = true)]
async fn a_body_in_chunks_is_refused_as_soon_as_it_is_too_much() {
    let mut peer = connect_to_site(Config {
        max_body: 10,
        ..Config::default()
    });
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    peer.send("8\r\nabcdefgh\r\n").await;
    runtime::task::yield_now().await;
    peer.send("3\r\n").await;
    assert_eq!(
        refusal_of(peer).await.status.as_u16(),
        413,
        "before the third byte of it came"
    );
}

#[runtime::test(start_paused = true)]
async fn a_body_as_large_as_allowed_is_taken() {
    for framing in [
        "Content-Length: 10\r\n\r\n0123456789",
        "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
    ] {
        let mut peer = connect_to_site(Config {
            max_body: 10,
            ..Config::default()
        });
        peer.send(format!("POST /echo HTTP/1.1\r\nHost: x\r\n{framing}"))
            .await;
        assert_eq!(peer.answer().await.text(), "0123456789");
    }
}

#[runtime::test(start_paused = true)]
async fn chunk_extensions_and_trailers_are_bounded() {
    let config = || Config {
        max_chunk_overhead: 20,
        ..Config::default()
    };
    for body in [
        "1;0123456789012345678\r\nx\r\n0\r\n\r\n",
        "0\r\nA: 89012345678901234\r\n\r\n",
    ] {
        let start = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut peer = connect_to_site(config());
        peer.send(format!("{start}{body}")).await;
        assert_eq!(peer.answer().await.status.as_u16(), 200, "{body:?}");

        let mut peer = connect_to_site(config());
        peer.send(format!("{start}{}", body.replace('8', "88")))
            .await;
        assert_eq!(refusal_of(peer).await.status.as_u16(), 400, "{body:?}");
    }
}

#[runtime::test(start_paused = true)]
async fn requests_before_a_malformed_one_are_answered_first() {
    let mut peer = connect(site);
    peer.send(
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /slow HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n",
    )
    .await;
    assert_eq!(peer.answer().await.text(), "GET /a");
    assert_eq!(peer.answer().await.text(), "at last");
    assert_eq!(refusal_of(peer).await.status.as_u16(), 400);
}

/// The rest of such a head may never come.
#[runtime::test(start_paused = true)]
async fn a_malformed_head_is_refused_without_waiting_for_its_end() {
    for (start, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a%4\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA b", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n", 417),
        ("BREW / HTTP/1.1\r\n", 501),
        ("GET / HTTP/2.0", 505),
        ("\r\n\r\n\r\n\r\n\r\n", 400),
        ("\r\n\n", 400),
    ] {
        for cut in 0..start.len() {
            let begun = runtime::time::Instant::now();
            let mut peer = connect(site);
            for part in [&start[..cut], &start[cut..]] {
                peer.send(part).await;
                runtime::task::yield_now().await;
            }
            let answer = refusal_of(peer).await;
            assert_eq!(answer.status.as_u16(), status, "{start:?} cut at {cut}");
            assert_eq!(begun.elapsed(), std::time::Duration::ZERO);
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_method_of_the_services_own_reaches_the_handler_if_it_is_named() {
    let purge = http::Method::from_bytes(b"PURGE").unwrap();
    for (methods, purges, brews) in [
        (Methods::Registered, 501, 501),
        (Methods::And(vec![purge]), 200, 501),
        (Methods::Any, 200, 200),
    ] {
        for (method, status) in [("PURGE", purges), ("BREW", brews), ("QUERY", 200)] {
            let mut peer = connect_to_site(Config {
                methods: methods.clone(),
                ..Config::default()
            });
            peer.send(format!("{method} /a HTTP/1.1\r\nHost: x\r\n\r\n"))
                .await;
            assert_eq!(peer.answer().await.status.as_u16(), status, "{method}");
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_later_minor_version_is_served_as_ours() {
    let mut peer = connect(site);
    peer.send("POST /echo HTTP/1.2\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        .await;
    let answer = peer.answer().await;
    assert!(!answer.closes());
    assert_eq!(answer.text(), "abc");
    assert_eq!(peer.get("/b").await.text(), "GET /b");
}

#[runtime::test(start_paused = true)]
async fn an_upgrade_is_ignored() {
    let mut peer = connect(site);
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
        .await;
    assert_eq!(peer.answer().await.text(), "GET /a");
    assert_eq!(peer.get("/b").await.text(), "GET /b");
}

#[runtime::test(start_paused = true)]
async fn options_may_ask_about_the_server_as_a_whole() {
    let mut peer = connect(site);
    peer.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(peer.answer().await.text(), "OPTIONS *");
}

#[runtime::test(start_paused = true)]
async fn a_target_that_names_its_host_is_understood() {
    let host = |request: Request<Body>| async move {
        let host = request.headers()["host"]
            .to_str()
            .unwrap_or_default()
            .to_owned();
        Response::new(Body::from(format!("{} of {host}", request.uri().path())))
    };
    let mut peer = connect_with(&Endpoint::new(host), 1024);
    peer.send("GET http://real.example/a HTTP/1.1\r\nHost: other.example\r\n\r\n")
        .await;
    assert_eq!(peer.answer().await.text(), "/a of real.example");
}
