//! Backends that fail, and clients that leave.

use std::time::Duration;

use runtime::time::Instant;

use super::*;

#[runtime::test(start_paused = true)]
async fn a_backend_that_says_nothing_is_a_timeout() {
    let (backend, mut backstage) = by_hand();
    let site = site("--backend-head-timeout 7", vec![backend]);
    let begun = Instant::now();
    let asked = runtime::spawn(site.client.post("/proxy/").body("x").send());
    let mut hand = backstage.accept().await;
    hand.head().await;
    let response = asked.await.unwrap().unwrap();
    assert_eq!(response.status(), 504);
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
    let text = response.text().await;
    assert!(
        text.contains("The backend has not answered in time."),
        "{text}"
    );
    assert_eq!(hand.rest().await, "x");
}

struct Never;

impl Connect for Never {
    fn connect(&self, _: Config) -> Connecting {
        Box::pin(std::future::pending())
    }
}

#[runtime::test(start_paused = true)]
async fn what_is_wrong_with_a_connection_is_told_apart() {
    let site = site(
        "--backend-connect-timeout 3 --backend-tries 1",
        vec![Box::new(Refuses), Box::new(Never)],
    );
    let (status, text) = site.status_and_text("/proxy/").await;
    assert_eq!(status, 502);
    assert!(text.contains("The backend cannot be reached."), "{text}");
    assert!(!text.contains("refused"), "{text}");
    let begun = Instant::now();
    let (status, text) = site.status_and_text("/proxy/").await;
    assert_eq!(status, 504);
    assert!(text.contains("The backend has not accepted"), "{text}");
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    assert_eq!(site.backends[1].in_use(), 0);
    let metrics = site.get("/metrics").await.text().await;
    for reason in ["unreachable", "connect_timeout"] {
        let line = format!("proxy_failures_total{{reason=\"{reason}\"}} 1\n");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

#[runtime::test(start_paused = true)]
async fn half_a_head_and_an_answer_that_is_no_http_are_bad_answers() {
    for said in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "220 mail.example ESMTP\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ] {
        let (backend, mut backstage) = by_hand();
        let site = site("", vec![backend]);
        let asked = site.ask("/proxy/");
        let mut hand = backstage.accept().await;
        hand.head().await;
        hand.say(said).await;
        drop(hand);
        let response = asked.await.unwrap().unwrap();
        assert_eq!(response.status(), 502, "{said:?}");
        let text = response.text().await;
        let plain = [
            "The backend has given no answer.",
            "The backend has given an answer that cannot be handed on.",
        ];
        assert!(plain.iter().any(|it| text.contains(it)), "{text}");
        let backend = &site.backends[0];
        assert_eq!(backend.counts.failures.get(), 1);
        assert_eq!((backend.in_use(), backend.idle()), (0, 0));
    }
}

/// What a client gets of an answer that breaks off: all bytes, to the end of the connection.
async fn cut(said: &str, wait: bool) -> String {
    let (backend, mut backstage) = by_hand();
    let site = site("--backend-body-timeout 5", vec![backend]);
    let mut client = Hand::of(&site);
    client.say("GET /proxy/ HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut hand = backstage.accept().await;
    hand.head().await;
    hand.say(said).await;
    let kept = wait.then_some(hand);
    let got = client.rest().await;
    drop(kept);
    let backend = &site.backends[0];
    assert_eq!(backend.counts.failures.get(), 1);
    assert_eq!((backend.in_use(), backend.idle()), (0, 0));
    got
}

#[runtime::test(start_paused = true)]
async fn an_answer_that_breaks_off_is_cut_off_and_never_looks_complete() {
    for wait in [false, true] {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
        let got = cut(&format!("{head}12345"), wait).await;
        assert!(got.contains("content-length: 10\r\n"), "{got}");
        assert!(got.ends_with("\r\n\r\n12345"), "{got}");

        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for body in [
            "5\r\n12345\r\n",
            "a\r\n12345",
            "5\r\n12345\r\n0\r\n",
            "5\r\n12345\r\nno size\r\n",
        ] {
            let got = cut(&format!("{head}{body}"), wait).await;
            assert!(got.contains("transfer-encoding: chunked\r\n"), "{got}");
            // What came together with the failure may be lost; an end is never said.
            let (_, got) = got.split_once("\r\n\r\n").unwrap();
            assert!("5\r\n12345\r\n".starts_with(got), "{body:?}: {got}");
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_request_that_may_be_sent_twice_is_tried_on_another_backend() {
    for said in ["", "HTTP/1.1 20", "nonsense\r\n\r\n"] {
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "PUT"] {
            let (backend, mut backstage) = by_hand();
            let site = site("", vec![backend, named("two")]);
            let method = method.parse().unwrap();
            let asked = runtime::spawn(site.client.request(method, "/proxy/").send());
            let mut hand = backstage.accept().await;
            hand.head().await;
            hand.say(said).await;
            drop(hand);
            assert_eq!(asked.await.unwrap().unwrap().status(), 200);
            assert_eq!(site.backends[0].counts.failures.get(), 1);
            assert_eq!(site.backends[1].counts.requests.get(), 1);
        }
    }
    // Also one that hangs.
    let (backend, mut backstage) = by_hand();
    let site = site("--backend-head-timeout 7", vec![backend, named("two")]);
    let asked = site.ask("/proxy/");
    let mut hand = backstage.accept().await;
    hand.head().await;
    assert_eq!(asked.await.unwrap().unwrap().text().await, "two");
    assert_eq!(hand.rest().await, "");
}

#[runtime::test(start_paused = true)]
async fn a_request_that_may_have_been_heard_is_not_sent_again() {
    for (method, body) in [("POST", ""), ("POST", "x"), ("PATCH", ""), ("PUT", "x")] {
        let (backend, mut backstage) = by_hand();
        let site = site("", vec![backend, named("two")]);
        let request = site.client.request(method.parse().unwrap(), "/proxy/");
        let asked = runtime::spawn(request.body(body).send());
        let mut hand = backstage.accept().await;
        hand.head().await;
        drop(hand);
        assert_eq!(asked.await.unwrap().unwrap().status(), 502, "{method}");
        assert_eq!(site.backends[1].counts.requests.get(), 0);
    }
}

#[runtime::test(start_paused = true)]
async fn a_request_that_has_not_left_is_tried_on_another_backend_whatever_it_is() {
    let app = Router::new().fallback(async |body: String| body);
    let site = site("", vec![Box::new(Refuses), in_memory(app)]);
    for _ in 0..2 {
        let response = site.client.post("/proxy/").body("order").await;
        assert_eq!(response.text().await, "order");
    }
    assert_eq!(site.backends[0].counts.failures.get(), 2);
}

#[runtime::test(start_paused = true)]
async fn tries_are_counted() {
    let refusing = || -> Vec<Box<dyn Connect>> { (0..5).map(|_| Box::new(Refuses) as _).collect() };
    let site = site("--backend-tries 2", refusing());
    assert_eq!(site.get("/proxy/").await.status(), 502);
    let failures = site
        .backends
        .iter()
        .map(|backend| backend.counts.failures.get());
    assert_eq!(failures.sum::<u64>(), 2);
}

#[runtime::test(start_paused = true)]
async fn a_client_that_leaves_takes_its_request_along() {
    let ask = "GET /proxy/ HTTP/1.1\r\nHost: x\r\n\r\n";
    for said in [
        "",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
    ] {
        let (backend, mut backstage) = by_hand();
        let site = site("", vec![backend]);
        let mut client = Hand::of(&site);
        client.say(ask).await;
        let mut hand = backstage.accept().await;
        hand.head().await;
        hand.say(said).await;
        if !said.is_empty() {
            client.head().await;
        }
        client.0.reset();
        let begun = Instant::now();
        assert_eq!(hand.rest().await, "");
        assert_eq!(begun.elapsed(), Duration::ZERO, "it is closed at once");
        let backend = &site.backends[0];
        assert_eq!((backend.in_use(), backend.idle()), (0, 0), "{said:?}");
        assert_eq!(backend.counts.failures.get(), 0);
    }
}

/// A client that has begun an upload, and the backend's side of it.
async fn begun_upload(site: &Site, backstage: &mut Backstage) -> (Hand<TestStream>, Hand) {
    let mut client = Hand::of(site);
    client
        .say("PUT /proxy/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n")
        .await;
    let mut hand = backstage.accept().await;
    hand.head().await;
    assert_eq!(hand.read(10).await, "5\r\nbegin\r\n");
    (client, hand)
}

#[runtime::test(start_paused = true)]
async fn an_upload_that_breaks_off_is_cut_off_and_the_backend_is_not_blamed() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let (client, mut hand) = begun_upload(&site, &mut backstage).await;
    drop(client);
    assert_eq!(hand.rest().await, "");
    let backend = &site.backends[0];
    assert_eq!((backend.in_use(), backend.idle()), (0, 0));
    assert_eq!(backend.counts.failures.get(), 0);
}

/// The backend answers while it reads, and then the client sends more than it may.
#[runtime::test(start_paused = true)]
async fn an_upload_that_fails_during_the_answer_is_not_the_backends_doing() {
    let (backend, mut backstage) = by_hand();
    let site = site("--backend-max-body 10", vec![backend]);
    let (mut client, mut hand) = begun_upload(&site, &mut backstage).await;
    hand.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    client.head().await;
    assert_eq!(client.read(4).await, "half");
    client.say("6\r\ntoo mu\r\n").await;
    assert_eq!(client.rest().await, "");
    assert_eq!(hand.rest().await, "");
    let backend = &site.backends[0];
    assert_eq!((backend.in_use(), backend.idle()), (0, 0));
    assert_eq!(backend.counts.failures.get(), 0);
}
