//! The header `Server-Timing`: what a request did with its time, up to its answer.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use runtime::runtime::Builder;
use runtime::sync::{Mutex, Notify};
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::{advance, sleep, timeout};
use server::Router;
use server::middleware::ServerTimingLayer;
use server::routing::get;
use server::testing::TestClient;

/// What `/` of the app says of its time, in milliseconds: running, in the run queue, waiting.
async fn times(app: Router) -> [f64; 3] {
    let answer = TestClient::new(app.layer(ServerTimingLayer::new()))
        .get("/")
        .await;
    let text = answer.header("server-timing").unwrap();
    let parts: Vec<&str> = text.split(", ").collect();
    let part = |at: usize, name: &str| {
        let mut fields = parts[at].split(';');
        assert_eq!(fields.next(), Some(name), "{text}");
        let time = fields
            .next()
            .and_then(|it| it.strip_prefix("dur="))
            .unwrap();
        assert!(fields.next().is_some_and(|it| it.starts_with("desc=\"")));
        time.parse().unwrap()
    };
    [part(0, "run"), part(1, "queue"), part(2, "wait")]
}

#[runtime::test(start_paused = true)]
async fn waits_are_told_and_the_rest_of_a_paused_clock_is_nought() {
    let handler = || async {
        sleep(Duration::from_millis(20)).await;
        yield_now().await;
        sleep(Duration::from_millis(5)).await;
    };
    let app = Router::new().route("/", get(handler));
    assert_eq!(times(app).await, [0.0, 0.0, 25.0]);
}

/// While the runtime is observed, the header says what was waited for, and where; of two things at once the one that
/// ended the wait.
#[test]
fn an_observed_request_says_what_it_waited_for() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.trace().observe();
    let lock = Arc::new(Mutex::new(()));
    let guard = Arc::clone(&lock).try_lock_owned().unwrap();
    let first = line!() + 4;
    let handler = move || {
        let lock = Arc::clone(&lock);
        async move {
            drop(timeout(Duration::from_secs(5), lock.lock()).await);
            drop(timeout(Duration::from_millis(12), Notify::new().notified()).await);
            for _ in 0..2 {
                sleep(Duration::from_millis(5)).await;
            }
        }
    };
    let app = Router::new()
        .route("/", get(handler))
        .layer(ServerTimingLayer::new());
    let text = runtime.block_on(async move {
        runtime::spawn(async move {
            sleep(Duration::from_millis(20)).await;
            drop(guard);
        });
        let answer = TestClient::new(app).get("/").await;
        answer.header("server-timing").unwrap().to_owned()
    });
    let parts: Vec<&str> = text.split(", ").skip(2).collect();
    for (part, (time, what, line)) in parts.iter().zip([
        ("wait1;dur=20.000", "mutex", first),
        ("wait2;dur=12.000", "timer", first + 1),
        ("wait3;dur=10.000", "timer", first + 3),
    ]) {
        let begins = format!("{time};desc=\"waiting for {what} ");
        let ends = format!(" at {}:{line}\"", file!());
        assert!(part.starts_with(&begins) && part.ends_with(&ends), "{text}");
    }
    assert_eq!(parts[3..], ["wait;dur=0.000;desc=\"waiting\""]);
}

/// The handler is woken. Before it is polled, another task lets the clock go on.
#[runtime::test(start_paused = true)]
async fn from_the_wake_to_the_poll_it_stands_in_the_run_queue() {
    let handler = || async {
        // Stands in the queue first, and so lets the time go on when the handler is woken.
        runtime::spawn(advance(Duration::from_millis(7)));
        yield_now().await;
    };
    let app = Router::new().route("/", get(handler));
    assert_eq!(times(app).await, [0.0, 7.0, 0.0]);
}

#[runtime::test(start_paused = true)]
async fn a_wake_from_another_thread_reaches_the_handler() {
    let handler = || async { spawn_blocking(|| "done").await.unwrap() };
    let app = Router::new().route("/", get(handler));
    times(app).await;
}

#[runtime::test(start_paused = true)]
async fn what_the_handler_says_itself_stays() {
    let app = Router::new()
        .route("/", get(|| async { [("server-timing", "db;dur=5")] }))
        .layer(ServerTimingLayer::new());
    let answer = TestClient::new(app).get("/").await;
    let headers: &HeaderMap = answer.headers();
    let values: Vec<&[u8]> = headers
        .get_all("server-timing")
        .iter()
        .map(http::HeaderValue::as_bytes)
        .collect();
    assert_eq!(values[0], b"db;dur=5");
    assert!(values[1].starts_with(b"run;dur=0.000;"));
}
