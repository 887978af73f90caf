//! What is handed on, and what is changed.

use std::cell::RefCell;

use http::{HeaderMap, Method, header};
use server::body::Body;
use server::response::Html;

use super::*;

/// A backend that keeps the heads of its requests.
fn keeping() -> (Box<dyn Connect>, Rc<RefCell<Vec<Request>>>) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let kept = seen.clone();
    let app = Router::new().fallback(move |request: Request| {
        kept.borrow_mut().push(request);
        async { ([("x-mine", "1")], "hello") }
    });
    (in_memory(app), seen)
}

fn said(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).into_iter();
    let texts: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
    texts.join(" | ")
}

#[runtime::test(start_paused = true)]
async fn a_request_is_handed_on_and_answered() {
    let (backend, seen) = keeping();
    let site = site("", vec![backend]);
    let response = site.get("/proxy/a/%2Fb?c=d").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.header("x-mine"), Some("1"));
    assert!(response.header("via").unwrap().starts_with("1.1 treadle-"));
    assert_eq!(response.text().await, "hello");
    let request = seen.borrow_mut().pop().unwrap();
    assert_eq!(request.uri(), "/a/%2Fb?c=d");
    let headers = request.headers();
    assert_eq!(said(headers, "host"), "localhost");
    assert_eq!(
        said(headers, "forwarded"),
        "for=10.0.0.1;host=localhost;proto=http"
    );
    assert_eq!(said(headers, "x-forwarded-for"), "10.0.0.1");
    assert!(said(headers, "via").starts_with("1.1 treadle-"));
    for (asked, behind) in [("/proxy/", "/"), ("/proxy/?a", "/?a"), ("/proxy//a", "//a")] {
        assert_eq!(site.get(asked).await.status(), 200);
        let request = seen.borrow_mut().pop().unwrap();
        assert_eq!(request.uri().path_and_query().unwrap(), behind);
    }
}

#[runtime::test(start_paused = true)]
async fn what_is_for_one_hop_stays_there_and_a_client_does_not_say_who_it_is() {
    for trust in ["", "--trust-forwarded"] {
        let (backend, seen) = keeping();
        let site = site(trust, vec![backend]);
        let request = site
            .get("/proxy/")
            .header("connection", "x-hop, x-forwarded-for")
            .header("x-hop", "1")
            .header("keep-alive", "5")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "for=127.0.0.1")
            .header("cookie", "a=b");
        assert_eq!(request.await.status(), 200);
        let request = seen.borrow_mut().pop().unwrap();
        let headers = request.headers();
        let gone = ["x-hop", "keep-alive"];
        assert!(gone.iter().all(|name| !headers.contains_key(*name)));
        assert_eq!(said(headers, "cookie"), "a=b");
        assert_eq!(said(headers, "x-forwarded-for"), "10.0.0.1");
        let (proto, list) = match trust {
            "" => ("http", "for=10.0.0.1;host=localhost;proto=http"),
            _ => (
                "https",
                "for=127.0.0.1, for=10.0.0.1;host=localhost;proto=http",
            ),
        };
        assert_eq!(said(headers, "x-forwarded-proto"), proto);
        assert_eq!(said(headers, "forwarded"), list);
    }
}

#[runtime::test(start_paused = true)]
async fn answers_without_a_body_keep_their_headers_and_the_connection() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let asked = runtime::spawn(site.client.head("/proxy/a").send());
    let mut hand = backstage.accept().await;
    assert!(hand.head().await.starts_with("HEAD /a HTTP/1.1\r\n"));
    hand.say("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"a\"\r\n\r\n")
        .await;
    let response = asked.await.unwrap().unwrap();
    assert_eq!(response.header("content-length"), Some("7"));
    assert_eq!(response.text().await, "");
    // A length that is not told is not nought (RFC 9110, section 8.6).
    for fields in ["", "Transfer-Encoding: chunked\r\n"] {
        let asked = runtime::spawn(site.client.head("/proxy/a").send());
        hand.head().await;
        hand.say(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n")).await;
        let response = asked.await.unwrap().unwrap();
        assert_eq!(response.header("content-length"), None);
        assert_eq!(response.header("transfer-encoding"), None);
        assert_eq!(response.text().await, "");
    }
    for (status, length) in [("204 No Content", None), ("304 Not Modified", Some("7"))] {
        let asked = site.ask("/proxy/a");
        hand.head().await;
        let fields = length.map_or(String::new(), |length| {
            format!("Content-Length: {length}\r\n")
        });
        hand.say(&format!("HTTP/1.1 {status}\r\nETag: \"a\"\r\n{fields}\r\n"))
            .await;
        let response = asked.await.unwrap().unwrap();
        assert!(status.starts_with(response.status().as_str()));
        assert_eq!(response.header("etag"), Some("\"a\""));
        assert_eq!(response.header("content-length"), length);
        assert_eq!(response.text().await, "");
    }
    assert_eq!((site.backends[0].in_use(), site.backends[0].idle()), (0, 1));
    assert!(backstage.has_no_other());
}

