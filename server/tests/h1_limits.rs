//! How large a body may be, who says so, and when.

mod support;

use http::{HeaderValue, Request, Response, StatusCode, header};
use server::body::to_bytes;
use server::h1::Endpoint;
use server::{Body, Config, Service};
use support::{Peer, ROOM, connect_with};

/// A connection on which bodies may have ten bytes, unless the service says otherwise.
fn ten(service: impl Service) -> Peer {
    let config = Config {
        max_body: 10,
        ..Config::default()
    };
    connect_with(&Endpoint::with_config(service, config), ROOM)
}

/// Counts a body of which so many bytes are allowed. What is wrong with a body is told with 200.
fn counting(limit: u64) -> impl Service {
    move |request: Request<Body>| async move {
        let body = request.into_body().with_limit(limit);
        Response::new(Body::from(match to_bytes(body, usize::MAX).await {
            Ok(bytes) => bytes.len().to_string(),
            Err(error) => error.to_string(),
        }))
    }
}

fn status(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// Says itself that a body is too large.
async fn own_words(request: Request<Body>) -> Response<Body> {
    match to_bytes(request.into_body(), usize::MAX).await {
        Ok(_) => status(StatusCode::OK, "fine"),
        Err(error) => status(error.status(), "in my own words"),
    }
}

const LENGTH_20: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const TWENTY: &str = "abcdefghijklmnopqrst";
const TWENTY_IN_CHUNKS: &str = "8\r\nabcdefgh\r\nc\r\nijklmnopqrst\r\n0\r\n\r\n";

#[runtime::test(start_paused = true)]
async fn a_service_may_allow_more_than_the_configuration() {
    for (head, body) in [(LENGTH_20, TWENTY), (CHUNKED, TWENTY_IN_CHUNKS)] {
        for cut in 0..=body.len() {
            let mut peer = ten(counting(20));
            peer.send(format!("{head}{}", &body[..cut])).await;
            runtime::task::yield_now().await;
            peer.send(&body[cut..]).await;
            assert_eq!(peer.answer().await.text(), "20", "{head} cut at {cut}");
            assert_eq!(peer.get("/").await.text(), "0", "and the connection stays");
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_service_may_allow_less_than_the_configuration() {
    for (head, body) in [(LENGTH_20, TWENTY), (CHUNKED, TWENTY_IN_CHUNKS)] {
        for cut in 0..body.len() {
            let mut peer = connect_with(&Endpoint::new(counting(19)), ROOM);
            peer.send(format!("{head}{}", &body[..cut])).await;
            runtime::task::yield_now().await;
            peer.send(&body[cut..]).await;
            let answer = peer.answer().await;
            assert_eq!(answer.status, 413, "{head} cut at {cut}");
            assert!(answer.closes());
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_small_body_that_came_with_its_head_has_a_limit_too() {
    for (limit, said) in [(19, "the body is larger than allowed"), (20, "20")] {
        let mut peer = connect_with(&Endpoint::new(counting(limit)), ROOM);
        peer.send(format!("{LENGTH_20}{TWENTY}")).await;
        assert_eq!(peer.answer().await.text(), said);
    }
}

/// The last word counts: an inner layer may allow again what an outer one has forbidden.
#[runtime::test]
async fn a_limit_is_what_was_said_last() {
    let mut body = Body::from("four").with_limit(3);
    body.set_limit(4);
    assert_eq!(to_bytes(body, 100).await.unwrap(), "four");
    let made = Body::from_stream(Body::from("four").into_data_stream());
    let error = to_bytes(made.with_limit(3), 100).await.unwrap_err();
    assert!(error.is_too_large());
}

#[runtime::test(start_paused = true)]
async fn a_service_that_says_itself_what_was_wrong_is_heard() {
    for wire in [
        LENGTH_20.to_owned(),
        format!("{CHUNKED}8\r\nabcdefgh\r\nc\r\n"),
        format!("{CHUNKED}8\r\nabcdefgh\r\n"),
    ] {
        let mut peer = ten(own_words);
        peer.send(&wire).await;
        runtime::task::yield_now().await;
        peer.send("c\r\n").await;
        let answer = peer.answer().await;
        let said = (answer.status.as_u16(), answer.text(), answer.closes());
        assert_eq!(said, (413, "in my own words", true), "{wire}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_service_has_the_last_word_about_a_body_that_is_malformed_or_slow() {
    for (body, code) in [("g", 400), ("1", 408)] {
        let mut peer = ten(own_words);
        peer.send(CHUNKED).await;
        runtime::task::yield_now().await;
        peer.send(body).await;
        let answer = peer.answer().await;
        let said = (answer.status.as_u16(), answer.text(), answer.closes());
        assert_eq!(said, (code, "in my own words", true));
        let error = peer.end().await.unwrap_err();
        assert_eq!(error.refusal().unwrap().status(), code);
    }
}

/// Whether it knows of the body or not.
#[runtime::test(start_paused = true)]
async fn a_service_that_answers_as_if_all_were_well_is_not_heard() {
    let mut peer = ten(|_: Request<Body>| async { status(StatusCode::CREATED, "stored") });
    peer.send(LENGTH_20).await;
    let answer = peer.answer().await;
    assert_eq!(answer.status, 413);
    assert!(
        answer.closes() && answer.text().starts_with("413"),
        "{answer:?}"
    );
    let mut peer = ten(|request: Request<Body>| async { Response::new(request.into_body()) });
    peer.send(LENGTH_20).await;
    assert_eq!(peer.answer().await.status, 413);
}

#[runtime::test(start_paused = true)]
async fn a_service_may_refuse_or_send_away_without_a_look_at_the_body() {
    for code in [StatusCode::UNAUTHORIZED, StatusCode::PERMANENT_REDIRECT] {
        let mut peer = ten(move |_: Request<Body>| async move {
            let mut response = status(code, "not here");
            let there = HeaderValue::from_static("/there");
            response.headers_mut().insert(header::LOCATION, there);
            response
        });
        peer.send(LENGTH_20).await;
        let answer = peer.answer().await;
        assert_eq!((answer.status, answer.text()), (code, "not here"));
        assert!(answer.closes(), "its body is not read");
    }
}

#[runtime::test(start_paused = true)]
async fn a_client_that_asks_first_is_told_to_send_what_the_service_allows_and_nothing_else() {
    let ask = LENGTH_20.replace("Host: x", "Host: x\r\nExpect: 100-continue");
    let mut peer = ten(counting(20));
    peer.send(&ask).await;
    assert_eq!(peer.answer_without_body().await.status, 100);
    peer.send(TWENTY).await;
    assert_eq!(peer.answer().await.text(), "20");
    for service in [counting(19), counting(10)] {
        let mut peer = ten(service);
        peer.send(&ask).await;
        let answer = peer.answer().await;
        assert_eq!(answer.status, 413, "and not 100");
        assert!(answer.closes());
    }
}

#[runtime::test(start_paused = true)]
async fn a_body_that_another_task_finds_too_large_is_refused() {
    for wire in [LENGTH_20.to_owned(), format!("{CHUNKED}b\r\n")] {
        let mut peer = ten(|request: Request<Body>| async {
            let reading = runtime::spawn(to_bytes(request.into_body(), usize::MAX));
            let read = reading.await.unwrap();
            Response::new(Body::from(format!("{read:?}")))
        });
        peer.send(&wire).await;
        assert_eq!(peer.answer().await.status, 413, "{wire}");
    }
}
