//! Connections that are kept.

use std::time::Duration;

use runtime::time::{Instant, sleep};

use super::*;

#[runtime::test(start_paused = true)]
async fn requests_after_one_another_share_a_connection() {
    let site = site("", vec![named("one")]);
    for _ in 0..5 {
        assert_eq!(site.get("/proxy/").await.text().await, "one");
    }
    let backend = &site.backends[0];
    assert_eq!(backend.counts.connections.get(), 1);
    assert_eq!((backend.in_use(), backend.idle()), (0, 1));
}

#[runtime::test(start_paused = true)]
async fn a_backend_that_says_close_gets_no_other_request_on_that_connection() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    for _ in 0..2 {
        let asked = site.ask("/proxy/");
        let mut hand = backstage.accept().await;
        hand.head().await;
        hand.say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            .await;
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);
        assert_eq!(hand.rest().await, "");
        assert_eq!(site.backends[0].idle(), 0);
    }
}

#[runtime::test(start_paused = true)]
async fn a_connection_that_the_backend_has_closed_is_not_used() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    for _ in 0..3 {
        let asked = runtime::spawn(site.client.post("/proxy/").body("x").send());
        let mut hand = backstage.accept().await;
        hand.head().await;
        hand.read(1).await;
        hand.say(EMPTY).await;
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);
        assert_eq!(site.backends[0].idle(), 1);
        drop(hand);
    }
    assert_eq!(site.backends[0].counts.failures.get(), 0);
}

/// The backend closes while the request is on its way.
#[runtime::test(start_paused = true)]
async fn a_kept_connection_that_ends_without_a_byte_is_replaced_if_the_request_may_be_sent_twice() {
    for method in ["GET", "POST"] {
        let (backend, mut backstage) = by_hand();
        let site = site("", vec![backend]);
        let asked = site.ask("/proxy/first");
        let mut hand = backstage.accept().await;
        hand.head().await;
        hand.say(EMPTY).await;
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);

        let request = site
            .client
            .request(method.parse().unwrap(), "/proxy/second");
        let asked = runtime::spawn(request.send());
        hand.head().await;
        drop(hand);
        if method == "POST" {
            assert_eq!(asked.await.unwrap().unwrap().status(), 502);
            assert_eq!(site.backends[0].counts.failures.get(), 1);
            continue;
        }
        let mut hand = backstage.accept().await;
        assert!(hand.head().await.starts_with("GET /second "));
        hand.say(EMPTY).await;
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);
        // To close an idle connection is every server's right.
        assert_eq!(site.backends[0].counts.failures.get(), 0);
    }
}

/// The second one waits in the pool, and would fail in the same way.
#[runtime::test(start_paused = true)]
async fn when_a_kept_connection_was_dead_the_others_are_not_tried() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let asked = [site.ask("/proxy/1"), site.ask("/proxy/2")];
    let mut hands = [backstage.accept().await, backstage.accept().await];
    for (asked, hand) in asked.into_iter().zip(&mut hands) {
        hand.head().await;
        hand.say(EMPTY).await;
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(site.backends[0].idle(), 2);
    let asked = site.ask("/proxy/3");
    let [mut first, mut second] = hands;
    second.head().await;
    drop(second);
    let mut third = backstage.accept().await;
    assert!(third.head().await.starts_with("GET /3 "));
    assert_eq!(first.rest().await, "");
    third.say(EMPTY).await;
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
    assert_eq!(site.backends[0].idle(), 1);
}

#[runtime::test(start_paused = true)]
async fn a_connection_is_free_after_the_last_byte_of_an_answer_that_came_in_pieces() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let known = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    let chunks = [chunked, "5\r\n12345\r\n", "5\r\n67890\r\n0\r\n\r\n"];
    for said in [[known, "12345", "67890"], chunks] {
        let (backend, mut backstage) = by_hand();
        let site = site("", vec![backend]);
        let asked = site.ask("/proxy/");
        let mut hand = backstage.accept().await;
        hand.head().await;
        for piece in said {
            hand.say(piece).await;
            sleep(Duration::from_secs(1)).await;
        }
        let response = asked.await.unwrap().unwrap();
        assert_eq!(response.text().await, "1234567890");
        assert_eq!((site.backends[0].in_use(), site.backends[0].idle()), (0, 1));
    }
}

