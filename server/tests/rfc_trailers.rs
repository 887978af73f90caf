//! Fields behind the body (RFC 9110, section 6.5, and RFC 9112, section 7.1.2), both ways; the
//! rows of `rfc.md` name these tests.

mod support;

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use server::Body;
use server::h1::client::{self, Config};
use support::outgoing::{client_and_server, get};
use support::{connect, connect_to_site};

/// A body of these pieces and these trailers.
fn body(pieces: &[&'static str], trailers: &[(&'static str, &'static str)]) -> Body {
    let mut frames: Vec<Result<_, Infallible>> = pieces
        .iter()
        .map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))
        .collect();
    let lines = trailers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    frames.push(Ok(Frame::trailers(lines.collect())));
    Body::new(StreamBody::new(futures_lite::stream::iter(frames)))
}

/// What a body holds: its data and its trailers.
async fn read(body: Body) -> (String, Option<HeaderMap>) {
    let collected = body.collect().await.unwrap();
    let trailers = collected.trailers().cloned();
    (
        String::from_utf8(collected.to_bytes().to_vec()).unwrap(),
        trailers,
    )
}

/// A response with this body, as the client reads it.
async fn received(wire: &str) -> (HeaderMap, String, Option<HeaderMap>) {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let sent = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server
        .say(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{wire}"
        ))
        .await;
    let (parts, body) = sent.await.unwrap().unwrap().into_parts();
    let (text, trailers) = read(body).await;
    sender.ready().await.unwrap();
    (parts.headers, text, trailers)
}

#[runtime::test(start_paused = true)]
async fn trailers_of_a_response_reach_the_caller_and_not_its_head() {
    for wire in [
        "3\r\nabc\r\n0\r\nX-Sum: 42\r\nEtag:\t \"a\" \r\nx-sum: 43\r\n\r\n",
        "1\r\na\r\n2\r\nbc\r\n0\r\nx-sum:42\r\netag: \"a\"\r\nX-SUM:43\r\n\r\n",
    ] {
        let (head, text, trailers) = received(wire).await;
        let trailers = trailers.unwrap();
        assert_eq!(text, "abc");
        let sums: Vec<_> = trailers.get_all("x-sum").iter().collect();
        assert_eq!(sums, ["42", "43"]);
        assert_eq!(trailers[header::ETAG], "\"a\"");
        assert!(!head.contains_key("x-sum"));
    }
    let (_, text, trailers) = received("0\r\n\r\n").await;
    assert_eq!((text.as_str(), trailers), ("", None));
}

/// However the bytes come, and also if the body has no data.
#[runtime::test(start_paused = true)]
async fn trailers_are_read_alike_however_they_are_cut() {
    let wire = "2\r\nab\r\n0\r\nA: 1\r\nB: \r\n\r\n";
    for cut in 0..wire.len() {
        let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
        let sent = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server
            .say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        let body = sent.await.unwrap().unwrap().into_body();
        let reading = runtime::spawn(read(body));
        for part in [&wire[..cut], &wire[cut..]] {
            server.say(part).await;
            runtime::task::yield_now().await;
            runtime::task::yield_now().await;
        }
        let (text, trailers) = reading.await.unwrap();
        let trailers = trailers.unwrap();
        assert_eq!(text, "ab");
        assert_eq!(
            (&trailers["a"], &trailers["b"]),
            (&"1".parse().unwrap(), &"".parse().unwrap()),
            "{cut}"
        );
    }
}

/// RFC 9110, section 6.5.1: what says how the message is framed, where it goes, who asks.
const FORBIDDEN: [&str; 35] = [
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "retry-after",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "vary",
    "via",
    "www-authenticate",
    "x-forwarded-for",
    "x-real-ip",
];

