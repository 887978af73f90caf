//! What every answer says, and what requests it says it to (RFC 9110 and RFC 9112); the rows of
//! `rfc.md` name these tests.

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use httpdate::parse_http_date;
use server::extract::cookie::{Cookie, CookieJar};
use server::h1::Endpoint;
use server::response::{Html, IntoResponse, NoContent, Redirect};
use server::routing::{any, get, post};
use server::{Body, Json, Router, Service, upgrade};
use support::{Answer, Peer, ROOM, connect, connect_with, exchange, pieces, site};

/// A router with a route for each kind of response.
fn app() -> Router {
    Router::new()
        .route("/empty", get(|| async {}))
        .route(
            "/text",
            get(|| async { "text" }).post(|| async { "posted" }),
        )
        .route("/string", get(|| async { "string".to_owned() }))
        .route("/bytes", get(|| async { Bytes::from_static(b"bytes") }))
        .route("/json", get(|| async { Json([1, 2]) }))
        .route("/html", get(|| async { Html("<p>") }))
        .route(
            "/error",
            get(|| async { Err::<(), _>((StatusCode::CONFLICT, "no")) }),
        )
        .route("/redirect", get(|| async { Redirect::to("/text") }))
        .route("/stream", get(|| async { pieces(["a", "b"]) }))
        .route("/nothing", get(|| async { NoContent }))
        .route(
            "/number",
            post(|Json(n): Json<u8>| async move { n.to_string() }),
        )
}

fn to_app() -> Peer {
    connect_with(&Endpoint::new(app()), ROOM)
}

/// A service that answers with this status, and says of lengths what it must not.
fn says(status: u16) -> impl Service {
    move |_: Request<Body>| async move {
        let response = Response::builder()
            .status(status)
            .header("content-length", "4")
            .header("transfer-encoding", "chunked")
            .header("x", "y");
        response.body(Body::from("text")).unwrap()
    }
}

/// RFC 9112, section 2.2.
#[runtime::test(start_paused = true)]
async fn a_blank_before_the_first_field_is_refused() {
    for blank in [" ", "\t", " \r\n"] {
        let answer = exchange(format!("GET / HTTP/1.1\r\n{blank}Host: x\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{blank:?}: {answer}");
    }
}

/// RFC 9112, sections 2.2, 5.2 and 11.1.
#[runtime::test(start_paused = true)]
async fn nothing_a_handler_gives_breaks_a_line() {
    const SPLIT: &str = "a\r\nX-Evil: 1\r\n folded";
    let app = Router::new()
        .route("/redirect", get(|| async { Redirect::to(SPLIT) }))
        .route("/header", get(|| async { [("x", SPLIT)] }))
        .route("/name", get(|| async { [(SPLIT, "x")] }))
        .route(
            "/cookie",
            get(|jar: CookieJar| async { jar.add(Cookie::new("a", SPLIT)) }),
        );
    assert!(HeaderValue::from_bytes(SPLIT.as_bytes()).is_err());
    for path in ["/redirect", "/header", "/name", "/cookie"] {
        let mut peer = connect_with(&Endpoint::new(app.clone()), ROOM);
        peer.send(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
        .await;
        let answer = peer.rest().await;
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        for line in head.split("\r\n") {
            let is_evil = line.starts_with("X-Evil") || line.starts_with([' ', '\t']);
            assert!(!is_evil && !line.contains(['\r', '\n']), "{path}: {head:?}");
        }
    }
}

/// RFC 9112, section 4.
#[runtime::test(start_paused = true)]
async fn a_status_without_words_keeps_its_blank() {
    for status in [299, 599, 799] {
        let mut peer = connect(move |_: Request<Body>| async move {
            let status = StatusCode::from_u16(status).unwrap();
            status.into_response()
        });
        peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await;
        let answer = peer.rest().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} \r\n")),
            "{answer}"
        );
    }
}

