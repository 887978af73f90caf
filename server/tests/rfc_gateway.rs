//! Requests that are handed on (RFC 9110, section 7.6); the rows of `rfc.md` name these tests.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use http::{HeaderMap, Method, Request, Response, Version};
use runtime::io::duplex;
use server::gateway::Gateway;
use server::h1::client::{self, SendRequest};
use server::h1::{Endpoint, Methods};
use server::{Body, Config, Service};
use support::outgoing::Server;
use support::{Peer, ROOM, connect_with};

/// A gateway in front of what the test plays by hand.
async fn front(config: client::Config) -> (Peer, Server) {
    let (near, far) = duplex(ROOM);
    let (sender, connection) = client::handshake_with_config(near, config).await.unwrap();
    runtime::spawn(connection);
    let config = Config {
        methods: Methods::Any,
        ..Config::default()
    };
    let endpoint = Endpoint::with_config(handing_on(sender), config);
    (connect_with(&endpoint, ROOM), Server { stream: far })
}

fn handing_on(sender: SendRequest) -> impl Service {
    let sender = Rc::new(RefCell::new(Some(sender)));
    move |mut request: Request<Body>| {
        let sender = sender.clone();
        async move {
            let gateway = Gateway::new("front");
            if let Err(response) = gateway.forward(&mut request) {
                return *response;
            }
            let mut this = sender.borrow_mut().take().unwrap();
            let answer = this.send_request(request).await;
            *sender.borrow_mut() = Some(this);
            match answer {
                Ok(mut response) => {
                    gateway.give_back(&mut response);
                    response
                }
                Err(error) => Gateway::failed(&error),
            }
        }
    }
}

#[runtime::test(start_paused = true)]
async fn what_is_for_one_hop_is_not_handed_on_either_way() {
    let (mut peer, mut server) = front(client::Config::default()).await;
    peer.send(
        "POST http://shop.example/tea?x HTTP/1.0\r\nHost: other\r\nContent-Length: 2\r\n\
         Connection: keep-alive, X-Hop\r\nConnection: x-more\r\nX-Hop: 1\r\nX-More: 2\r\n\
         Keep-Alive: 5\r\nTE: gzip, trailers\r\nUpgrade: h2c\r\nProxy-Connection: close\r\n\
         A: 1\r\nA: 2\r\nX-New: 3\r\nIf-Match: \"a\"\r\nRange: bytes=0-1\r\n\
         Authorization: me\r\nReferer: http://shop.example/\r\n\r\nhi",
    )
    .await;
    let head = server.head().await;
    let (line, fields) = head.split_once("\r\n").unwrap();
    assert_eq!(line, "POST /tea?x HTTP/1.1");
    assert_eq!(
        sorted(fields.split("\r\n")),
        [
            "",
            "",
            "a: 1",
            "a: 2",
            "authorization: me",
            "connection: te",
            "content-length: 2",
            "host: shop.example",
            "if-match: \"a\"",
            "range: bytes=0-1",
            "referer: http://shop.example/",
            "te: trailers",
            "via: 1.0 front",
            "x-new: 3",
        ]
    );
    assert_eq!(server.read(2).await, "hi");
    server
        .say(
            "HTTP/1.1 401 No\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n\
             Via: 1.1 behind\r\nAllow: GET, HEAD\r\nWWW-Authenticate: Basic\r\n\
             Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nVary: *\r\nContent-Length: 2\r\n\r\nno",
        )
        .await;
    let answer = peer.answer().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (401, "no"));
    let lines = answer.headers.iter().map(|(n, v)| format!("{n}: {v}"));
    assert_eq!(
        sorted(lines),
        [
            "allow: GET, HEAD",
            "connection: keep-alive",
            "content-length: 2",
            "date: Sun, 06 Nov 1994 08:49:37 GMT",
            "vary: *",
            "via: 1.1 behind",
            "via: 1.1 front",
            "www-authenticate: Basic",
        ]
    );
}

/// Fields in the order of their names; those of one name keep theirs.
fn sorted<T: AsRef<str>>(lines: impl Iterator<Item = T>) -> Vec<T> {
    let name = |line: &T| line.as_ref().split(':').next().map(str::to_owned);
    let mut lines: Vec<T> = lines.collect();
    lines.sort_by_key(name);
    lines
}

