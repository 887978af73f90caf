//! The numbers of connections and requests: who learns which.

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use http::Request;
use runtime::time::sleep;
use server::extract::{ConnectionId, RequestId};
use server::h1::Endpoint;
use server::middleware::{AccessLogLayer, DetachLayer};
use server::{Body, RequestExt, Router, routing::get};
use support::{ROOM, connect_with};

/// What the extractors say now.
async fn numbers(request: &mut Request<Body>) -> String {
    let mut now = Request::new(Body::empty());
    *now.extensions_mut() = request.extensions().clone();
    let connection = now.extract_parts::<Option<ConnectionId>>().await.unwrap();
    let number = now.extract_parts::<Option<RequestId>>().await.unwrap();
    format!(
        "{:?}/{:?}",
        connection.map(|it| it.0),
        number.map(|it| it.0)
    )
}

/// Asks after one and two seconds, when other handlers have been polled meanwhile.
async fn slow(mut request: Request<Body>) -> String {
    let mut all = Vec::new();
    for _ in 0..2 {
        sleep(Duration::from_secs(1)).await;
        all.push(numbers(&mut request).await);
    }
    all.join(" ")
}

/// Asks, visits a server in memory that asks, and asks again.
async fn nested(mut request: Request<Body>) -> String {
    let before = numbers(&mut request).await;
    let inner = Endpoint::new(Router::new().route("/", get(at_once)));
    let (near, far) = runtime::io::duplex(ROOM);
    // The connection is polled by this handler, inside the poll of its own.
    let connection = inner.connection(far);
    let client = async {
        let mut peer = support::Peer::new(near, runtime::spawn(async { Ok(()) }));
        let answer = peer.get("/").await.text().to_owned();
        drop(peer);
        answer
    };
    let (answer, end) = runtime::join!(client, connection);
    end.unwrap();
    format!("{before} {answer} {}", numbers(&mut request).await)
}

async fn at_once(connection: ConnectionId, request: RequestId) -> String {
    format!("{connection}/{request}")
}

fn app() -> Router {
    Router::new()
        .route("/", get(at_once))
        .route("/slow", get(slow))
        .route("/detached", get(slow).layer(DetachLayer::new()))
        .route("/nested", get(nested))
}

#[runtime::test(start_paused = true)]
async fn connections_and_requests_are_counted_from_one() {
    let endpoint = Endpoint::new(app());
    let (mut one, mut other) = (connect_with(&endpoint, ROOM), connect_with(&endpoint, ROOM));
    assert_eq!(one.get("/").await.text(), "1/1");
    assert_eq!(other.get("/").await.text(), "2/2");
    let twice = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2);
    one.send(twice).await;
    assert_eq!(one.answer().await.text(), "1/3");
    assert_eq!(one.answer().await.text(), "1/4");
    let mut elsewhere = connect_with(&Endpoint::new(app()), ROOM);
    assert_eq!(elsewhere.get("/").await.text(), "1/1", "each server counts");
}

#[runtime::test(start_paused = true)]
async fn a_handler_that_waits_keeps_its_numbers_also_in_a_task_of_its_own() {
    let endpoint = Endpoint::new(app());
    for path in ["/slow", "/detached"] {
        let (mut one, mut other) = (connect_with(&endpoint, ROOM), connect_with(&endpoint, ROOM));
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        one.send(&head).await;
        other.send(&head).await;
        let answers = [one.answer().await, other.answer().await];
        let expected = match path {
            "/slow" => [
                "Some(1)/Some(1) Some(1)/Some(1)",
                "Some(2)/Some(2) Some(2)/Some(2)",
            ],
            _ => [
                "Some(3)/Some(3) Some(3)/Some(3)",
                "Some(4)/Some(4) Some(4)/Some(4)",
            ],
        };
        assert_eq!([answers[0].text(), answers[1].text()], expected);
    }
}

#[runtime::test(start_paused = true)]
async fn a_server_that_a_handler_polls_does_not_change_the_handlers_numbers() {
    let endpoint = Endpoint::new(app());
    let mut peer = connect_with(&endpoint, ROOM);
    peer.get("/").await;
    let answer = peer.get("/nested").await;
    assert_eq!(answer.text(), "Some(1)/Some(2) 1/1 Some(1)/Some(2)");
}

#[runtime::test(start_paused = true)]
async fn without_a_server_there_are_no_numbers() {
    let request = Request::new(Body::empty());
    let response = server::Service::call(&app(), request).await;
    assert_eq!(response.status(), 500);
    let mut request = Request::new(Body::empty());
    assert_eq!(numbers(&mut request).await, "None/None");
}

#[runtime::test(start_paused = true)]
async fn the_access_log_tells_the_numbers_if_it_is_asked() {
    for (layer, expected) in [
        (AccessLogLayer::text(), [" - 1/1\n", " - -\n"]),
        (
            AccessLogLayer::json(),
            [
                "\"peer\":null,\"connection\":1,\"request\":1,\"complete\":true}\n",
                "\"peer\":null,\"connection\":null,\"request\":null,\"complete\":true}\n",
            ],
        ),
    ] {
        let lines = Rc::<RefCell<Vec<String>>>::default();
        let seen = lines.clone();
        let layer = layer
            .with_ids()
            .write_to(move |line| seen.borrow_mut().push(line.into()));
        let app = app().layer(layer);
        connect_with(&Endpoint::new(app.clone()), ROOM)
            .get("/")
            .await;
        drop(server::Service::call(&app, Request::new(Body::empty())).await);
        let lines = lines.take();
        for (line, end) in lines.iter().zip(expected) {
            assert!(line.ends_with(end), "{line}");
        }
        assert_eq!(lines.len(), 2);
    }
}
