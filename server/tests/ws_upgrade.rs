//! From a request to a WebSocket, through the router and the engine.

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use http::Request;
use runtime::io::duplex;
use runtime::time::timeout;
use server::extract::ws::rejection::WebSocketUpgradeRejection;
use server::extract::{WebSocketUpgrade, ws};
use server::h1::Endpoint;
use server::response::{IntoResponse, Response};
use server::routing::{any, get};
use server::ws::{CloseFrame, Message, WebSocket, WebSocketConfig, WebSocketError, connect};
use server::{Config, Router, Service};
use support::{ROOM, connect_with};

/// Echoes until the end.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

fn app() -> Router {
    let compressed = |upgrade: WebSocketUpgrade| async {
        let mut config = WebSocketConfig::default();
        config.compression = true;
        upgrade.config(config).on_upgrade(echo)
    };
    let chat = |upgrade: WebSocketUpgrade| async {
        let upgrade = upgrade.protocols(["chat2", "chat"]);
        assert_eq!(upgrade.selected_protocol().unwrap(), "chat");
        assert_eq!(upgrade.requested_protocols().count(), 2);
        upgrade.on_upgrade(|socket| {
            assert_eq!(socket.protocol().unwrap(), "chat");
            echo(socket)
        })
    };
    Router::new()
        .route(
            "/echo",
            get(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(echo) }),
        )
        .route("/compressed", any(compressed))
        .route("/chat", any(chat))
}

/// Asks `endpoint` for a WebSocket at `path`.
async fn ask(
    endpoint: &Endpoint<impl Service>,
    path: &str,
    config: WebSocketConfig,
) -> Result<(WebSocket, http::Response<()>), server::Error> {
    let (near, far) = duplex(ROOM);
    drop(runtime::spawn(endpoint.connection(far)));
    let request = Request::get(format!("ws://localhost{path}"));
    let request = request.header("sec-websocket-protocol", "talk, chat");
    connect(near, request.body(()).unwrap(), config).await
}

#[runtime::test(start_paused = true)]
async fn the_servers_limits_hold_unless_the_handler_sets_others() {
    let mut websocket = WebSocketConfig::default();
    websocket.max_message_size = 5;
    let config = Config {
        websocket,
        ..Config::default()
    };
    let raised = |upgrade: WebSocketUpgrade| async { upgrade.max_message_size(6).on_upgrade(echo) };
    let app = app().route("/raised", get(raised));
    let endpoint = Endpoint::with_config(app, config);
    for (path, fits) in [("/echo", false), ("/raised", true)] {
        let (mut socket, _) = ask(&endpoint, path, WebSocketConfig::default())
            .await
            .unwrap();
        socket.send(Message::text("fives")).await.unwrap();
        assert_eq!(
            socket.recv().await.unwrap().unwrap(),
            Message::text("fives")
        );
        socket.send(Message::text("sixsix")).await.unwrap();
        let answer = socket.recv().await.unwrap().unwrap();
        match (fits, answer) {
            (true, answer) => assert_eq!(answer, Message::text("sixsix")),
            (false, Message::Close(Some(frame))) => assert_eq!(frame.code, 1009),
            (false, answer) => panic!("{answer:?}"),
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_handler_that_agrees_gets_the_web_socket() {
    let endpoint = Endpoint::new(app());
    let (mut socket, response) = ask(&endpoint, "/echo", WebSocketConfig::default())
        .await
        .unwrap();
    assert_eq!(response.status(), 101);
    assert!(socket.protocol().is_none());
    for message in [Message::text("tea"), Message::binary(vec![1; 100_000])] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), message);
    }
    socket.send(Message::Close(None)).await.unwrap();
    assert_eq!(socket.recv().await.unwrap().unwrap(), Message::Close(None));
    assert!(socket.recv().await.is_none());
    endpoint.closed().await;
}

#[runtime::test(start_paused = true)]
async fn the_first_protocol_of_ours_that_the_client_asks_for_is_chosen() {
    let endpoint = Endpoint::new(app());
    let (socket, _) = ask(&endpoint, "/chat", WebSocketConfig::default())
        .await
        .unwrap();
    assert_eq!(socket.protocol().unwrap(), "chat");
}

#[runtime::test(start_paused = true)]
async fn messages_are_compressed_if_both_ends_want_it() {
    let endpoint = Endpoint::new(app());
    for (path, wants, is_compressed) in [
        ("/compressed", true, true),
        ("/compressed", false, false),
        ("/echo", true, false),
    ] {
        let mut config = WebSocketConfig::default();
        config.compression = wants;
        let (mut socket, response) = ask(&endpoint, path, config).await.unwrap();
        let answer = response.headers().get("sec-websocket-extensions");
        assert_eq!(answer.is_some(), is_compressed, "{path}, {wants}");
        let message = Message::text("to be or not to be, ".repeat(100));
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), message);
    }
}