/// RFC 9112, section 6.1; RFC 9110, sections 8.6 and 15.3.6.
#[runtime::test(start_paused = true)]
async fn what_has_no_content_says_nothing_of_its_length() {
    for (status, length) in [(204, None), (205, Some("0")), (304, Some("4"))] {
        let mut peer = connect(says(status));
        let ask = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        for _ in 0..2 {
            peer.send(ask).await;
            let answer = peer.answer_without_body().await;
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.header("content-length"), length, "{status}");
            assert_eq!(answer.header("transfer-encoding"), None);
        }
    }
    let mut peer = connect(site);
    peer.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
    )
    .await;
    let answer = peer.answer_without_body().await;
    assert_eq!((answer.status.as_u16(), answer.headers.len()), (100, 0));
}

/// RFC 9112, section 6.1; RFC 9110, sections 6.2, 10.1.1 and 15.2.
#[runtime::test(start_paused = true)]
async fn an_old_client_gets_what_it_understands() {
    let answer = exchange("GET /numbers HTTP/1.0\r\n\r\n").await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\none two three"
    );
    let mut peer = connect(site);
    peer.send("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        .await;
    assert!(!peer.has_answer().await, "nothing before the answer");
    peer.send("hi").await;
    assert_eq!(peer.answer().await.text(), "hi");
    let mut peer = connect(|mut request: Request<Body>| async move {
        let offered = upgrade::on(&mut request);
        drop(offered);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response
    });
    peer.send("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n")
        .await;
    assert_eq!(peer.answer().await.status, 500, "and no 101");
}

/// RFC 9112, sections 6.2 and 6.3; RFC 9110, section 5.3.
#[runtime::test(start_paused = true)]
async fn a_response_says_in_one_way_where_its_body_ends() {
    let service = |request: Request<Body>| async move {
        let body = match request.uri().path() {
            "/full" => Body::from("text"),
            _ => pieces(["te", "xt"]),
        };
        let response = Response::builder()
            .header("content-length", "4")
            .header("content-length", "9")
            .header("transfer-encoding", "gzip")
            .header("transfer-encoding", "chunked")
            .header("connection", "keep-alive")
            .header("connection", "close");
        response.body(body).unwrap()
    };
    for path in ["/full", "/stream"] {
        let answer = connect(service).get(path).await;
        assert_eq!(answer.header("content-length"), Some("4"), "{path}");
        assert_eq!(answer.header("transfer-encoding"), None);
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.text(), "text");
    }
}

/// RFC 9112, section 6.3; RFC 9110, section 8.6.
#[runtime::test(start_paused = true)]
async fn every_body_that_is_known_has_its_length() {
    for (path, body) in [
        ("/empty", ""),
        ("/text", "text"),
        ("/string", "string"),
        ("/bytes", "bytes"),
        ("/json", "[1,2]"),
        ("/html", "<p>"),
        ("/error", "no"),
        ("/redirect", ""),
        ("/none", ""),
        ("/number", ""),
    ] {
        let answer = to_app().get(path).await;
        let length = body.len().to_string();
        assert_eq!(answer.header("content-length"), Some(&*length), "{path}");
        assert_eq!(answer.text(), body, "{path}");
    }
    let answer = to_app().get("/stream").await;
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    let refusal = exchange("GET / HTTP/1.1\r\n\r\n").await;
    assert!(refusal.contains("\r\ncontent-length: "), "{refusal}");
}

/// RFC 9112, section 9.6.
#[runtime::test(start_paused = true)]
async fn nothing_behind_close_is_served() {
    let more = "GET /more HTTP/1.1\r\nHost: x\r\n\r\n";
    for (first, text) in [
        (
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /a",
        ),
        ("GET /close HTTP/1.1\r\nHost: x\r\n\r\n", "bye"),
        ("GET /a HTTP/1.0\r\n\r\n", "GET /a"),
    ] {
        let mut peer = connect(site);
        peer.send(format!("{first}{more}")).await;
        let answer = peer.answer().await;
        assert_eq!((answer.text(), answer.closes()), (text, true));
        peer.send(more).await;
        peer.finish_sending().await;
        assert_eq!(peer.rest().await, "");
    }
}

/// RFC 9110, section 5.5.
#[runtime::test(start_paused = true)]
async fn a_value_may_hold_bytes_beyond_ascii() {
    let mut peer = connect(|request: Request<Body>| async move {
        let value = request.headers()["a"].clone();
        assert_eq!(value.as_bytes(), b"caf\xe9 \xff");
        Response::builder()
            .header("b", value)
            .body(Body::empty())
            .unwrap()
    });
    peer.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: \tcaf\xe9 \xff \r\n\r\n")
        .await;
    let answer = peer.rest().await;
    assert!(
        answer.contains("\r\nb: caf\u{fffd} \u{fffd}\r\n"),
        "{answer:?}"
    );
}

