//! The page: one document with its style and its script in it, and nothing from elsewhere.
//!
//! The policy that goes with it lets the browser run this one script and no other: it bears a number that
//! is drawn anew for each answer. Names of tasks and lines of source get into the page as text, never as
//! HTML.

use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use server::response::{IntoResponse, Response};

use super::guard::Token;
use crate::pages::{Problem, of_kind};

const PAGE: &str = include_str!("page.html");

/// One script, in several files. The last one begins.
const SCRIPT: &str = concat!(
    include_str!("page.js"),
    include_str!("requests.js"),
    include_str!("machine.js"),
    include_str!("log.js"),
    include_str!("timeline.js"),
    include_str!("lanes.js"),
    include_str!("keys.js"),
);

/// The answer to `GET /`.
pub(super) async fn page() -> Result<Response, Problem> {
    let nonce = Token::new().map_err(|error| Problem::internal("cannot draw a number", error))?;
    let nonce = nonce.as_str();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy)
        .map_err(|error| Problem::internal("cannot write the policy", error))?;
    let html = PAGE
        .replace("{{nonce}}", nonce)
        .replacen("{{style}}", include_str!("page.css"), 1)
        .replacen("{{script}}", SCRIPT, 1);
    let heads = [
        (CONTENT_SECURITY_POLICY, policy),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    Ok((heads, of_kind("text/html; charset=utf-8", html)).into_response())
}
