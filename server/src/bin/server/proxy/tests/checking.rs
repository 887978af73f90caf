//! Health: checks, failures, and who gets requests.

use std::cell::Cell;
use std::time::Duration;

use futures_lite::stream;
use runtime::time::{Instant, sleep};
use server::body::{Body, Bytes};

use super::*;

/// A backend whose checks are answered with the status in the cell.
fn with_health(name: &'static str) -> (Box<dyn Connect>, Rc<Cell<u16>>) {
    let status = Rc::new(Cell::new(200));
    let health = status.clone();
    let app = Router::new()
        .route(
            "/health",
            any(async move || StatusCode::from_u16(health.get()).unwrap()),
        )
        .fallback(async move || name);
    (in_memory(app), status)
}

fn up(site: &Site) -> Vec<bool> {
    let backends = site.backends.iter();
    backends.map(|backend| backend.health.is_up()).collect()
}

#[runtime::test(start_paused = true)]
async fn a_backend_whose_checks_fail_is_ejected_and_returns_when_they_are_good() {
    let (first, status) = with_health("one");
    let line = "--backend-health-interval 5 --backend-fall 3 --backend-rise 2";
    let site = checked_site(line, vec![first, named("two")]);
    sleep(Duration::from_secs(1)).await;
    status.set(503);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(up(&site), [true, true], "two checks have failed");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(up(&site), [false, true]);
    for _ in 0..4 {
        assert_eq!(site.get("/proxy/").await.text().await, "two");
    }
    // A page that does not exist is a sign of life.
    status.set(404);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(up(&site), [false, true]);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(up(&site), [true, true]);
    let said = [
        site.get("/proxy/").await.text().await,
        site.get("/proxy/").await.text().await,
    ];
    assert!(said.contains(&"one".to_owned()), "{said:?}");
}

#[runtime::test(start_paused = true)]
async fn with_no_healthy_backend_the_client_is_told_when_to_come_again() {
    let (first, status) = with_health("one");
    let line = "--backend-health-interval 7 --backend-fall 1";
    let site = checked_site(line, vec![first, Box::new(Refuses)]);
    status.set(500);
    sleep(Duration::from_secs(8)).await;
    let response = site.get("/proxy/").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.header("retry-after"), Some("7"));
    assert!(response.text().await.contains("No backend is healthy"));
}

#[runtime::test(start_paused = true)]
async fn a_check_that_is_not_answered_has_failed() {
    let (backend, mut backstage) = by_hand();
    let line = "--backend-health-interval 5 --backend-health-timeout 2 --backend-fall 2";
    let site = checked_site(line, vec![backend]);
    let begun = Instant::now();
    for _ in 0..2 {
        let mut hand = backstage.0.recv().await.map(Hand).unwrap();
        let head = hand.head().await;
        assert!(head.starts_with("GET /health HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("host: a\r\n"), "{head}");
        assert_eq!(hand.rest().await, "");
    }
    assert_eq!(up(&site), [false]);
    // They began at 0 and at 5 seconds.
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
}

#[runtime::test(start_paused = true)]
async fn a_backend_that_fails_requests_and_then_a_check_is_ejected_at_once() {
    let line = "--backend-fall 3 --backend-health-interval 3600";
    let site = checked_site(line, vec![Box::new(Refuses)]);
    for _ in 0..3 {
        assert_eq!(up(&site), [true]);
        assert_eq!(site.get("/proxy/").await.status(), 502);
    }
    sleep(Duration::from_millis(1)).await;
    assert_eq!(up(&site), [false]);
    assert_eq!(site.get("/proxy/").await.status(), 503);
}

/// One visitor asks again and again for what is broken, late or breaks off.
#[runtime::test(start_paused = true)]
async fn requests_that_fail_take_no_backend_away_that_is_well() {
    let breaks_off = async || {
        let pieces = [Ok(Bytes::from("half")), Err(std::io::Error::other("gone"))];
        Body::from_stream(stream::iter(pieces))
    };
    let app = Router::new()
        .route("/health", any(async || "well"))
        .route("/late", any(std::future::pending::<()>))
        .route("/half", any(breaks_off))
        .fallback(async || "here");
    let line = "--backend-fall 3 --backend-head-timeout 1 --backend-health-interval 3600";
    let site = checked_site(line, vec![in_memory(app.clone()), in_memory(app)]);
    for _ in 0..20 {
        assert_eq!(site.get("/proxy/late").await.status(), 504);
        let mut half = site.get("/proxy/half").await;
        while let Some(Ok(_)) = half.chunk().await {}
    }
    assert!(site.backends[0].counts.failures.get() >= 20);
    assert_eq!(up(&site), [true, true]);
    assert_eq!(site.get("/proxy/").await.text().await, "here");
}

/// The head of an answer alone proves nothing.
#[runtime::test(start_paused = true)]
async fn answers_that_break_off_have_a_backend_checked_too() {
    let (backend, mut backstage) = by_hand();
    let line = "--backend-fall 2 --backend-health-interval 3600";
    let site = checked_site(line, vec![backend]);
    let mut check = backstage.accept().await;
    check.head().await;
    check.say(EMPTY).await;
    for _ in 0..2 {
        assert_eq!(up(&site), [true]);
        let asked = site.ask("/proxy/");
        let mut hand = backstage.accept().await;
        hand.head().await;
        hand.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            .await;
        drop(hand);
        let mut response = asked.await.unwrap().unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "12345");
        assert!(response.chunk().await.unwrap().is_err());
    }
    drop(backstage.accept().await);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(up(&site), [false]);
}

#[runtime::test(start_paused = true)]
async fn what_hinders_this_machine_is_no_backends_fault() {
    for error in [Errno::MFILE, Errno::NOMEM, Errno::ADDRNOTAVAIL] {
        let line = "--backend-fall 1 --backend-health-interval 5";
        let site = checked_site(
            line,
            vec![Box::new(Hindered(error)), Box::new(Hindered(error))],
        );
        for _ in 0..5 {
            let response = site.get("/proxy/").await;
            assert_eq!(response.status(), 503);
            assert_eq!(response.header("retry-after"), Some("1"));
            let text = response.text().await;
            assert!(text.contains("no connection to spare"), "{text}");
            assert!(!text.contains("os error"), "{text}");
            sleep(Duration::from_secs(5)).await;
        }
        assert_eq!(up(&site), [true, true], "{error}");
        assert_eq!(site.backends[0].counts.failures.get(), 0);
        let metrics = site.get("/metrics").await.text().await;
        assert!(
            metrics.contains("proxy_failures_total{reason=\"local\"} 5\n"),
            "{metrics}"
        );
    }
}

#[runtime::test(start_paused = true)]
async fn a_backend_that_this_machine_may_not_reach_is_not_well() {
    let line = "--backend-fall 2 --backend-health-interval 5";
    let site = checked_site(line, vec![Box::new(Hindered(Errno::ACCESS)), named("two")]);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(up(&site), [false, true]);
    assert_eq!(site.backends[0].counts.failures.get(), 0);
}

#[runtime::test(start_paused = true)]
async fn checks_end_with_the_program() {
    let site = checked_site("", vec![named("one"), Box::new(Refuses)]);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(site.background.shutdown(Duration::from_secs(1)).await, 0);
    let made = site.backends[0].counts.connections.get();
    assert!(made > 0);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(site.backends[0].counts.connections.get(), made);
}
