//! `GET /proxy`, and a proxy without backends.

use http::Method;

use super::*;

#[runtime::test(start_paused = true)]
async fn the_page_shows_the_backends_and_changes_none() {
    let site = site("", vec![named("one"), Box::new(Refuses)]);
    assert_eq!(site.get("/proxy/x").await.text().await, "one");
    let json: serde_json::Value = site.get("/proxy").await.json().await;
    assert_eq!(json["backends"][0]["backend"], "a");
    assert_eq!(json["backends"][0]["requests"], 1);
    assert_eq!(json["backends"][0]["idle"], 1);
    assert_eq!(json["backends"][1]["healthy"], true);
    let page = site.get("/proxy").header("accept", "text/html").await;
    let page = page.text().await;
    assert!(
        page.contains("<th scope=\"row\">a</th><td>healthy</td>"),
        "{page}"
    );
    let response = site.client.request(Method::DELETE, "/proxy").await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.header("allow"), Some("GET, HEAD"));
    let metrics = site.get("/metrics").await.text().await;
    assert!(metrics.contains("proxy_backend_requests_total{backend=\"a\"} 1\n"));
    assert!(metrics.contains("proxy_backend_connections_idle{backend=\"a\"} 1\n"));
}

#[runtime::test(start_paused = true)]
async fn without_backends_it_says_how_to_name_one() {
    let site = site("", vec![]);
    let (status, text) = site.status_and_text("/proxy/a").await;
    assert_eq!(status, 503);
    assert!(text.contains("--backend"));
    let page = site.get("/proxy").header("accept", "text/html").await;
    assert!(page.text().await.contains("--backend"));
}
