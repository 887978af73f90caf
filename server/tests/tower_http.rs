//! Layers of the crate tower-http around our router, as they are, and a whole router of axum's
//! inside ours. Everything passes through the engine.

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{AUTHORIZATION, HOST, SERVER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use send_wrapper::SendWrapper;
use server::extract::DefaultBodyLimit;
use server::extract::Extension;
use server::h1::Endpoint;
use server::routing::{get, post};
use server::{Body, BoxError, Config, Router, middleware};
use support::{Answer, ROOM, connect, connect_with};
use tower_http::add_extension::AddExtensionLayer;
use tower_http::auth::AddAuthorizationLayer;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::propagate_header::PropagateHeaderLayer;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use tower_http::set_status::SetStatusLayer;
use tower_http::trace::TraceLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;
use tower_layer::Layer;
use tower_service::Service;

/// What `app` answers to a GET of `/` with these header lines.
async fn ask(app: Router, lines: &str) -> Answer {
    let mut peer = connect(app);
    peer.send(format!("GET / HTTP/1.1\r\nHost: x\r\n{lines}\r\n"))
        .await;
    peer.answer().await
}

/// A router whose handler gives back the headers that it got, a line each.
fn headers() -> Router {
    let handler = |headers: HeaderMap| async move { format!("{headers:?}") };
    Router::new().route("/", get(handler))
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

#[runtime::test]
async fn trace() {
    thread_local! {
        static SEEN: Cell<(u16, usize)> = const { Cell::new((0, 0)) };
    }
    let classifier: SharedClassifier<ServerErrorsAsFailures> =
        SharedClassifier::new(ServerErrorsAsFailures::new());
    let layer = TraceLayer::new(classifier)
        .on_response(|response: &Response<_>, _, _: &_| {
            SEEN.set((response.status().as_u16(), 0));
        })
        .on_body_chunk(|chunk: &Bytes, _, _: &_| {
            let (status, bytes) = SEEN.get();
            SEEN.set((status, bytes + chunk.len()));
        });
    let app = Router::new().route("/", get(|| async { "hello" }));
    assert_eq!(text(&ask(app.layer(layer), "").await), "hello");
    assert_eq!(SEEN.get(), (200, 5));
    let plain = headers().layer(TraceLayer::new_for_http());
    assert_eq!(ask(plain, "").await.status, 200);
}

#[runtime::test]
async fn cors() {
    let answer = ask(
        headers().layer(CorsLayer::permissive()),
        "Origin: http://y\r\n",
    );
    let answer = answer.await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let mut peer = connect(headers().layer(CorsLayer::permissive()));
    peer.send("OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nAccess-Control-Request-Method: PUT\r\n\r\n")
        .await;
    let preflight = peer.answer().await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-methods"), Some("*"));
}

#[runtime::test]
async fn set_header() {
    let value = HeaderValue::from_static("treadle");
    let app = headers()
        .layer(SetRequestHeaderLayer::appending(HOST, value.clone()))
        .layer(SetResponseHeaderLayer::overriding(SERVER, value));
    let answer = ask(app, "").await;
    assert_eq!(answer.header("server"), Some("treadle"));
    assert!(text(&answer).contains("\"host\": \"treadle\""));
}

#[runtime::test]
async fn request_id() {
    #[derive(Clone)]
    struct Same;
    impl MakeRequestId for Same {
        fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
            Some(RequestId::new(HeaderValue::from_static("seven")))
        }
    }
    let app = headers()
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(Same));
    let answer = ask(app.clone(), "").await;
    assert!(text(&answer).contains("\"x-request-id\": \"seven\""));
    assert_eq!(answer.header("x-request-id"), Some("seven"));
    let given = ask(app, "X-Request-Id: eight\r\n").await;
    assert_eq!(given.header("x-request-id"), Some("eight"));
}

#[runtime::test]
async fn propagated_and_sensitive_headers() {
    let app = headers()
        .layer(PropagateHeaderLayer::new(HOST))
        .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION]));
    let answer = ask(app, "Authorization: Basic secret\r\n").await;
    assert_eq!(answer.header("host"), Some("x"));
    assert!(text(&answer).contains("\"authorization\": Sensitive"));
}

#[runtime::test]
async fn authorization_validation_extension_and_status() {
    let app = Router::new()
        .route(
            "/",
            get(|Extension(n): Extension<u8>| async move { n.to_string() }),
        )
        .layer(AddExtensionLayer::new(7_u8));
    assert_eq!(text(&ask(app.clone(), "").await), "7");
    let strict = app
        .clone()
        .layer(ValidateRequestHeaderLayer::accept("application/json"));
    assert_eq!(ask(strict, "Accept: text/html\r\n").await.status, 406);
    let status = app.layer(SetStatusLayer::new(StatusCode::ACCEPTED));
    assert_eq!(ask(status, "").await.status, 202);
    let known = headers().layer(AddAuthorizationLayer::basic("a", "b"));
    assert!(text(&ask(known, "").await).contains("\"authorization\""));
}

/// Around the whole router: the path changes before a route is looked for.
#[runtime::test]
async fn a_normalized_path() {
    let app = Router::new().route("/tea", get(|| async { "tea" }));
    let app = NormalizePathLayer::trim_trailing_slash().layer(app);
    let service = move |request: Request<Body>| {
        let mut app = app.clone();
        async move {
            let Ok(response) = app.call(request).await;
            response
        }
    };
    assert_eq!(text(&connect(service).get("/tea/").await), "tea");
}

