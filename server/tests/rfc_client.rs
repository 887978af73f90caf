//! What the outgoing connection says and takes (RFC 9110 and RFC 9112); the rows of `rfc.md`
//! name these tests.

mod support;

use http::{Method, Request, Version};
use runtime::io::AsyncWriteExt;
use server::body::to_bytes;
use server::h1::client::{self, Config};
use server::{Body, upgrade};
use support::outgoing::{Server, client_and_server, get};
use support::pieces;

/// The head that is sent for a request.
async fn head_of(request: Request<Body>) -> Result<String, client::Error> {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let sent = runtime::spawn(sender.send_request(request));
    runtime::task::yield_now().await;
    runtime::task::yield_now().await;
    if sent.is_finished() {
        return sent.await.unwrap().map(|_| String::new());
    }
    Ok(server.head().await)
}

fn with(method: Method, uri: &str, lines: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

/// RFC 9112, section 7.4, and RFC 9110, sections 7.6.1 and 7.8.
#[runtime::test(start_paused = true)]
async fn what_concerns_this_connection_is_named_by_connection() {
    for (lines, expected) in [
        (&[("te", "trailers")][..], "te"),
        (&[("upgrade", "echo")], "upgrade"),
        (&[("te", "trailers"), ("upgrade", "echo")], "te, upgrade"),
        (&[("te", "trailers"), ("connection", "close")], "close te"),
        (&[("te", "trailers"), ("connection", "x, TE")], "x, TE"),
        (&[("upgrade", "a"), ("connection", "Upgrade")], "Upgrade"),
    ] {
        let head = head_of(with(Method::GET, "/", lines, "")).await.unwrap();
        let said: Vec<&str> = head
            .split("\r\n")
            .filter_map(|line| line.strip_prefix("connection: "))
            .collect();
        assert_eq!(said.join(" "), expected, "{lines:?}");
    }
}

/// RFC 9112, sections 2.2 and 3.2; RFC 9110, section 7.2.
#[runtime::test(start_paused = true)]
async fn a_request_begins_with_its_line_and_names_its_host_once() {
    for (uri, lines, expected) in [
        ("/a", &[][..], "GET /a HTTP/1.1\r\nhost: \r\n\r\n"),
        ("/a", &[("host", "y")], "GET /a HTTP/1.1\r\nhost: y\r\n\r\n"),
        (
            "http://x:81",
            &[],
            "GET http://x:81/ HTTP/1.1\r\nhost: x:81\r\n\r\n",
        ),
        (
            "http://u:p@x/a",
            &[("host", "y"), ("a", "b")],
            "GET http://x/a HTTP/1.1\r\nhost: x\r\na: b\r\n\r\n",
        ),
    ] {
        let head = head_of(with(Method::GET, uri, lines, "")).await.unwrap();
        assert_eq!(head, expected);
    }
    let connect = head_of(with(Method::CONNECT, "x:443", &[("host", "y")], "")).await;
    assert_eq!(
        connect.unwrap(),
        "CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n"
    );
}

/// RFC 9110, section 9.3.6.
#[runtime::test(start_paused = true)]
async fn connect_names_its_port() {
    let error = head_of(with(Method::CONNECT, "x", &[], "")).await;
    assert!(error.unwrap_err().is_user());
}

/// RFC 9110, section 9.3.8.
#[runtime::test(start_paused = true)]
async fn trace_has_no_content() {
    for body in [Body::from("text"), pieces(["text"])] {
        let error = head_of(with(Method::TRACE, "/", &[], body)).await;
        assert!(error.unwrap_err().is_user());
    }
    let head = head_of(with(Method::TRACE, "/", &[], "")).await.unwrap();
    assert_eq!(head, "TRACE / HTTP/1.1\r\nhost: \r\n\r\n");
}

/// RFC 9110, section 10.1.1.
#[runtime::test(start_paused = true)]
async fn an_expectation_goes_with_content_only() {
    let expect = &[("expect", "100-continue")];
    let head = head_of(with(Method::POST, "/", expect, "")).await.unwrap();
    assert_eq!(
        head,
        "POST / HTTP/1.1\r\nhost: \r\ncontent-length: 0\r\n\r\n"
    );
    let head = head_of(with(Method::POST, "/", expect, "a")).await.unwrap();
    assert!(head.contains("expect: 100-continue\r\n"), "{head}");
}

/// RFC 9112, sections 6.2 and 6.3; RFC 9110, section 8.6.
#[runtime::test(start_paused = true)]
async fn a_request_says_in_one_way_where_its_body_ends() {
    for (method, body, line) in [
        (Method::POST, Body::from("abc"), "content-length: 3"),
        (Method::POST, pieces(["abc"]), "transfer-encoding: chunked"),
        (Method::POST, Body::empty(), "content-length: 0"),
        (Method::GET, Body::empty(), ""),
    ] {
        let request = with(method, "/", &[("transfer-encoding", "chunked")], body);
        let head = head_of(request).await.unwrap();
        let framing: Vec<&str> = head
            .split("\r\n")
            .filter(|line| line.starts_with("content-length") || line.starts_with("transfer"))
            .collect();
        assert_eq!(framing.join(" "), line);
    }
    let mut old = with(Method::POST, "/", &[], pieces(["abc"]));
    *old.version_mut() = Version::HTTP_10;
    assert!(
        head_of(old).await.unwrap_err().is_user(),
        "1.0 has no chunks"
    );
}

/// Sends `request` and has the server answer with `said`.
async fn answered(
    request: Request<Body>,
    said: &str,
) -> (Result<http::Response<Body>, client::Error>, Server) {
    let (mut sender, _ended, mut server) = client_and_server(Config::default()).await;
    let sent = runtime::spawn(async move { sender.send_request(request).await });
    server.head().await;
    server.say(said).await;
    (sent.await.unwrap(), server)
}

/// RFC 9112, section 6.3; RFC 9110, section 9.3.6.
#[runtime::test(start_paused = true)]
async fn lengths_in_the_answer_to_connect_say_nothing() {
    for lines in [
        "Content-Length: 5\r\n",
        "Content-Length: five\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let request = with(Method::CONNECT, "x:443", &[], "");
        let (response, mut server) =
            answered(request, &format!("HTTP/1.1 200 OK\r\n{lines}\r\n")).await;
        let mut stream = upgrade::on(&mut response.unwrap()).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        assert_eq!(server.read(5).await, "hello", "{lines}");
    }
    let refused = "HTTP/1.1 407 No\r\nContent-Length: five\r\n\r\n";
    let (response, _) = answered(with(Method::CONNECT, "x:443", &[], ""), refused).await;
    assert!(response.unwrap_err().is_parse());
}

/// RFC 9110, sections 7.8 and 15.2.2.
#[runtime::test(start_paused = true)]
async fn a_protocol_that_was_not_asked_for_is_refused() {
    for (protocol, is_well) in [
        ("Upgrade: echo\r\n", true),
        ("Upgrade: ECHO\r\n", true),
        ("Upgrade: new\r\n", false),
        ("Upgrade: echo, new\r\n", false),
        ("", false),
    ] {
        let request = with(Method::GET, "/", &[("upgrade", "other, echo")], "");
        let said = format!("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\n{protocol}\r\n");
        let (response, _) = answered(request, &said).await;
        assert_eq!(response.is_ok(), is_well, "{protocol}");
    }
    let (response, _) = answered(get("/"), "HTTP/1.1 101 S\r\nUpgrade: echo\r\n\r\n").await;
    assert!(response.unwrap_err().is_parse(), "nothing was asked for");
}

/// RFC 9112, section 5.2: a gateway answers 502 then.
#[runtime::test(start_paused = true)]
async fn a_folded_line_is_refused() {
    let (response, _) = answered(get("/"), "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n").await;
    assert!(response.unwrap_err().is_parse());
}

/// RFC 9112, section 4; RFC 9110, section 15.
#[runtime::test(start_paused = true)]
async fn a_status_is_its_number_whatever_the_words() {
    for line in ["299", "299 ", "299 Not so OK", "499 \u{e9}", "599 5"] {
        let (response, _) = answered(
            get("/"),
            &format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n"),
        )
        .await;
        assert_eq!(response.unwrap().status().as_str(), &line[..3]);
    }
}

/// RFC 9112, section 9.6.
#[runtime::test(start_paused = true)]
async fn after_close_nothing_is_sent() {
    let (mut sender, ended, mut server) = client_and_server(Config::default()).await;
    let sent = sender.send_request(with(Method::GET, "/", &[("connection", "close")], ""));
    let sent = runtime::spawn(sent);
    server.head().await;
    server
        .say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        .await;
    let response = sent.await.unwrap().unwrap();
    assert_eq!(to_bytes(response.into_body(), 10).await.unwrap(), "hi");
    assert!(
        sender
            .send_request(get("/more"))
            .await
            .unwrap_err()
            .is_canceled()
    );
    assert_eq!(server.rest().await, "", "it has closed, too");
    ended.await.unwrap().unwrap();
}
