//! Connections that leave HTTP.

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::sync::oneshot;
use runtime::task::yield_now;
use runtime::time::timeout;
use server::h1::Endpoint;
use server::upgrade::{self, UpgradeError, Upgraded};
use server::{Body, Service};
use support::{Peer, ROOM, connect_with};

type Outcome = Result<Upgraded, UpgradeError>;

/// Answers with `status`, and sends what comes of the upgrade to the test.
fn answering(status: StatusCode) -> (impl Service, oneshot::Receiver<Outcome>) {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let service = move |mut request: Request<Body>| {
        let on_upgrade = upgrade::on(&mut request);
        if let Some(sender) = sender.borrow_mut().take() {
            runtime::task::spawn_detached(async move {
                let _ = sender.send(on_upgrade.await);
            });
        }
        async move { switching(status) }
    };
    (service, receiver)
}

fn switching(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    let protocol = "echo".parse().unwrap();
    answer.headers_mut().insert(header::UPGRADE, protocol);
    answer
}

const ASK: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
const SWITCH: StatusCode = StatusCode::SWITCHING_PROTOCOLS;

/// A client and the server's end of its connection, after the 101.
async fn upgraded(
    endpoint: &Endpoint<impl Service>,
    outcome: oneshot::Receiver<Outcome>,
) -> (Peer, Upgraded) {
    let mut peer = connect_with(endpoint, ROOM);
    peer.send(ASK).await;
    let answer = peer.answer_without_body().await;
    assert_eq!(answer.status, 101);
    (peer, outcome.await.unwrap().unwrap())
}

/// Lets the connection take what was sent.
async fn settle() {
    for _ in 0..5 {
        runtime::task::yield_now().await;
    }
}

#[runtime::test(start_paused = true)]
async fn after_a_101_the_stream_is_the_handlers_with_what_was_sent_ahead() {
    let (service, outcome) = answering(SWITCH);
    let mut peer = connect_with(&Endpoint::new(service), ROOM);
    peer.send(format!("{ASK}early ")).await;
    let answer = peer.answer_without_body().await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("connection"), Some("upgrade"));
    assert_eq!(answer.header("upgrade"), Some("echo"));
    assert_eq!(
        (
            answer.header("content-length"),
            answer.header("transfer-encoding")
        ),
        (None, None)
    );
    let mut stream = outcome.await.unwrap().unwrap();
    peer.send("late").await;
    let mut read = [0; 10];
    stream.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"early late");
    stream.write_all(b"and back").await.unwrap();
    drop(stream);
    assert_eq!(peer.rest().await, "and back");
    peer.end().await.unwrap();
}

#[runtime::test(start_paused = true)]
async fn the_stream_itself_can_be_had() {
    let (service, outcome) = answering(SWITCH);
    let endpoint = Endpoint::new(service);
    let (near, far) = duplex(ROOM);
    let mut peer = Peer::new(near, runtime::spawn(endpoint.connection(far)));
    peer.send(format!("{ASK}early")).await;
    let stream = outcome.await.unwrap().unwrap();
    let stream = stream.downcast::<runtime::net::TcpStream>().unwrap_err();
    assert_eq!(endpoint.open_connections(), 1);
    let parts = stream.downcast::<DuplexStream>().unwrap();
    assert_eq!(parts.read_buf, "early");
    assert_eq!(
        endpoint.open_connections(),
        0,
        "it is not the server's any more"
    );
    drop(parts);
    peer.answer_without_body().await;
    assert_eq!(peer.rest().await, "");
}

#[runtime::test(start_paused = true)]
async fn an_upgrade_that_was_not_asked_for_is_not_answered() {
    for wire in [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: x\r\nConnection: upgrade, keep-alive\r\nUpgrade: echo\r\n\r\n",
    ] {
        let (service, outcome) = answering(SWITCH);
        let mut peer = connect_with(&Endpoint::new(service), ROOM);
        peer.send(wire).await;
        assert_eq!(peer.answer().await.status, 500, "{wire}");
        let error = outcome.await.unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the request did not ask for another protocol"
        );
        assert_eq!(peer.get("/").await.status, 500, "the connection goes on");
    }
}

#[runtime::test(start_paused = true)]
async fn another_answer_than_101_leaves_the_connection_with_http() {
    let (service, outcome) = answering(StatusCode::OK);
    let mut peer = connect_with(&Endpoint::new(service), ROOM);
    peer.send(ASK).await;
    assert_eq!(peer.answer().await.status, 200);
    assert!(outcome.await.unwrap().is_err());
    assert_eq!(peer.get("/").await.status, 200);
}

