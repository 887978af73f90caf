//! The client against our own server, in memory.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, StreamBody};
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::net::{TcpListener, TcpStream};
use server::body::to_bytes;
use server::h1::client::{self, SendRequest};
use server::h1::{Endpoint, Methods};
use server::{Body, Config, Service, upgrade};
use support::outgoing::{Ended, get, post};
use support::{ROOM, pieces, site};

/// A client of a service, over `room` bytes of memory.
async fn client_with(endpoint: &Endpoint<impl Service>, room: usize) -> (SendRequest, Ended) {
    let (near, far) = duplex(room);
    runtime::spawn(endpoint.connection(far));
    let (sender, connection) = client::handshake(near).await.unwrap();
    (sender, runtime::spawn(connection))
}

async fn client_of(service: impl Service) -> (SendRequest, Ended) {
    client_with(&Endpoint::new(service), ROOM).await
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[runtime::test(start_paused = true)]
async fn requests_follow_one_another_on_one_connection() {
    let endpoint = Endpoint::new(site);
    let (mut sender, ended) = client_with(&endpoint, ROOM).await;
    for (request, expected) in [
        (get("/a"), "GET /a"),
        (get("http://example.com/b"), "GET /b"),
        (get("/numbers"), "one two three"),
        (post("/echo", "hello"), "hello"),
        (post("/echo", pieces(["a", "bc"])), "abc"),
        (post("/stream-echo", ""), ""),
        (post("/stream-echo", pieces(["x", "yz"])), "xyz"),
    ] {
        sender.ready().await.unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(text(response).await, expected);
    }
    assert_eq!(endpoint.open_connections(), 1);
    drop(sender);
    ended.await.unwrap().unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_large_body_goes_both_ways_through_a_narrow_pipe() {
    for chunked in [false, true] {
        let config = Config {
            max_body: u64::MAX,
            ..Config::default()
        };
        let endpoint = Endpoint::with_config(site, config);
        let (mut sender, _ended) = client_with(&endpoint, 1000).await;
        let sent: Vec<u8> = (0..3_000_000u32).map(|n| (n / 251) as u8).collect();
        let body = Full::new(Bytes::from(sent.clone()));
        let body = match chunked {
            false => Body::new(body),
            true => Body::from_stream(Body::new(body).into_data_stream()),
        };
        let response = sender
            .send_request(post("/stream-echo", body))
            .await
            .unwrap();
        let came = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(came == sent, "{chunked}");
        sender.ready().await.unwrap();
    }
}

#[runtime::test(start_paused = true)]
async fn responses_without_a_body_leave_the_connection_in_order() {
    let (mut sender, _ended) = client_of(site).await;
    let head = |path| Request::head(path).body(Body::empty()).unwrap();
    for (request, status, length, body) in [
        (head("/a"), 200, Some("7"), ""),
        (head("/numbers"), 200, None, ""),
        (get("/no-content"), 204, None, ""),
        (get("/not-modified"), 304, None, ""),
        (get("/a"), 200, Some("6"), "GET /a"),
    ] {
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status);
        let said = response.headers().get(header::CONTENT_LENGTH);
        assert_eq!(said.map(|said| said.to_str().unwrap()), length);
        assert_eq!(text(response).await, body);
    }
}

#[runtime::test(start_paused = true)]
async fn a_server_that_says_close_ends_the_connection_after_its_response() {
    let (mut sender, ended) = client_of(site).await;
    let response = sender.send_request(get("/close")).await.unwrap();
    assert_eq!(text(response).await, "bye");
    assert!(sender.ready().await.unwrap_err().is_canceled());
    let error = sender.try_send_request(get("/a")).await.unwrap_err();
    assert_eq!(error.error().retry(), client::Retry::Safe);
    let mut error = error;
    assert_eq!(error.take_message().unwrap().uri(), "/a", "it comes back");
    ended.await.unwrap().unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_client_that_says_close_ends_the_connection_after_the_response() {
    let (mut sender, ended) = client_of(site).await;
    let request = Request::get("/a").header(header::CONNECTION, "close");
    let response = sender.send_request(request.body(Body::empty()).unwrap());
    assert_eq!(text(response.await.unwrap()).await, "GET /a");
    ended.await.unwrap().unwrap();
    assert!(sender.is_closed());
}

#[runtime::test(start_paused = true)]
async fn trailers_of_a_request_are_sent() {
    let seen = Rc::new(RefCell::new(None));
    let service = {
        let seen = seen.clone();
        move |request: Request<Body>| {
            let seen = seen.clone();
            async move {
                let bytes = request.into_body().collect().await.unwrap();
                *seen.borrow_mut() = Some(bytes.to_bytes());
                Response::new(Body::empty())
            }
        }
    };
    let (mut sender, _ended) = client_of(service).await;
    let frames = [
        Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from_static(b"data"))),
        Ok(http_body::Frame::trailers(HeaderMap::from_iter([(
            header::ETAG,
            "x".parse().unwrap(),
        )]))),
    ];
    let body = StreamBody::new(futures_lite::stream::iter(frames));
    let response = sender.send_request(Request::post("/").body(body).unwrap());
    assert_eq!(response.await.unwrap().status(), 200);
    assert_eq!(seen.take().unwrap(), "data");
    assert!(sender.is_ready(), "the trailers were read, too");
}

