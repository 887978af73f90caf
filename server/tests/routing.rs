//! Routers: which handler answers, and what a request for none gets.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use http::header::{ALLOW, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use runtime::runtime::Runtime;
use server::body::to_bytes;
use server::extract::Request;
use server::handler::{Handler, HandlerWithoutStateExt};
use server::middleware::{self, Next};
use server::response::{IntoResponse, Response};
use server::routing::{MethodFilter, MethodRouter, any, delete, get, head, on, post, put};
use server::{Body, Router, Service};

/// What `app` answers.
fn ask(app: &impl Service, method: &str, uri: &str) -> Response {
    let request = Request::builder().method(method).uri(uri);
    let answer = app.call(request.body(Body::empty()).unwrap());
    Runtime::new().unwrap().block_on(answer)
}

/// Status and text of what `app` answers.
fn text(app: &impl Service, method: &str, uri: &str) -> (u16, String) {
    let response = ask(app, method, uri);
    let status = response.status().as_u16();
    let body = Runtime::new()
        .unwrap()
        .block_on(to_bytes(response.into_body(), usize::MAX));
    (status, String::from_utf8(body.unwrap().to_vec()).unwrap())
}

/// A handler that answers `name`.
fn says(name: &'static str) -> MethodRouter {
    get(move || async move { name })
}

/// The URI that a handler sees.
async fn seen(request: Request) -> String {
    request.uri().to_string()
}

#[track_caller]
fn assert_text(app: &impl Service, table: &[(&str, u16, &str)]) {
    for (uri, status, expected) in table {
        assert_eq!(
            text(app, "GET", uri),
            (*status, (*expected).to_owned()),
            "{uri}"
        );
    }
}

fn header(name: &'static str, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())])
}

/// The message of the panic that `build` ends in.
#[track_caller]
fn panic_of<T>(build: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(build)) else {
        panic!("it did not panic");
    };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[test]
fn a_literal_goes_before_a_capture_in_whatever_order_they_came() {
    let app = Router::new()
        .route("/{one}", says("one"))
        .route("/literal", says("literal"))
        .route("/x/{*rest}", says("rest"))
        .route("/x/literal", says("x-literal"));
    assert_text(
        &app,
        &[
            ("/literal", 200, "literal"),
            ("/literally", 200, "one"),
            ("/x/literal", 200, "x-literal"),
            ("/x/literal/", 200, "rest"),
            ("/x/", 404, ""),
            ("/x", 200, "one"),
            ("/", 404, ""),
        ],
    );
}

#[test]
fn a_slash_at_the_end_is_another_path() {
    let app = Router::new().route("/a", says("a")).route("/b/", says("b"));
    assert_text(
        &app,
        &[
            ("/a", 200, "a"),
            ("/a/", 404, ""),
            ("/b", 404, ""),
            ("/b/", 200, "b"),
        ],
    );
}

#[test]
fn old_captures_are_understood_unless_told_otherwise() {
    let app = Router::new()
        .route("/:id/x", says("id"))
        .route("/files/*rest", says("rest"));
    assert_text(&app, &[("/7/x", 200, "id"), ("/files/a/b", 200, "rest")]);

    let app = Router::new()
        .without_v07_checks()
        .route("/:id", says("colon"));
    assert_text(&app, &[("/:id", 200, "colon"), ("/7", 404, "")]);
}

#[test]
fn a_method_without_a_handler_gets_405_and_the_list_of_the_others() {
    let methods = put(|| async {})
        .patch(|| async {})
        .get(|| async {})
        .head(|| async {});
    let app = Router::new().route("/", methods);
    let response = ask(&app, "DELETE", "/");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "PUT,PATCH,GET,HEAD");
}

#[test]
fn merged_methods_are_listed_once() {
    let methods = head(|| async {})
        .merge(get(|| async {}))
        .merge(post(|| async {}));
    let response = ask(&Router::new().route("/", methods), "PUT", "/");
    assert_eq!(response.headers()[ALLOW], "HEAD,GET,POST");
}

