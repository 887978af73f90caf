use super::*;

#[runtime::test(start_paused = true)]
async fn a_worker_that_crashes_starts_again_until_the_supervisor_gives_up() {
    let lab = opened();
    sleep(SECOND).await;
    for restarts in 1..=3 {
        let crash = lab.post("/lab/supervisor/crash/2").await;
        assert_eq!(crash.status(), StatusCode::OK);
        sleep(SECOND / 10).await;
        let pausing = lab.post("/lab/supervisor/crash/2").await;
        assert_eq!(pausing.status(), StatusCode::CONFLICT);
        sleep(SECOND * 2).await;
        let worker = lab.state("supervisor").await["workers"][1].take();
        assert_eq!(
            (&worker["state"], &worker["restarts"]),
            (&json!("running"), &json!(restarts))
        );
    }
    let early = lab.post("/lab/supervisor/start").await;
    assert_eq!(early.status(), StatusCode::CONFLICT);
    lab.post("/lab/supervisor/crash/1").await.text().await;
    sleep(SECOND / 10).await;
    let state = lab.state("supervisor").await;
    assert_eq!(state["has_given_up"], true);
    assert!((0..3).all(|it| state["workers"][it]["state"] == "stopped"));
    assert_eq!(
        lab.post("/lab/supervisor/start").await.status(),
        StatusCode::OK
    );
    sleep(SECOND / 10).await;
    let state = lab.state("supervisor").await;
    assert_eq!(
        (&state["has_given_up"], &state["recent_restarts"]),
        (&json!(false), &json!(0))
    );
    for nowhere in ["0", "4"] {
        let path = format!("/lab/supervisor/crash/{nowhere}");
        assert_eq!(lab.post(&path).await.status(), StatusCode::NOT_FOUND);
    }
}

#[runtime::test(start_paused = true)]
async fn a_branch_that_is_cancelled_ends_and_the_others_go_on() {
    let lab = opened();
    assert_eq!(lab.post("/lab/cancel/start").await.status(), StatusCode::OK);
    assert_eq!(
        lab.post("/lab/cancel/start").await.status(),
        StatusCode::CONFLICT
    );
    assert_eq!(
        lab.post("/lab/cancel/d").await.status(),
        StatusCode::NOT_FOUND
    );
    sleep(SECOND + SECOND / 10).await;
    lab.post("/lab/cancel/b").await.text().await;
    sleep(SECOND).await;
    let branches = lab.state("cancel").await["branches"].take();
    let leaf = |branch: usize| branches[branch]["leaves"][2].clone();
    assert_eq!(leaf(1), json!({ "state": "cancelled", "steps": 2 }));
    assert_eq!(leaf(0), json!({ "state": "running", "steps": 4 }));
    assert_eq!(branches[2]["is_cancelled"], false);
    lab.post("/lab/cancel/all").await.text().await;
    sleep(SECOND).await;
    assert_eq!(lab.state("cancel").await["is_running"], false);
    assert_eq!(lab.post("/lab/cancel/start").await.status(), StatusCode::OK);
}

#[runtime::test(start_paused = true)]
async fn tasks_of_the_lab_end_in_good_order_with_the_program() {
    let lab = opened();
    lab.post("/lab/cancel/start").await.text().await;
    sleep(SECOND / 10).await;
    assert_eq!(lab.background.shutdown(SECOND).await, 0, "none is aborted");
    let leaf = lab.state("cancel").await["branches"][0]["leaves"][0].take();
    assert_eq!(leaf["state"], "cancelled");
}

#[runtime::test(start_paused = true)]
async fn the_stream_tells_what_has_changed_and_ends_with_the_server() {
    let lab = opened();
    let mut live = lab.client.get("/lab/live").await;
    assert_eq!(live.header("content-type"), Some("text/event-stream"));
    let tokens = async |live: &mut TestResponse| {
        let event = live.read_until("\n\n").await.expect("an event");
        let data = event.strip_prefix("data: ").expect("data");
        let state: Value = serde_json::from_str(data).expect("JSON");
        (state["rate"]["tokens"].clone(), state["viewers"].clone())
    };
    assert_eq!(tokens(&mut live).await, (json!(10), json!(1)));
    lab.server
        .client()
        .post("/lab/rate?calls=4")
        .await
        .text()
        .await;
    assert_eq!(tokens(&mut live).await.0, 6);
    let begun = Instant::now();
    let stopped = lab.server.shutdown();
    while live
        .read_until("\n\n")
        .await
        .is_some_and(|it| !it.is_empty())
    {}
    stopped.await;
    assert!(begun.elapsed() < SECOND);
}

#[runtime::test(start_paused = true)]
async fn seats_are_bounded_and_free_again_when_a_viewer_leaves() {
    let lab = opened();
    let mut viewers = Vec::new();
    for _ in 0..live::SEATS {
        let viewer = lab.server.client().get("/lab/live").await;
        assert_eq!(viewer.status(), StatusCode::OK);
        viewers.push(viewer);
    }
    let full = lab.client.get("/lab/live").await;
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(full);
    viewers.clear();
    // The server notices it when it sends the next event, and then the one after it.
    sleep(SECOND).await;
    assert_eq!(lab.state("viewers").await, 0);
    assert_eq!(lab.client.get("/lab/live").await.status(), StatusCode::OK);
}