#[runtime::test(start_paused = true)]
async fn what_a_reader_needs_before_the_body_is_not_sent_behind_it() {
    let mut lines: Vec<_> = FORBIDDEN.iter().map(|name| (*name, "1")).collect();
    lines.push(("x-sum", "42"));
    let mut peer = connect(move |_: Request<Body>| {
        let body = body(&["a"], &lines);
        async { Response::new(body) }
    });
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n")
        .await;
    peer.finish_sending().await;
    let answer = peer.rest().await;
    assert!(
        answer.ends_with("1\r\na\r\n0\r\nx-sum: 42\r\n\r\n"),
        "{answer}"
    );
}

#[runtime::test(start_paused = true)]
async fn what_may_not_trail_is_not_taken_from_a_trailer() {
    for name in FORBIDDEN {
        let (_, _, trailers) = received(&format!("0\r\n{name}: 1\r\nx: 2\r\n\r\n")).await;
        let trailers = trailers.unwrap();
        assert_eq!(trailers.len(), 1, "{name}");
        assert_eq!(trailers["x"], "2");
        let (_, _, trailers) = received(&format!("0\r\n{name}: 1\r\n\r\n")).await;
        assert_eq!(trailers, None, "{name}");
    }
}

#[runtime::test(start_paused = true)]
async fn trailers_of_a_request_reach_the_handler() {
    let wire = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for cut in [false, true] {
        let seen = Rc::new(RefCell::new(None));
        let service = {
            let seen = seen.clone();
            move |request: Request<Body>| {
                let seen = seen.clone();
                async move {
                    *seen.borrow_mut() = Some(read(request.into_body()).await);
                    Response::new(Body::empty())
                }
            }
        };
        let mut peer = connect(service);
        peer.send(wire).await;
        if cut {
            runtime::task::yield_now().await;
        }
        peer.send("3\r\nabc\r\n0\r\nX-Sum: 42\r\nHost: y\r\n\r\n")
            .await;
        assert_eq!(peer.answer().await.status, 200);
        let (text, trailers) = seen.take().unwrap();
        let trailers = trailers.unwrap();
        assert_eq!((text.as_str(), trailers.len()), ("abc", 1), "{cut}");
        assert_eq!(trailers["x-sum"], "42");
    }
}

/// A gateway: what one end sends behind its body leaves at the other.
#[runtime::test(start_paused = true)]
async fn trailers_pass_through_both_ways() {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let request = Request::post("/").header("te", "trailers");
    let request = request
        .body(body(&["ab"], &[("x-a", "1"), ("host", "y")]))
        .unwrap();
    let sent = runtime::spawn(async move { sender.send_request(request).await });
    server.head().await;
    let expected = "2\r\nab\r\n0\r\nx-a: 1\r\n\r\n";
    assert_eq!(server.read(expected.len()).await, expected);
    server
        .say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ncd\r\n0\r\nX-B: 2\r\n\r\n")
        .await;
    let response = Rc::new(RefCell::new(Some(sent.await.unwrap().unwrap())));
    let mut peer = connect(move |_: Request<Body>| {
        let response = response.take().unwrap();
        async { response }
    });
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n")
        .await;
    peer.finish_sending().await;
    let answer = peer.rest().await;
    assert!(
        answer.ends_with("2\r\ncd\r\n0\r\nx-b: 2\r\n\r\n"),
        "{answer}"
    );
}

/// They are memory that a peer fills: the bound is that of everything that is not data.
#[runtime::test(start_paused = true)]
async fn trailers_are_bounded() {
    let mut peer = connect_to_site(server::Config {
        max_chunk_overhead: 20,
        ..server::Config::default()
    });
    peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    peer.send("0\r\nA: 890123456789012345\r\n\r\n").await;
    assert_eq!(peer.answer().await.status, 400);
    let config = Config {
        max_chunk_overhead: 20,
        ..Config::default()
    };
    let (mut sender, _ended, mut server) = client_and_server(config).await;
    let sent = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 890123456789012345\r\n\r\n")
        .await;
    let response: Result<_, client::Error> = sent.await.unwrap();
    assert!(response.unwrap().into_body().collect().await.is_err());
}
