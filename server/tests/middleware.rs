//! The middleware that the library brings.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Request, StatusCode};
use runtime::runtime::Builder;
use runtime::sync::Notify;
use runtime::task::yield_now;
use runtime::time::{advance, sleep};
use server::extract::ConnectInfo;
use server::middleware::{CatchPanicLayer, ConcurrencyLimitLayer, RateLimitLayer, TimeoutLayer};
use server::response::Response;
use server::routing::get;
use server::{Body, Router, Service};

/// A runtime whose clock stands still.
fn paused<F: Future>(test: F) -> F::Output {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(test)
}

async fn ask(app: &Router, uri: &str) -> Response {
    let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
    app.call(request).await
}

#[test]
fn a_handler_that_takes_too_long_is_dropped() {
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let gone = Rc::new(Cell::new(false));
    let inside = gone.clone();
    let slow = get(move || {
        let dropped = Dropped(inside.clone());
        async move {
            let _dropped = dropped;
            pending::<()>().await;
        }
    });
    let app = Router::new()
        .route("/slow", slow)
        .route(
            "/quick",
            get(|| async { sleep(Duration::from_secs(9)).await }),
        )
        .layer(TimeoutLayer::new(Duration::from_secs(10)));
    paused(async {
        assert_eq!(ask(&app, "/quick").await.status(), 200);
        assert_eq!(ask(&app, "/slow").await.status(), 408);
        assert!(gone.get());
    });
}

#[test]
fn the_status_of_a_timeout_may_be_another() {
    let layer = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(1));
    let app = Router::new().route("/", get(pending::<()>)).layer(layer);
    assert_eq!(paused(ask(&app, "/")).status(), 504);
}

#[test]
fn more_requests_than_the_limit_are_refused_at_once() {
    let go = Rc::new(Notify::new());
    let wait = go.clone();
    let handler = move || {
        let wait = wait.clone();
        async move { wait.notified().await }
    };
    let layer = ConcurrencyLimitLayer::new(2).retry_after(Duration::from_secs(7));
    let app = Router::new().route("/", get(handler)).layer(layer);
    paused(async {
        let running: Vec<_> = (0..2)
            .map(|_| {
                let app = app.clone();
                runtime::spawn(async move { ask(&app, "/").await.status() })
            })
            .collect();
        yield_now().await;
        let refused = ask(&app, "/").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[RETRY_AFTER], "7");
        go.notify_waiters();
        for task in running {
            assert_eq!(task.await.unwrap(), 200);
        }
        go.notify_one();
        assert_eq!(
            ask(&app, "/").await.status(),
            200,
            "the places are free again"
        );
    });
}

#[test]
fn a_request_that_is_dropped_gives_its_place_back() {
    let app = Router::new()
        .route("/", get(pending::<()>))
        .layer(ConcurrencyLimitLayer::new(1));
    paused(async {
        for _ in 0..3 {
            let answer = runtime::time::timeout(Duration::from_secs(1), ask(&app, "/"));
            assert!(answer.await.is_err(), "it was let through, and waits");
        }
    });
}

/// A layer that takes `x-client` for the client.
fn limited(burst: u32, per: Duration) -> Router {
    let layer = RateLimitLayer::new(burst, per, |parts| {
        let client = parts.headers.get("x-client")?;
        Some(client.as_bytes().to_vec())
    });
    Router::new().route("/", get(|| async {})).layer(layer)
}

async fn ask_as(app: &Router, client: Option<&str>) -> Response {
    let mut request = Request::builder().uri("/");
    if let Some(client) = client {
        request = request.header("x-client", client);
    }
    app.call(request.body(Body::empty()).unwrap()).await
}

#[test]
fn a_client_may_burst_and_then_asks_no_faster_than_its_rate() {
    let app = limited(3, Duration::from_secs(30));
    paused(async {
        for _ in 0..3 {
            assert_eq!(ask_as(&app, Some("a")).await.status(), 200);
        }
        let refused = ask_as(&app, Some("a")).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()[RETRY_AFTER], "10");
        assert_eq!(
            ask_as(&app, Some("b")).await.status(),
            200,
            "another client"
        );
        assert_eq!(ask_as(&app, None).await.status(), 200, "no client");

        advance(Duration::from_secs(10)).await;
        assert_eq!(
            ask_as(&app, Some("a")).await.status(),
            200,
            "one token is back"
        );
        assert_eq!(ask_as(&app, Some("a")).await.status(), 429);

        advance(Duration::from_secs(1_000)).await;
        for _ in 0..3 {
            assert_eq!(ask_as(&app, Some("a")).await.status(), 200);
        }
        assert_eq!(
            ask_as(&app, Some("a")).await.status(),
            429,
            "no more than the burst is kept"
        );
    });
}

#[test]
fn only_so_many_clients_are_remembered() {
    let app = limited(1, Duration::from_secs(10));
    paused(async {
        for client in 0..65_536 {
            assert_eq!(ask_as(&app, Some(&client.to_string())).await.status(), 200);
        }
        let refused = ask_as(&app, Some("one more")).await;
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()[RETRY_AFTER], "10");
        assert_eq!(
            ask_as(&app, Some("7")).await.status(),
            429,
            "the known stay known"
        );
        advance(Duration::from_secs(10)).await;
        assert_eq!(ask_as(&app, Some("one more")).await.status(), 200);
    });
}

#[test]
fn peers_are_told_apart_by_their_networks() {
    use std::net::SocketAddr;

    let app = Router::new()
        .route("/", get(|| async {}))
        .layer(RateLimitLayer::by_peer(1, Duration::from_secs(10)));
    let ask_from = async |peer: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(peer));
        app.call(request).await.status().as_u16()
    };
    paused(async {
        for (peer, status) in [
            ("10.0.0.1:1000", 200),
            ("10.0.0.1:2000", 429),
            ("[::ffff:10.0.0.1]:1", 429),
            ("10.0.0.2:1000", 200),
            ("[2001:db8:0:1::1]:1", 200),
            ("[2001:db8:0:1:ffff::2]:1", 429),
            ("[2001:db8:0:2::1]:1", 200),
        ] {
            assert_eq!(ask_from(peer).await, status, "{peer}");
        }
        let stranger = app.call(Request::new(Body::empty())).await;
        assert_eq!(stranger.status(), 200, "no address, no limit");
    });
}

#[test]
fn a_panic_becomes_a_response() {
    let app = Router::new()
        .route(
            "/",
            get(|| async {
                if true {
                    panic!("the loom is stuck")
                }
            }),
        )
        .route("/fine", get(|| async {}));
    let plain = app.clone().layer(CatchPanicLayer::new());
    let custom = app.layer(CatchPanicLayer::custom(|payload| {
        (
            StatusCode::BAD_GATEWAY,
            *payload.downcast::<&str>().unwrap(),
        )
    }));
    paused(async {
        assert_eq!(ask(&plain, "/").await.status(), 500);
        assert_eq!(ask(&plain, "/fine").await.status(), 200);
        let response = ask(&custom, "/").await;
        assert_eq!(response.status(), 502);
        let body = server::body::to_bytes(response.into_body(), 100)
            .await
            .unwrap();
        assert_eq!(body, "the loom is stuck");
    });
}
