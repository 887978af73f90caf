//! What the engine says of each request while the runtime is observed.

#[path = "support/marks.rs"]
mod marks;
mod support;

use std::rc::Rc;
use std::time::Duration;

use futures_lite::stream;
use http::StatusCode;
use marks::{ended_accounts, recorded, said};
use runtime::io::AsyncWriteExt;
use runtime::sync::Mutex;
use runtime::task::yield_now;
use runtime::time::sleep;
use runtime::trace::Record;
use server::extract::{Path, State};
use server::routing::{get, post};
use server::{Body, Config, Json, Router};
use story::account::{Doing, in_words};
use support::{Peer, connect, connect_with};

type Lock = Rc<Mutex<()>>;

fn app(lock: Lock) -> Router {
    let pieces =
        || async { Body::from_stream(stream::iter([Ok::<_, std::io::Error>("a"), Ok("b")])) };
    let item =
        |Path(id): Path<u32>, Json(text): Json<String>| async move { format!("{id} {text}") };
    let locked = |State(lock): State<Lock>| async move {
        drop(lock.lock().await);
        StatusCode::NO_CONTENT
    };
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/items/{id}", post(item))
        .route("/pieces", get(pieces))
        .route("/locked", get(locked))
        .with_state(lock)
}

/// Runs `visit` against the app, observed; the records.
fn visited(visit: impl AsyncFnOnce(&mut Peer)) -> Vec<Record> {
    let runtime = recorded();
    runtime.block_on(async {
        let mut peer = connect(app(Lock::default()));
        visit(&mut peer).await;
    });
    runtime.trace().take()
}

#[test]
fn a_request_is_told_from_its_head_to_its_end() {
    let records = visited(async |peer| {
        peer.get("/?password=secret").await;
        peer.send("POST /items/7 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n\"wool\"")
            .await;
        assert_eq!(peer.answer().await.text(), "7 wool");
        peer.get("/pieces").await;
        peer.get("/nowhere").await;
        peer.finish_sending().await;
        peer.rest().await;
    });
    assert_eq!(
        said(&records),
        [
            "request 1 Begin: GET /",
            "request 1 Point: route /",
            "request 1 Point: handler",
            "request 1 End: answer 200",
            "request 2 Begin: POST /items/7",
            "request 2 Point: route /items/{id}",
            "request 2 Point: extractor Json<String>",
            "request 2 Point: handler",
            "request 2 End: answer 200",
            "request 3 Begin: GET /pieces",
            "request 3 Point: route /pieces",
            "request 3 Point: handler",
            "request 3 Point: answer 200",
            "request 3 End: complete",
            "request 4 Begin: GET /nowhere",
            "request 4 End: answer 404",
            "connection 1 Point: closed after 4 requests",
        ]
    );
}

#[test]
fn a_request_that_is_not_answered_ends_too() {
    let cut = visited(async |peer| {
        peer.send("POST /items/7 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n\"wo")
            .await;
        yield_now().await;
        peer.finish_sending().await;
        peer.rest().await;
    });
    let told = said(&cut);
    assert_eq!(told[..1], ["request 1 Begin: POST /items/7"]);
    assert!(
        told[told.len() - 2].starts_with("request 1 End: "),
        "{told:?}"
    );
    assert_eq!(
        told[told.len() - 1],
        "connection 1 Point: closed after 1 request"
    );

    let empty = visited(async |peer| {
        peer.send("GET / HT").await;
        peer.finish_sending().await;
        peer.rest().await;
    });
    assert_eq!(
        said(&empty),
        [
            "head 1 Begin: (part of a head)",
            "head 1 End: cut off",
            "connection 1 Point: closed after 0 requests"
        ]
    );
}

/// What the engine answers in place of a handler.
#[test]
fn a_request_that_is_refused_is_told_with_its_status() {
    let refused = |head: &'static str| {
        let records = visited(async |peer| {
            peer.send(head).await;
            peer.finish_sending().await;
            peer.rest().await;
        });
        let mut told = said(&records);
        assert!(told.pop().is_some_and(|it| it.starts_with("connection 1")));
        let text = |said: String| {
            said.split_once(": ")
                .map_or_else(String::new, |it| it.1.into())
        };
        told.into_iter().map(text).collect::<Vec<String>>()
    };
    assert_eq!(
        refused("GET /a?secret HTTP/1.1\r\n\r\n"),
        [
            "GET /a",
            "refused: the Host header is missing",
            "answer 400"
        ]
    );
    let not_http = refused("secret=7 is no method\r\n\r\n");
    assert_eq!(not_http.first().unwrap(), "(not a request)");
    assert_eq!(not_http.last().unwrap(), "answer 400");
    let coded = refused("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    assert_eq!(coded.last().unwrap(), "answer 501");
    let chunked = refused(
        "POST /items/7 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
    );
    assert_eq!(chunked.first().unwrap(), "POST /items/7");
    assert_eq!(chunked.last().unwrap(), "answer 400");
}

