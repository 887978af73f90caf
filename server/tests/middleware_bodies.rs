//! The middleware that looks at bodies: timeouts for their pieces, and the access log.

mod support;

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures_lite::stream;
use http::StatusCode;
use runtime::time::{Instant, sleep};
use server::extract::ConnectInfo;
use server::h1::Endpoint;
use server::middleware::{
    AccessLogLayer, CatchPanicLayer, RequestBodyTimeoutLayer, ResponseBodyTimeoutLayer,
    TimeoutLayer,
};
use server::routing::{get, post};
use server::{Body, Config, Router, routing::any};
use support::{Peer, connect};

/// Pieces of text, and the seconds before each.
fn slow(pieces: &'static [(u64, &'static str)]) -> Body {
    let pieces = stream::unfold(pieces.iter(), |mut left| async {
        let (seconds, text) = left.next()?;
        sleep(Duration::from_secs(*seconds)).await;
        Some((Ok::<_, Infallible>(*text), left))
    });
    Body::from_stream(pieces)
}

#[runtime::test(start_paused = true)]
async fn each_piece_of_a_request_has_its_time() {
    let app = Router::new()
        .route("/", post(|text: String| async move { text }))
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(2)));
    let mut peer = connect(app.clone());
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        .await;
    for piece in ["abc", "def", "ghi"] {
        sleep(Duration::from_millis(1_900)).await;
        peer.send(piece).await;
    }
    let answer = peer.answer().await;
    assert_eq!(
        (answer.status, &answer.body[..]),
        (StatusCode::OK, &b"abcdefghi"[..])
    );

    let begin = Instant::now();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        .await;
    let answer = peer.answer().await;
    assert_eq!(answer.status, 408);
    assert_eq!(begin.elapsed(), Duration::from_secs(2));
}

/// The wrapper keeps the limit of what it wraps.
#[runtime::test(start_paused = true)]
async fn a_timeout_for_pieces_changes_no_limit() {
    let app = Router::new()
        .route("/", post(|text: String| async move { text }))
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(2)));
    for (max_body, status) in [(4_000_000, 200), (2_500_000, 413)] {
        let config = Config {
            max_body,
            ..Config::default()
        };
        let endpoint = Endpoint::with_config(app.clone(), config);
        let mut peer = support::connect_with(&endpoint, 4_000_000);
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
            .await;
        peer.send(vec![b'x'; 3_000_000]).await;
        assert_eq!(peer.answer().await.status, status, "{max_body}");
    }
}

#[runtime::test(start_paused = true)]
async fn each_piece_of_a_response_has_its_time() {
    let app = Router::new()
        .route(
            "/well",
            get(|| async { slow(&[(1, "a"), (1, "b"), (1, "c")]) }),
        )
        .route("/stuck", get(|| async { slow(&[(1, "a"), (3, "b")]) }))
        .route("/whole", get(|| async { "all here" }))
        .layer(ResponseBodyTimeoutLayer::new(Duration::from_secs(2)));
    let mut peer = connect(app);
    assert_eq!(peer.get("/whole").await.body, b"all here");
    assert_eq!(peer.get("/well").await.body, b"abc");
    let begin = Instant::now();
    peer.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let rest = peer.rest().await;
    assert!(rest.ends_with("1\r\na\r\n"), "no last chunk: {rest:?}");
    assert_eq!(begin.elapsed(), Duration::from_secs(3));
    assert!(peer.end().await.unwrap_err().is_response_body());
}

/// A router with a log, and the lines of the log.
fn logged(layer: AccessLogLayer) -> (Router, Rc<RefCell<Vec<String>>>) {
    let lines = Rc::<RefCell<Vec<String>>>::default();
    let seen = lines.clone();
    let panics = || async {
        if true {
            panic!("the loom is stuck")
        }
    };
    let app = Router::new()
        .route("/whole", any(|| async { "hello" }))
        .route("/slow", get(|| async { slow(&[(1, "abc"), (1, "def")]) }))
        .route("/stuck", get(pending::<()>))
        .route(
            "/late",
            get(pending::<()>).layer(TimeoutLayer::new(Duration::from_secs(3))),
        )
        .route("/panics", get(panics))
        .route("/caught", get(panics).layer(CatchPanicLayer::new()))
        .nest("/in", Router::new().route("/{name}", get(|| async {})))
        .layer(layer.write_to(move |line| seen.borrow_mut().push(line.to_owned())));
    (app, lines)
}