/// RFC 9110, section 7.8: the request is complete before the protocol changes, in however many pieces it comes.
#[runtime::test(start_paused = true)]
async fn the_protocol_changes_after_the_whole_request() {
    let ask = ASK.replace("Host: x", "Host: x\r\nContent-Length: 5");
    for pieces in [
        &["helloearly"][..],
        &["", "hel", "loearly"],
        &["hello", "early"],
    ] {
        let (service, outcome) = answering(SWITCH);
        let mut peer = connect_with(&Endpoint::new(service), ROOM);
        peer.send(format!("{ask}{}", pieces[0])).await;
        for piece in &pieces[1..] {
            settle().await;
            peer.send(piece).await;
        }
        assert_eq!(peer.answer_without_body().await.status, 101, "{pieces:?}");
        let mut stream = outcome.await.unwrap().unwrap();
        let mut read = [0; 5];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"early");
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_may_send_its_body_sends_it_before_the_protocol_changes() {
    let more = "Host: x\r\nExpect: 100-continue\r\nContent-Length: 5";
    let (service, outcome) = answering(SWITCH);
    let mut peer = connect_with(&Endpoint::new(service), ROOM);
    peer.send(ASK.replace("Host: x", more)).await;
    assert_eq!(peer.answer_without_body().await.status, 100);
    peer.send("hello").await;
    assert_eq!(peer.answer_without_body().await.status, 101);
    assert!(outcome.await.unwrap().is_ok());
}

#[runtime::test(start_paused = true)]
async fn a_request_whose_body_does_not_end_does_not_switch() {
    let chunked = ASK.replace("Host: x", "Host: x\r\nTransfer-Encoding: chunked");
    let much = format!("fffff\r\n{}", "x".repeat(0xfffff));
    for rest in ["zz\r\n", "5\r\nhel", &much] {
        let (service, outcome) = answering(SWITCH);
        let mut peer = connect_with(&Endpoint::new(service), ROOM);
        peer.send(&chunked).await;
        settle().await;
        peer.send(rest).await;
        assert_eq!(peer.answer().await.status, 400, "{:.9}", rest);
        assert!(outcome.await.unwrap().is_err());
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_leaves_ends_the_wait() {
    let (sender, receiver) = oneshot::channel();
    let sender = RefCell::new(Some(sender));
    let endpoint = Endpoint::new(move |mut request: Request<Body>| {
        let sender = sender.borrow_mut().take().unwrap();
        let _ = sender.send(upgrade::on(&mut request));
        std::future::pending::<Response<Body>>()
    });
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send(ASK).await;
    let on_upgrade = receiver.await.unwrap();
    drop(peer.abort().await);
    assert!(on_upgrade.await.is_err());
}

#[runtime::test(start_paused = true)]
async fn a_stream_that_nobody_wants_is_closed() {
    let endpoint = Endpoint::new(|_: Request<Body>| async { switching(SWITCH) });
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send(ASK).await;
    assert_eq!(peer.answer_without_body().await.status, 101);
    assert_eq!(peer.rest().await, "");
    assert_eq!(endpoint.open_connections(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_tells_and_waits() {
    let (service, outcome) = answering(SWITCH);
    let endpoint = Endpoint::new(service);
    let (mut peer, mut stream) = upgraded(&endpoint, outcome).await;
    assert_eq!(endpoint.open_connections(), 1);
    let goodbye = runtime::spawn(async move {
        stream.draining().await;
        stream.write_all(b"bye").await.unwrap();
    });
    yield_now().await;
    assert!(!goodbye.is_finished());
    endpoint.drain();
    endpoint.closed().await;
    assert_eq!(peer.rest().await, "bye");
}

#[runtime::test(start_paused = true)]
async fn a_server_that_cuts_ends_the_stream_and_does_not_wait() {
    let (service, outcome) = answering(SWITCH);
    let endpoint = Endpoint::new(service);
    let (_peer, mut stream) = upgraded(&endpoint, outcome).await;
    let reading = runtime::spawn(async move {
        let error = stream.read(&mut [0]).await.unwrap_err();
        (stream, error.kind())
    });
    endpoint.drain();
    let second = Duration::from_secs(1);
    assert!(
        timeout(second, endpoint.closed()).await.is_err(),
        "it waits"
    );
    endpoint.cut();
    endpoint.closed().await;
    let (mut stream, kind) = reading.await.unwrap();
    assert_eq!(kind, std::io::ErrorKind::ConnectionAborted);
    assert!(stream.write(b"x").await.is_err());
    drop(stream);
    assert_eq!(endpoint.open_connections(), 0);
}

/// The offers of a batch of requests do not mix.
#[runtime::test(start_paused = true)]
async fn a_pipelined_request_before_the_upgrade_is_answered_first() {
    let (service, outcome) = answering(SWITCH);
    let service = Rc::new(service);
    let endpoint = Endpoint::new(move |request: Request<Body>| {
        let service = service.clone();
        async move {
            match request.uri().path() {
                "/first" => Response::new(Body::from("first")),
                _ => service.call(request).await,
            }
        }
    });
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send(format!("GET /first HTTP/1.1\r\nHost: x\r\n\r\n{ASK}rest"))
        .await;
    assert_eq!(peer.answer().await.text(), "first");
    assert_eq!(peer.answer_without_body().await.status, 101);
    let mut read = [0; 4];
    let mut stream = outcome.await.unwrap().unwrap();
    stream.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"rest");
}