#[test]
fn a_router_of_no_methods_allows_none() {
    let response = ask(&Router::new().route("/", MethodRouter::new()), "PUT", "/");
    assert_eq!(
        (response.status().as_u16(), &response.headers()[ALLOW]),
        (405, &"".parse().unwrap())
    );
}

#[test]
fn any_answers_every_method_and_has_no_list() {
    let app = Router::new().route(
        "/",
        any(|request: Request| async move { request.method().to_string() }),
    );
    assert_eq!(text(&app, "PURGE", "/"), (200, "PURGE".to_owned()));
    assert!(!ask(&app, "GET", "/").headers().contains_key(ALLOW));
}

#[test]
fn any_may_have_exceptions() {
    let app = Router::new().route("/", any(|| async { "any" }).post(|| async { "post" }));
    assert_eq!(text(&app, "POST", "/").1, "post");
    assert_eq!(text(&app, "PUT", "/").1, "any");
}

#[test]
fn head_is_answered_by_get_without_the_body_but_with_its_length() {
    let app = Router::new().route("/", get(|| async { "twelve bytes" }));
    let response = ask(&app, "HEAD", "/");
    assert_eq!(response.headers()[CONTENT_LENGTH], "12");
    assert_eq!(response.body().exact_length(), Some(0));
}

#[test]
fn head_of_an_answer_without_a_body_claims_no_length() {
    let app = Router::new().route("/", get(|| async {}));
    assert!(
        !ask(&app, "HEAD", "/")
            .headers()
            .contains_key(CONTENT_LENGTH)
    );
}

/// What a server with the routes of `app` sends as the answer to `method` at `path`, all of it.
fn on_the_wire(app: &Router, method: &str, path: &str) -> String {
    use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use server::h1::Endpoint;

    Runtime::new().unwrap().block_on(async {
        let (mut client, socket) = duplex(4096);
        drop(runtime::spawn(
            Endpoint::new(app.clone()).connection(socket),
        ));
        let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    })
}

/// A page of which a HEAD shall cost nothing: the handler makes no body for it.
async fn page(method: Method) -> Response {
    match method {
        Method::HEAD => [("x-of", "the page")].into_response(),
        _ => "the page".into_response(),
    }
}

#[test]
fn head_never_claims_a_length_that_a_get_does_not_have() {
    let pieces =
        || async { Body::from_stream(futures_lite::stream::iter([Ok::<_, Infallible>("x")])) };
    let coded = || async { ([(TRANSFER_ENCODING, "chunked")], "twelve bytes") };
    let app: Router = Router::new()
        .route("/pieces", get(pieces))
        .route("/coded", get(coded))
        .route("/page", get(page))
        .route("/nothing", get(|| async {}));
    for (path, of_head, of_get) in [
        ("/pieces", None, None),
        ("/coded", Some("12"), Some("12")),
        ("/page", None, Some("8")),
        ("/nothing", None, Some("0")),
        ("/no/route", None, Some("0")),
    ] {
        for (method, expected) in [("HEAD", of_head), ("GET", of_get)] {
            let answer = on_the_wire(&app, method, path);
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            assert_eq!(length, expected, "{method} {path}: {answer}");
            assert!(method == "GET" || body.is_empty(), "{path}: {answer}");
        }
    }
}

#[test]
fn a_handler_of_head_goes_before_that_of_get() {
    let methods = get(|| async {}).head(|| async { StatusCode::CREATED });
    assert_eq!(
        ask(&Router::new().route("/", methods), "HEAD", "/").status(),
        201
    );
}

#[test]
fn an_accepted_connect_has_neither_body_nor_length() {
    let methods = on(MethodFilter::CONNECT, || async {
        (HeaderMap::from_iter([(CONTENT_LENGTH, 5.into())]), "hello")
    });
    let response = ask(
        &Router::new().fallback_service(methods),
        "CONNECT",
        "host:80",
    );
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    assert_eq!(response.body().exact_length(), Some(0));
}

