//! Who answers what.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | a page for people |
//! | `GET /api/data` | a little JSON for programs |
//! | `POST /api/echo` | the body back, with its `Content-Type` |
//! | `GET /health` | `ok`, for those who watch over it |
//! | any other path | 404 |
//! | any other method | 405, and in `Allow` what would have been right |
//!
//! A HEAD is answered like a GET: the engine leaves the body out. Four routes are a `match`;
//! a router that finds its way among hundreds comes with the rest of the framework.

use http::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use server::Body;
use server::body::to_bytes;

use crate::page;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Answers one request.
pub(crate) async fn answer(request: Request<Body>) -> Response<Body> {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_post = *request.method() == Method::POST;
    match request.uri().path() {
        "/" if is_get => home(),
        "/api/data" if is_get => data(),
        "/api/echo" if is_post => echo(request).await,
        "/health" if is_get => of_type(TEXT, "ok\n"),
        "/" | "/api/data" | "/health" => wrong_method("GET, HEAD"),
        "/api/echo" => wrong_method("POST"),
        _ => failure(StatusCode::NOT_FOUND, "there is nothing here\n"),
    }
}

fn home() -> Response<Body> {
    let mut response = of_type(HTML, page::HTML);
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
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(CONTENT_TYPE).cloned().unwrap_or(BYTES);
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => of_type(kind, bytes),
        Err(error) => failure(error.status(), "the body could not be read\n"),
    }
}

fn wrong_method(allowed: &'static str) -> Response<Body> {
    let mut response = failure(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path does not answer that method\n",
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
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
