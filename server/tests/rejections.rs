//! Rejections as responses: their marks, their statuses, the hook, and the limit of bodies.

mod beside_axum;

use std::convert::Infallible;
use std::error::Error;

use beside_axum::{Ask, answered_by_ours, seen_of_ours};
use bytes::Bytes;
use futures_core::Stream;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use runtime::runtime::Runtime;
use server::extract::cookie::{Cookie, CookieJar, SameSite};
use server::extract::rejection::{self, OnRejection, Rejection, problem};
use server::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use server::response::IntoResponse;
use server::routing::post;
use server::{Body, Json, RequestExt, Router};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(future)
}

fn json(text: &'static str) -> Ask {
    Ask::post(text).of_type("application/json")
}

async fn number(Json(number): Json<u8>) -> String {
    number.to_string()
}

#[test]
fn a_rejection_leaves_its_mark_in_the_response() {
    let table: [(Ask, &str, u16); 3] = [
        (Ask::post("1"), "MissingJsonContentType", 415),
        (json("x"), "JsonSyntaxError", 400),
        (json("true"), "JsonDataError", 422),
    ];
    for (ask, name, status) in table {
        let rejection = block_on(Json::<u8>::from_request(ask.ours(), &())).unwrap_err();
        let text = rejection.body_text();
        assert_eq!(rejection.to_string(), text);
        assert_eq!(rejection.status(), status);
        let response = rejection.into_response();
        let mark = response.extensions().get::<Rejection>().unwrap();
        assert_eq!(
            (mark.name(), mark.status().as_u16(), mark.text()),
            (name, status, &*text)
        );
    }
}

#[test]
fn the_source_of_a_rejection_is_its_cause() {
    let refusal = block_on(Json::<u8>::from_request(json("true").ours(), &())).unwrap_err();
    let cause = refusal.source().unwrap().to_string();
    assert!(refusal.body_text().ends_with(&cause), "{cause}");
    let refusal = block_on(Json::<u8>::from_request(Ask::post("1").ours(), &())).unwrap_err();
    assert!(refusal.source().is_none());
}

#[test]
fn a_hook_answers_in_the_place_of_an_extractor() {
    fn reword(rejection: &Rejection, head: &Parts) -> (StatusCode, String) {
        let text = format!(
            "{} {}: {}",
            head.method,
            rejection.name(),
            rejection.text().len()
        );
        (rejection.status(), text)
    }
    fn outer(_: &Rejection, _: &Parts) -> &'static str {
        "the inner hook has answered"
    }
    async fn own() -> (StatusCode, &'static str) {
        (StatusCode::BAD_REQUEST, "the handler's own words")
    }
    let app = Router::new()
        .route("/", post(number).get(own))
        .layer(OnRejection::new(reword))
        .layer(OnRejection::new(outer));
    block_on(async {
        let answer = |ask: Ask| {
            let app = app.clone();
            async move { answered_by_ours(&app, &ask).await }
        };
        let seen = answer(json("x")).await;
        assert_eq!(seen.status, 400);
        assert!(seen.body.starts_with(b"POST JsonSyntaxError: "), "{seen:?}");
        assert_eq!(answer(json("7")).await.body, "7");
        assert_eq!(answer(Ask::get("/")).await.body, "the handler's own words");
    });
}