/// The clock is paused: the head is given up when its time is over.
#[test]
fn a_head_that_comes_too_slowly_is_told_too() {
    let records = visited(async |peer| {
        peer.send("GET /slow HTTP/1.1\r\nHo").await;
        assert_eq!(peer.answer().await.status, 408);
    });
    let told = said(&records);
    assert_eq!(told[1], "head 1 End: refused");
    assert_eq!(told[2], "request 1 Begin: GET /slow");
    assert_eq!(told[4], "request 1 End: answer 408");
    let head = &ended_accounts(&records)[0];
    let wait = head.sums()[0];
    assert!(matches!(wait.doing, Doing::Waiting(_)), "{head:?}");
    assert_eq!(wait.took, Config::default().head_timeout);
    assert_eq!(head.end() - head.begin(), wait.took);
}

#[test]
fn a_head_in_pieces_gives_its_number_to_its_request() {
    let records = visited(async |peer| {
        peer.get("/").await;
        for piece in ["GET / HT", "TP/1.1\r\nHost:", " x\r\n\r\nGET /pie"] {
            peer.send(piece).await;
            yield_now().await;
            sleep(Duration::from_millis(1)).await;
        }
        peer.send("ces HTTP/1.1\r\nHost: x\r\n\r\n").await;
        peer.answer().await;
        peer.answer().await;
        peer.finish_sending().await;
        peer.rest().await;
    });
    let told = said(&records);
    let heads = |it: &&String| it.contains("head") || it.contains("Begin");
    assert_eq!(
        told.iter().filter(heads).collect::<Vec<_>>(),
        [
            "request 1 Begin: GET /",
            "head 2 Begin: (part of a head)",
            "head 2 End: read",
            "request 2 Begin: GET /",
            "head 3 Begin: (part of a head)",
            "head 3 End: read",
            "request 3 Begin: GET /pieces",
        ]
    );
}

#[test]
fn a_body_that_is_too_large_is_a_refusal() {
    let runtime = recorded();
    runtime.block_on(async {
        let config = Config { max_body: 4, ..Config::default() };
        let endpoint = server::h1::Endpoint::with_config(app(Lock::default()), config);
        let mut peer = connect_with(&endpoint, 1000);
        peer.send("POST /items/7 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n\"wool\"\r\n0\r\n\r\n")
            .await;
        assert_eq!(peer.answer().await.status, 413);
    });
    let told = said(&runtime.trace().take());
    let ends = told.iter().filter(|it| it.contains("End")).count();
    assert_eq!(ends, 1, "one end: {told:?}");
}

/// The account of a request says what it waited for, and adds up.
#[test]
fn a_request_knows_what_it_waited_for() {
    let runtime = recorded();
    runtime.block_on(async {
        let lock = Lock::default();
        let guard = lock.clone();
        let mut peer = connect(app(lock.clone()));
        let holder = runtime::spawn(async move {
            let guard = guard.lock().await;
            sleep(Duration::from_millis(40)).await;
            drop(guard);
        });
        yield_now().await;
        assert_eq!(peer.get("/locked").await.status, 204);
        holder.await.unwrap();
    });
    let request = &ended_accounts(&runtime.trace().take())[0];
    let most = request.sums()[0];
    assert!(matches!(most.doing, Doing::Waiting(_)), "{request:?}");
    let words = in_words(&most.doing);
    assert!(
        words.starts_with("waits for mutex") && words.contains("observed.rs"),
        "{words}"
    );
    assert_eq!(most.took, Duration::from_millis(40));
    assert_eq!(request.end() - request.begin(), most.took);
}

/// What is said of a connection that is dropped after it has read this, by a task that goes on.
fn said_when_dropped(wire: &str) -> Vec<String> {
    let runtime = recorded();
    runtime.block_on(async {
        let app = Router::new().route("/", get(std::future::pending::<()>));
        let (mut near, far) = runtime::io::duplex(1000);
        near.write_all(wire.as_bytes()).await.unwrap();
        let connection = server::h1::Endpoint::new(app).connection(far);
        drop(runtime::time::timeout(Duration::from_secs(1), connection).await);
        assert!(runtime.snapshot().stretches.is_empty());
    });
    said(&runtime.trace().take())
}

#[test]
fn a_connection_that_is_dropped_ends_its_request_or_its_head() {
    let long = format!("GET /?{0} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(300));
    let told = said_when_dropped(&long);
    let last = [
        "request 1 End: cut off",
        "connection 1 Point: closed after 1 request",
    ];
    assert_eq!(told[told.len() - 2..], last);
    let all = [
        "head 1 Begin: (part of a head)",
        "head 1 End: cut off",
        "connection 1 Point: closed after 0 requests",
    ];
    assert_eq!(said_when_dropped("GET /"), all);
}

/// A client's text is no larger than what a person reads; a nested service has the route that is known.
#[test]
fn a_long_path_is_cut_and_a_nested_route_has_no_name_of_ours() {
    let runtime = recorded();
    runtime.block_on(async {
        let inner = Router::new().fallback(|| async { "inner" });
        let app = Router::new().nest_service("/in", inner);
        let mut peer = connect(app);
        peer.get(&format!("/in/{}", "a".repeat(1000))).await;
    });
    let told = said(&runtime.trace().take());
    let path = format!("request 1 Begin: GET /in/{}", "a".repeat(196));
    assert_eq!(told[0], path);
    assert_eq!(told[1], "request 1 Point: route /in/{*rest}");
}