#[test]
fn the_same_path_may_be_added_twice_for_different_methods() {
    let app = Router::new()
        .route("/", get(|| async { "get" }))
        .route("/", post(|| async { "post" }));
    assert_eq!(text(&app, "GET", "/").1, "get");
    assert_eq!(text(&app, "POST", "/").1, "post");
}

#[test]
fn a_nested_router_sees_the_path_without_its_prefix() {
    let inner = Router::new()
        .route("/", get(seen))
        .route("/x/{y}", get(seen));
    let app = Router::new()
        .nest("/slash/", Router::new().route("/", get(seen)))
        .nest("/{version}/api", inner);
    assert_text(
        &app,
        &[
            ("/v1/api", 200, "/"),
            ("/v1/api?q=1", 200, "/?q=1"),
            ("/v1/api/", 404, ""),
            ("/v1/api/x/7?q=1", 200, "/x/7?q=1"),
            ("/slash/", 200, "/"),
            ("/slash", 404, ""),
        ],
    );
}

#[test]
fn a_nested_service_answers_everything_below() {
    let app = Router::new().nest_service("/files", seen.into_service());
    assert_text(
        &app,
        &[
            ("/files", 200, "/"),
            ("/files/", 200, "/"),
            ("/files/a/b?c", 200, "/a/b?c"),
            ("/filesystem", 404, ""),
        ],
    );
}

#[test]
fn a_nested_router_inherits_the_fallback_unless_it_has_its_own() {
    let app = Router::new()
        .nest("/plain", Router::new().route("/x", says("x")))
        .nest("/own", Router::new().route("/x", says("x")).fallback(seen))
        .fallback(|| async { (StatusCode::NOT_FOUND, "outer") });
    assert_text(
        &app,
        &[
            ("/plain/y", 404, "outer"),
            ("/own/y/z", 200, "/y/z"),
            ("/own", 200, "/"),
            ("/elsewhere", 404, "outer"),
        ],
    );
}

#[test]
fn merging_takes_the_routes_and_the_one_fallback() {
    let users = Router::new().route("/users", says("users"));
    let teams = Router::new()
        .route("/teams", says("teams"))
        .fallback(|| async { "fallback" });
    let table = [
        ("/users", 200, "users"),
        ("/teams", 200, "teams"),
        ("/x", 200, "fallback"),
    ];
    assert_text(&users.clone().merge(teams.clone()), &table);
    assert_text(&teams.merge(users), &table);
}

#[test]
fn a_fallback_answers_a_connect_too() {
    let app = Router::new().fallback(|request: Request| async move { request.uri().to_string() });
    let response = ask(&app, "CONNECT", "host:80");
    assert_eq!(response.status(), StatusCode::OK);
}

#[test]
fn the_fallback_can_be_reset() {
    let app = Router::new()
        .fallback(|| async { "fallback" })
        .reset_fallback();
    assert_text(&app, &[("/", 404, "")]);
}

#[test]
fn the_fallback_of_methods_is_for_known_paths_only() {
    let app = Router::new()
        .route("/", get(|| async {}))
        .route("/own", get(|| async {}).fallback(|| async { "own" }))
        .method_not_allowed_fallback(|| async { (StatusCode::METHOD_NOT_ALLOWED, "not so") })
        .route("/later", get(|| async {}));
    assert_eq!(text(&app, "POST", "/"), (405, "not so".to_owned()));
    assert_eq!(ask(&app, "POST", "/").headers()[ALLOW], "GET,HEAD");
    assert_eq!(text(&app, "POST", "/own").1, "own");
    assert_eq!(text(&app, "POST", "/later"), (405, String::new()));
    assert_eq!(text(&app, "POST", "/none").0, 404);
}

