//! Who answers what.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | a page for people |
//! | `GET /api/data` | a little JSON for programs |
//! | `POST /api/echo` | the body back, with its `Content-Type` |
//! | `GET /health` | `ok`, for those who watch over it |
//! | `GET /favicon.ico` | the page's picture, for browsers that show something else |
//! | `OPTIONS` of one of them, or of `*` (the server) | 204, and in `Allow` what may be asked |
//! | any other path | 404 |
//! | any other method | 405, and in `Allow` what would have been right (a method that is not registered never comes here: the engine answers 501) |
//!
//! A HEAD is answered like a GET: the engine leaves the body out. Five routes are a `match`;
//! a router that finds its way among hundreds comes with the rest of the framework.

use http::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use server::Body;
use server::body::to_bytes;

use crate::page;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const ICON: HeaderValue = HeaderValue::from_static("image/x-icon");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Answers one request.
pub(crate) async fn answer(request: Request<Body>) -> Response<Body> {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_post = *request.method() == Method::POST;
    let is_options = *request.method() == Method::OPTIONS;
    match request.uri().path() {
        "/" if is_get => home(&request),
        "/api/data" if is_get => data(),
        "/api/echo" if is_post => echo(request).await,
        "/health" if is_get => of_type(TEXT, "ok\n"),
        "/favicon.ico" if is_get => of_type(ICON, page::ICON),
        "*" => allowed(StatusCode::NO_CONTENT, "GET, HEAD, POST, OPTIONS"),
        "/" | "/api/data" | "/health" | "/favicon.ico" => {
            other_method(is_options, "GET, HEAD, OPTIONS")
        }
        "/api/echo" => other_method(is_options, "POST, OPTIONS"),
        _ => failure(StatusCode::NOT_FOUND, "there is nothing here\n"),
    }
}

fn home(request: &Request<Body>) -> Response<Body> {
    let asked_at = request.headers().get(HOST).map(HeaderValue::as_bytes);
    let mut response = of_type(HTML, page::html(asked_at.unwrap_or_default()));
    // The page brings everything along; whatever wants to load more is not ours.
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
    );
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

fn data() -> Response<Body> {
    of_type(
        JSON,
        concat!(
            r#"{"message":"Hello from Treadle","runtime":"single-threaded","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#"","routes":["/","/api/data","/api/echo","/health"]}"#,
            "\n"
        ),
    )
}

/// The whole body is read before the answer begins: a client that sends everything before
/// it reads anything would otherwise wait for us while we wait for it. The engine's limit
/// keeps it small.
async fn echo(request: Request<Body>) -> Response<Body> {
    let kind = echoed_type(&request);
    // The head goes before the body is awaited, which may take long.
    let body = request.into_body();
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => of_type(kind, bytes),
        Err(error) => failure(error.status(), "the body could not be read\n"),
    }
}

/// What the bytes are, as the client said. Text without a charset is sent by browsers, whose
/// forms are in the charset of their page; without saying so it would come back garbled.
///
/// The value is copied: a clone would be a slice of the request's whole head, and keep it.
fn echoed_type(request: &Request<Body>) -> HeaderValue {
    let Some(kind) = request.headers().get(CONTENT_TYPE) else {
        return BYTES;
    };
    match kind.as_bytes().trim_ascii() {
        kind if kind.eq_ignore_ascii_case(b"text/plain") => TEXT,
        kind => HeaderValue::from_bytes(kind).unwrap_or(BYTES),
    }
}

/// An answer to a method that the path does not serve: what it does serve, which is all that
/// an OPTIONS wants to know.
fn other_method(is_options: bool, methods: &'static str) -> Response<Body> {
    if is_options {
        return allowed(StatusCode::NO_CONTENT, methods);
    }
    let mut response = allowed(StatusCode::METHOD_NOT_ALLOWED, methods);
    *response.body_mut() = Body::from("this path does not answer that method\n");
    response
}

fn allowed(status: StatusCode, methods: &'static str) -> Response<Body> {
    let mut response = failure(status, "");
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    response
}

fn failure(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = of_type(TEXT, text);
    *response.status_mut() = status;
    response
}

/// 200, with a body that browsers take for what it says it is and nothing else.
fn of_type(kind: HeaderValue, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
        .headers_mut()
        .insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