#[test]
fn a_client_that_prefers_json_gets_problem_details() {
    let app = Router::new()
        .route("/", post(number))
        .layer(OnRejection::new(problem));
    block_on(async {
        let plain = answered_by_ours(&app, &json("x")).await;
        assert_eq!(plain.headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(plain.headers["vary"], "accept");
        let ask = json("true").header("accept", "application/json, */*;q=0.1");
        let seen = answered_by_ours(&app, &ask).await;
        assert_eq!(seen.status, 422);
        assert_eq!(seen.headers["content-type"], "application/problem+json");
        let details: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
        let expected = serde_json::json!({
            "type": "about:blank",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "Failed to deserialize the JSON body into the target type: \
                       invalid type: boolean `true`, expected u8 at line 1 column 4",
            "rejection": "JsonDataError",
        });
        assert_eq!(details, expected);
    });
}

/// A body whose length is not known.
fn streamed(pieces: Vec<&'static str>) -> Body {
    struct Pieces(std::vec::IntoIter<&'static str>);
    impl Stream for Pieces {
        type Item = Result<Bytes, Infallible>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(self.0.next().map(|piece| Ok(piece.into())))
        }
    }
    Body::from_stream(Pieces(pieces.into_iter()))
}

async fn length_of(request: Request) -> (u16, String) {
    match request.extract::<Bytes, _>().await {
        Ok(bytes) => (200, bytes.len().to_string()),
        Err(rejection) => (rejection.status().as_u16(), rejection.body_text()),
    }
}

const TOO_LONG: &str = "Failed to buffer the request body: length limit exceeded";

#[test]
fn a_body_that_is_collected_has_a_limit() {
    let limited = |limit: DefaultBodyLimit, body: Body| {
        let mut request = Request::new(body);
        limit.apply(&mut request);
        length_of(request)
    };
    let long = || Body::from(vec![b'x'; 2_097_153]);
    block_on(async {
        assert_eq!(
            length_of(Request::new(long())).await,
            (413, TOO_LONG.to_owned())
        );
        let fits = Body::from(vec![b'x'; 2_097_152]);
        assert_eq!(length_of(Request::new(fits)).await.0, 200);
        assert_eq!(limited(DefaultBodyLimit::disable(), long()).await.0, 200);
        let four = DefaultBodyLimit::max(4);
        assert_eq!(limited(four, Body::from("four")).await, (200, "4".into()));
        assert_eq!(
            limited(four, Body::from("five!")).await,
            (413, TOO_LONG.into())
        );
        assert_eq!(
            limited(four, streamed(vec!["ab", "cd"])).await,
            (200, "4".into())
        );
        assert_eq!(
            limited(four, streamed(vec!["ab", "cde"])).await,
            (413, TOO_LONG.into())
        );
        // A limit that the body brings is not raised by the default.
        let body = streamed(vec!["ab", "cde"]).with_limit(4);
        assert_eq!(length_of(Request::new(body)).await, (413, TOO_LONG.into()));
        let foreign = Body::new(http_body_util::Limited::new(streamed(vec!["ab", "cde"]), 4));
        assert_eq!(
            length_of(Request::new(foreign)).await,
            (413, TOO_LONG.into())
        );
    });
}

#[test]
fn the_innermost_limit_counts() {
    let app = Router::new()
        .route(
            "/",
            post(|text: String| async move { text }).layer(DefaultBodyLimit::max(5)),
        )
        .layer(DefaultBodyLimit::max(3));
    block_on(async {
        assert_eq!(
            answered_by_ours(&app, &Ask::post("12345")).await.body,
            "12345"
        );
        let refused = answered_by_ours(&app, &Ask::post("123456")).await;
        assert_eq!(
            (refused.status.as_u16(), &*refused.body),
            (413, TOO_LONG.as_bytes())
        );
    });
}

#[test]
fn the_stream_behind_a_body_may_fail() {
    struct Fails;
    impl Stream for Fails {
        type Item = Result<Bytes, std::io::Error>;

        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(Some(Err(std::io::Error::other("gone"))))
        }
    }
    let request = Request::new(Body::from_stream(Fails));
    let refused = block_on(request.extract::<String, _>()).unwrap_err();
    assert_eq!(refused.status(), 400);
    assert!(
        refused
            .body_text()
            .starts_with("Failed to buffer the request body: ")
    );
    assert!(matches!(
        refused,
        rejection::StringRejection::FailedToBufferBody(
            rejection::FailedToBufferBody::UnknownBodyError(_)
        )
    ));
}

async fn jar_of(headers: HeaderMap) -> CookieJar {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers;
    let (mut parts, _) = request.into_parts();
    let Ok(jar) = CookieJar::from_request_parts(&mut parts, &()).await;
    jar
}

fn cookies(values: &[&str]) -> HeaderMap {
    let pairs = values
        .iter()
        .map(|value| (http::header::COOKIE, value.parse().unwrap()));
    pairs.collect()
}

#[test]
fn a_jar_has_the_cookies_of_the_request() {
    let jar = block_on(jar_of(cookies(&["a=1; b=x%20y;c", "d=4;; =5"])));
    let value = |name| jar.get(name).map(Cookie::value);
    assert_eq!(value("a"), Some("1"));
    assert_eq!(value("b"), Some("x y"));
    assert_eq!(value("c"), None);
    assert_eq!(value("d"), Some("4"));
    assert_eq!(jar.iter().count(), 3);
}

#[test]
fn a_jar_sets_what_was_changed() {
    let set = |jar: CookieJar| {
        let seen = block_on(seen_of_ours((jar, "body")));
        let values = seen.headers.get_all("set-cookie").iter();
        let mut values: Vec<_> = values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        values.sort_unstable();
        values
    };
    let jar = || block_on(jar_of(cookies(&["a=1; b=2"])));
    assert!(set(jar()).is_empty());
    let cookie = Cookie::build(("c", "x;y"))
        .path("/")
        .same_site(SameSite::Lax);
    let set_now = set(jar().add(cookie).add(("a", "3")));
    assert_eq!(set_now, ["a=3", "c=x%3By; SameSite=Lax; Path=/"]);
    let removed = set(jar().remove("b"));
    assert_eq!(removed.len(), 1);
    assert!(
        removed[0].starts_with("b=; Max-Age=0; Expires="),
        "{removed:?}"
    );
    assert!(set(CookieJar::new().remove("b")).is_empty());
}