/// A layer that appends `name` to the body of the response.
macro_rules! signs {
    ($name:literal) => {
        middleware::from_fn(|request: Request, next: Next| async move {
            let response = next.run(request).await;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            Response::from_parts(parts, Body::from(text + $name))
        })
    };
}

#[test]
fn a_layer_is_around_what_was_added_before_it() {
    let app = Router::new()
        .route("/first", says(""))
        .layer(signs!("a"))
        .layer(signs!("b"))
        .route("/second", says(""));
    assert_text(
        &app,
        &[
            ("/first", 200, "ab"),
            ("/second", 200, ""),
            ("/none", 404, "ab"),
        ],
    );
    assert_eq!(text(&app, "POST", "/first"), (405, "ab".to_owned()));
}

#[test]
fn a_route_layer_is_not_around_the_fallback() {
    let app = Router::new().route("/", says("")).route_layer(signs!("a"));
    assert_text(&app, &[("/", 200, "a"), ("/none", 404, "")]);
    assert_eq!(
        text(&app, "POST", "/"),
        (405, "a".to_owned()),
        "the path is known"
    );

    let methods = get(|| async {}).route_layer(signs!("a"));
    let app = Router::new().route("/", methods);
    assert_eq!(text(&app, "GET", "/").1, "a");
    assert_eq!(text(&app, "POST", "/").1, "");
}

#[test]
fn a_layer_around_a_nesting_router_sees_the_whole_path() {
    let outer = middleware::from_fn(|request: Request, next: Next| async move {
        let whole = request.uri().path().to_owned();
        let response = next.run(request).await;
        (header("x-outer", &whole), response)
    });
    let inner = middleware::from_fn(|request: Request, next: Next| async move {
        let rest = request.uri().path().to_owned();
        let response = next.run(request).await;
        (header("x-inner", &rest), response)
    });
    let nested = Router::new().route("/x", says("x")).layer(inner);
    let app = Router::new().nest("/api", nested).layer(outer);
    let response = ask(&app, "GET", "/api/x");
    assert_eq!(response.headers()["x-outer"], "/api/x");
    assert_eq!(response.headers()["x-inner"], "/x");
}

#[test]
fn a_handler_may_have_a_layer_of_its_own() {
    let handler = (|| async { "" }).layer(signs!("a"));
    assert_eq!(
        text(&Router::new().route("/", get(handler)), "GET", "/").1,
        "a"
    );
}

#[test]
fn a_value_is_a_handler() {
    let app = Router::new()
        .route("/", get("hello"))
        .route("/made", post((StatusCode::CREATED, "made")));
    assert_eq!(text(&app, "GET", "/").1, "hello");
    assert_eq!(text(&app, "POST", "/made"), (201, "made".to_owned()));
}

#[test]
fn a_handler_may_hold_what_is_not_send() {
    use std::cell::Cell;
    use std::rc::Rc;

    let count = Rc::new(Cell::new(0));
    let app = Router::new().route(
        "/",
        get(move || {
            let count = count.clone();
            async move {
                count.set(count.get() + 1);
                count.get().to_string()
            }
        }),
    );
    assert_eq!(text(&app, "GET", "/").1, "1");
    assert_eq!(text(&app, "GET", "/").1, "2");
}

#[test]
fn a_route_list_names_methods_paths_handlers_and_lines() {
    let (methods, line) = (get(seen).delete(seen), line!());
    let app: Router = Router::new()
        .route("/a/:id", methods)
        .nest_service("/b", any(seen));
    let routes = app.routes();
    let shown: Vec<_> = routes
        .iter()
        .map(|route| (route.method(), route.path()))
        .collect();
    assert_eq!(
        shown,
        [
            (Some("GET"), "/a/{id}"),
            (Some("DELETE"), "/a/{id}"),
            (None, "/b/{*rest}"),
            (None, "/b"),
            (None, "/b/"),
        ]
    );
    assert_eq!(routes[0].location(), Some((file!(), line)));
    assert!(
        routes[0].handler().unwrap().ends_with("::seen"),
        "{:?}",
        routes[0]
    );
}