/// RFC 9110, sections 5.6.1.1 and 5.6.3.
#[runtime::test(start_paused = true)]
async fn lists_of_ours_have_no_empty_elements() {
    let mut peer = to_app();
    peer.send("DELETE /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    let answer = peer.rest().await;
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n").skip(1).collect::<Vec<_>>();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "allow: GET,HEAD,POST",
            "connection: close",
            "content-length: 0"
        ]
    );
}

/// RFC 9110, section 6.6.1.
#[runtime::test(start_paused = true)]
async fn every_answer_says_when_it_was_made() {
    for status in [
        200, 204, 206, 301, 303, 304, 400, 401, 404, 405, 412, 416, 500, 503,
    ] {
        let before = SystemTime::now() - Duration::from_secs(2);
        let mut peer = connect(says(status));
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        is_dated(&peer.answer_without_body().await, before);
    }
    for wire in [
        "GET / HTTP/1.1\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n",
    ] {
        let before = SystemTime::now() - Duration::from_secs(2);
        let mut peer = connect(site);
        peer.send(wire).await;
        is_dated(&peer.answer().await, before);
    }
}

/// Whether the answer was made between `before` and now.
fn is_dated(answer: &Answer, before: SystemTime) {
    let date = parse_http_date(answer.header("date").unwrap()).unwrap();
    assert!(before <= date && date <= SystemTime::now(), "{answer:?}");
}

/// RFC 9110, sections 8.6, 9.1 and 9.3.2. What is known only when the content is made may be missing.
#[runtime::test(start_paused = true)]
async fn head_says_what_get_says() {
    let fields = |answer: &Answer| {
        let all = answer.headers.iter().filter(|(name, _)| name != "date");
        all.cloned().collect::<BTreeMap<String, String>>()
    };
    for path in [
        "/empty",
        "/text",
        "/string",
        "/bytes",
        "/json",
        "/html",
        "/error",
        "/redirect",
        "/stream",
        "/nothing",
        "/none",
    ] {
        let mut peer = to_app();
        let mut get = fields(&peer.get(path).await);
        peer.send(format!("HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let answer = peer.answer_without_body().await;
        let head = fields(&answer);
        for name in ["content-length", "transfer-encoding"] {
            if !head.contains_key(name) {
                get.remove(name);
            }
        }
        assert_eq!(head, get, "{path}");
        assert_eq!(
            peer.get("/text").await.text(),
            "text",
            "no content behind it"
        );
    }
}

/// RFC 9110, sections 9.1, 10.2.1 and 15.5.6.
#[runtime::test(start_paused = true)]
async fn a_405_says_what_is_allowed() {
    for (method, path, allow) in [
        ("DELETE", "/text", "GET,HEAD,POST"),
        ("GET", "/number", "POST"),
        ("TRACE", "/text", "GET,HEAD,POST"),
        ("OPTIONS", "/empty", "GET,HEAD"),
    ] {
        let mut peer = to_app();
        peer.send(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let answer = peer.answer().await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some(allow))
        );
    }
    let app: Router = Router::new().route("/", any(|| async { "any" }));
    let mut peer = connect_with(&Endpoint::new(app), ROOM);
    peer.send("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(peer.answer().await.text(), "any");
}

/// RFC 9110, section 12.5.3.
#[runtime::test(start_paused = true)]
async fn a_415_for_a_type_says_nothing_of_codings() {
    let mut peer = to_app();
    peer.send("POST /number HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1")
        .await;
    let answer = peer.answer().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("accept-encoding")),
        (415, None)
    );
}

/// RFC 9110, section 15.6.6.
#[runtime::test(start_paused = true)]
async fn a_505_says_which_versions_are_spoken() {
    let mut peer = connect(site);
    peer.send("GET / HTTP/2.0\r\nHost: x\r\n\r\n").await;
    let answer = peer.answer().await;
    assert_eq!(answer.status, 505);
    assert!(
        answer.text().contains("HTTP/1.1 and HTTP/1.0"),
        "{}",
        answer.text()
    );
}
