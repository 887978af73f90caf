//! Leaving HTTP as RFC 9110, section 7.8, wants it; the rows of `rfc.md` name these tests.

mod support;

use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use server::body::to_bytes;
use server::extract::rejection::{OnRejection, Rejection};
use server::extract::ws::WebSocketUpgrade;
use server::h1::{Endpoint, Methods};
use server::routing::{any, get};
use server::{Body, Config, Router, Service, upgrade};
use support::{Peer, ROOM, connect, connect_with};

const ASK: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other, echo/1\r\n";

/// Answers 101 with these lines of `Upgrade`, when the request's body has been read.
fn switching(protocols: &'static [&'static str]) -> impl Service {
    move |request: Request<Body>| async move {
        to_bytes(request.into_body(), 100).await.unwrap();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        for protocol in protocols {
            let value = protocol.parse().unwrap();
            response.headers_mut().append(header::UPGRADE, value);
        }
        response
    }
}

#[runtime::test(start_paused = true)]
async fn a_101_names_the_new_protocol_and_only_one_that_was_asked_for() {
    for (protocols, status) in [
        (&[][..], 500),
        (&[","], 500),
        (&["new"], 500),
        (&["echo"], 500),
        (&["echo/1, new"], 500),
        (&["echo/1", "new"], 500),
        (&["echo/1"], 101),
        (&["ECHO/1"], 101),
        (&["other", "echo/1"], 101),
    ] {
        let mut peer = connect(switching(protocols));
        peer.send(format!("{ASK}\r\n")).await;
        let answer = peer.answer_without_body().await;
        assert_eq!(answer.status.as_u16(), status, "{protocols:?}");
        if status == 101 {
            assert_eq!(answer.header("connection"), Some("upgrade"));
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_waits_for_the_servers_word_gets_100_before_101() {
    for body in ["", "Content-Length: 2\r\n"] {
        let mut peer = connect(switching(&["echo/1"]));
        peer.send(format!("{ASK}{body}Expect: 100-continue\r\n\r\n"))
            .await;
        assert_eq!(peer.answer_without_body().await.status, 100, "{body:?}");
        if !body.is_empty() {
            peer.send("hi").await;
        }
        assert_eq!(peer.answer_without_body().await.status, 101, "{body:?}");
    }
}

/// What is left of such a body would be taken for the first bytes of the new protocol.
#[runtime::test(start_paused = true)]
async fn a_request_whose_body_breaks_its_rules_does_not_switch() {
    let service = |request: Request<Body>| async {
        // A handler that does not look at what it has read.
        let _ = to_bytes(request.into_body(), 100).await;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let protocol = "echo/1".parse().unwrap();
        response.headers_mut().insert(header::UPGRADE, protocol);
        response
    };
    let config = Config {
        max_body: 10,
        ..Config::default()
    };
    let endpoint = Endpoint::with_config(service, config);
    let chunked = "Transfer-Encoding: chunked";
    for (framing, begin, then, status) in [
        (chunked, "1\r\na\r\n", "zz\r\nsmuggled", 400),
        (chunked, "1\r\na\r\n", "a\r\nsmuggled", 413),
        (chunked, "1\r\na\r\n", "", 408),
        ("Content-Length: 5", "", "", 408),
        ("Content-Length: 11", "", "smuggled", 413),
    ] {
        let mut peer = connect_with(&endpoint, ROOM);
        peer.send(format!("{ASK}{framing}\r\n\r\n{begin}")).await;
        runtime::task::yield_now().await;
        peer.send(then).await;
        let answer = peer.answer_without_body().await;
        assert_eq!(answer.status.as_u16(), status, "{framing} {then}");
        assert!(answer.closes());
    }
}

/// RFC 9110, section 15.5.22.
#[runtime::test]
async fn a_426_names_the_protocol_that_would_do() {
    async fn handler(_: WebSocketUpgrade) {}
    let app = Router::new().route("/", get(handler));
    let request = Request::get("/")
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==");
    let request = request.body(Body::empty()).unwrap();
    let response = app.call(request).await;
    assert_eq!(response.status(), 426);
    assert_eq!(response.headers()[header::UPGRADE], "websocket");
}

fn with_connect() -> Config {
    Config {
        methods: Methods::And(vec![Method::CONNECT]),
        ..Config::default()
    }
}

/// Agrees to a tunnel, and says who is at its other end; or refuses it.
async fn tunnel(mut request: Request<Body>) -> Response<Body> {
    let host = request.headers()[header::HOST].clone();
    assert_eq!(request.uri().to_string().as_bytes(), host.as_bytes());
    let mut response = Response::new(Body::from("no"));
    if host != "good.example:443" {
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    let on_upgrade = upgrade::on(&mut request);
    runtime::task::spawn_detached(async move {
        let mut stream = on_upgrade.await.unwrap();
        let mut word = [0; 5];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(b"heard ").await.unwrap();
        stream.write_all(&word).await.unwrap();
    });
    let length = "2".parse().unwrap();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

fn tunnels() -> Peer {
    connect_with(&Endpoint::with_config(tunnel, with_connect()), ROOM)
}

#[runtime::test(start_paused = true)]
async fn a_handler_that_agrees_to_connect_has_a_tunnel() {
    let mut peer = tunnels();
    peer.send("CONNECT good.example:443 HTTP/1.1\r\nHost: x\r\n\r\nhe")
        .await;
    let answer = peer.answer_without_body().await;
    assert_eq!(answer.status, 200);
    for name in ["content-length", "transfer-encoding", "upgrade"] {
        assert_eq!(answer.header(name), None);
    }
    peer.send("llo").await;
    assert_eq!(peer.rest().await, "heard hello");
    peer.end().await.unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_handler_that_refuses_connect_leaves_the_connection_with_http() {
    let mut peer = tunnels();
    for _ in 0..2 {
        peer.send("CONNECT bad.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        let answer = peer.answer().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (403, "no"));
    }
}

/// A client that did not wait for the answer has sent what was for the other end of the tunnel.
#[runtime::test(start_paused = true)]
async fn what_was_sent_ahead_into_a_refused_tunnel_is_no_request() {
    let refused = "CONNECT bad.example:443 HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut peer = tunnels();
    peer.send(refused.repeat(2)).await;
    let answer = peer.answer().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (403, "no"));
    assert!(answer.closes());
    peer.finish_sending().await;
    assert_eq!(peer.rest().await, "");
}

#[runtime::test(start_paused = true)]
async fn a_tunnel_that_the_handler_does_not_take_is_closed() {
    let service = |_: Request<Body>| async { Response::new(Body::from("text")) };
    let mut peer = connect_with(&Endpoint::with_config(service, with_connect()), ROOM);
    peer.send("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = peer.answer_without_body().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-length")),
        (200, None)
    );
    assert_eq!(peer.rest().await, "");
}

#[runtime::test(start_paused = true)]
async fn connect_needs_a_host_a_port_and_no_content() {
    for target in [
        "x",
        "x:",
        "x:0",
        "x:65536",
        "x:8a",
        ":80",
        "/",
        "*",
        "http://x:80/",
        "u@x:80",
        "x:80/",
        "a,b:80",
    ] {
        let mut peer = tunnels();
        peer.send(format!("CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        assert_eq!(peer.answer().await.status, 400, "{target}");
    }
    for content in ["Content-Length: 1", "Transfer-Encoding: chunked"] {
        let mut peer = tunnels();
        let head = "CONNECT good.example:443 HTTP/1.1\r\nHost: x\r\n";
        peer.send(format!("{head}{content}\r\n\r\n")).await;
        assert_eq!(peer.answer().await.status, 400, "{content}");
    }
}

#[runtime::test(start_paused = true)]
async fn connect_reaches_no_handler_unless_the_configuration_names_it() {
    for methods in [Methods::Registered, Methods::Any] {
        let config = Config {
            methods,
            ..Config::default()
        };
        let mut peer = connect_with(&Endpoint::with_config(tunnel, config), ROOM);
        peer.send("CONNECT good.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        let answer = peer.answer().await;
        assert_eq!(answer.status, 501);
        assert!(answer.closes());
    }
}

/// What a handler says of lengths concerns no tunnel.
#[runtime::test(start_paused = true)]
async fn a_handler_cannot_frame_a_101() {
    let service = |_: Request<Body>| async {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, "5".parse().unwrap());
        headers.insert(header::TRANSFER_ENCODING, "chunked".parse().unwrap());
        headers.insert(header::UPGRADE, "echo/1".parse().unwrap());
        let mut response = Response::new(Body::from("hello"));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = headers;
        response
    };
    let mut peer = connect(service);
    peer.send(format!("{ASK}\r\n")).await;
    let answer = peer.answer_without_body().await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.header("transfer-encoding"), None);
    assert_eq!(peer.rest().await, "");
}

/// A handler of WebSockets, and the same below a hook that rewords rejections.
fn with_and_without_a_hook() -> [Router; 2] {
    async fn handler(_: WebSocketUpgrade) {}
    let plain = Router::new().route("/", any(handler));
    let reworded = plain
        .clone()
        .layer(OnRejection::new(|it: &Rejection, _: &Parts| it.status()));
    [plain, reworded]
}

/// RFC 9110, section 15.5.6; and whatever a hook makes of the rejection.
#[runtime::test]
async fn a_405_of_a_web_socket_says_that_get_is_allowed() {
    for app in with_and_without_a_hook() {
        let request = Request::post("/").body(Body::empty()).unwrap();
        let response = app.call(request).await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[header::ALLOW], "GET");
    }
}

/// RFC 6455, section 4.4; and whatever a hook makes of the rejection.
#[runtime::test]
async fn a_version_of_web_sockets_that_is_refused_is_told_the_one_that_is_spoken() {
    for app in with_and_without_a_hook() {
        let request = Request::get("/")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-version", "8");
        let response = app.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[header::SEC_WEBSOCKET_VERSION], "13");
    }
}