#[test]
fn a_service_warns_of_paths_that_differ_by_a_slash() {
    let app: Router = Router::new()
        .route("/a", get(seen))
        .route("/a/", get(seen))
        .route("/b/", get(seen));
    assert_eq!(app.warnings().len(), 1, "{:?}", app.warnings());
    assert!(app.warnings()[0].contains("/a/"));
    let app: Router = Router::new().nest_service("/a", any(seen));
    assert!(app.warnings().is_empty());
}

#[test]
fn mistakes_panic_with_their_reason() {
    let new = Router::<()>::new;
    let nothing = || async {};
    for (expected, build) in [
        (
            "Paths must start with a `/`. Use \"/\" for root routes",
            Box::new(|| new().route("", get(nothing))) as Box<dyn Fn() -> Router>,
        ),
        (
            "Paths must start with a `/`",
            Box::new(|| new().route("x", get(nothing))),
        ),
        (
            "Invalid route \"/{a}\": Insertion failed due to conflict with previously registered route: /{b}",
            Box::new(|| {
                new()
                    .route("/{b}", get(nothing))
                    .route("/{a}", get(nothing))
            }),
        ),
        (
            "Overlapping method route. Handler for `GET /x` already exists",
            Box::new(|| new().route("/x", get(nothing)).route("/x", get(nothing))),
        ),
        (
            "Overlapping method route. Cannot add two method routes that both handle `GET`",
            Box::new(|| new().route("/x", get(nothing).get(nothing))),
        ),
        (
            "Overlapping method route. Cannot merge two method routes that both define `GET`",
            Box::new(|| new().route("/x", get(nothing).merge(get(nothing)))),
        ),
        (
            "Cannot merge two `MethodRouter`s that both have a fallback",
            Box::new(|| new().route("/x", any(nothing).merge(any(nothing)))),
        ),
        (
            "Cannot merge two `Router`s that both have a fallback",
            Box::new(|| new().fallback(nothing).merge(new().fallback(nothing))),
        ),
        (
            "Nesting at the root is no longer supported. Use merge instead.",
            Box::new(|| new().nest("/", new())),
        ),
        (
            "Nesting at the root is no longer supported. Use fallback_service instead.",
            Box::new(|| new().nest_service("", any(nothing))),
        ),
        (
            "Invalid route: nested routes cannot contain wildcards (*)",
            Box::new(|| new().nest("/{*rest}", new().route("/", get(nothing)))),
        ),
        (
            "Invalid route: `Router::route_service` cannot be used with `Router`s. Use `Router::nest` instead",
            Box::new(|| new().route_service("/", new())),
        ),
        (
            "Adding a route_layer before any routes is a no-op. Add the routes you want the layer to apply to first.",
            Box::new(|| new().route_layer(signs!("a"))),
        ),
        (
            "Adding a route_layer before any routes is a no-op. Add the routes you want the layer to apply to first.",
            Box::new(|| {
                new().route(
                    "/",
                    MethodRouter::<(), Infallible>::new().route_layer(signs!("a")),
                )
            }),
        ),
    ] {
        assert_eq!(panic_of(build), expected);
    }
}

#[test]
fn filters_are_made_of_methods() {
    for method in [Method::GET, Method::DELETE, "QUERY".parse().unwrap()] {
        let filter = MethodFilter::try_from(method.clone()).unwrap();
        let app = Router::new().route("/", on(filter, || async {}));
        assert_eq!(ask(&app, method.as_str(), "/").status(), 200);
    }
    let error = MethodFilter::try_from(Method::from_bytes(b"PURGE").unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no `MethodFilter` for the method `PURGE`"
    );
    let deleted = Router::new().route("/", delete(|| async { "gone" }));
    assert_eq!(text(&deleted, "DELETE", "/").1, "gone");
}
