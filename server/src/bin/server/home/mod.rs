//! The home page, and the smallest services: a little JSON, an echo, a sign of life.
//!
//! The page shows commands to try, and they name the address at which the page was asked
//! for. That address comes from the request, so from a stranger, and it goes into HTML, and
//! from there perhaps into a reader's shell. How it can go wrong: a `<script>`, or a
//! semicolon and a command. So nothing is escaped, but only an address that consists of
//! letters, digits and the few signs that an address needs is used at all.

mod live;
mod routes;
mod submit;

use std::borrow::Cow;

use http::header::{CONTENT_TYPE, HOST, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use server::body::{Body, to_bytes};
use server::extract::Request;
use server::response::{IntoResponse, Response};
use server::routing::{get, post};
use server::{Json, Router};

use crate::pages::{Problem, asset, names, of_kind, page, script};
use crate::wall_clock;

const TEXT: &str = include_str!("page.html");

/// The address in that file.
const DEFAULT: &str = "127.0.0.1:3000";

/// The pages' picture: 16 by 16 points, for browsers that ask for `/favicon.ico`.
const ICON: &[u8] = include_bytes!("favicon.ico");

pub(crate) use live::Pulse;
pub(crate) use routes::with_list;

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(home))
        .route("/favicon.ico", asset("image/x-icon", ICON))
        .route("/api/data", get(data))
        .route("/api/echo", post(echo))
        .route("/health", get(health))
        .route("/submit", post(submit::submit))
        .route("/assets/home.js", script(include_str!("home.js")))
}

async fn home(headers: HeaderMap) -> Response {
    let asked_at = headers.get(HOST).map(HeaderValue::as_bytes);
    page(
        "Home",
        &text(asked_at.unwrap_or_default()),
        Some("/assets/home.js"),
    )
}

/// The page, for a reader who asked for it at this address (`Host`).
fn text(asked_at: &[u8]) -> Cow<'static, str> {
    match harmless(asked_at) {
        None | Some(DEFAULT) => TEXT.into(),
        Some(addr) => TEXT.replace(DEFAULT, addr).into(),
    }
}

/// The address, if it means nothing but itself in HTML and in a shell.
fn harmless(addr: &[u8]) -> Option<&str> {
    const LONGEST: usize = 255;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
    let fits = !addr.is_empty() && addr.len() <= LONGEST && addr[0] != b'-';
    (fits && addr.iter().all(is_plain))
        .then(|| std::str::from_utf8(addr).ok())
        .flatten()
}

async fn data() -> Json<serde_json::Value> {
    Json(json!({
        "message": "Hello from Treadle",
        "runtime": "single-threaded",
        "version": env!("CARGO_PKG_VERSION"),
    }))
}

/// One word, or JSON for those who ask for it by name.
async fn health(headers: HeaderMap) -> Response {
    let vary = [(VARY, HeaderValue::from_static("accept"))];
    let answer = match names(&headers, "application/json") {
        true => Json(json!({ "status": "ok", "timestamp": wall_clock::millis() })).into_response(),
        false => of_kind("text/plain; charset=utf-8", "ok\n"),
    };
    (vary, answer).into_response()
}

/// The whole body is read before the answer begins: a client that sends everything before
/// it reads anything would otherwise wait for us while we wait for it. The engine's limit
/// keeps it small.
async fn echo(request: Request) -> Result<Response, Problem> {
    let kind = echoed_kind(&request);
    // The head goes before the body is awaited, which may take long.
    let body: Body = request.into_body();
    let bytes = to_bytes(body, usize::MAX).await;
    let bytes = bytes.map_err(|error| Problem::new(error.status(), error.to_string()))?;
    let heads = [
        (CONTENT_TYPE, kind),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((heads, bytes).into_response())
}

/// What the bytes are, as the client said. Text without a charset is sent by browsers, whose
/// forms are in the charset of their page; without saying so it would come back garbled.
///
/// The value is copied: a clone would be a slice of the request's whole head, and keep it.
fn echoed_kind(request: &Request) -> HeaderValue {
    const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
    let Some(kind) = request.headers().get(CONTENT_TYPE) else {
        return BYTES;
    };
    match kind.as_bytes().trim_ascii() {
        kind if kind.eq_ignore_ascii_case(b"text/plain") => {
            HeaderValue::from_static("text/plain; charset=utf-8")
        }
        kind => HeaderValue::from_bytes(kind).unwrap_or(BYTES),
    }
}

#[cfg(test)]
mod tests;