#[runtime::test(start_paused = true)]
async fn a_backend_has_no_more_connections_than_it_may() {
    let (backend, mut backstage) = by_hand();
    let site = site("--backend-connections 2", vec![backend]);
    let asked = [site.ask("/proxy/1"), site.ask("/proxy/2")];
    let mut hands = [backstage.accept().await, backstage.accept().await];
    let begun = Instant::now();
    let response = site.get("/proxy/3").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(begun.elapsed(), Duration::from_secs(2), "it has waited");
    assert!(response.text().await.contains("as many connections"));
    for (asked, hand) in asked.into_iter().zip(&mut hands) {
        hand.head().await;
        hand.say(EMPTY).await;
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);
    }
    let backend = &site.backends[0];
    assert_eq!((backend.in_use(), backend.idle()), (0, 2));
    assert_eq!(backend.counts.failures.get(), 0);
    let asked = site.ask("/proxy/4");
    hands[1].head().await;
    hands[1].say(EMPTY).await;
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
    assert!(backstage.has_no_other());
}

#[runtime::test(start_paused = true)]
async fn a_connection_that_has_idled_too_long_is_closed() {
    let app = Router::new().fallback(async || "one");
    let behind = TestServer::new(app);
    let line = "--backend-idle-timeout 10 --backend-health-interval 3600";
    let site = checked_site(line, vec![Box::new(InMemory(behind.clone()))]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(site.get("/proxy/").await.text().await, "one");
    sleep(Duration::from_secs(9)).await;
    assert_eq!(site.get("/proxy/").await.text().await, "one");
    let before = site.backends[0].counts.connections.get();
    sleep(Duration::from_secs(11)).await;
    assert_eq!(site.get("/proxy/").await.text().await, "one");
    assert_eq!(site.backends[0].counts.connections.get(), before + 1);
    // Without another request, the next check does it.
    assert_eq!(behind.open_connections(), 1);
    sleep(Duration::from_secs(3600)).await;
    assert_eq!((site.backends[0].idle(), behind.open_connections()), (0, 0));
}

#[runtime::test(start_paused = true)]
async fn an_answer_that_comes_before_its_request_is_complete_keeps_the_connection_until_it_is() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let mut client = Hand::of(&site);
    client
        .say("POST /proxy/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        .await;
    let mut hand = backstage.accept().await;
    hand.head().await;
    hand.read(2).await;
    hand.say("HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nok")
        .await;
    client.head().await;
    assert_eq!(client.read(2).await, "ok");
    let backend = &site.backends[0];
    assert_eq!((backend.in_use(), backend.idle()), (1, 0));
    client.say("cd").await;
    assert_eq!(hand.read(2).await, "cd");
    sleep(Duration::from_millis(1)).await;
    assert_eq!((backend.in_use(), backend.idle()), (0, 1));
}

#[runtime::test(start_paused = true)]
async fn a_burst_waits_in_turn_and_only_so_many_may_wait() {
    let (backend, mut backstage) = by_hand();
    let site = site("--backend-connections 1 --backend-queue 3", vec![backend]);
    let mut asked: Vec<_> = (0..5)
        .map(|number| site.ask(&format!("/proxy/{number}")))
        .collect();
    let mut hand = backstage.accept().await;
    assert!(hand.head().await.starts_with("GET /0 "));
    let begun = Instant::now();
    let refused = asked.pop().unwrap().await.unwrap().unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(
        begun.elapsed(),
        Duration::ZERO,
        "there was no place to wait"
    );
    let metrics = site.get("/metrics").await.text().await;
    assert!(metrics.contains("\nproxy_waiting 3\n"), "{metrics}");
    hand.say(EMPTY).await;
    for number in 1..4 {
        let head = hand.head().await;
        assert!(head.starts_with(&format!("GET /{number} ")), "{head}");
        hand.say(EMPTY).await;
    }
    for asked in asked {
        assert_eq!(asked.await.unwrap().unwrap().status(), 200);
    }
    assert!(backstage.has_no_other());
    assert_eq!((site.backends[0].in_use(), site.backends[0].idle()), (0, 1));
}

/// One leaves at the moment when its turn has come.
#[runtime::test(start_paused = true)]
async fn a_turn_that_is_not_taken_goes_to_the_next() {
    let queue = Rc::new(Queue::new(&CommandLine::parse_from(["server"]).options));
    let is_free = Rc::new(std::cell::Cell::new(false));
    let wait = || {
        let (queue, is_free) = (queue.clone(), is_free.clone());
        runtime::spawn(async move { queue.take(|| is_free.get().then_some(())).await })
    };
    let (leaver, stayer) = (wait(), wait());
    sleep(Duration::from_millis(1)).await;
    assert_eq!(queue.waiting(), 2);
    is_free.set(true);
    queue.one_is_free();
    leaver.abort();
    let begun = Instant::now();
    assert_eq!(stayer.await.unwrap(), Some(()));
    assert_eq!((begun.elapsed(), queue.waiting()), (Duration::ZERO, 0));
}