#[runtime::test(start_paused = true)]
async fn an_error_of_the_backend_is_not_made_a_page_of_ours() {
    let app = Router::new()
        .route("/text", any(|| async { (StatusCode::NOT_FOUND, "mine") }))
        .route("/none", any(|| async { StatusCode::FORBIDDEN }))
        .route(
            "/page",
            any(|| async { (StatusCode::BAD_GATEWAY, Html("<p>mine")) }),
        );
    let site = site("", vec![in_memory(app)]);
    for (path, status, text) in [
        ("/proxy/text", 404, "mine"),
        ("/proxy/none", 403, ""),
        ("/proxy/page", 502, "<p>mine"),
    ] {
        for accept in ["text/html", "application/json"] {
            let response = site.get(path).header("accept", accept).await;
            assert_eq!(response.status(), status);
            assert_eq!(response.text().await, text);
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_place_on_the_backend_is_told_as_a_place_behind_the_proxy() {
    for (said, told) in [
        ("/login", "/proxy/login"),
        ("http://localhost/login", "/proxy/login"),
        ("http://a/login", "/proxy/login"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
        ("more", "more"),
    ] {
        let app = Router::new().fallback(async move || {
            let fields = [
                (header::LOCATION, said),
                (header::SET_COOKIE, "a=b; Path=/x"),
            ];
            (StatusCode::SEE_OTHER, fields)
        });
        let response = site("", vec![in_memory(app)]).get("/proxy/").await;
        assert_eq!(response.status(), 303);
        assert_eq!(response.header("location"), Some(told));
        assert_eq!(response.header("set-cookie"), Some("a=b; Path=/x"));
    }
}

/// A backend that is the proxy itself.
struct Circle(Rc<RefCell<Option<TestServer>>>);

impl Connect for Circle {
    fn connect(&self, config: Config) -> Connecting {
        let stream = self.0.borrow().as_ref().unwrap().connect();
        Box::pin(async move { Line::new(stream?, config).await })
    }
}

#[runtime::test(start_paused = true)]
async fn a_request_that_comes_back_to_the_proxy_ends_there() {
    let server = Rc::new(RefCell::new(None));
    let site = site("", vec![Box::new(Circle(server.clone()))]);
    *server.borrow_mut() = Some(site.server.clone());
    let (status, text) = site.status_and_text("/proxy/proxy/proxy/x").await;
    assert_eq!(status, 508);
    assert!(text.contains("has passed here before"), "{text}");
    // One that does not come back is answered by the proxy's own pages.
    assert_eq!(site.get("/proxy/metrics").await.status(), 200);
    server.borrow_mut().take();
}

#[runtime::test(start_paused = true)]
async fn trailers_pass_both_ways() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let mut client = Hand::of(&site);
    client
        .say(
            "POST /proxy/ HTTP/1.1\r\nHost: x\r\nConnection: TE\r\nTE: trailers\r\n\
             Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
        )
        .await;
    let mut hand = backstage.accept().await;
    let head = hand.head().await;
    assert!(head.contains("te: trailers\r\n"), "{head}");
    let body = "2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n";
    assert_eq!(hand.read(body.len()).await, body);
    hand.say(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nho\r\n0\r\nX-Sum: 2\r\n\r\n",
    )
    .await;
    client.head().await;
    let body = "2\r\nho\r\n0\r\nx-sum: 2\r\n\r\n";
    assert_eq!(client.read(body.len()).await, body);
}

#[runtime::test(start_paused = true)]
async fn a_client_that_waits_for_a_word_gets_the_backends() {
    const ASK: &str = "POST /proxy/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\
                       Expect: 100-continue\r\n\r\n";
    for is_wanted in [true, false] {
        let (backend, mut backstage) = by_hand();
        let site = site("", vec![backend]);
        let mut client = Hand::of(&site);
        client.say(ASK).await;
        let mut hand = backstage.accept().await;
        let head = hand.head().await;
        assert!(head.contains("expect: 100-continue\r\n"), "{head}");
        if is_wanted {
            hand.say("HTTP/1.1 100 Continue\r\n\r\n").await;
            assert_eq!(client.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
            client.say("hi").await;
            assert_eq!(hand.read(2).await, "hi");
            hand.say(EMPTY).await;
            assert!(client.head().await.starts_with("HTTP/1.1 200 OK\r\n"));
        } else {
            hand.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
                .await;
            assert!(client.head().await.starts_with("HTTP/1.1 413 "));
            assert_eq!(client.read(2).await, "no");
            assert_eq!(hand.rest().await, "", "the body is not sent");
        }
    }
}

#[runtime::test(start_paused = true)]
async fn an_answer_that_comes_before_the_request_is_complete_reaches_the_client() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let mut client = Hand::of(&site);
    client
        .say("PUT /proxy/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbegin")
        .await;
    let mut hand = backstage.accept().await;
    hand.head().await;
    assert_eq!(hand.read(5).await, "begin");
    hand.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        .await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
    assert_eq!(client.read(2).await, "no");
    assert_eq!(hand.rest().await, "");
    assert_eq!((site.backends[0].in_use(), site.backends[0].idle()), (0, 0));
}

#[runtime::test(start_paused = true)]
async fn a_body_that_is_too_large_is_refused_and_the_backend_is_not_blamed() {
    let app = Router::new().fallback(async |body: String| body);
    let site = site("--backend-max-body 10", vec![in_memory(app)]);
    let long = || Body::from("x".repeat(11));
    let response = site.client.post("/proxy/").body(long()).await;
    assert_eq!(response.status(), 413);
    let pieces = Body::from_stream(long().into_data_stream());
    let response = site.client.post("/proxy/").body(pieces).await;
    assert_eq!(response.status(), 413);
    let response = site.client.post("/proxy/").body("x".repeat(10)).await;
    assert_eq!(response.text().await.len(), 10);
    assert_eq!(site.backends[0].counts.failures.get(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_request_that_may_go_no_further_is_answered_here() {
    let site = site("", vec![Box::new(Refuses)]);
    for (hops, status) in [("0", 200), ("x", 400), ("1", 502)] {
        let request = site.client.request(Method::OPTIONS, "/proxy/");
        let response = request.header("max-forwards", hops).await;
        assert_eq!(response.status(), status);
        let allow = (status != 502).then_some("OPTIONS");
        assert_eq!(response.header("allow"), allow);
    }
}

/// HTTP/1.0 again, from the other side.
#[runtime::test(start_paused = true)]
async fn an_old_clients_request_passes_without_a_host() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let mut client = Hand::of(&site);
    client.say("GET /proxy/a HTTP/1.0\r\n\r\n").await;
    let mut hand = backstage.accept().await;
    let head = hand.head().await;
    assert!(head.starts_with("GET /a HTTP/1.1\r\n"), "{head}");
    assert!(
        head.contains("forwarded: for=10.0.0.2;proto=http\r\n"),
        "{head}"
    );
    assert!(head.contains("host: a\r\n"), "{head}");
    assert!(!head.contains("x-forwarded-host"), "{head}");
    hand.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
        .await;
    let answer = client.rest().await;
    assert!(!answer.contains("transfer-encoding"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");
}

/// HTTP/1.0: the body ends with the connection.
#[runtime::test(start_paused = true)]
async fn an_old_backends_answer_passes_in_chunks() {
    let (backend, mut backstage) = by_hand();
    let site = site("", vec![backend]);
    let asked = site.ask("/proxy/");
    let mut hand = backstage.accept().await;
    hand.head().await;
    hand.say("HTTP/1.0 200 OK\r\n\r\nall of it").await;
    drop(hand);
    let response = asked.await.unwrap().unwrap();
    assert_eq!(response.header("transfer-encoding"), Some("chunked"));
    assert!(response.header("via").unwrap().starts_with("1.0 treadle-"));
    assert_eq!(response.text().await, "all of it");
    assert_eq!((site.backends[0].in_use(), site.backends[0].idle()), (0, 0));
}