#[runtime::test(start_paused = true)]
async fn a_request_that_is_not_for_a_web_socket_is_refused_in_axums_words() {
    let head = "Connection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut peer = connect_with(&Endpoint::new(app()), ROOM);
    for (method, left_out, version, status, text) in [
        ("POST", "", "1.1", 405, "Request method must be `GET`"),
        (
            "GET",
            "Connection",
            "1.1",
            400,
            "Connection header did not include 'upgrade'",
        ),
        (
            "GET",
            "Upgrade",
            "1.1",
            400,
            "`Upgrade` header did not include 'websocket'",
        ),
        (
            "GET",
            "Sec-WebSocket-Version",
            "1.1",
            400,
            "`Sec-WebSocket-Version` header did not include '13'",
        ),
        (
            "GET",
            "Sec-WebSocket-Key",
            "1.1",
            400,
            "`Sec-WebSocket-Key` header missing",
        ),
        // Last, as it closes the connection.
        (
            "GET",
            "",
            "1.0",
            426,
            "WebSocket request couldn't be upgraded since no upgrade state was present",
        ),
    ] {
        let lines = head.split_inclusive("\r\n");
        let lines: String = lines
            .filter(|line| left_out.is_empty() || !line.starts_with(&format!("{left_out}: ")))
            .collect();
        peer.send(format!(
            "{method} /chat HTTP/{version}\r\nHost: x\r\n{lines}\r\n"
        ))
        .await;
        let answer = peer.answer().await;
        assert_eq!(answer.status, status, "{text}");
        assert_eq!(String::from_utf8(answer.body).unwrap(), text);
    }
}

#[runtime::test(start_paused = true)]
async fn the_lines_of_the_handshake_are_read_as_lists_versions_and_keys() {
    const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    const VERSION: &str = "Sec-WebSocket-Version: 13";
    let head = ["Connection: Upgrade", "Upgrade: WebSocket", VERSION, KEY];
    let twice = format!("{KEY}\r\n{KEY}");
    for (at, line, status) in [
        (0, "Connection: keep-alive\r\nConnection: x,UPGRADE", 101),
        (0, "Connection: notupgrade", 400),
        (1, "Upgrade: h2c, websocket", 101),
        (1, "Upgrade: h2c\r\nUpgrade: websocket", 101),
        (1, "Upgrade: websockets", 400),
        (2, "Sec-WebSocket-Version: 8", 400),
        (
            2,
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8",
            400,
        ),
        (3, &*twice, 400),
        (3, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j", 400),
        (3, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==", 101),
        (3, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ", 400),
        (3, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, x", 400),
        (3, "Sec-WebSocket-Key: the sample nonce", 400),
        (3, "Sec-WebSocket-Key:", 400),
    ] {
        let mut head = head;
        head[at] = line;
        let mut peer = connect_with(&Endpoint::new(app()), ROOM);
        let head = head.join("\r\n");
        peer.send(format!("GET /echo HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n"))
            .await;
        let answer = match status {
            101 => peer.answer_without_body().await,
            _ => peer.answer().await,
        };
        assert_eq!(answer.status, status, "{line}");
        let version = answer.header("sec-websocket-version");
        assert_eq!(version, (at == 2).then_some("13"), "{line}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_handler_may_see_the_refusal_and_hear_of_an_upgrade_that_failed() {
    let failed = Rc::new(Cell::new(false));
    let told = failed.clone();
    let route = move |upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>| {
        let told = told.clone();
        async move {
            match upgrade {
                Err(WebSocketUpgradeRejection::InvalidUpgradeHeader(_)) => "see".into_response(),
                Err(other) => other.into_response(),
                Ok(upgrade) => {
                    let upgrade = upgrade.on_failed_upgrade(move |_: server::Error| told.set(true));
                    let response: Response = upgrade.on_upgrade(|_| async {});
                    drop(response);
                    // Another answer: there is no WebSocket.
                    "no".into_response()
                }
            }
        }
    };
    let endpoint = Endpoint::new(Router::new().route("/", any(route)));
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
        .await;
    assert_eq!(peer.answer().await.body, b"see");
    let error = ask(&endpoint, "/", WebSocketConfig::default())
        .await
        .unwrap_err();
    let inner = error.into_inner();
    let refused = inner.downcast_ref::<WebSocketError>();
    assert!(matches!(refused, Some(WebSocketError::Refused(status, _)) if *status == 200));
    assert!(failed.get());
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_tells_its_web_sockets_and_waits_for_them() {
    let endpoint = Endpoint::new(app());
    let (mut socket, _) = ask(&endpoint, "/echo", WebSocketConfig::default())
        .await
        .unwrap();
    endpoint.drain();
    let away = CloseFrame {
        code: ws::close_code::AWAY,
        reason: "".into(),
    };
    let message = socket.recv().await.unwrap().unwrap();
    assert_eq!(message, Message::Close(Some(away)));
    assert!(socket.recv().await.is_none());
    endpoint.closed().await;

    // One that does not answer is waited for as long as its deadline.
    let endpoint = Endpoint::new(app());
    let (socket, _) = ask(&endpoint, "/echo", WebSocketConfig::default())
        .await
        .unwrap();
    endpoint.drain();
    let early = timeout(Duration::from_secs(4), endpoint.closed()).await;
    assert!(early.is_err());
    timeout(Duration::from_secs(2), endpoint.closed())
        .await
        .expect("bounded");
    drop(socket);
}

#[runtime::test(start_paused = true)]
async fn a_message_that_came_with_the_request_is_not_lost() {
    let endpoint = Endpoint::new(app());
    let mut peer = connect_with(&endpoint, ROOM);
    let head = "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n\
                Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let frame = [0x81, 0x83, 0, 0, 0, 0, b't', b'e', b'a'];
    peer.send([head.as_bytes(), &frame].concat()).await;
    let answer = peer.answer_without_body().await;
    assert_eq!(
        answer.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(peer.take(5).await, b"\x81\x03tea");
}
