//! The client and servers that break off, break the rules, or say too much.

mod support;

use http::{Request, header};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use server::Body;
use server::body::to_bytes;
use server::h1::client::{Config, Error, Retry};
use support::outgoing::{client_and_server, get, post};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// What a caller has got: status and body, or what went wrong with the one or the other.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    All(u16, String),
    /// The head came, and the body broke off.
    Half(u16),
    Nothing,
}

/// Sends a request, lets the server say `parts`, one after the other, and close.
async fn answered(request: Request<Body>, parts: &[&[u8]]) -> Got {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(request));
    server.head().await;
    for part in parts {
        // A client that has understood enough may have closed.
        if server.stream.write_all(part).await.is_err() {
            break;
        }
        runtime::task::yield_now().await;
        runtime::task::yield_now().await;
    }
    drop(server);
    let Ok(response) = response.await.unwrap() else {
        return Got::Nothing;
    };
    let status = response.status().as_u16();
    match to_bytes(response.into_body(), usize::MAX).await {
        Ok(bytes) => Got::All(status, String::from_utf8(bytes.to_vec()).unwrap()),
        Err(_) => Got::Half(status),
    }
}

/// Responses, the body of each, and whether its end is the end of the connection.
const RESPONSES: [(&str, &str, bool); 6] = [
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "hello",
        false,
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", false),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nA: b\r\n\r\n",
        "hello",
        false,
    ),
    (
        "HTTP/1.1 103 X\r\nLink: a\r\n\r\nHTTP/1.1 100 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "ok",
        false,
    ),
    ("HTTP/1.1 200 OK\r\n\r\nhello", "hello", true),
    ("HTTP/1.0 200\r\nServer: old\r\n\r\nhello", "hello", true),
];

