use runtime::time::{Duration, sleep, timeout};
use server::extract::Request;
use server::http::StatusCode;
use server::middleware::from_fn_with_state;
use server::routing::get;
use server::testing::TestClient;
use server::{Body, Router};
use tower_service::Service;

use super::*;

/// A sample's value, by its whole name with labels.
fn value(text: &str, sample: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(sample));
    line.and_then(|rest| rest.trim().parse().ok())
}

#[runtime::test(start_paused = true)]
async fn requests_are_counted_by_the_pattern_of_their_route_and_by_their_status() {
    let metrics = Metrics::default();
    let requests = Requests::new(&metrics);
    let mut router: Router = Router::new()
        .route("/ok/{name}", get(|| async { "ok" }))
        .route("/slow", get(|| sleep(Duration::from_millis(300))))
        .route("/bad", get(|| async { StatusCode::BAD_GATEWAY }))
        .nest_service("/proxy", get(|| async { "from a backend" }))
        .merge(metrics.routes())
        .layer(from_fn_with_state(requests.clone(), Requests::track));
    let client = TestClient::new(router.clone());
    for path in [
        "/ok/1",
        "/ok/2",
        "/slow",
        "/bad",
        "/no",
        "/no/way",
        "/proxy",
        "/proxy/a",
        "/proxy/b/c",
        "/proxyx",
    ] {
        client.get(path).await;
    }
    let gone = Request::get("/slow").body(Body::empty()).unwrap();
    let gone = router.call(gone);
    assert!(timeout(Duration::from_millis(100), gone).await.is_err());
    let text = client.get("/metrics").await.text().await;
    for (route, status, count) in [
        ("/ok/{name}", "200", 2.0),
        ("/slow", "200", 1.0),
        ("/bad", "502", 1.0),
        ("(none)", "404", 3.0),
        ("/proxy", "200", 1.0),
        ("/proxy/{*rest}", "200", 2.0),
        ("/slow", "none", 1.0),
    ] {
        let sample =
            format!("http_requests_total{{route=\"{route}\",method=\"GET\",status=\"{status}\"}}");
        assert_eq!(value(&text, &sample), Some(count), "{sample}\n{text}");
    }
    let bucket = |end: &str| {
        let sample =
            format!("http_request_duration_seconds_bucket{{route=\"/slow\",le=\"{end}\"}}");
        value(&text, &sample)
    };
    assert_eq!((bucket("0.05"), bucket("0.5")), (Some(0.0), Some(2.0)));
    let sum = value(&text, "http_request_duration_seconds_sum{route=\"/slow\"}").unwrap();
    assert!((sum - 0.4).abs() < 0.01, "{sum}");
    assert_eq!((requests.total(), requests.in_flight()), (12, 0));
}

#[test]
fn a_label_cannot_end_its_line() {
    let mut text = Text::default();
    text.sample("a", &[("b", "c\"\\\nd")], 1);
    assert_eq!(text.into_string(), "a{b=\"c\\\"\\\\\\nd\"} 1\n");
}