#[runtime::test(start_paused = true)]
async fn a_body_that_waits_for_the_servers_word_is_sent_when_it_is_wanted() {
    let (mut sender, _ended) = client_of(site).await;
    let expects = |path, body: Body| {
        let request = Request::post(path).header(header::EXPECT, "100-continue");
        request.body(body).unwrap()
    };
    let response = sender.send_request(expects("/echo", "hello".into())).await;
    assert_eq!(text(response.unwrap()).await, "hello");
    // The server answers without it: the body is never asked for.
    let body = Body::from_stream(NeverAsked);
    let response = sender.send_request(expects("/ignore", body)).await;
    assert_eq!(text(response.unwrap()).await, "ignored");
    assert!(
        sender.ready().await.is_err(),
        "the body was announced, and not sent"
    );
}

/// A stream that must not be polled.
struct NeverAsked;

impl futures_core::Stream for NeverAsked {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        panic!("the body was asked for");
    }
}

/// Takes the upgrade, and echoes one word of five bytes.
async fn switching(mut request: Request<Body>) -> Response<Body> {
    let on_upgrade = upgrade::on(&mut request);
    runtime::spawn(async move {
        let mut stream = on_upgrade.await.unwrap();
        let mut word = [0; 5];
        stream.write_all(b"hi: ").await.unwrap();
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let protocol = "echo".parse().unwrap();
    response.headers_mut().insert(header::UPGRADE, protocol);
    response
}

#[runtime::test(start_paused = true)]
async fn an_upgrade_hands_over_the_stream() {
    let (mut sender, ended) = client_of(switching).await;
    let request = Request::get("/")
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "echo");
    let mut response = sender
        .send_request(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 101);
    let mut stream = upgrade::on(&mut response).await.unwrap();
    ended.await.unwrap().unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    assert_eq!(all, "hi: hello");
    assert!(stream.downcast::<DuplexStream>().is_ok());
}

#[runtime::test(start_paused = true)]
async fn a_response_that_does_not_upgrade_offers_nothing() {
    let (mut sender, _ended) = client_of(site).await;
    let mut response = sender.send_request(get("/a")).await.unwrap();
    assert!(upgrade::on(&mut response).await.is_err());
}

#[runtime::test]
async fn it_works_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::task::spawn_detached(async move {
        server::serve(listener, site).await.unwrap();
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = client::handshake(stream).await.unwrap();
    let ended = runtime::spawn(connection);
    for n in 0..100 {
        let response = sender.send_request(get(&format!("/{n}"))).await.unwrap();
        assert_eq!(text(response).await, format!("GET /{n}"));
        sender.ready().await.unwrap();
    }
    drop(sender);
    ended.await.unwrap().unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_method_of_ones_own_is_sent() {
    let config = Config {
        methods: Methods::Any,
        ..Config::default()
    };
    let endpoint = Endpoint::with_config(site, config);
    let (mut sender, _ended) = client_with(&endpoint, ROOM).await;
    let method = Method::from_bytes(b"BREW").unwrap();
    let request = Request::builder().method(method).uri("/pot");
    let response = sender.send_request(request.body(Body::empty()).unwrap());
    assert_eq!(text(response.await.unwrap()).await, "BREW /pot");
}