/// Which site is meant is for every hop, whatever a `Connection` says.
#[runtime::test(start_paused = true)]
async fn the_host_is_handed_on_even_if_a_connection_names_it() {
    let (mut peer, mut server) = front(client::Config::default()).await;
    peer.send("GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: Host, close\r\n\r\n")
        .await;
    let head = server.head().await;
    assert!(head.contains("host: shop.example\r\n"), "{head}");
}

/// RFC 9112, section 3.2.1: an empty path is sent as a slash, also before a query.
#[runtime::test(start_paused = true)]
async fn an_address_without_a_path_becomes_the_target_that_it_stands_for() {
    for (from, to) in [
        ("GET http://x", "GET /"),
        ("GET http://x?a=b", "GET /?a=b"),
        ("GET http://x/?a=b", "GET /?a=b"),
        ("GET http://x//a", "GET //a"),
        ("OPTIONS http://x/a", "OPTIONS /a"),
        ("OPTIONS http://x?a", "OPTIONS /?a"),
        ("OPTIONS *", "OPTIONS *"),
    ] {
        let (mut peer, mut server) = front(client::Config::default()).await;
        peer.send(format!("{from} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let head = server.head().await;
        assert_eq!(head.split(" HTTP/").next(), Some(to), "{from}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_response_without_a_date_gets_one() {
    let (mut peer, mut server) = front(client::Config::default()).await;
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.head().await;
    server.say("HTTP/1.0 200 OK\r\n\r\nhello").await;
    server.finish().await;
    let answer = peer.answer().await;
    assert!(answer.header("date").is_some());
    assert_eq!(answer.header("via"), Some("1.0 front"));
    assert_eq!(
        (answer.header("transfer-encoding"), answer.text()),
        (Some("chunked"), "hello")
    );
}

#[runtime::test(start_paused = true)]
async fn what_the_server_behind_says_badly_is_a_502_and_what_it_says_late_a_504() {
    for said in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        let (mut peer, mut server) = front(client::Config::default()).await;
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        server.head().await;
        server.say(said).await;
        assert_eq!(peer.answer().await.status, 502, "{said}");
        assert_eq!(server.rest().await, "", "and the connection is closed");
    }
    let (mut peer, _server) = front(client::Config::default()).await;
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(peer.answer().await.status, 504);
}

fn forwarded(method: Method, lines: &[(&str, &str)]) -> Result<HeaderMap, u16> {
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    *request.version_mut() = Version::HTTP_11;
    let outcome = Gateway::new("front").forward(&mut request);
    outcome.map_err(|response: Box<Response<Body>>| response.status().as_u16())?;
    Ok(request.headers().clone())
}

#[test]
fn max_forwards_is_counted_down_for_trace_and_options() {
    for (method, value, expected) in [
        (Method::OPTIONS, "3", Ok("2")),
        (Method::TRACE, "1", Ok("0")),
        (Method::OPTIONS, "0", Err(200)),
        (Method::TRACE, "0", Err(405)),
        (Method::OPTIONS, "x", Err(400)),
        (Method::OPTIONS, "+1", Err(400)),
        (Method::GET, "0", Ok("0")),
    ] {
        let headers = forwarded(method.clone(), &[("max-forwards", value)]);
        let left = headers
            .as_ref()
            .map(|headers| headers["max-forwards"].to_str().unwrap());
        assert_eq!(left.map_err(|status| *status), expected, "{method} {value}");
    }
    let headers = forwarded(Method::OPTIONS, &[]).unwrap();
    assert!(!headers.contains_key("max-forwards"), "it is not made up");
}

#[test]
fn a_request_that_comes_by_again_is_not_handed_on() {
    for (via, expected) in [
        ("1.1 front", Some(508)),
        ("1.0 a, 1.1 FRONT (of ours)", Some(508)),
        ("HTTP/1.1  front", Some(508)),
        ("1.1 front2", None),
        ("front", None),
        ("1.1 a (front)", None),
    ] {
        let outcome = forwarded(Method::GET, &[("via", via)]);
        assert_eq!(outcome.as_ref().err().copied(), expected, "{via}");
        if let Ok(headers) = outcome {
            let all: Vec<_> = headers.get_all("via").iter().collect();
            assert_eq!(all, [via, "1.1 front"], "the order stays");
        }
    }
}