const LONG: &str = "All looms have a treadle. All looms have a treadle. All looms have a treadle.";

#[runtime::test]
async fn compression_is_done_once_and_where_the_client_takes_it() {
    let app = Router::new()
        .route("/", get(|| async { LONG }))
        .layer(CompressionLayer::new())
        .layer(CompressionLayer::new());
    let plain = ask(app.clone(), "").await;
    assert_eq!(
        (text(&plain), plain.header("content-encoding")),
        (LONG, None)
    );
    let packed = ask(app, "Accept-Encoding: gzip\r\n").await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.header("vary"), Some("accept-encoding"));
    let mut unpacked = String::new();
    let mut decoder = GzDecoder::new(&packed.body[..]);
    decoder.read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, LONG);
}

/// What an upload of `length` bytes to `app` is answered with; the engine's limit is 1,000.
async fn upload(app: &Router, length: usize, is_announced: bool) -> (u16, String) {
    let config = Config {
        max_body: 1_000,
        ..Config::default()
    };
    let mut peer = connect_with(&Endpoint::with_config(app.clone(), config), ROOM);
    let body = "x".repeat(length);
    let rest = match is_announced {
        true => format!("Content-Length: {length}\r\n\r\n{body}"),
        false => format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
    };
    peer.send(format!("POST / HTTP/1.1\r\nHost: x\r\n{rest}"))
        .await;
    let answer = peer.answer().await;
    (answer.status.as_u16(), text(&answer).to_owned())
}

fn collects() -> Router {
    Router::new().route(
        "/",
        post(|text: String| async move { text.len().to_string() }),
    )
}

fn streams() -> Router {
    let handler = |mut body: Body| async move {
        let mut length = 0;
        while let Some(piece) = body.chunk().await {
            match piece {
                Ok(piece) => length += piece.len(),
                Err(error) => return (error.status(), error.to_string()),
            }
        }
        (StatusCode::OK, length.to_string())
    };
    Router::new().route("/", post(handler))
}

/// tower-http's and ours.
fn limits(app: impl Fn() -> Router, limit: usize) -> [Router; 2] {
    [
        app().layer(RequestBodyLimitLayer::new(limit)),
        app().layer(middleware::RequestBodyLimitLayer::new(limit)),
    ]
}

#[runtime::test]
async fn a_body_limit_lowers_the_limit() {
    for app in [collects, streams] {
        for low in limits(app, 10) {
            for is_announced in [true, false] {
                assert_eq!(upload(&low, 10, is_announced).await, (200, "10".into()));
                assert_eq!(upload(&low, 11, is_announced).await.0, 413);
            }
        }
    }
}

/// As axum's documentation says to do.
#[runtime::test]
async fn a_body_limit_takes_the_place_of_a_default_that_is_disabled() {
    let around = limits(|| collects().layer(DefaultBodyLimit::disable()), 5_000);
    let within = limits(collects, 5_000).map(|app| app.layer(DefaultBodyLimit::disable()));
    for app in around.into_iter().chain(within) {
        for is_announced in [true, false] {
            let (status, text) = upload(&app, 5_000, is_announced).await;
            assert_eq!((status, &*text), (200, "5000"));
            assert_eq!(upload(&app, 5_001, is_announced).await.0, 413);
        }
    }
    for lower in limits(|| collects().layer(DefaultBodyLimit::max(20)), 5_000) {
        assert_eq!(upload(&lower, 20, false).await, (200, "20".into()));
        assert_eq!(upload(&lower, 21, false).await.0, 413);
    }
}

/// tower-http's layer cannot raise it, as its type is not known here.
#[runtime::test]
async fn our_body_limit_raises_the_limit_of_a_handler_that_streams() {
    let [theirs, ours] = limits(streams, 5_000);
    for is_announced in [true, false] {
        let (status, text) = upload(&ours, 5_000, is_announced).await;
        assert_eq!((status, &*text), (200, "5000"));
        assert_eq!(upload(&ours, 5_001, is_announced).await.0, 413);
        assert_eq!(upload(&theirs, 5_000, is_announced).await.0, 413);
        assert_eq!(upload(&theirs, 1_000, is_announced).await.0, 200);
    }
}

/// A body of ours for a service that asks for `Send`. It stays on this thread.
struct OnThisThread(SendWrapper<Body>);

impl http_body::Body for OnThisThread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut *self.0).poll_frame(cx).map_err(Into::into)
    }
}

#[derive(Clone)]
struct Axum(axum::Router);

impl Service<Request<Body>> for Axum {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let request = request.map(|body| OnThisThread(SendWrapper::new(body)));
        let answer = self.0.call(request);
        Box::pin(async move { Ok(answer.await?.map(Body::new)) })
    }
}

#[runtime::test]
async fn a_whole_router_of_axums_is_a_service() {
    use axum::extract::Path;
    use axum::routing::post;

    let item = |Path(id): Path<u32>, text: String| async move { format!("{id}: {text}") };
    let axums = axum::Router::new().route("/items/{id}", post(item));
    let app = Router::new()
        .route("/", get(|| async { "ours" }))
        .nest_service("/axum", Axum(axums));
    let mut peer = connect(app);
    assert_eq!(text(&peer.get("/").await), "ours");
    peer.send("POST /axum/items/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        .await;
    assert_eq!(text(&peer.answer().await), "7: hello");
    assert_eq!(peer.get("/axum/nothing").await.status, 404);
}