fn connect_from(app: Router, address: &str) -> Peer {
    let (near, far) = runtime::io::duplex(1024);
    let peer: SocketAddr = address.parse().unwrap();
    let connection = Endpoint::new(app).marked_connection(far, ConnectInfo(peer));
    Peer::new(near, runtime::spawn(connection))
}

#[runtime::test(start_paused = true)]
async fn a_line_of_text_for_each_request() {
    let (app, lines) = logged(AccessLogLayer::text());
    let mut peer = connect_from(app.clone(), "192.0.2.1:7");
    for path in [
        "/whole?secret=1",
        "/slow",
        "/late",
        "/caught",
        "/panics",
        "/nowhere",
        "/in/x",
    ] {
        peer.get(path).await;
    }
    peer.send("HEAD /whole HTTP/1.1\r\nHost: x\r\n\r\n").await;
    peer.answer_without_body().await;
    let mut stranger = connect(app);
    stranger.get("/whole").await;
    assert_eq!(
        lines.take(),
        [
            "GET /whole 200 5 0ms 192.0.2.1:7\n",
            "GET /slow 200 6 2000ms 192.0.2.1:7\n",
            "GET /late 408 0 3000ms 192.0.2.1:7\n",
            "GET /caught 500 16 0ms 192.0.2.1:7\n",
            "GET /panics - 0 0ms 192.0.2.1:7 incomplete\n",
            "GET /nowhere 404 0 0ms 192.0.2.1:7\n",
            "GET /in/x 200 0 0ms 192.0.2.1:7\n",
            "HEAD /whole 200 0 0ms 192.0.2.1:7\n",
            "GET /whole 200 5 0ms -\n",
        ]
    );
}

#[runtime::test(start_paused = true)]
async fn a_client_that_leaves_is_in_the_log() {
    let (app, lines) = logged(AccessLogLayer::json().in_microseconds());
    let mut peer = connect(app.clone());
    peer.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_millis(5)).await;
    drop(peer.abort().await);
    let mut peer = connect(app);
    peer.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_millis(1_500)).await;
    drop(peer.abort().await);
    assert_eq!(
        lines.take(),
        [
            "{\"method\":\"GET\",\"path\":\"/stuck\",\"status\":null,\"bytes\":0,\
             \"duration_us\":5000,\"peer\":null,\"complete\":false}\n",
            "{\"method\":\"GET\",\"path\":\"/slow\",\"status\":200,\"bytes\":3,\
             \"duration_us\":1500000,\"peer\":null,\"complete\":false}\n",
        ]
    );
}

/// The engine lets bytes above ASCII through in a path, some of which terminals obey.
#[runtime::test(start_paused = true)]
async fn what_a_client_sends_cannot_forge_a_line() {
    let (app, lines) = logged(AccessLogLayer::text());
    for bytes in ["/\u{9b}2J", "/\u{7f}", "/\\n"] {
        let mut peer = connect(app.clone());
        peer.send(format!("GET {bytes} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        peer.finish_sending().await;
        peer.rest().await;
    }
    for line in lines.take() {
        let is_tame = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        assert!(line.trim_end_matches('\n').bytes().all(is_tame), "{line:?}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_writer_that_panics_harms_nobody() {
    let app = Router::new()
        .route("/", get(|| async { "hello" }))
        .route(
            "/panics",
            get(|| async {
                if true {
                    panic!("the loom is stuck")
                }
            }),
        )
        .layer(AccessLogLayer::text().write_to(|_| panic!("the disk is full")));
    let mut peer = connect(app);
    assert_eq!(peer.get("/").await.body, b"hello");
    assert_eq!(peer.get("/panics").await.status, 500);
}
