use super::*;

#[runtime::test(start_paused = true)]
async fn a_call_without_a_token_is_told_when_to_come_again() {
    let lab = opened();
    let many: Value = lab.post("/lab/rate?calls=20").await.json().await;
    assert_eq!(
        (&many["done"], &many["refused_or_failed"]),
        (&json!(10), &json!(10))
    );
    let refused = lab.post("/lab/rate").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    sleep(SECOND).await;
    let said: Value = lab.post("/lab/rate").await.json().await;
    assert_eq!(said["said"], "The call took a token. 1 are left.");
    let state = lab.state("rate").await;
    assert_eq!(
        (&state["allowed"], &state["refused"]),
        (&json!(11), &json!(11))
    );
}

#[runtime::test(start_paused = true)]
async fn what_fits_neither_into_a_slot_nor_into_the_queue_is_shed_at_once() {
    let lab = opened();
    let mut requests = JoinSet::new();
    lab.send(&mut requests, "/lab/shed?calls=20");
    sleep(SECOND / 2).await;
    let state = lab.state("shed").await;
    assert_eq!(
        (&state["running"], &state["waiting"]),
        (&json!(4), &json!(8))
    );
    assert_eq!(state["shed"], 8);
    let begun = Instant::now();
    let shed = lab.post("/lab/shed").await;
    assert_eq!(shed.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(shed.header("retry-after"), Some("1"));
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let answers = requests.join_all().await;
    assert_eq!(answers[0]["done"], 12);
}

#[runtime::test(start_paused = true)]
async fn a_visitor_who_leaves_takes_the_calls_along() {
    let lab = opened();
    let mut visitor = lab.server.connect().expect("a connection");
    let request = b"POST /lab/shed?calls=20 HTTP/1.1\r\nHost: lab\r\n\r\n";
    visitor.write_all(request).await.expect("sent");
    sleep(SECOND / 2).await;
    assert_eq!(lab.state("shed").await["running"], 4);
    visitor.reset();
    sleep(SECOND / 10).await;
    let state = lab.state("shed").await;
    assert_eq!(
        (&state["running"], &state["waiting"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(state["done"], 0);
    assert_eq!(lab.post("/lab/shed").await.status(), StatusCode::OK);
}

#[runtime::test(start_paused = true)]
async fn calls_have_a_bound_a_request_and_over_all_requests() {
    let lab = opened();
    for wrong in ["0", "21", "-1", "many"] {
        let status = lab
            .post(&format!("/lab/breaker?calls={wrong}"))
            .await
            .status();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let mut requests = JoinSet::new();
    for _ in 0..3 {
        lab.send(&mut requests, "/lab/breaker?calls=20");
    }
    sleep(SECOND / 10).await;
    let busy = lab.post("/lab/breaker").await;
    assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(busy.text().await.contains("too many calls under way"));
    requests.join_all().await;
    assert!(
        !lab.post("/lab/breaker")
            .await
            .text()
            .await
            .contains("too many")
    );
}

#[runtime::test(start_paused = true)]
async fn a_call_of_high_priority_does_not_wait_for_a_crowd_of_low_priority() {
    let lab = opened();
    let mut requests = JoinSet::new();
    lab.send(&mut requests, "/lab/bulkhead/low?calls=20");
    sleep(SECOND / 2).await;
    let state = lab.state("bulkhead").await;
    assert_eq!(state["low"], json!({ "running": 3, "waiting": 6 }));
    let begun = Instant::now();
    let high: Value = lab.post("/lab/bulkhead/high").await.json().await;
    assert_eq!(high["said"], "The call waited 0 ms and worked a second.");
    assert_eq!(begun.elapsed(), SECOND);
    let medium = lab.post("/lab/bulkhead/medium").await;
    assert_eq!(medium.status(), StatusCode::NOT_FOUND);
}

#[runtime::test(start_paused = true)]
async fn the_breaker_opens_and_a_probe_that_goes_well_closes_it() {
    let lab = opened();
    let path = "/lab/breaker/settings";
    lab.set(path, json!({ "failure_percent": 100 })).await;
    lab.post("/lab/breaker?calls=20").await.text().await;
    let state = lab.state("breaker").await;
    assert_eq!(state["state"], "open");
    assert_eq!(
        (&state["failed"], &state["refused"]),
        (&json!(3), &json!(17))
    );
    let refused = lab.post("/lab/breaker").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), Some("2"));
    sleep(SECOND * 5).await;
    assert_eq!(lab.state("breaker").await["state"], "half-open");
    assert_eq!(
        lab.post("/lab/breaker").await.status(),
        StatusCode::BAD_GATEWAY
    );
    assert_eq!(lab.state("breaker").await["state"], "open");
    lab.set(path, json!({ "failure_percent": 0 })).await;
    sleep(SECOND * 5).await;
    let probe: Value = lab.post("/lab/breaker").await.json().await;
    assert_eq!(
        probe["said"],
        "The probe went well: the breaker is closed again."
    );
    assert_eq!(lab.state("breaker").await["state"], "closed");
}

#[runtime::test(start_paused = true)]
async fn a_call_is_tried_five_times_and_the_picture_keeps_six_calls() {
    let lab = opened();
    let settings = json!({ "failure_percent": 100, "jitter_percent": 0 });
    lab.set("/lab/retry/settings", settings).await;
    let failed = lab.post("/lab/retry").await;
    assert_eq!(failed.status(), StatusCode::BAD_GATEWAY);
    let attempts = &lab.state("retry").await["recent"][0]["attempts"];
    let at: Vec<_> = (0..5).map(|it| attempts[it]["at_ms"].as_u64()).collect();
    assert_eq!(at, [50, 300, 750, 1600, 3250].map(Some));
    lab.post("/lab/retry?calls=20").await.text().await;
    let state = lab.state("retry").await;
    assert_eq!(state["recent"].as_array().map(Vec::len), Some(6));
    assert_eq!(state["given_up"], 21);
    lab.set("/lab/retry/settings", json!({ "failure_percent": 0 }))
        .await;
    assert_eq!(lab.post("/lab/retry").await.status(), StatusCode::OK);
}