#[runtime::test(start_paused = true)]
async fn a_response_is_read_alike_however_it_is_cut() {
    for (wire, body, _) in RESPONSES {
        let expected = Got::All(200, body.to_owned());
        for cut in 0..=wire.len() {
            let (first, second) = wire.as_bytes().split_at(cut);
            assert_eq!(
                answered(get("/"), &[first, second]).await,
                expected,
                "{wire:?} at {cut}"
            );
        }
        let bytes: Vec<_> = wire.as_bytes().chunks(1).collect();
        assert_eq!(
            answered(get("/"), &bytes).await,
            expected,
            "{wire:?} byte by byte"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn half_a_response_is_never_taken_for_a_whole_one() {
    for (wire, _, until_close) in RESPONSES {
        let head = wire.rfind("HTTP/1.").unwrap();
        let head = head + wire[head..].find("\r\n\r\n").unwrap() + 4;
        for cut in 0..wire.len() {
            let got = answered(get("/"), &[&wire.as_bytes()[..cut]]).await;
            let expected = match cut {
                _ if cut < head => Got::Nothing,
                _ if until_close => Got::All(200, wire[head..cut].to_owned()),
                _ => Got::Half(200),
            };
            assert_eq!(got, expected, "{wire:?} cut at {cut}");
        }
    }
}

#[runtime::test(start_paused = true)]
async fn what_breaks_the_rules_is_an_error() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 101 X\r\n\r\n",
        "SSH-2.0\r\n",
    ] {
        let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server.say(head).await;
        let error = response.await.unwrap().unwrap_err();
        assert!(error.is_parse(), "{head:?}: {error}");
        assert_eq!(error.retry(), Retry::Never);
        assert!(ended.await.unwrap().is_ok(), "the caller has been told");
        assert_eq!(server.stream.read(&mut [0]).await.unwrap(), 0);
    }
    for body in [
        "x",
        "-1\r\n",
        "3\r\nabcd\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "3;;\r\nabc",
    ] {
        let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server
            .say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        server.say(body).await;
        let body = response.await.unwrap().unwrap().into_body();
        let error = to_bytes(body, usize::MAX).await.unwrap_err();
        assert!(error.is_malformed(), "{error}");
        assert!(ended.await.unwrap().is_err());
    }
}

/// The caller's error when the server reads a request, says `partly`, and closes.
async fn error_after(partly: &str, is_reused: bool) -> Error {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    if is_reused {
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server.say(OK).await;
        drop(response.await.unwrap().unwrap());
        sender.ready().await.unwrap();
    }
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server.say(partly).await;
    drop(server);
    response.await.unwrap().unwrap_err()
}

#[runtime::test(start_paused = true)]
async fn an_error_says_whether_the_request_may_be_sent_again() {
    for (partly, is_reused, retry) in [
        ("", true, Retry::IfIdempotent),
        ("", false, Retry::Never),
        ("H", true, Retry::Never),
        ("HTTP/1.1 100 X\r\n\r\n", true, Retry::Never),
    ] {
        let error = error_after(partly, is_reused).await;
        assert!(error.is_incomplete_message());
        assert_eq!(error.retry(), retry, "{partly:?}, {is_reused}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_request_on_a_connection_that_has_ended_comes_back() {
    for said in ["", "HTTP/1.1 408 X\r\n\r\n"] {
        let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
        server.say(said).await;
        drop(server);
        let mut error = sender.try_send_request(post("/", "x")).await.unwrap_err();
        assert!(error.error().is_canceled());
        assert_eq!(error.error().retry(), Retry::Safe);
        let request = error.take_message().unwrap();
        assert_eq!(to_bytes(request.into_body(), 9).await.unwrap(), "x");
        assert_eq!(ended.await.unwrap().is_ok(), said.is_empty());
        assert!(sender.is_closed());
    }
}

#[runtime::test(start_paused = true)]
async fn bytes_behind_a_response_end_the_connection() {
    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    let response = runtime::spawn(sender.send_request(get("/")));
    server.head().await;
    server.say([OK, OK].concat()).await;
    let body = response.await.unwrap().unwrap().into_body();
    assert_eq!(to_bytes(body, 9).await.unwrap(), "ok");
    assert!(
        sender.ready().await.is_err(),
        "the second is not for the next request"
    );
    ended.await.unwrap().unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_refusal_stops_the_upload_and_reaches_the_caller() {
    for closes in [false, true] {
        let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
        let endless = Body::from_stream(futures_lite::stream::repeat_with(|| {
            Ok::<_, std::io::Error>(vec![0; 1024])
        }));
        let response = runtime::spawn(sender.send_request(post("/", endless)));
        server.head().await;
        server
            .say("HTTP/1.1 413 X\r\nContent-Length: 3\r\n\r\nbig")
            .await;
        if closes {
            drop(server.stream);
        }
        let response = response.await.unwrap().unwrap();
        assert_eq!(response.status(), 413);
        assert_eq!(to_bytes(response.into_body(), 9).await.unwrap(), "big");
        assert!(
            sender.ready().await.is_err(),
            "the request was not sent whole"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn a_tunnel_hands_over_the_stream_and_what_came_with_it() {
    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    let request = Request::connect("example.com:443").body(Body::empty());
    let response = runtime::spawn(sender.send_request(request.unwrap()));
    let head = server.head().await;
    assert!(
        head.starts_with("CONNECT example.com:443 HTTP/1.1\r\n"),
        "{head}"
    );
    server
        .say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nearly")
        .await;
    let mut response = response.await.unwrap().unwrap();
    let mut tunnel = server::upgrade::on(&mut response).await.unwrap();
    ended.await.unwrap().unwrap();
    tunnel.write_all(b"hello").await.unwrap();
    assert_eq!(server.read(5).await, "hello");
    let mut word = [0; 5];
    tunnel.read_exact(&mut word).await.unwrap();
    assert_eq!(&word, b"early");
}

#[runtime::test(start_paused = true)]
async fn a_protocol_is_not_changed_before_the_request_is_complete() {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let request = Request::post("/")
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "echo")
        .body(Body::from_stream(futures_lite::stream::pending::<
            Result<&str, std::io::Error>,
        >()));
    let response = runtime::spawn(sender.send_request(request.unwrap()));
    server.head().await;
    server.say("HTTP/1.1 101 X\r\nUpgrade: echo\r\n\r\n").await;
    assert!(response.await.unwrap().unwrap_err().is_parse());
}

#[runtime::test(start_paused = true)]
async fn limits_hold() {
    async fn error_of(config: Config, wire: &str) -> Error {
        let (mut sender, _ended, mut server) = client_and_server(config).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server.say(wire).await;
        response.await.unwrap().unwrap_err()
    }
    let small = Config {
        max_head: 40,
        ..Config::default()
    };
    let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "a".repeat(60));
    assert!(error_of(small, &endless).await.is_parse());
    let many = format!("HTTP/1.1 200 OK\r\n{}", "A: b\r\n".repeat(102));
    assert!(error_of(Config::default(), &many).await.is_parse());
    let early = "HTTP/1.1 102 X\r\n\r\n".repeat(17);
    assert!(error_of(Config::default(), &early).await.is_parse());
}

#[runtime::test(start_paused = true)]
async fn a_body_that_is_too_large_is_an_error() {
    for head in ["Content-Length: 5", "Transfer-Encoding: chunked", "A: b"] {
        let config = Config {
            max_body: 4,
            ..Config::default()
        };
        let (mut sender, ended, mut server) = client_and_server(config).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server
            .say(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n5\r\nhello"))
            .await;
        let body = response.await.unwrap().unwrap().into_body();
        let error = to_bytes(body, usize::MAX).await.unwrap_err();
        assert!(error.is_too_large(), "{head}: {error}");
        assert!(ended.await.unwrap().is_err());
    }
}

/// Each of them begins the time anew, so their number is what bounds the wait.
#[runtime::test(start_paused = true)]
async fn responses_before_the_response_have_an_end() {
    let config = Config {
        max_informational: 3,
        ..Config::default()
    };
    for (count, is_answered) in [(3, true), (4, false)] {
        let (mut sender, ended, mut server) = client_and_server(config.clone()).await;
        let response = runtime::spawn(sender.send_request(get("/")));
        server.head().await;
        server.say("HTTP/1.1 102 X\r\n\r\n".repeat(count)).await;
        server.say(OK).await;
        let response = response.await.unwrap();
        assert_eq!(response.is_ok(), is_answered, "{count}");
        assert!(response.is_ok() || ended.await.unwrap().is_ok());
    }
}
