use super::*;

#[test]
fn the_commands_name_the_address_that_was_asked_at() {
    for addr in [
        "example.org",
        "localhost:8080",
        "[::1]:3000",
        "10.0.0.1:80",
        "a_b-c",
    ] {
        let page = text(addr.as_bytes());
        assert!(
            page.contains(&format!("curl -i 'http://{addr}/api/data'\n")),
            "{addr}"
        );
        assert!(!page.contains(DEFAULT));
        assert_eq!(page.matches(addr).count(), TEXT.matches(DEFAULT).count());
    }
}

#[test]
fn an_address_that_could_be_anything_else_is_not_repeated() {
    let long = "a".repeat(256);
    for addr in [
        "",
        "<script>alert(1)</script>",
        "x\"onload=y",
        "x'y",
        "x&lt;",
        "x;reboot",
        "$(reboot)",
        "`reboot`",
        "x%3Cb%3E",
        "x y",
        "x/y",
        "-o",
        "sch\u{f6}n.de",
        &long,
    ] {
        assert_eq!(text(addr.as_bytes()), TEXT, "{addr:?}");
    }
    assert_eq!(text(b"\xff\xfe"), TEXT);
}

#[test]
fn the_icon_is_one_picture_of_16_by_16() {
    let word = |at: usize| u32::from_le_bytes(ICON[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(ICON[..8], [0, 0, 1, 0, 1, 0, 16, 16]);
    assert_eq!((word(14) + word(18)) as usize, ICON.len());
}

#[runtime::test(start_paused = true)]
async fn health_is_one_word_and_json_for_those_who_ask_for_it() {
    let client = server::testing::TestClient::new(routes());
    for accept in ["*/*", "text/html", "application/jsonx"] {
        let answer = client.get("/health").header("accept", accept).await;
        assert_eq!(answer.text().await, "ok\n", "{accept}");
    }
    let asked = "text/html;q=0.5, Application/JSON;q=0.9";
    let answer = client.get("/health").header("accept", asked).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let health: serde_json::Value = answer.json().await;
    assert_eq!(health["status"], "ok");
    assert!(
        health["timestamp"].as_u64() > Some(1_700_000_000_000),
        "{health}"
    );
}

#[runtime::test(start_paused = true)]
async fn the_pulse_moves_once_a_second_and_the_program_is_ready_until_it_ends() {
    use crate::metrics::{Metrics, Requests};
    use crate::traffic::Traffic;
    use server::middleware::from_fn_with_state;
    use server::testing::TestClient;

    let metrics = Metrics::default();
    let requests = Requests::new(&metrics);
    let pulse = Pulse::new(requests.clone(), Traffic::new(&metrics));
    let router: Router = routes().merge(pulse.routes());
    let client = TestClient::new(router.layer(from_fn_with_state(requests, Requests::track)));
    let mut live = client.get("/api/live").await;
    for number in 0..3 {
        let event = live.read_until("\n\n").await.unwrap();
        let value: serde_json::Value =
            serde_json::from_str(event.trim().strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(value["uptime_seconds"], number);
        assert_eq!(value["requests"], 1 + number);
        client.get("/health").await;
    }
    let stats: serde_json::Value = client.get("/api/stats").await.json().await;
    let endpoints = stats["endpoints"].as_array().unwrap();
    let health = endpoints
        .iter()
        .find(|it| it["route"] == "/health")
        .unwrap();
    assert_eq!(health["requests"], 3);
    assert_eq!(client.get("/ready").await.status(), 200);
    pulse.drain();
    let answer = client.get("/ready").await;
    assert_eq!(
        (answer.status().as_u16(), answer.header("retry-after")),
        (503, Some("1"))
    );
}

#[runtime::test(start_paused = true)]
async fn a_form_and_json_are_submitted_alike_and_refused_alike() {
    use server::testing::TestClient;

    let client = TestClient::new(routes());
    const FORM: &str = "application/x-www-form-urlencoded";
    let json = "{\"name\":\"Ada\",\"message\":\"<b>hello\"}";
    for (kind, body) in [
        (FORM, "name=+Ada+&message=%3Cb%3Ehello"),
        ("application/json", json),
    ] {
        let ask = || {
            client
                .post("/submit")
                .header("content-type", kind)
                .body(body)
        };
        let answer: serde_json::Value = ask().await.json().await;
        assert_eq!(answer, json!({"name": "Ada", "message": "<b>hello"}));
        let page = ask().header("accept", "text/html").await.text().await;
        assert!(
            page.contains("Thank you, Ada") && page.contains("&lt;b&gt;hello"),
            "{page}"
        );
    }
    let long = format!("name={}&message=x", "x".repeat(101));
    for body in [
        "name=&message=x",
        "name=x",
        "name=x&message=x&more=1",
        &long,
    ] {
        let answer = client
            .post("/submit")
            .header("content-type", FORM)
            .body(body.to_owned());
        assert_eq!(answer.await.status(), 422, "{body}");
    }
    let list = client.post("/submit").json(&json!(["Ada", "hello"])).await;
    assert_eq!(list.status(), 422);
    let text = list.text().await;
    assert!(text.contains("expected a JSON object"), "{text}");
    let other = client
        .post("/submit")
        .header("content-type", "text/plain")
        .body("x");
    assert_eq!(other.await.status(), 415);
}

#[runtime::test(start_paused = true)]
async fn the_list_of_routes_is_the_routers_own() {
    use server::testing::TestClient;

    let client = TestClient::new(with_list(routes()));
    let routes: serde_json::Value = client.get("/routes").await.json().await;
    let paths: Vec<_> = routes.as_array().unwrap().iter().collect();
    let paths: Vec<_> = paths
        .iter()
        .map(|it| (it["method"].as_str(), it["path"].as_str()))
        .collect();
    for path in [("GET", "/"), ("POST", "/submit"), ("GET", "/routes")] {
        assert!(
            paths.contains(&(Some(path.0), Some(path.1))),
            "{path:?}: {paths:?}"
        );
    }
    let page = client
        .get("/routes")
        .header("accept", "text/html")
        .await
        .text()
        .await;
    assert!(
        page.contains("<code>/submit</code>") && page.contains("home/mod.rs:"),
        "{page}"
    );
}
