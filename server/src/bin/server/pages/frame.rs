//! The frame around all pages, and the files that pages load.
//!
//! What a page needs is compiled into the program, so no file can be missing at run time. A page's
//! script is a file of its own: the policy that goes with each page
//! (`Content-Security-Policy`) lets the browser load styles, scripts and data from this server
//! only, and run nothing that stands in the page itself. So text of a stranger that got into a page
//! by mistake could not run.

use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::header::{HeaderName, X_CONTENT_TYPE_OPTIONS};
use server::response::{IntoResponse, Response};
use server::routing::{MethodRouter, get};

const FRAME: &str = include_str!("frame.html");

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page: the frame with this title, this text (HTML), and the script at this path.
pub(crate) fn page(title: &str, text: &str, script: Option<&str>) -> Response {
    let script = script.map(|path| format!("<script src=\"{path}\" defer></script>"));
    let html = FRAME
        .replacen("{{title}}", &escape(title), 1)
        .replacen("{{script}}", &script.unwrap_or_default(), 1)
        .replacen("{{text}}", text, 1);
    let policy = HeaderValue::from_static(POLICY);
    let referrer = HeaderValue::from_static("same-origin");
    let heads = [
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, referrer),
    ];
    (heads, of_kind("text/html; charset=utf-8", html)).into_response()
}

/// The route of a file that pages load: `/assets/…`.
pub(crate) fn asset<S>(kind: &'static str, text: &'static [u8]) -> MethodRouter<S>
where
    S: Clone + 'static,
{
    get(async move || {
        let fresh = [(CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
        (fresh, of_kind(kind, text))
    })
}

/// The route of a page's script.
pub(crate) fn script<S: Clone + 'static>(text: &'static str) -> MethodRouter<S> {
    asset("text/javascript; charset=utf-8", text.as_bytes())
}

/// The route of the stylesheet that all pages share.
pub(crate) fn style<S: Clone + 'static>() -> MethodRouter<S> {
    asset("text/css; charset=utf-8", include_bytes!("style.css"))
}

/// A body that browsers take for what it says it is, and nothing else.
pub(crate) fn of_kind(kind: &'static str, body: impl IntoResponse) -> Response {
    let heads: [(HeaderName, HeaderValue); 2] = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (heads, body).into_response()
}

/// Text as it stands in HTML, also between quotation marks.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
